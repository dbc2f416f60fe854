//! Hostile bytes as the manifest of a store whose other files are real.

use std::path::Path;
use std::sync::LazyLock;

use etalon::disk::{Disk, MemoryDisk};
use etalon::inspect::{self, FileKind};
use etalon::{Options, Store};

use crate::files::{self, DIRECTORY};
use crate::outcomes::{self, Outcome};
use crate::{input, limit, repair, tools};

/// The other files of the store: names and bytes.
static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let disk = files::real_store(Options::default());
    let names = disk.list(Path::new(DIRECTORY)).expect("it was made");
    let named = names.into_iter().map(|name| {
        let bytes = disk.read_file(&Path::new(DIRECTORY).join(&name));
        (name, bytes.expect("listed just now"))
    });
    named
        .filter(|(name, _)| FileKind::of(Path::new(name)) != FileKind::Manifest)
        .collect()
});

/// The manifest's name, as the real `CURRENT` has it.
fn manifest_name() -> String {
    let current = FILES.iter().find(|(name, _)| name == "CURRENT");
    let (_, bytes) = current.expect("a store has one");
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

/// Runs one input.
///
/// # Panics
/// If a store opens what cannot be listed, or contradicts itself.
pub fn run(data: &[u8]) {
    let (mode, mut bytes) = input(data);
    if mode.mended {
        repair::log(&mut bytes);
    }
    let name = manifest_name();
    let outcome = limit::within(bytes.len(), || {
        let disk = files::empty_disk();
        for (name, bytes) in &*FILES {
            files::put(&disk, name, bytes);
        }
        files::put(&disk, &name, &bytes);
        let path = Path::new(DIRECTORY).join(&name);
        let listed = inspect::manifest(&disk, &path, &mut drop);
        let intact = tools::is_intact(&disk);
        tools::repair(&disk, intact);
        match (listed, Store::open_read_only_on(disk.clone(), DIRECTORY)) {
            (_, Err(error)) if intact => panic!("verified, not opened: {error}"),
            (Ok(_), Err(_)) => Outcome::Listed,
            (Err(_), Err(_)) => Outcome::Refused,
            (Err(error), Ok(_)) => panic!("opened, but not listed: {error}"),
            (Ok(_), Ok(store)) => {
                agrees_with_itself(&store, mode.mended && !intact);
                drop(store);
                stays_the_same(&disk);
                Outcome::Opened
            }
        }
    });
    outcomes::count(outcome);
}

/// Scans both ways and gets give the same. Where the checksums were mended, levels may be out of
/// order of age, and then scans (by sequence number) and gets (by level) may differ, unless
/// verifying has found nothing.
fn agrees_with_itself(store: &Store, mended: bool) {
    let forwards = store.scan().collect().expect("real segments");
    let mut backwards = store.scan().reverse().collect().expect("real segments");
    backwards.reverse();
    assert!(forwards == backwards, "scans differ");
    assert!(
        forwards.is_sorted_by(|(a, _), (b, _)| a < b),
        "a scan is not in order"
    );
    for (key, value) in &forwards {
        let found = store.get(key).expect("real segments");
        assert!(mended || found.as_ref() == Some(value), "a get");
    }
}

/// Opened to write, the store holds what it held, and again when opened from its new manifest.
fn stays_the_same(disk: &MemoryDisk) {
    let contents = |store: &Store| store.scan().collect().expect("real segments");
    let reader = Store::open_read_only_on(disk.clone(), DIRECTORY).expect("opened just now");
    let before = contents(&reader);
    drop(reader);
    for _ in 0..2 {
        let opened = Store::open_on(disk.clone(), DIRECTORY, Options::default());
        let store = opened.expect("opened read-only just now");
        assert!(contents(&store) == before, "opening to write changed it");
        store.close().expect("memory does not fail");
    }
}
