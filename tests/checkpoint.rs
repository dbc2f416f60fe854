//! Checkpoints: copies that share bytes and nothing else.

use std::path::Path;

use etalon::disk::MemoryDisk;
use etalon::{Error, Options, Store};

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

fn options() -> Options {
    Options {
        level0_segments: 2,
        segment_bytes: 200,
        ..Options::default()
    }
}

/// Segments in two levels, some of them tombstones, and changes that are only in the log.
fn fill(store: &Store) {
    for round in 0..5_u8 {
        for key in 0..20_u8 {
            store.put(&[b'k', key], &[round; 20]).expect("put");
        }
        store.delete(&[b'k', round]).expect("delete");
        store.flush().expect("flush");
        if round == 2 {
            store.compact_once().expect("a step");
        }
    }
    store.put(b"in the log", b"1").expect("put");
    store.delete(&[b'k', 9]).expect("delete");
}

fn contents(store: &Store) -> Entries {
    store.scan().collect().expect("scan")
}

/// The store and its copy go on, each for itself.
fn check_independent(store: &Store, copy: &Store) {
    let then = contents(store);
    assert_eq!(contents(copy), then);
    assert_eq!(copy.sequence(), store.sequence());
    store.put(b"k", b"here").expect("put");
    store.compact().expect("compact");
    assert_eq!(
        contents(copy),
        then,
        "the original has removed its names of the files"
    );
    copy.put(b"k", b"there").expect("put");
    copy.compact().expect("compact");
    assert_eq!(store.get(b"k").expect("get"), Some(b"here".to_vec()));
    assert_eq!(copy.get(b"k").expect("get"), Some(b"there".to_vec()));
    assert_eq!(contents(store).len(), contents(copy).len());
}

#[test]
fn a_checkpoint_in_memory_is_a_store_of_its_own() {
    let disk = MemoryDisk::default();
    let store = Store::open_on(disk.clone(), "db", options()).expect("opens");
    fill(&store);
    store.checkpoint("copy").expect("checkpoint");
    let copy = Store::open_on(disk, "copy", options()).expect("opens");
    check_independent(&store, &copy);
}

#[test]
fn a_checkpoint_on_files_is_a_store_of_its_own() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let (here, there) = (scratch.path().join("db"), scratch.path().join("copy"));
    let store = Store::open(&here, options()).expect("opens");
    fill(&store);
    std::fs::create_dir(&there).expect("an empty folder is fine");
    store.checkpoint(&there).expect("checkpoint");
    let copy = Store::open(&there, options()).expect("opens");
    check_independent(&store, &copy);
}

#[test]
fn a_checkpoint_of_an_empty_store_is_one() {
    let disk = MemoryDisk::default();
    let store = Store::open_on(disk.clone(), "db", options()).expect("opens");
    store.checkpoint("copy").expect("checkpoint");
    let copy = Store::open_on(disk, "copy", options()).expect("opens");
    assert!(contents(&copy).is_empty());
}

#[test]
fn a_directory_with_files_is_refused_and_the_store_goes_on() {
    let disk = MemoryDisk::default();
    let store = Store::open_on(disk.clone(), "db", options()).expect("opens");
    fill(&store);
    for taken in ["db", "copy"] {
        store.checkpoint("copy").ok();
        let error = store.checkpoint(taken).expect_err("there are files");
        let text =
            format!("{taken}: cannot make a checkpoint in the directory: there are files in it");
        assert_eq!(error.to_string(), text);
    }
    let error = store
        .checkpoint(Path::new("no/such/parent"))
        .expect_err("no parent");
    assert!(matches!(error, Error::Io { .. }), "{error}");
    store.put(b"k", b"v").expect("the store goes on");
}

#[test]
fn a_read_only_store_makes_none() {
    let disk = MemoryDisk::default();
    Store::open_on(disk.clone(), "db", options())
        .expect("opens")
        .close()
        .expect("close");
    let reader = Store::open_read_only_on(disk, "db").expect("opens");
    assert!(matches!(
        reader.checkpoint("copy"),
        Err(Error::ReadOnly { .. })
    ));
}
