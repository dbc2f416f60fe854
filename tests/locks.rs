//! A store is open once: in this process, in another one, by a writer beside readers.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use etalon::{Error, Notice, Options, Store};
use tempfile::TempDir;

/// A directory with a store of one key in it, which nobody has open.
fn closed_store() -> (TempDir, PathBuf) {
    let scratch = tempfile::tempdir().expect("a directory");
    let directory = scratch.path().join("store");
    let store = open(&directory).expect("opens");
    store.put(b"k", b"v").expect("put");
    store.close().expect("closes");
    (scratch, directory)
}

fn open(directory: &Path) -> etalon::Result<Store> {
    Store::open(directory, Options::default())
}

/// That the opening was refused, in words that name the lock file and who has it.
#[track_caller]
fn assert_locked(opened: etalon::Result<Store>, directory: &Path, holder: &str) {
    let error = opened.expect_err("it is open elsewhere");
    let Error::Locked {
        path,
        holder: known,
    } = &error
    else {
        panic!("another error: {error}");
    };
    assert_eq!(path, &directory.join("LOCK"));
    let text = error.to_string();
    assert!(known.contains(holder) && text.contains(known), "{text}");
    assert!(text.contains("LOCK: the store is open elsewhere"), "{text}");
}

fn assert_reads(store: &Store) {
    assert_eq!(store.get(b"k").expect("reads"), Some(b"v".to_vec()));
}

#[test]
fn a_second_handle_in_this_process_is_refused_until_the_first_is_gone() {
    let (_scratch, directory) = closed_store();
    let first = open(&directory).expect("opens");
    let this = "another handle in this process";
    assert_locked(open(&directory), &directory, this);
    assert_locked(Store::open_read_only(&directory), &directory, this);
    first.put(b"k", b"v").expect("undisturbed");
    drop(first);
    let second = open(&directory).expect("free again");
    assert_reads(&second);
    second.close().expect("closes");
    assert_reads(&open(&directory).expect("free after a close, too"));
}

#[test]
fn another_spelling_of_the_path_is_the_same_directory() {
    let (scratch, directory) = closed_store();
    let _first = open(&directory).expect("opens");
    let spelt = scratch.path().join(".").join("store");
    let error = open(&spelt).expect_err("it is open");
    assert!(matches!(error, Error::Locked { .. }), "{error}");
}

#[test]
fn readers_share_and_keep_writers_out() {
    let (_scratch, directory) = closed_store();
    let first = Store::open_read_only(&directory).expect("opens");
    let second = Store::open_read_only(&directory).expect("opens beside it");
    assert_eq!(second.notices(), []);
    assert_reads(&second);
    drop(second);
    let this = "another handle in this process";
    assert_locked(open(&directory), &directory, this);
    assert_reads(&first);
    drop(first);
    open(&directory).expect("free again");
}

#[test]
fn without_a_lock_file_a_reader_goes_on_and_says_so() {
    let (_scratch, directory) = closed_store();
    let lock = directory.join("LOCK");
    std::fs::remove_file(&lock).expect("it is there");
    let reader = Store::open_read_only(&directory).expect("opens");
    assert_reads(&reader);
    assert_eq!(reader.notices(), [Notice::NotLocked { path: lock.clone() }]);
    let said = reader.notices()[0].to_string();
    assert!(
        said.contains("LOCK: no such file, so nothing keeps writers out"),
        "{said}"
    );
    assert!(!lock.exists(), "a reader creates nothing");
}

/// Another process that opens a directory and holds it: this test program itself, sent into
/// [`the_other_process`]. Dropping it gives the directory back.
struct Other {
    child: Child,
}

const DIRECTORY: &str = "ETALON_LOCKS_DIRECTORY";
const WAY: &str = "ETALON_LOCKS_WAY";

impl Other {
    /// Starts it; the answer is its line, `held` or why not.
    fn start(directory: &Path, way: &str) -> (Other, String) {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "the_other_process", "--nocapture"])
            .envs([(DIRECTORY, directory.as_os_str()), (WAY, way.as_ref())])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs now");
        let mut line = String::new();
        let answers = child.stderr.take().expect("piped");
        BufReader::new(answers)
            .read_line(&mut line)
            .expect("a line");
        (Other { child }, line.trim_end().to_owned())
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It ends with its input; how, decides nothing any more.
        drop(self.child.wait());
    }
}

/// No test of its own: where no other test has started it, it has nothing to do.
#[test]
fn the_other_process() {
    let Some(directory) = std::env::var_os(DIRECTORY).map(PathBuf::from) else {
        return;
    };
    let opened = match std::env::var(WAY).as_deref() {
        Ok("read") => Store::open_read_only(&directory),
        _ => open(&directory),
    };
    let answer = match &opened {
        Ok(_) => "held".to_owned(),
        Err(error) => error.to_string(),
    };
    writeln!(std::io::stderr(), "{answer}").expect("read");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("it ends");
}

#[test]
fn a_writer_in_another_process_keeps_everyone_out_until_it_is_gone() {
    let (_scratch, directory) = closed_store();
    let (other, answer) = Other::start(&directory, "write");
    assert_eq!(answer, "held");
    // Locks of an open file do not tell whose they are.
    assert_locked(open(&directory), &directory, "another process");
    assert_locked(
        Store::open_read_only(&directory),
        &directory,
        "another process",
    );
    drop(other);
    assert_reads(&open(&directory).expect("free again"));
}

#[test]
fn a_reader_in_another_process_keeps_writers_out_and_lets_readers_in() {
    let (_scratch, directory) = closed_store();
    let (other, answer) = Other::start(&directory, "read");
    assert_eq!(answer, "held");
    assert_reads(&Store::open_read_only(&directory).expect("beside it"));
    assert_locked(open(&directory), &directory, "another process");
    drop(other);
    assert_reads(&open(&directory).expect("free again"));
}

#[test]
fn another_process_is_kept_out_and_told_why() {
    let (_scratch, directory) = closed_store();
    let store = open(&directory).expect("opens");
    for way in ["write", "read"] {
        let (_other, answer) = Other::start(&directory, way);
        let lock = directory.join("LOCK");
        let begin = format!("{}: the store is open elsewhere: held by", lock.display());
        assert!(answer.starts_with(&begin), "{answer}");
    }
    store.put(b"k", b"v").expect("undisturbed");
}

/// Locks of the process would be gone with the first handle that is closed.
#[test]
fn closing_any_handle_of_the_lock_file_leaves_the_lock_where_it_is() {
    let (_scratch, directory) = closed_store();
    let store = open(&directory).expect("opens");
    drop(std::fs::File::open(directory.join("LOCK")).expect("anybody may read it"));
    let (_other, answer) = Other::start(&directory, "write");
    assert!(answer.contains("open elsewhere"), "{answer}");
    drop(store);
}
