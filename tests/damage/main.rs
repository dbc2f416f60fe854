//! One file of a store is cut, flipped, emptied or removed, everywhere it can be; then the store
//! is opened in both ways and read, and the file is looked into.
//!
//! The outcome is an error that names file and offset, or the right answer, or, where the newest
//! log is damaged, the changes before the damage and a notice of how many bytes went (G11).
//! Nothing panics, and no reading changes a byte.

mod directory;
mod trial;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use etalon::disk::{Files, MemoryDisk};
use etalon::inspect::{self, FileKind, ManifestEdit};
use etalon::{Notice, Options, Store};

use directory::{Damage, HOME, How, Original, disk_of, read};
use trial::{Outcome, inspect_file, read_store};

/// Opens a damaged store in both ways, which must come to the same.
fn open_both(original: &Original, damage: &Damage) -> Outcome {
    let files = original.with(damage);
    let disk = disk_of(&files);
    let outcome = read_store(
        Store::open_read_only_on(disk.clone(), HOME),
        original,
        damage,
    );
    assert_eq!(read(&disk), files, "opened read-only, and changed");

    let opened = Store::open_on(disk.clone(), HOME, Options::default());
    let refused = opened.is_err();
    assert_eq!(read_store(opened, original, damage), outcome);
    if refused {
        let mut after = read(&disk);
        if !files.contains_key("LOCK") {
            after.remove("LOCK");
        }
        assert_eq!(after, files, "refused, and changed");
    } else if outcome == Outcome::PrefixReported {
        assert_mended(&disk, original, damage);
    }
    outcome
}

/// After an opening has left a torn tail out, the next finds nothing amiss.
fn assert_mended(disk: &MemoryDisk, original: &Original, damage: &Damage) {
    let store = Store::open_read_only_on(disk.clone(), HOME).expect("mended");
    assert_eq!(store.notices(), []);
    let expected = &original.states[original.good_records(damage)];
    let found = store.scan().collect().expect("scan");
    assert!(found.iter().map(|(key, value)| (key, value)).eq(expected));
}

/// Outcomes by kind of file, damage and way of reading.
#[derive(Default)]
struct Counts(BTreeMap<(&'static str, How, &'static str), BTreeMap<Outcome, u32>>);

impl Counts {
    fn add(&mut self, damage: &Damage, reader: &'static str, outcome: Outcome) {
        let kind = match FileKind::of(damage.file.as_ref()) {
            FileKind::Current => "CURRENT",
            FileKind::Manifest => "MANIFEST",
            FileKind::Table => "table",
            FileKind::Log => "log",
            FileKind::Other => "LOCK",
        };
        let row = self.0.entry((kind, damage.how, reader)).or_default();
        *row.entry(outcome).or_default() += 1;
    }

    fn table(&self) -> String {
        let mut text = String::new();
        for ((kind, how, reader), row) in &self.0 {
            let cells = row
                .iter()
                .map(|(outcome, count)| format!("{outcome:?} {count}"));
            let cells = cells.collect::<Vec<_>>().join(", ");
            writeln!(text, "{kind} {how:?}, {reader}: {cells}").expect("memory");
        }
        text
    }
}

/// There are 4 tables. The 4 flipped bits that are harmless are one of each footer: with it
/// the last length takes in a zero of the padding, which is the same number, longer.
const EXPECTED: &str = "\
CURRENT Cut, store: ErrorThere 15
CURRENT Flipped, store: ErrorThere 128
CURRENT Emptied, store: ErrorThere 1
CURRENT Removed, store: ErrorThere 1
LOCK Emptied, store: Right 1
LOCK Removed, store: Right 1
MANIFEST Cut, file: PrefixReported 216, PrefixUnreported 3
MANIFEST Cut, store: ErrorThere 219
MANIFEST Flipped, file: ErrorThere 1376, PrefixReported 384
MANIFEST Flipped, store: ErrorThere 1760
MANIFEST Emptied, file: PrefixUnreported 1
MANIFEST Emptied, store: ErrorThere 1
MANIFEST Removed, file: ErrorThere 1
MANIFEST Removed, store: ErrorBeside 1
log Cut, file: PrefixReported 164, PrefixUnreported 4
log Cut, store: PrefixReported 164, PrefixUnreported 4
log Flipped, file: PrefixReported 1352
log Flipped, store: PrefixReported 1352
log Emptied, file: PrefixUnreported 1
log Emptied, store: PrefixUnreported 1
log Removed, file: ErrorThere 1
log Removed, store: ErrorBeside 1
table Cut, file: ErrorThere 1407
table Cut, store: ErrorThere 1407
table Flipped, file: Right 4, ErrorThere 11284
table Flipped, store: Right 4, ErrorThere 11284
table Emptied, file: ErrorThere 4
table Emptied, store: ErrorThere 4
table Removed, file: ErrorThere 4
table Removed, store: ErrorBeside 4
";

#[test]
fn damage_anywhere_is_an_error_or_harmless_or_a_reported_prefix() {
    let original = Original::new();
    let mut counts = Counts::default();
    for damage in original.damages() {
        counts.add(&damage, "store", open_both(&original, &damage));
        let disk = disk_of(&original.with(&damage));
        if let Some(outcome) = inspect_file(&disk, &original, &damage) {
            counts.add(&damage, "file", outcome);
        }
    }
    let table = counts.table();
    assert_eq!(table, EXPECTED, "\n{table}");
}

/// A sample of the same on real files, each held against the outcome in memory.
#[test]
fn real_files_come_to_the_same_as_files_in_memory() {
    let original = Original::new();
    let scratch = tempfile::tempdir().expect("a directory");
    let mut tried = 0;
    for (index, damage) in original.damages().step_by(61).enumerate() {
        let directory = scratch.path().join(index.to_string());
        let files = original.with(&damage);
        std::fs::create_dir(&directory).expect("new");
        for (name, bytes) in &files {
            std::fs::write(directory.join(name), bytes).expect("new");
        }
        let expected = open_both(&original, &damage);
        let opened = Store::open_read_only_on(Files, &directory);
        assert_eq!(read_store(opened, &original, &damage), expected);
        for (name, bytes) in &files {
            assert_eq!(
                &std::fs::read(directory.join(name)).expect("still there"),
                bytes
            );
        }
        let opened = Store::open(&directory, Options::default());
        assert_eq!(read_store(opened, &original, &damage), expected);
        tried += 1;
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn undamaged_everything_is_right() {
    let original = Original::new();
    let file = original.files.keys().next().expect("a file").clone();
    let bytes = Some(original.files[&file].clone());
    let none = Damage {
        file,
        how: How::Flipped,
        at: 0,
        bytes,
    };
    assert_eq!(open_both(&original, &none), Outcome::Right);
}

/// A torn record after the manifest's last: no valid one follows, and the opening checks pass.
#[test]
fn a_torn_tail_of_the_manifest_is_left_out_and_said() {
    let original = Original::new();
    let mut files = original.files.clone();
    let is_manifest = |name: &&String| FileKind::of(name.as_ref()) == FileKind::Manifest;
    let manifest = files.keys().find(is_manifest).expect("a manifest").clone();
    let path = Path::new(HOME).join(&manifest);
    let good = files[&manifest].clone();
    let mut begin = 0;
    let edits = &mut |edit: ManifestEdit| begin = edit.offset as usize;
    inspect::manifest(&disk_of(&files), &path, edits).expect("undamaged");
    for length in 1..good.len() - begin {
        let torn = &good[begin..begin + length];
        files.insert(manifest.clone(), [&good[..], torn].concat());
        let store = Store::open_read_only_on(disk_of(&files), HOME).expect("opens");
        let [
            Notice::TornTail {
                path: cut,
                offset,
                bytes,
                ..
            },
        ] = store.notices()
        else {
            panic!("{length} bytes: {:?}", store.notices());
        };
        assert_eq!(
            (cut, *offset, *bytes),
            (&path, good.len() as u64, length as u64)
        );
        let found = store.scan().collect().expect("scan");
        let expected = original.states.last().expect("the last");
        assert!(found.iter().map(|(key, value)| (key, value)).eq(expected));
    }
}
