//! One file of a store is cut, flipped, emptied or removed, everywhere it can be, or exchanged
//! with another; then the store is opened in both ways and read, the file is looked into, and the
//! directory is verified and repaired.
//!
//! The outcome is an error that names file and offset, or the right answer, or, where the newest
//! log is damaged, the changes before the damage and a notice of how many bytes went (G11).
//! Nothing panics, and no reading changes a byte. What an opening would refuse or leave out,
//! `verify` finds; what `repair` makes is a store.

mod counts;
mod directory;
mod record;
mod tools;
mod trial;

use std::path::Path;

use etalon::disk::{Files, MemoryDisk};
use etalon::inspect::{self, FileKind, ManifestEdit};
use etalon::{Notice, Options, Store};

use counts::Counts;
use directory::{Contents, Damage, HOME, How, Original, disk_of, read};
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
    assert_contents(&store, &original.states[original.good_records(damage)]);
}

fn assert_contents(store: &Store, expected: &Contents) {
    let found = store.scan().collect().expect("scan");
    assert!(found.iter().map(|(key, value)| (key, value)).eq(expected));
}

/// Damages a directory everywhere, and looks at it in every way.
fn all(original: &Original, damages: impl Iterator<Item = Damage>) -> String {
    let mut counts = Counts::default();
    for damage in damages {
        let outcome = open_both(original, &damage);
        counts.add(original, &damage, "store", outcome);
        let disk = disk_of(&original.with(&damage));
        // Exchanged files are each whole.
        if damage.other.is_none()
            && let Some(outcome) = inspect_file(&disk, original, &damage)
        {
            counts.add(original, &damage, "file", outcome);
        }
        let verdict = tools::verify(&disk, &damage, outcome);
        counts.add(original, &damage, "verify", verdict);
        let saved = tools::repair(&disk, original, &damage, outcome);
        counts.add(original, &damage, "repair", saved);
    }
    counts.table()
}

/// Holds the counts against those pinned in a file beside this one. The bits of tables whose flip
/// is harmless are one of each footer: with it the last length takes in a zero of the padding,
/// which is the same number, longer. To pin anew: `ETALON_BLESS=1 cargo test --test damage`.
fn assert_pinned(counts: &str, pinned: &str, file: &str) {
    if std::env::var_os("ETALON_BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/damage");
        std::fs::write(path.join(file), counts).expect("written");
    } else {
        assert_eq!(counts, pinned, "\n{counts}");
    }
}

#[test]
fn damage_anywhere_is_an_error_or_harmless_or_a_reported_prefix() {
    let original = Original::old();
    let counts = all(&original, original.damages());
    assert_pinned(&counts, include_str!("old.txt"), "old.txt");
}

#[test]
fn damage_anywhere_in_a_store_before_its_first_flush_is_no_less_seen() {
    let original = Original::young();
    let counts = all(&original, original.damages());
    assert_pinned(&counts, include_str!("young.txt"), "young.txt");
}

/// Too long for every place of it: the log is damaged around the borders of its blocks and at
/// both ends, and elsewhere at one byte of 997.
#[test]
fn damage_of_a_record_over_three_blocks_loses_it_and_what_follows() {
    let near = |file: &str, at: usize| {
        let within = at % (32 << 10);
        FileKind::of(file.as_ref()) == FileKind::Log
            && (!(8..(32 << 10) - 8).contains(&within) || at > 66_040 || at.is_multiple_of(997))
    };
    let original = Original::wide();
    let counts = all(&original, original.damages_at(near));
    assert_pinned(&counts, include_str!("wide.txt"), "wide.txt");
}

/// A sample of the same on real files, each held against the outcome in memory.
#[test]
fn real_files_come_to_the_same_as_files_in_memory() {
    let original = Original::old();
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
    let original = Original::old();
    let file = original.files.keys().next().expect("a file").clone();
    let bytes = Some(original.files[&file].clone());
    let none = Damage {
        file,
        how: How::Flipped,
        at: 0,
        bytes,
        other: None,
    };
    assert_eq!(open_both(&original, &none), Outcome::Right);
}

/// A torn record after the manifest's last: no valid one follows, and the opening checks pass.
#[test]
fn a_torn_tail_of_the_manifest_is_left_out_and_said() {
    let original = Original::old();
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
        assert_contents(&store, original.states.last().expect("the last"));
    }
}
