//! Limits are options, each with an error of its own, and what is refused has not happened.

use etalon::disk::MemoryDisk;
use etalon::{Batch, Error, Options, Result, Store};

fn limited() -> Store {
    let options = Options {
        key_bytes_max: 8,
        value_bytes_max: 16,
        batch_bytes_max: 64,
        ..Options::default()
    };
    Store::open_on(MemoryDisk::default(), "store", options).expect("opens")
}

fn assert_refused(result: Result<()>, text: &str) {
    let error = result.expect_err(text);
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    assert_eq!(error.to_string(), text);
}

#[test]
fn what_is_too_large_is_refused_and_the_store_goes_on() {
    let store = limited();
    assert_refused(
        store.put(&[7; 9], b""),
        "a key of 9 bytes is too large: at most 8",
    );
    assert_refused(
        store.delete(&[7; 9]),
        "a key of 9 bytes is too large: at most 8",
    );
    assert_refused(
        store.put(b"k", &[7; 17]),
        "a value of 17 bytes is too large: at most 16",
    );
    let mut batch = Batch::default();
    for key in [b"a", b"b", b"c"] {
        batch.put(key, &[7; 16]);
    }
    let text = "a batch of 72 bytes is too large: at most 64";
    assert_refused(store.write(&batch), text);
    assert_eq!(store.sequence(), 0);
    assert_eq!(store.scan().collect().expect("scan"), []);
    store.put(&[7; 8], &[7; 16]).expect("just fits");
    store.close().expect("closes");
}

/// How many files below `directory` this process has open, but for the lock.
#[cfg(target_os = "linux")]
fn open_segments(directory: &std::path::Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").expect("Linux");
    let targets = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let is_segment = |path: &std::path::PathBuf| {
        path.starts_with(directory) && path.extension() == Some("ldb".as_ref())
    };
    targets.filter(is_segment).count()
}

#[cfg(target_os = "linux")]
#[test]
fn no_more_segments_stay_open_than_the_bound_says_and_all_are_read() {
    let scratch = tempfile::tempdir().expect("a directory");
    let directory = scratch.path().canonicalize().expect("there").join("store");
    let with = |most| Options {
        open_tables_max: most,
        ..Options::default()
    };
    let check = |store: &Store, open: usize| {
        assert_eq!(open_segments(&directory), open);
        for number in 0..6_u8 {
            let value = store.get(&[number]).expect("get");
            assert_eq!(value, Some(vec![number; 3]));
        }
        assert_eq!(store.scan().collect().expect("scan").len(), 6);
        assert_eq!(open_segments(&directory), open);
    };
    let store = Store::open(&directory, with(2)).expect("opens");
    for number in 0..6_u8 {
        store.put(&[number], &[number; 3]).expect("put");
        store.flush().expect("flush");
        assert_eq!(open_segments(&directory), usize::from(number + 1).min(2));
    }
    check(&store, 2);
    drop(store);
    for (most, open) in [(0, 0), (4, 4), (100, 6)] {
        let store = Store::open(&directory, with(most)).expect("opens");
        check(&store, open);
    }
    let store = Store::open(&directory, with(2)).expect("opens");
    store.compact().expect("compact");
    assert_eq!(store.segments().len(), 1);
    assert!(open_segments(&directory) <= 1, "places are free again");
    store.put(b"k", b"v").expect("put");
    store.flush().expect("flush");
    assert!((1..=2).contains(&open_segments(&directory)));
}

/// The bound is the user's, and a system that allows fewer says so when it refuses.
#[cfg(target_os = "linux")]
#[test]
fn a_bound_above_the_systems_is_named_where_a_file_cannot_be_opened() {
    let scratch = tempfile::tempdir().expect("a directory");
    let directory = scratch.path().join("store");
    let store = Store::open(&directory, Options::default()).expect("opens");
    for number in 0..30_u8 {
        store.put(&[number], b"").expect("put");
        store.flush().expect("flush");
    }
    store.close().expect("closes");
    let scan = |files: &str| {
        let mut shell = std::process::Command::new("sh");
        let limited = format!("ulimit -n {files} && exec \"$0\" scan \"$1\"");
        let etalon = env!("CARGO_BIN_EXE_etalon");
        let output = shell
            .args(["-c", &limited, etalon])
            .arg(&directory)
            .output();
        let output = output.expect("there is a shell");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    assert_eq!(scan("60").0, Some(0));
    let (code, text) = scan("20");
    assert_ne!(code, Some(0));
    assert!(text.contains("Too many open files"), "{text}");
    assert!(text.contains("lower the option open_tables_max"), "{text}");
}
