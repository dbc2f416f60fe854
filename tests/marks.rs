//! Marks of durability in the log: where they stand, and what damage they turn from a tail that
//! may be cut into an error.

use std::path::Path;

use etalon::disk::MemoryDisk;
use etalon::{Error, Notice, Options, Result, Store, WriteOptions, inspect};

const HOME: &str = "store";
const LOG: &str = "store/000002.log";

fn open(disk: &MemoryDisk) -> Result<Store> {
    Store::open_on(disk.clone(), HOME, Options::default())
}

fn read_only(disk: &MemoryDisk) -> Result<Store> {
    Store::open_read_only_on(disk.clone(), HOME)
}

fn put_synced(store: &Store, key: &str) {
    let written = store.put_with(key.as_bytes(), b"v", WriteOptions::synced());
    written.expect("put");
}

/// The records of a log: where each begins, and its keys; a mark has none.
fn records(disk: &MemoryDisk, path: &str) -> Vec<(u64, String)> {
    let mut records = Vec::new();
    let torn = inspect::log(disk, path.as_ref(), &mut |batch| {
        let keys = batch.changes.into_iter().flat_map(|change| change.key);
        records.push((
            batch.offset,
            String::from_utf8(keys.collect()).expect("text"),
        ));
    });
    assert_eq!(torn.expect("readable"), None);
    records
}

/// The keys of each record, one after the other, with `|` for a mark.
fn shape(disk: &MemoryDisk, path: &str) -> String {
    let keys = records(disk, path).into_iter().map(|(_, keys)| keys);
    keys.map(|keys| if keys.is_empty() { "|".into() } else { keys })
        .collect()
}

#[test]
fn a_mark_comes_with_the_first_record_after_a_sync_and_at_the_end_of_a_closed_log() {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    store.put(b"a", b"v").expect("put");
    store.put(b"b", b"v").expect("put");
    assert_eq!(shape(&disk, LOG), "ab", "nothing is durable yet");
    put_synced(&store, "c");
    assert_eq!(shape(&disk, LOG), "abc", "it waits for the next record");
    store.sync().expect("sync");
    store.put(b"d", b"v").expect("put");
    store.put(b"e", b"v").expect("put");
    assert_eq!(shape(&disk, LOG), "abc|de");
    assert_eq!(store.sequence(), 5, "a mark takes no number");
    store.close().expect("close");
    assert_eq!(shape(&disk, LOG), "abc|de|");
}

#[test]
fn a_log_left_behind_is_copied_behind_a_mark_before_anything_in_it_is_made_durable() {
    const COPY: &str = "store/000004.log";
    type Durable = fn(Store);
    let ways: [(Durable, &str); 4] = [
        (|store| store.sync().expect("sync"), "|abc"),
        (|store| put_synced(&store, "d"), "|abc|d"),
        (|store| store.close().expect("close"), "|abc|"),
        (|store| drop(store), ""),
    ];
    for (make_durable, copied) in ways {
        let disk = MemoryDisk::default();
        let store = open(&disk).expect("opens");
        put_synced(&store, "a");
        put_synced(&store, "b");
        drop(store);
        assert_eq!(shape(&disk, LOG), "a|b");
        let store = open(&disk).expect("opens");
        assert_eq!(store.notices(), []);
        store.put(b"c", b"v").expect("put");
        assert_eq!(shape(&disk, LOG), "a|bc", "in doubt, and so without a mark");
        make_durable(store);
        let logs = disk.paths().into_iter();
        let logs = logs.filter(|path| path.extension() == Some("log".as_ref()));
        let expected = if copied.is_empty() { LOG } else { COPY };
        assert!(logs.eq([Path::new(expected)]), "one of them");
        if !copied.is_empty() {
            assert_eq!(shape(&disk, COPY), copied);
        }
        let sequence = read_only(&disk).expect("opens").sequence();
        assert_eq!(sequence, if copied == "|abc|d" { 4 } else { 3 });
    }
}

#[test]
fn an_opening_goes_on_with_a_log_that_was_closed() {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    store.put(b"a", b"v").expect("put");
    store.close().expect("close");
    let closed = disk.read_file(LOG.as_ref()).expect("there");
    for _ in 0..2 {
        open(&disk).expect("opens").close().expect("close");
        let bytes = disk.read_file(LOG.as_ref()).expect("there");
        assert_eq!(bytes, closed, "neither opening nor closing adds to it");
    }
    drop(open(&disk).expect("opens"));
    let store = open(&disk).expect("opens");
    put_synced(&store, "b");
    store.put(b"c", b"v").expect("put");
    assert_eq!(shape(&disk, LOG), "a|b|c");
    assert_eq!(store.sequence(), 3);
    drop(store);
    assert_eq!(read_only(&disk).expect("opens").sequence(), 3);
}

#[test]
fn an_opening_cuts_zeros_behind_the_last_mark() {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    // The mark comes behind the zeros that fill a block.
    let record_without_value = 7 + 12 + 1 + 2 + 3;
    let value = vec![7; 32768 - 4 - record_without_value];
    store.put(b"a", &value).expect("put");
    store.close().expect("close");
    let closed = disk.read_file(LOG.as_ref()).expect("there");
    let padded = [closed.clone(), vec![0; 40_000]].concat();
    disk.write_file(LOG.as_ref(), &padded).expect("written");
    let store = open(&disk).expect("opens");
    let bytes = disk.read_file(LOG.as_ref()).expect("there");
    assert_eq!(bytes, closed);
    store.put(b"b", b"v").expect("put");
    drop(store);
    let store = read_only(&disk).expect("opens");
    assert_eq!(store.notices(), []);
    assert_eq!(store.sequence(), 2);
}

/// A mark counts what is before it. One that counts otherwise was not written behind that.
#[test]
fn an_opening_copies_a_log_whose_last_mark_has_another_number() {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    store.put(b"a", b"v").expect("put");
    store.close().expect("close");
    let closed = disk.read_file(LOG.as_ref()).expect("there");
    let other = MemoryDisk::default();
    let store = open(&other).expect("opens");
    store.put(b"a", b"v").expect("put");
    store.put(b"b", b"v").expect("put");
    store.close().expect("close");
    let longer = other.read_file(LOG.as_ref()).expect("there");
    let mark = |bytes: &[u8]| bytes[bytes.len() - 19..].to_vec();
    assert_ne!(mark(&closed), mark(&longer));
    let mixed = [&closed[..closed.len() - 19], &mark(&longer)[..]].concat();
    disk.write_file(LOG.as_ref(), &mixed).expect("written");
    drop(open(&disk).expect("opens"));
    assert_eq!(shape(&disk, "store/000003.log"), "|a");
}

/// The process died, an opening copied the log, which nobody had ever synced, and the power went
/// before it was removed: it was refused as damage beside its own copy. Found by the crash
/// enumeration.
#[test]
fn a_log_that_is_torn_anywhere_beside_its_copy_does_not_count() {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    store.put(b"a", b"v").expect("put");
    store.put(b"b", b"v").expect("put");
    drop(store);
    let manifest: &Path = "store/MANIFEST-000001".as_ref();
    let current: &Path = "store/CURRENT".as_ref();
    let files = [LOG.as_ref(), manifest, current];
    let before = files.map(|path| disk.read_file(path).expect("there"));
    open(&disk).expect("opens").sync().expect("sync");
    for (path, bytes) in files.iter().zip(&before) {
        disk.write_file(path, bytes).expect("written");
    }
    for length in 0..before[0].len() {
        let torn = [&before[0][..length], &[7; 5]].concat();
        disk.write_file(LOG.as_ref(), &torn).expect("written");
        let store = read_only(&disk).unwrap_or_else(|error| panic!("cut at {length}: {error}"));
        assert_eq!(store.scan().collect().expect("scan").len(), 2);
        assert_eq!(store.sequence(), 2);
    }
}

/// The manifest of a reopened store counted the changes of the log, too, which goleveldb then
/// passes over as too old. Found with goleveldb by hand.
#[test]
fn a_manifest_counts_no_change_that_only_the_log_holds() {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    store.put(b"a", b"v").expect("put");
    store.flush().expect("flush");
    put_synced(&store, "b");
    put_synced(&store, "c");
    drop(store);
    drop(open(&disk).expect("opens"));
    let mut last = None;
    let manifest = inspect::current(&disk, HOME.as_ref()).expect("there");
    let edits = &mut |edit: inspect::ManifestEdit| last = edit.last_sequence.or(last);
    inspect::manifest(&disk, &manifest, edits).expect("readable");
    assert_eq!(last, Some(1), "the log begins with change 2");
    assert_eq!(read_only(&disk).expect("opens").sequence(), 3);
}

/// A log of five records, whose last mark stands before the fourth.
fn marked() -> (MemoryDisk, Vec<u8>, u64) {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    for key in ["a", "b"] {
        store.put(key.as_bytes(), b"v").expect("put");
    }
    put_synced(&store, "c");
    for key in ["d", "e"] {
        store.put(key.as_bytes(), b"v").expect("put");
    }
    drop(store);
    assert_eq!(shape(&disk, LOG), "abc|de");
    let mark = records(&disk, LOG)[3].0;
    let bytes = disk.read_file(LOG.as_ref()).expect("there");
    (disk, bytes, mark)
}

#[test]
fn every_flipped_bit_before_the_last_mark_is_refused_and_every_one_from_it_on_cut() {
    let (disk, bytes, mark) = marked();
    for bit in 0..8 * bytes.len() {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        disk.write_file(LOG.as_ref(), &damaged).expect("written");
        match read_only(&disk) {
            Err(Error::Damaged { path, what, .. }) => {
                assert!(bit < 8 * mark as usize, "bit {bit}: {what}");
                assert_eq!(path, Path::new(LOG));
                assert!(what.contains(&format!("a mark at {mark} says")), "{what}");
            }
            Ok(store) => {
                assert!(bit >= 8 * mark as usize, "bit {bit}");
                assert!(matches!(store.notices(), [Notice::TornTail { .. }]));
                assert!(store.get(b"c").expect("get").is_some(), "what is durable");
            }
            other => panic!("bit {bit}: {other:?}"),
        }
    }
}

#[test]
fn a_mark_split_between_two_blocks_counts() {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    store.put(b"a", b"v").expect("put");
    // The mark of 19 bytes begins 10 before the end of the block.
    let so_far = disk.read_file(LOG.as_ref()).expect("there").len();
    let record_without_value = 7 + 12 + 1 + 2 + 3;
    let value = vec![7; 32768 - 10 - so_far - record_without_value];
    let written = store.put_with(b"b", &value, WriteOptions::synced());
    written.expect("put");
    store.close().expect("close");
    assert_eq!(records(&disk, LOG)[2], (32758, String::new()));
    let mut bytes = disk.read_file(LOG.as_ref()).expect("there");
    bytes[30] ^= 1;
    disk.write_file(LOG.as_ref(), &bytes).expect("written");
    let error = read_only(&disk).expect_err("it was durable");
    assert!(
        error.to_string().contains("a mark at 32758 says"),
        "{error}"
    );
}

#[test]
fn a_closed_log_may_lose_its_mark_and_nothing_else() {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    store.put(b"a", b"v").expect("put");
    store.close().expect("close");
    let bytes = disk.read_file(LOG.as_ref()).expect("there");
    let mark = records(&disk, LOG)[1].0 as usize;
    for length in mark + 1..bytes.len() {
        disk.write_file(LOG.as_ref(), &bytes[..length])
            .expect("written");
        let store = read_only(&disk).expect("opens");
        assert!(store.get(b"a").expect("get").is_some());
        assert_eq!(store.notices().len(), 1, "the cut is said");
    }
}

#[test]
fn a_zero_header_ends_a_log_only_where_nothing_but_zeros_follows() {
    let (disk, bytes, _) = marked();
    let padded = [bytes.clone(), vec![0; 40_000]].concat();
    disk.write_file(LOG.as_ref(), &padded).expect("written");
    assert_eq!(read_only(&disk).expect("opens").notices(), []);

    let mut dirty = padded;
    *dirty.last_mut().expect("long") = 1;
    disk.write_file(LOG.as_ref(), &dirty).expect("written");
    let store = read_only(&disk).expect("opens");
    let [Notice::TornTail { offset, .. }] = store.notices() else {
        panic!("{:?}", store.notices());
    };
    assert_eq!(*offset, bytes.len() as u64);
}

#[test]
fn a_file_number_near_its_end_is_refused_by_name() {
    for name in ["18446744073709551615.log", "MANIFEST-18446744073709551615"] {
        for with_store in [false, true] {
            let disk = MemoryDisk::default();
            let store = open(&disk).expect("opens");
            drop(store);
            if !with_store {
                for path in disk.paths() {
                    etalon::disk::Disk::remove(&disk, &path).expect("there");
                }
            }
            let path = Path::new(HOME).join(name);
            disk.write_file(&path, b"").expect("written");
            let error = open(&disk).expect_err("no number comes after it");
            let named = matches!(&error, Error::Damaged { path: at, .. } if *at == path);
            let beside = !with_store && name.ends_with("log");
            assert!(named || beside, "{error}");
        }
    }
}
