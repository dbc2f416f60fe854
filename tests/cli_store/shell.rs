//! A place to run commands in, and a small store to run them on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use etalon::{Options, Store};

/// What a command did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) error: String,
}

/// A scratch directory in which commands run, so that they print relative paths.
pub(crate) struct Shell {
    scratch: tempfile::TempDir,
}

impl Shell {
    pub(crate) fn new() -> Shell {
        let scratch = tempfile::tempdir().expect("a directory");
        Shell { scratch }
    }

    /// With the store of [`fill`] in `store`.
    pub(crate) fn with_store() -> Shell {
        let shell = Shell::new();
        fill(&shell.path("store"));
        shell
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etalon"));
        command.args(arguments).current_dir(self.scratch.path());
        command
    }

    /// Runs a command; none ever panics.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().expect("runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let (out, error) = (text(output.stdout), text(output.stderr));
        assert!(!error.contains("panicked"), "{arguments:?}: {error}");
        let code = output.status.code().expect("no signal");
        Ran { code, out, error }
    }

    /// What a command that must succeed without a word beside prints.
    #[track_caller]
    pub(crate) fn prints(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!((ran.code, ran.error.as_str()), (0, ""), "{arguments:?}");
        ran.out
    }

    /// What a command that must fail says.
    #[track_caller]
    pub(crate) fn fails(&self, arguments: &[&str], code: i32) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.error);
        assert!(!ran.error.is_empty(), "{arguments:?} says nothing");
        ran.error
    }
}

/// A store with two levels, a tombstone over an older value, a manifest of several edits, and
/// three changes that are in the log alone.
pub(crate) fn fill(directory: &Path) {
    let store = Store::open(directory, Options::default()).expect("opens");
    store.put(b"apple", b"red").expect("put");
    store.put(b"plum", b"blue").expect("put");
    store.compact().expect("compact");
    store.delete(b"plum").expect("delete");
    store.put(b"a\x00b", b"\xff\n").expect("put");
    store.flush().expect("flush");
    store.put(b"kiwi", b"green").expect("put");
    store.put(b"lime", b"").expect("put");
    store.delete(b"apple").expect("delete");
    store.close().expect("close");
}

/// What a scan of that store prints after so many of the log's changes.
pub(crate) const SCANS: [&str; 4] = [
    "a\\x00b\t\\xff\\n\napple\tred\n",
    "a\\x00b\t\\xff\\n\napple\tred\nkiwi\tgreen\n",
    "a\\x00b\t\\xff\\n\napple\tred\nkiwi\tgreen\nlime\t\n",
    "a\\x00b\t\\xff\\n\nkiwi\tgreen\nlime\t\n",
];

/// Every file of a directory, with its bytes.
pub(crate) fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(directory).expect("lists");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .map(|path| (path.clone(), fs::read(path).expect("reads")))
        .collect()
}

/// The name of the newest file with this start and end.
pub(crate) fn newest(directory: &Path, start: &str, end: &str) -> String {
    let names = contents(directory).into_keys();
    let mut names: Vec<String> = names
        .map(|path| {
            path.file_name()
                .expect("a name")
                .to_str()
                .expect("text")
                .to_owned()
        })
        .filter(|name| name.starts_with(start) && name.ends_with(end))
        .collect();
    names.sort();
    names.pop().expect("one at least")
}
