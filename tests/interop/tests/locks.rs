//! A directory is open in one program at a time, whichever comes first. `LevelDB` in C++ locks by
//! fcntl, goleveldb by flock, and each ignores the other; etalon must heed both.

use std::path::Path;

use etalon::{Error, Options, Store};
use etalon_interop::{GoLevelDb, LevelDb, scratch};
use etalon_spec::KeyValueStore;

fn options() -> etalon_spec::Options {
    etalon_spec::Options::default()
}

/// A directory with a store of one key in it, which nobody has open.
fn store_in(scratch: &Path) -> std::path::PathBuf {
    let directory = scratch.join("store");
    let store = Store::open(&directory, Options::default()).expect("opens");
    store.put(b"k", b"v").expect("put");
    Store::close(store).expect("closes");
    directory
}

/// That both ways of opening are refused, with a text that names the lock file and has `holder`.
fn assert_locked(directory: &Path, holder: &str) {
    let refusals = [
        Store::open(directory, Options::default()),
        Store::open_read_only(directory),
    ];
    for refusal in refusals {
        let error = refusal.expect_err("another program has it");
        assert!(matches!(error, Error::Locked { .. }), "{error}");
        let text = error.to_string();
        let lock = directory.join("LOCK");
        assert!(text.starts_with(&lock.display().to_string()), "{text}");
        assert!(text.contains("the store is open elsewhere"), "{text}");
        assert!(text.contains(holder), "{text}");
    }
}

#[test]
fn while_leveldb_has_a_directory_etalon_says_which_process_has_it() {
    let scratch = scratch();
    let directory = store_in(scratch.path());
    let mut leveldb = LevelDb::start();
    leveldb
        .open(&directory, &options())
        .expect("nobody else has it");
    assert_locked(&directory, &format!("process {}", leveldb.process()));
    leveldb.put(b"k", b"leveldb").expect("undisturbed");
    leveldb.release().expect("closes");
    let store = Store::open(&directory, Options::default()).expect("free again");
    assert_eq!(store.get(b"k").expect("reads"), Some(b"leveldb".to_vec()));
}

#[test]
fn while_etalon_has_a_directory_leveldb_cannot_open_it() {
    let scratch = scratch();
    let directory = store_in(scratch.path());
    let mut leveldb = LevelDb::start();
    let store = Store::open(&directory, Options::default()).expect("opens");
    let refused = leveldb
        .open(&directory, &options())
        .expect_err("etalon has it");
    assert!(refused.to_string().contains("LOCK"), "{refused}");
    drop(store);
    let reader = Store::open_read_only(&directory).expect("opens");
    let refused = leveldb
        .open(&directory, &options())
        .expect_err("a reader has it");
    assert!(refused.to_string().contains("LOCK"), "{refused}");
    drop(reader);
    leveldb.open(&directory, &options()).expect("free again");
    assert_eq!(leveldb.get(b"k"), Ok(Some(b"v".to_vec())));
}

#[test]
fn while_goleveldb_has_a_directory_etalon_cannot_open_it() {
    let scratch = scratch();
    let goleveldb = GoLevelDb::build(scratch.path());
    let directory = store_in(scratch.path());
    let held = goleveldb.hold(&directory).expect("nobody else has it");
    assert_locked(&directory, "by flock");
    drop(held);
    let store = Store::open(&directory, Options::default()).expect("free again");
    assert_eq!(store.get(b"k").expect("reads"), Some(b"v".to_vec()));
}

#[test]
fn while_etalon_has_a_directory_goleveldb_cannot_open_it() {
    let scratch = scratch();
    let goleveldb = GoLevelDb::build(scratch.path());
    let directory = store_in(scratch.path());
    let store = Store::open(&directory, Options::default()).expect("opens");
    let refused = goleveldb.hold(&directory).expect_err("etalon has it");
    assert!(refused.contains("temporarily unavailable"), "{refused}");
    drop(store);
    let reader = Store::open_read_only(&directory).expect("opens");
    let refused = goleveldb.hold(&directory).expect_err("a reader has it");
    assert!(refused.contains("temporarily unavailable"), "{refused}");
    drop(reader);
    goleveldb.hold(&directory).expect("free again");
}
