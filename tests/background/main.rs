//! Work in the background: flushes and compactions beside reads and writes, their failures, and
//! how they end with the store.

mod beside;
mod disk;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use disk::{AskingDisk, Gate};
use etalon::disk::MemoryDisk;
use etalon::{Batch, Compaction, Error, Event, Listener, Options, Stall, Store};

/// Every put fills the memtable.
fn tiny(compaction: Compaction) -> Options {
    Options {
        compaction,
        memtable_bytes: 1,
        ..Options::default()
    }
}

fn reopened(disk: &MemoryDisk) -> Store {
    Store::open_on(disk.clone(), "store", Options::default()).expect("opens again")
}

fn contents(store: &Store) -> String {
    let entries = store.scan().collect().expect("a disk in memory works");
    let entry = |(key, value): &(Vec<u8>, Vec<u8>)| {
        let (key, value) = (String::from_utf8_lossy(key), String::from_utf8_lossy(value));
        format!("{key}={value} ")
    };
    entries.iter().map(entry).collect()
}

/// What a listener has heard so far.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<Event>>>);

impl Heard {
    fn listener(&self, then: impl Fn(&Event) + Send + Sync + 'static) -> Listener {
        let own = self.clone();
        Listener::new(move |event| {
            own.0.lock().unwrap().push(event.clone());
            then(event);
        })
    }

    fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

#[test]
fn a_write_waits_for_the_memtable_before_and_says_so() {
    let (disk, gate, heard) = (
        MemoryDisk::default(),
        Arc::<Gate>::default(),
        Heard::default(),
    );
    let behind = Arc::clone(&gate);
    let asking = AskingDisk::new(&disk, move || {
        behind.pass();
        Ok(())
    });
    // Without the event the gate stays shut, and the write waits for ever.
    let opener = Arc::clone(&gate);
    let options = Options {
        listener: heard.listener(move |_| opener.open()),
        ..tiny(Compaction::Background)
    };
    let store = Store::open_on(asking, "store", options).expect("opens");
    store.put(b"a", b"1").expect("room");
    store.put(b"b", b"2").expect("room, once a is frozen");
    assert_eq!(store.stats().write_stalls, 0);
    assert_eq!(contents(&store), "a=1 b=2 ", "readers wait for nothing");
    store.put(b"c", b"3").expect("room, once a is a segment");
    assert_eq!(store.stats().write_stalls, 1);
    let stall = Stall::Memtable;
    let stalled = [Event::WritesStalled { stall }, Event::WritesGoOn];
    assert_eq!(heard.events(), stalled);
    assert_eq!(contents(&store), "a=1 b=2 c=3 ");
}

#[test]
fn writes_are_slowed_and_then_stopped_by_the_segments_of_level_0() {
    let heard = Heard::default();
    let options = Options {
        listener: heard.listener(|_| ()),
        level0_segments: 2,
        level0_slow_segments: 2,
        level0_stop_segments: 3,
        ..tiny(Compaction::OnCall)
    };
    let store = Store::open_on(MemoryDisk::default(), "store", options).expect("opens");
    let put = |value: &[u8]| store.put(b"k", value).expect("room");
    let flush_frozen = || assert!(store.work().expect("works"));
    put(b"1");
    put(b"2"); // freezes the memtable with 1
    flush_frozen();
    put(b"3");
    flush_frozen();
    assert_eq!(store.segments().len(), 2);
    put(b"4"); // before it freezes another memtable, level 0 is compacted
    assert_eq!(heard.events(), [Event::WritesSlowed { segments: 2 }]);
    assert_eq!(store.segments().len(), 1);
    assert_eq!(store.stats().write_slowdowns, 1);
    put(b"5"); // waits for the memtable before, and nobody compacts
    put(b"6");
    assert_eq!(store.stats().write_stalls, 2);
    flush_frozen();
    assert_eq!(store.segments().len(), 4);
    put(b"7");
    let stall = Stall::Level0 { segments: 3 };
    let stalled = [Event::WritesStalled { stall }, Event::WritesGoOn];
    assert_eq!(heard.events()[5..], stalled);
    assert_eq!(contents(&store), "k=7 ");
}

#[test]
fn a_long_compaction_lets_a_memtable_that_waits_go_first() {
    let store: Arc<OnceLock<Store>> = Arc::default();
    let (asked, flushes) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    let asking = AskingDisk::new(&MemoryDisk::default(), {
        let (store, asked, flushes) = (Arc::downgrade(&store), asked.clone(), flushes.clone());
        // In the thread that compacts.
        move || {
            let store = store.upgrade();
            let Some(store) = store.as_ref().and_then(|store| store.get()) else {
                return Ok(());
            };
            match asked.fetch_add(1, Ordering::Relaxed) {
                2 => {
                    store.put(b"x", b"").expect("room");
                    store.put(b"y", b"").expect("room, once x is frozen");
                }
                5 => flushes.store(store.stats().flushes, Ordering::Relaxed),
                _ => {}
            }
            Ok(())
        }
    });
    let options = Options {
        segment_bytes: 1,
        ..tiny(Compaction::OnCall)
    };
    let opened = Store::open_on(asking, "store", options).expect("opens");
    let mut batch = Batch::default();
    for key in [b"a", b"b", b"c", b"d", b"e", b"f"] {
        batch.put(key, b"");
    }
    opened.write(&batch).expect("room");
    opened.flush().expect("flushes");
    assert!(store.set(opened).is_ok());
    let store = store.get().expect("just set");
    store.compact().expect("compacts");
    assert_eq!(
        asked.load(Ordering::Relaxed),
        7,
        "six segments, and x between two of them"
    );
    assert_eq!(
        flushes.load(Ordering::Relaxed),
        2,
        "while later ones were still to come"
    );
    assert_eq!(contents(store), "a= b= c= d= e= f= x= y= ");
}

#[test]
fn a_segment_that_a_reader_held_is_removed_when_the_store_is_closed_at_the_latest() {
    let disk = MemoryDisk::default();
    let options = tiny(Compaction::Background);
    let store = Store::open_on(disk.clone(), "store", options).expect("opens");
    store.put(b"k", b"1").expect("room");
    store.flush().expect("flushes");
    let iter = store.iterator().expect("reads");
    store.put(b"k", b"2").expect("room");
    store.compact().expect("compacts");
    let segments = || {
        let is_segment = |path: &&PathBuf| path.extension().is_some_and(|is| is == "ldb");
        disk.paths().iter().filter(is_segment).count()
    };
    assert_eq!(segments(), 2, "the one with 1, and what it was merged into");
    drop(iter);
    assert_eq!(segments(), 2, "a reader removes nothing");
    store.close().expect("closes");
    assert_eq!(segments(), 1);
}

#[test]
fn a_failure_in_the_background_reaches_the_next_caller_and_loses_nothing() {
    let (disk, heard) = (MemoryDisk::default(), Heard::default());
    let full = AskingDisk::new(&disk, || Err(io::ErrorKind::StorageFull.into()));
    let options = Options {
        listener: heard.listener(|_| ()),
        ..tiny(Compaction::Background)
    };
    let store = Store::open_on(full, "store", options).expect("opens");
    store.put(b"a", b"1").expect("room");
    let expected = "store/000004.ldb: cannot create the segment: no storage space";
    let stopped = |what: &str, result: Result<(), Error>| match result {
        Err(Error::Stopped { reason }) => assert_eq!(reason, expected, "{what}"),
        other => panic!("{what}: {other:?}"),
    };
    stopped("flush", store.flush());
    stopped("put", store.put(b"b", b"2"));
    stopped("compact", store.compact());
    stopped("work", store.work().map(drop));
    assert_eq!(contents(&store), "a=1 ", "reading goes on");
    stopped("close", store.close());
    let reason = expected.to_owned();
    assert_eq!(heard.events(), [Event::BackgroundFailed { reason }]);
    assert_eq!(contents(&reopened(&disk)), "a=1 ");
}

#[test]
fn a_panic_in_the_background_reaches_the_next_caller_and_loses_nothing() {
    let disk = MemoryDisk::default();
    let panicking = AskingDisk::new(&disk, || panic!("on purpose"));
    let options = tiny(Compaction::Background);
    let store = Store::open_on(panicking, "store", options).expect("opens");
    store.put(b"a", b"1").expect("room");
    for _ in 0..2 {
        let error = store.flush().expect_err("the background has panicked");
        let text = error.to_string();
        assert!(
            text.ends_with("the background panicked: on purpose"),
            "{text}"
        );
    }
    assert_eq!(contents(&store), "a=1 ", "no lock is held");
    drop(store);
    assert_eq!(contents(&reopened(&disk)), "a=1 ");
}

#[test]
fn a_store_that_is_dropped_at_work_ends_its_thread_first() {
    let (disk, gate) = (MemoryDisk::default(), Arc::<Gate>::default());
    let behind = Arc::clone(&gate);
    let asking = AskingDisk::new(&disk, move || {
        behind.pass();
        Ok(())
    });
    // Shared by whatever there is of the store.
    let shared = Arc::new(());
    let listener = Listener::new({
        let shared = Arc::clone(&shared);
        move |_| assert!(Arc::strong_count(&shared) > 0)
    });
    let options = Options {
        listener,
        ..tiny(Compaction::Background)
    };
    let store = Store::open_on(asking.clone(), "store", options).expect("opens");
    for key in [b"a", b"b"] {
        store.put(key, b"1").expect("room");
    }
    gate.wait_for_somebody();
    let dropping = thread::spawn(move || drop(store));
    let second = Store::open_on(disk.clone(), "store", Options::default());
    assert!(
        matches!(second, Err(Error::Locked { .. })),
        "it is still at work"
    );
    gate.open();
    dropping.join().expect("no panic");
    assert_eq!(Arc::strong_count(&shared), 1, "nothing is left of it");
    assert_eq!(contents(&reopened(&disk)), "a=1 b=1 ");
}

#[test]
fn what_is_asked_by_hand_waits_for_the_background_and_is_whole() {
    for compaction in [Compaction::Background, Compaction::OnCall] {
        let disk = MemoryDisk::default();
        let options = tiny(compaction);
        let store = Store::open_on(disk.clone(), "store", options).expect("opens");
        let put = |key: &[u8]| store.put(key, b"1").expect("room");
        put(b"a");
        put(b"b");
        store.flush().expect("flushes");
        let in_segments: usize = store
            .segments()
            .iter()
            .map(|s| s.entries().unwrap().len())
            .sum();
        assert_eq!(in_segments, 2);
        put(b"c");
        put(b"d");
        store.compact().expect("compacts");
        let segments = store.segments();
        assert_eq!(
            (segments.len(), segments[0].entries().unwrap().len()),
            (1, 4)
        );
        drop(segments);
        put(b"e");
        store.checkpoint("copy").expect("copies");
        put(b"f");
        store.sync().expect("syncs");
        store.close().expect("closes");
        let copy = Store::open_on(disk.clone(), "copy", Options::default()).expect("opens");
        assert_eq!(contents(&copy), "a=1 b=1 c=1 d=1 e=1 ");
        assert_eq!(contents(&reopened(&disk)), "a=1 b=1 c=1 d=1 e=1 f=1 ");
    }
}
