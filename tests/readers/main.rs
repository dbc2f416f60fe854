//! Readers beside a writer, on the standard library's locks and threads.
//!
//! ```text
//!   writer: flush --> disk: create, append, sync, rename, remove
//!                       | before and after each
//!                       +--> reader thread: get, get, scan --> answers, or the test fails
//! ```
//!
//! What the tests under loom cannot see is checked here: that no lock which a reader needs is
//! held during an operation of the disk (loom takes those for instant). A reader that waits is a
//! failure after [`asking_disk::PATIENCE`], never a test that hangs.
//!
//! No reader exists while a store is opened, so opening has no part here.

mod asking_disk;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;

use asking_disk::{AskingDisk, Heard, PATIENCE};
use etalon::disk::MemoryDisk;
use etalon::{Batch, Options, Store};

/// The effects of a flush, as the disk sees them.
const FLUSH: [&str; 9] = [
    "create log",
    "sync log",
    "create ldb",
    "append ldb",
    "sync ldb",
    "sync directory",
    "append MANIFEST",
    "sync MANIFEST",
    "remove log",
];

#[test]
fn readers_are_answered_during_every_disk_operation_of_a_flush() {
    let asked = in_time(|| asked_during(|store| store.flush().expect("flush")));
    assert_eq!(asked, FLUSH.map(str::to_owned).into());
}

#[test]
fn readers_are_answered_during_every_disk_operation_of_a_compaction() {
    let asked = in_time(|| asked_during(|store| store.compact().expect("compact")));
    let beyond_the_flush = ["read ldb", "remove ldb"];
    let all = FLUSH.into_iter().chain(beyond_the_flush);
    assert_eq!(asked, all.map(str::to_owned).collect());
}

#[test]
fn readers_are_answered_while_a_write_is_logged() {
    let asked = in_time(|| asked_during(|store| store.put(b"over", b"3").expect("put")));
    assert_eq!(asked, ["append log".to_owned()].into());
}

/// Reads every key of interest, from memtable and segments, as one text.
fn answers(store: &Store) -> String {
    let get = |key: &str| {
        let value = store.get(key.as_bytes()).expect("get");
        let value = value.map(|value| String::from_utf8(value).expect("text"));
        format!("{key}={} ", value.as_deref().unwrap_or("none"))
    };
    let gets: String = ["fresh", "gone", "old", "over"].map(get).concat();
    let (forward, backward) = (store.scan(), store.scan().reverse());
    let keys = |scan: etalon::Scan<'_>| {
        let entries = scan.collect().expect("scan").into_iter();
        let text = entries
            .flat_map(|(key, value)| [key, value])
            .collect::<Vec<_>>();
        String::from_utf8(text.join(&b' ')).expect("text")
    };
    format!("{gets}| {} | {}", keys(forward), keys(backward))
}

/// A store with something in a segment, in the memtable and in both.
fn filled(disk: &AskingDisk) -> Arc<Store> {
    let store = Store::open_on(disk.clone(), "store", Options::default()).expect("opens");
    for key in ["gone", "old", "over"] {
        store.put(key.as_bytes(), b"1").expect("put");
    }
    store.flush().expect("flush");
    store.put(b"fresh", b"2").expect("put");
    store.put(b"over", b"2").expect("put");
    store.delete(b"gone").expect("delete");
    Arc::new(store)
}

/// Does `work`; every answer during it must be the right one. Returns during which operations of
/// the disk they were given.
fn asked_during(work: fn(&Store)) -> BTreeSet<String> {
    let disk = AskingDisk::default();
    let store = filled(&disk);
    let right = "fresh=2 gone=none old=1 over=2 | fresh 2 old 1 over 2 | over 2 old 1 fresh 2";
    assert_eq!(answers(&store), right);
    let reader = Arc::clone(&store);
    let heard = disk.ask_during(move || answers(&reader), || work(&store));
    checked(heard, right)
}

fn checked(heard: Vec<Heard>, right: &str) -> BTreeSet<String> {
    for (operation, answer) in &heard {
        match answer {
            Some(answer) => assert_eq!(answer, right, "during {operation}"),
            None => panic!("it waits for the end of {operation}"),
        }
    }
    heard.into_iter().map(|(operation, _)| operation).collect()
}

/// The other way round: a lock held over a read would stop the writer, and it all readers.
#[test]
fn a_write_is_taken_while_a_get_or_a_scan_reads_a_segment() {
    let asked = in_time(|| {
        let disk = AskingDisk::default();
        let store = filled(&disk);
        let writer = Arc::clone(&store);
        let write = move || {
            writer.put(b"more", b"").expect("put");
            "written".to_owned()
        };
        let read = || {
            store.get(b"old").expect("get");
            store.scan().collect().expect("scan");
        };
        checked(disk.ask_during(write, read), "written")
    });
    assert_eq!(asked, ["read ldb".to_owned()].into());
}

/// A scan holds no lock while it visits, and its segments outlive their removal (G9).
#[test]
fn a_scan_goes_on_as_it_began_while_the_store_is_compacted_under_it() {
    let keys = in_time(|| {
        let options = Options {
            block_bytes: 1,
            ..Options::default()
        };
        let store = Store::open_on(MemoryDisk::default(), "store", options).expect("opens");
        for key in ["a", "b", "c", "d"] {
            store.put(key.as_bytes(), b"").expect("put");
            if key != "d" {
                store.flush().expect("flush");
            }
        }
        let mut keys = Vec::new();
        let scan = store.scan().each(|key, _| {
            keys.push(key[0]);
            store.delete(b"c").expect("delete");
            store.put(b"e", b"").expect("put");
            store.compact().expect("compact");
        });
        scan.expect("scan");
        keys
    });
    assert_eq!(keys, *b"abcd");
}

/// How many different values each reader must have seen.
const SEEN: u32 = 50;

#[test]
fn readers_never_go_back_nor_see_half_a_batch_while_one_thread_writes() {
    in_time(|| {
        let store = Store::open_on(MemoryDisk::default(), "store", Options::default());
        let store = store.expect("opens");
        write_number(&store, 0);
        let written = AtomicBool::new(false);
        thread::scope(|scope| {
            let readers: Vec<_> = (0..3)
                .map(|_| scope.spawn(|| read_numbers(&store, &written)))
                .collect();
            let _at_the_end = SetOnDrop(&written);
            let mut number = 0;
            while readers.iter().any(|reader| !reader.is_finished()) {
                number += 1;
                write_number(&store, number);
                if number % 7 == 0 {
                    store.flush().expect("flush");
                }
                if number % 31 == 0 {
                    store.compact().expect("compact");
                }
            }
        });
        let stats = store.stats();
        assert!(stats.flushes > 0 && stats.compactions > 0);
    });
}

/// Ends the readers also when the writer panics.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// One batch: the same number under two keys.
fn write_number(store: &Store, number: u32) {
    let mut batch = Batch::default();
    batch.put(b"a", &number.to_be_bytes());
    batch.put(b"b", &number.to_be_bytes());
    store.write(&batch).expect("write");
}

/// Gets and scans in turn until enough different numbers were seen, none less than the last.
fn read_numbers(store: &Store, written: &AtomicBool) {
    let number = |value: Vec<u8>| u32::from_be_bytes(value.try_into().expect("four bytes"));
    let (mut last, mut seen) = (0, 0);
    while seen < SEEN && !written.load(Ordering::Relaxed) {
        let got = number(store.get(b"b").expect("get").expect("never missing"));
        let scanned: Vec<u32> = store
            .scan()
            .collect()
            .expect("scan")
            .into_iter()
            .map(|(_, value)| number(value))
            .collect();
        assert_eq!(scanned, [scanned[0]; 2], "a batch is seen whole");
        assert!(
            last <= got && got <= scanned[0],
            "{last}, then {got}, then {scanned:?}"
        );
        seen += u32::from(scanned[0] > last);
        last = scanned[0];
    }
    assert!(seen == SEEN, "the writer ended early");
}

/// The result of `work`, unless it takes so long that it must be waiting for itself.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    let worker = thread::spawn(move || sender.send(work()));
    match receiver.recv_timeout(3 * PATIENCE) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => panic!("it waits for itself"),
        Err(RecvTimeoutError::Disconnected) => {
            std::panic::resume_unwind(worker.join().expect_err("it panicked"))
        }
    }
}

/// Iterators walk the memtable itself, without a lock, while a writer extends it: each sees
/// every entry of its moment whole, in order, and nothing later, in both directions. With each
/// walk the writer adds some entries, until each reader has been overtaken in many walks.
#[test]
fn iterators_walk_the_memtable_while_a_writer_extends_it() {
    const OVERTAKEN: u64 = 20;
    let store = Store::open_on(MemoryDisk::default(), "store", Options::default()).expect("opens");
    let (begun, walks) = channel();
    thread::scope(|scope| {
        for begun in [begun.clone(), begun] {
            let store = &store;
            scope.spawn(move || {
                let mut overtaken = 0;
                while overtaken < OVERTAKEN {
                    let before = store.sequence();
                    begun.send(()).expect("the writer listens");
                    walk_both_ways(store, before);
                    overtaken += u64::from(store.sequence() > before);
                }
            });
        }
        // Ends when both readers have, or have failed.
        for (walk, ()) in (0_u64..).zip(walks) {
            for at in 50 * walk..50 * walk + 50 {
                let key = at.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
                store.put(&key, &key).expect("put");
            }
        }
    });
}

/// Walks an iterator to the end and back; there were at least so many entries when it was made.
fn walk_both_ways(store: &Store, at_least: u64) {
    let mut iter = store.iterator().expect("iterator");
    let (mut met, mut last) = (0, None);
    iter.next().expect("next");
    while let Some((key, value)) = iter.entry() {
        assert_eq!(key, value, "whole");
        assert!(last.as_deref() < Some(key), "in order");
        last = Some(key.to_vec());
        met += 1;
        iter.next().expect("next");
    }
    assert!(met >= at_least, "{met} entries of {at_least}");
    for _ in 0..met {
        iter.prev().expect("prev");
        assert!(iter.entry().is_some(), "the same way back");
    }
    iter.prev().expect("prev");
    assert_eq!(iter.entry(), None, "no more than there were");
}
