//! What reading a damaged directory gave, held against what it may give.

use std::fmt::Debug;
use std::path::Path;

use etalon::disk::Disk;
use etalon::inspect::{self, FileKind};
use etalon::{Error, Notice, Result, Store};

use crate::directory::{Contents, Damage, HOME, How, Original, all_keys};

/// The lawful outcomes; any other is a panic of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Everything was answered, and rightly.
    Right,
    /// An error that names the damaged file.
    ErrorThere,
    /// An error that names the file that missed something, or misses the damaged one.
    ErrorBeside,
    /// The records before the damage, and a notice that says how many bytes went.
    PrefixReported,
    /// The records before a cut exactly between two: nobody can tell.
    PrefixUnreported,
}

/// Reads an opened store in every way. What it answers must be right, whatever else is an error.
pub(crate) fn read_store(opened: Result<Store>, original: &Original, damage: &Damage) -> Outcome {
    let store = match opened {
        Ok(store) => store,
        Err(error) => return class_of(&error, damage),
    };
    let records = original.good_records(damage);
    let reported = check_notices(store.notices(), original, damage);
    let mut errors = Vec::new();
    let expected = &original.states[records];
    for key in all_keys() {
        match store.get(&key) {
            Ok(found) => assert_eq!(found.as_ref(), expected.get(&key), "get {key:?}"),
            Err(error) => errors.push(error),
        }
    }
    for backwards in [false, true] {
        errors.extend(scan(&store, backwards, expected).err());
    }
    match (errors.first(), reported) {
        (Some(error), _) => class_of(error, damage),
        (None, true) => Outcome::PrefixReported,
        (None, false) if records + 1 < original.states.len() => Outcome::PrefixUnreported,
        (None, false) => Outcome::Right,
    }
}

/// Entries that come before an error are right, too.
fn scan(store: &Store, backwards: bool, expected: &Contents) -> Result<()> {
    let mut entries: Vec<_> = expected.iter().collect();
    let mut scan = store.scan();
    if backwards {
        entries.reverse();
        scan = scan.reverse();
    }
    let mut entries = entries.into_iter();
    scan.each(|key, value| {
        let expected = entries.next().map(|(key, value)| (&key[..], &value[..]));
        assert_eq!(Some((key, value)), expected);
    })?;
    assert_eq!(entries.next(), None);
    Ok(())
}

/// Whether a torn tail was reported; it must be just what is missing, of the log alone.
fn check_notices(notices: &[Notice], original: &Original, damage: &Damage) -> bool {
    let mut reported = false;
    for notice in notices {
        match notice {
            Notice::TornTail {
                path,
                offset,
                bytes,
                ..
            } => {
                assert_eq!(FileKind::of(path), FileKind::Log, "{notice}");
                assert_eq!(*offset, original.boundaries[original.good_records(damage)]);
                let name = path.file_name().expect("a name").to_str().expect("ASCII");
                let size = original.with(damage)[name].len() as u64;
                assert_eq!(offset + bytes, size, "{notice}");
                assert!(notice.to_string().contains(&format!("{bytes} bytes")));
                reported = true;
            }
            Notice::NotLocked { .. } => {
                assert_eq!((&damage.file[..], damage.how), ("LOCK", How::Removed));
            }
            other => panic!("{other}"),
        }
    }
    reported
}

/// The error must name a file in its text, and a place in it if it is about damage.
fn class_of(error: &Error, damage: &Damage) -> Outcome {
    let path = match error {
        Error::Damaged { path, offset, .. } => {
            assert!(
                error.to_string().contains(&format!("offset {offset}")),
                "{error}"
            );
            path
        }
        Error::Io { path, .. } => path,
        other => panic!("{} {:?} at {}: {other}", damage.file, damage.how, damage.at),
    };
    assert!(
        error.to_string().starts_with(&path.display().to_string()),
        "{error}"
    );
    let there = [Some(&damage.file), damage.other.as_ref()];
    if there.into_iter().flatten().any(|file| path.ends_with(file)) {
        Outcome::ErrorThere
    } else {
        Outcome::ErrorBeside
    }
}

/// Reads the damaged file alone; `None` if it is of a kind that is not looked into.
pub(crate) fn inspect_file(
    disk: &dyn Disk,
    original: &Original,
    damage: &Damage,
) -> Option<Outcome> {
    let whole = pieces(&crate::directory::disk_of(&original.files), &damage.file)?;
    let (found, seen) = pieces(disk, &damage.file)?;
    let (_, all) = whole;
    assert_eq!(
        seen,
        all[..seen.len()],
        "nothing is shown that was not written"
    );
    Some(match found {
        Err(error) => class_of(&error, damage),
        Ok(Some(Notice::TornTail { offset, bytes, .. })) => {
            assert_eq!(
                offset + bytes,
                damage.bytes.as_ref().map_or(0, Vec::len) as u64
            );
            Outcome::PrefixReported
        }
        Ok(Some(other)) => panic!("{other}"),
        Ok(None) if seen.len() < all.len() => {
            assert!(
                matches!(damage.how, How::Cut | How::Emptied),
                "a cut between records"
            );
            Outcome::PrefixUnreported
        }
        Ok(None) => Outcome::Right,
    })
}

/// What `inspect` shows of a file, each piece as text, and how it ended.
fn pieces(disk: &dyn Disk, file: &str) -> Option<(Result<Option<Notice>>, Vec<String>)> {
    fn text(piece: impl Debug) -> String {
        format!("{piece:?}")
    }
    let path = Path::new(HOME).join(file);
    let mut seen = Vec::new();
    let found = match FileKind::of(&path) {
        FileKind::Log => inspect::log(disk, &path, &mut |batch| seen.push(text(batch))),
        FileKind::Manifest => inspect::manifest(disk, &path, &mut |edit| seen.push(text(edit))),
        FileKind::Table => {
            let outline = inspect::table(disk, &path, &mut |entry| seen.push(text(entry)));
            outline.map(|outline| {
                seen.push(text(outline.blocks));
                None
            })
        }
        FileKind::Current | FileKind::Other => return None,
    };
    Some((found, seen))
}
