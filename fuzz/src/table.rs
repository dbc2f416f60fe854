//! Hostile bytes as a segment: listed, then verified and opened in a store that knows nothing else.

use std::path::Path;

use etalon::inspect;
use etalon::{SegmentEntry, Store};

use crate::files::{self, DIRECTORY, Segment};
use crate::outcomes::{self, Outcome};
use crate::{frame, input, limit, repair, tools};

const NAME: &str = "000005.ldb";

/// Entries beyond this many bytes are not kept: a few bytes of a block can stand for a long key.
const KEPT: usize = 8;

/// Runs one input.
///
/// # Panics
/// If the engine answers other than its own listing of the segment.
pub fn run(data: &[u8]) {
    let (mode, mut bytes) = input(data);
    if mode.framed {
        bytes = frame::table(&bytes, u8::from(mode.compressed));
    } else if mode.mended {
        repair::table(&mut bytes);
    }
    let mended = mode.mended || mode.framed;
    let outcome = limit::within(bytes.len(), || {
        let disk = files::empty_disk();
        files::put(&disk, NAME, &bytes);
        let path = Path::new(DIRECTORY).join(NAME);
        let mut entries = Vec::new();
        let mut room = KEPT * bytes.len();
        let mut keep = |entry: SegmentEntry| {
            let value = entry.value.as_ref().map_or(0, Vec::len);
            room = room.saturating_sub(entry.key.len() + value + size_of::<SegmentEntry>());
            if room > 0 {
                entries.push(entry);
            }
        };
        let listed = inspect::table(&disk, &path, &mut keep);
        if listed.is_err() {
            Outcome::Refused
        } else if room > 0 && !entries.is_empty() {
            in_a_store(&disk, bytes.len(), &entries, mended)
        } else {
            Outcome::Listed
        }
    });
    outcomes::count(outcome);
}

/// A store whose only segment this is must answer as the listing says.
fn in_a_store(
    disk: &etalon::disk::MemoryDisk,
    bytes: usize,
    entries: &[SegmentEntry],
    mended: bool,
) -> Outcome {
    let end = |entry: &SegmentEntry| {
        files::internal_key(&entry.key, entry.sequence, entry.value.is_some())
    };
    let (first, last) = (end(&entries[0]), end(&entries[entries.len() - 1]));
    let newest = entries.iter().map(|entry| entry.sequence).max();
    let segment = Segment {
        number: 5,
        bytes: bytes as u64,
        keys: [&first, &last],
    };
    let manifest = files::manifest(6, newest.unwrap_or(0), Some(segment));
    files::put(disk, "MANIFEST-000004", &manifest);
    files::put(disk, "CURRENT", b"MANIFEST-000004\n");
    files::put(disk, "000006.log", b"");
    // What a mended segment may get wrong, verifying it must find.
    let intact = tools::is_intact(disk);
    tools::repair(disk, intact);
    let mended = mended && !intact;
    let store = match Store::open_read_only_on(disk.clone(), DIRECTORY) {
        Ok(store) => store,
        // Sequence numbers near their end are refused; and from its end a mended segment may
        // look different than from its beginning.
        Err(error) => {
            let near_the_end = newest.is_some_and(|newest| newest > 1 << 55);
            assert!(mended || near_the_end, "listed whole, not opened: {error}");
            assert!(!intact, "verified, not opened: {error}");
            return Outcome::Listed;
        }
    };
    let live = live(entries);
    let forwards = store.scan().collect();
    let backwards = store.scan().reverse().collect();
    let same = |found: &[(Vec<u8>, Vec<u8>)], reverse: bool| {
        let found = found.iter().map(|(key, value)| (&key[..], &value[..]));
        if reverse {
            found.rev().eq(live.iter().copied())
        } else {
            found.eq(live.iter().copied())
        }
    };
    let forwards = forwards.expect("the listing read it all");
    assert!(same(&forwards, false), "a scan is not the listing");
    match backwards {
        Ok(backwards) => assert!(mended || same(&backwards, true), "a scan backwards"),
        Err(error) => assert!(mended, "only backwards: {error}"),
    }
    gets(&store, entries, &live, mended);
    Outcome::Opened
}

/// Every key listed, and neighbours that are not.
fn gets(store: &Store, entries: &[SegmentEntry], live: &[(&[u8], &[u8])], mended: bool) {
    for entry in entries {
        for absent in [false, true] {
            let mut key = entry.key.clone();
            if absent {
                key.push(0);
            }
            let expected = live
                .binary_search_by(|(known, _)| (*known).cmp(&key))
                .ok()
                .map(|at| live[at].1);
            match store.get(&key) {
                Ok(found) => {
                    let right = found.as_deref() == expected;
                    assert!(mended || right, "get of \"{}\"", key.escape_ascii());
                }
                Err(error) => assert!(mended, "get: {error}"),
            }
        }
    }
}

/// The newest version of each key, unless it is a tombstone; they are listed newest first.
fn live(entries: &[SegmentEntry]) -> Vec<(&[u8], &[u8])> {
    let mut live = Vec::new();
    let mut before = None;
    for entry in entries {
        if before != Some(&entry.key) {
            live.extend(entry.value.as_deref().map(|value| (&entry.key[..], value)));
        }
        before = Some(&entry.key);
    }
    live
}
