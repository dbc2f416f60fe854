//! Ingestion: a run is newer than everything below it and older than what comes after, there as a
//! whole or not at all, also across a crash at any moment of it.

use etalon::crash::Breakable;
use etalon::disk::MemoryDisk;
use etalon::{Compaction, Error, Options, Store};
use etalon_spec::{Script, check_case};

fn open_on(disk: &MemoryDisk) -> Store {
    Store::open_on(disk.clone(), "store", Options::default()).expect("opens")
}

/// The live entries, as "a=1 b=2".
fn contents(store: &Store) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let mut entries = Vec::new();
    let scanned = (store.scan()).each(|key, value| entries.push(text(key) + "=" + &text(value)));
    scanned.expect("scan");
    entries.join(" ")
}

#[test]
fn a_run_covers_values_and_tombstones_in_the_memtable_and_in_every_level() {
    let disk = MemoryDisk::default();
    let store = open_on(&disk);
    for key in [b"a", b"b", b"c", b"d"] {
        store.put(key, b"old").expect("put");
    }
    store.compact().expect("compact");
    store.delete(b"b").expect("delete");
    store.flush().expect("flush");
    store.delete(b"c").expect("delete");
    store
        .ingest(&[("b", "1"), ("c", "1"), ("d", "1")])
        .expect("ingest");
    assert_eq!(contents(&store), "a=old b=1 c=1 d=1");
    assert_eq!(store.get(b"c").expect("get"), Some(b"1".to_vec()));
    store.delete(b"d").expect("delete");
    store.put(b"b", b"2").expect("put");
    assert_eq!(
        contents(&store),
        "a=old b=2 c=1",
        "what comes later is newer"
    );
    store.flush().expect("flush");
    assert_eq!(contents(&store), "a=old b=2 c=1");
    store.close().expect("closes");
    let store = open_on(&disk);
    assert_eq!(contents(&store), "a=old b=2 c=1");
    store.compact().expect("compact");
    assert_eq!(contents(&store), "a=old b=2 c=1");
}

#[test]
fn a_run_is_one_segment_of_level_0_with_a_number_for_each_entry() {
    let store = open_on(&MemoryDisk::default());
    store.ingest(&[("a", "1"), ("b", "1")]).expect("ingest");
    assert_eq!((store.sequence(), store.segments().len()), (2, 1));
    store.put(b"a", b"2").expect("put");
    store.ingest(&[("c", "3")]).expect("ingest");
    assert_eq!((store.sequence(), store.segments().len()), (4, 3));
    assert!(store.segments().iter().all(|segment| segment.level() == 0));
    let stats = store.stats();
    assert_eq!((stats.ingestions, stats.flushes), (2, 1));
    assert_eq!(contents(&store), "a=2 b=1 c=3");
}

#[test]
fn snapshots_and_iterators_of_before_see_nothing_of_it() {
    let store = open_on(&MemoryDisk::default());
    store.put(b"a", b"0").expect("put");
    let snapshot = store.snapshot();
    let mut iterator = store.iterator().expect("made");
    store.ingest(&[("a", "1"), ("b", "1")]).expect("ingest");
    store.compact().expect("compact");
    assert_eq!(
        store.get_at(&snapshot, b"a").expect("get"),
        Some(b"0".to_vec())
    );
    assert_eq!(store.get_at(&snapshot, b"b").expect("get"), None);
    iterator.seek_to_first().expect("moves");
    assert_eq!(iterator.entry(), Some((&b"a"[..], &b"0"[..])));
    iterator.next().expect("moves");
    assert_eq!(iterator.entry(), None);
}

#[test]
fn what_is_refused_has_not_happened() {
    let disk = MemoryDisk::default();
    let with_limits = Options {
        key_bytes_max: 4,
        value_bytes_max: 4,
        ..Options::default()
    };
    let store = Store::open_on(disk.clone(), "store", with_limits).expect("opens");
    store.put(b"k", b"v").expect("put");
    for (run, text) in [
        (
            [("b", ""), ("a", "")],
            "entry 1 of the run is not after the one before it",
        ),
        (
            [("a", ""), ("a", "")],
            "entry 1 of the run is not after the one before it",
        ),
        (
            [("a", ""), ("longer", "")],
            "a key of 6 bytes is too large: at most 4",
        ),
        (
            [("a", ""), ("b", "longer")],
            "a value of 6 bytes is too large: at most 4",
        ),
    ] {
        let error = store.ingest(&run).expect_err(text);
        assert!(error.to_string().starts_with(text), "{error}");
    }
    store.ingest::<&str, &str>(&[]).expect("nothing to be done");
    assert_eq!((store.sequence(), store.segments().len()), (1, 0));
    store.ingest(&[("k", "w")]).expect("ingest");
    drop(store);
    let reader = Store::open_read_only_on(disk, "store").expect("opens");
    let refused = reader.ingest(&[("k", "x")]);
    assert!(matches!(refused, Err(Error::ReadOnly { .. })));
    assert_eq!(contents(&reader), "k=w");
}

/// The memtable that waits for the background is older than the run.
#[test]
fn a_run_waits_for_the_memtable_that_is_being_flushed() {
    let options = Options {
        compaction: Compaction::OnCall,
        memtable_bytes: 1,
        level0_segments: 2,
        level0_slow_segments: 2,
        level0_stop_segments: 2,
        ..Options::default()
    };
    let store = Store::open_on(MemoryDisk::default(), "store", options).expect("opens");
    for round in 0..6 {
        store.put(b"a", format!("{round}").as_bytes()).expect("put");
        store.put(b"b", b"0").expect("put"); // "a" is frozen
        store.ingest(&[("a", "run")]).expect("ingest");
        assert_eq!(contents(&store), "a=run b=0");
    }
}

/// What is under test may lose the run, or have it; the specification knows no third.
#[test]
fn a_crash_at_any_step_leaves_all_of_a_run_or_nothing_and_the_store_goes_on() {
    let before = [
        "",
        "put \"b\" \"0\"\n",
        "put \"b\" \"0\" sync\ncompact\ndelete \"b\"\n",
    ];
    let keeps = [
        "",
        " keep all",
        " keep first 1",
        " keep first 2 torn 9 garbage",
        " keep only 1",
    ];
    let after = "ingest \"a\" \"3\", \"c\" \"3\"\nput \"b\" \"4\" sync\ncrash\nput \"d\" \"5\"\n\
                 reopen\nkill\nscan ..\n";
    let mut cases = 0;
    for before in before {
        for at in 0..40 {
            for keep in keeps {
                let crash = format!("crash in ingest \"a\" \"1\", \"b\" \"1\" at {at}{keep}\n");
                let text = format!("ops 1\n{before}{crash}{after}");
                let script = Script::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
                let checked = check_case(&mut Breakable::default(), &script.case);
                checked.unwrap_or_else(|divergence| panic!("{divergence}\n{text}"));
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 3 * 40 * 5);
}
