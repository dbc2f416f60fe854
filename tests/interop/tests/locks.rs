//! A directory is open in one program at a time, whichever comes first. Some lock by fcntl, some by
//! flock, and each kind ignores the other; etalon must heed both.

use std::path::Path;

use etalon::{Error, Options, Store};
use etalon_interop::{
    CLASSIC_LEVEL, Foreign, GOLEVELDB, JAVA_LEVELDB, Lock, PLYVEL, Program, RUSTY_LEVELDB, built,
    scratch,
};
use etalon_spec::{Failure, KeyValueStore};

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

/// Whichever comes first, the other is refused until the first has let go.
fn excludes_etalon_and_is_excluded(program: Program) {
    let scratch = scratch();
    let directory = store_in(scratch.path());
    let mut other = Foreign::start(program, &built!());
    let opened = other.open(&directory, &options());
    opened.expect("nobody else has it");
    match program.lock {
        Lock::Fcntl => assert_locked(&directory, &format!("process {}", other.process())),
        Lock::Flock => assert_locked(&directory, "by flock"),
    }
    other.put(b"k", b"undisturbed").expect("undisturbed");
    other.release().expect("closes");

    let store = Store::open(&directory, Options::default()).expect("free again");
    let value = store.get(b"k").expect("reads");
    assert_eq!(value, Some(b"undisturbed".to_vec()));
    let refused = other.open(&directory, &options());
    assert_refused(&program, &refused.expect_err("etalon has it"));
    drop(store);

    let reader = Store::open_read_only(&directory).expect("opens");
    let refused = other.open(&directory, &options());
    assert_refused(&program, &refused.expect_err("a reader has it"));
    drop(reader);
    let opened = other.open(&directory, &options());
    opened.expect("free again");
    assert_eq!(other.get(b"k"), Ok(Some(b"undisturbed".to_vec())));
}

/// That the reason is the lock, in each program's own words.
fn assert_refused(program: &Program, refusal: &Failure) {
    let text = refusal.to_string().to_lowercase();
    let about_the_lock = ["lock", "temporarily unavailable"]
        .iter()
        .any(|words| text.contains(words));
    assert!(about_the_lock, "{}: {text}", program.name);
}

#[test]
fn plyvel_excludes_etalon_and_is_excluded() {
    excludes_etalon_and_is_excluded(PLYVEL);
}

#[test]
fn classic_level_excludes_etalon_and_is_excluded() {
    excludes_etalon_and_is_excluded(CLASSIC_LEVEL);
}

#[test]
fn goleveldb_excludes_etalon_and_is_excluded() {
    excludes_etalon_and_is_excluded(GOLEVELDB);
}

#[test]
fn java_leveldb_excludes_etalon_and_is_excluded() {
    excludes_etalon_and_is_excluded(JAVA_LEVELDB);
}

#[test]
fn rusty_leveldb_excludes_etalon_and_is_excluded() {
    excludes_etalon_and_is_excluded(RUSTY_LEVELDB);
}
