//! `etalon check --create-store FILE`: a student's `createStore`, taken as it is.
//!
//! ```text
//!   etalon --stdin--> driver.js --calls--> createStore()      what it prints goes to stderr
//!      '----stdout-- answers, broken rules by their names
//!      '----stderr-- why the file cannot be used, as the last words
//! ```
//!
//! The embedded driver (`driver.js`) loads the file and looks inside the store after each change.
//! Short plain keys and values stand for awkward ones: both sides know which. A failure is told in
//! the course's words (`lesson`).

mod lesson;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use etalon_spec::process::Program;

pub use lesson::lesson;

use crate::exit::Problem;

const DRIVER: &str = include_str!("driver.js");

/// How long one call may take, unless the command line says otherwise. Shrinking an endless loop
/// waits as long about ten times, and a student should not wait for more than a few seconds.
const TIMEOUT: Duration = Duration::from_millis(250);

/// What the driver's last words begin with, where it cannot use the file.
const UNUSABLE: &str = "etalon cannot use it: ";

/// Keys that a plain object trips over stand for short ones, and the other way round, so that the
/// search comes upon them.
const KEYS: [(&str, &str); 6] = [
    ("d", "__proto__"),
    ("e", "constructor"),
    ("f", "toString"),
    ("g", "10"),
    ("h", "9"),
    ("i", "hasOwnProperty"),
];

/// Values that are falsy, and the short strings that stand for them. What stands for the empty
/// string is stood for by the empty one: every failure is shrunk to that, and falsy values should
/// be left where they matter only.
const VALUES: [(&str, &str); 4] = [
    (FOR_EMPTY, "\"\""),
    ("3", "0"),
    ("4", "false"),
    ("5", "NaN"),
];
const FOR_EMPTY: &str = "2";

/// Starts the driver on a file; it is written into `folder`.
pub fn start(file: &Path, folder: &Path) -> Result<Program, Problem> {
    let unusable = |why: &str| Problem::usage(format!("--create-store {}: {why}", file.display()));
    if file.is_dir() {
        return Err(unusable(
            "is a directory: name the file with createStore in it",
        ));
    }
    if !file.is_file() {
        return Err(unusable("no such file"));
    }
    let driver = folder.join("driver.js");
    std::fs::write(&driver, DRIVER)
        .map_err(|error| Problem::failed(format!("{}: {error}", driver.display())))?;
    let names = serde_json::json!({ "keys": KEYS, "values": VALUES }).to_string();
    let paths = [&driver, file].map(|path| path.display().to_string());
    let [driver, file] = paths;
    let command = ["node".to_owned(), driver, file, names];
    let started = Program::start(&command, folder);
    let program = started.map_err(|error| match reason(&error.stderr) {
        Some(why) => unusable(why),
        None => unloadable(&unusable),
    })?;
    Ok(program.with_timeout(TIMEOUT))
}

/// Why the driver says that it cannot use the file: behind everything that the file printed.
fn reason(stderr: &str) -> Option<&str> {
    let mut lines = stderr.lines().rev();
    lines.find_map(|line| line.strip_prefix(UNUSABLE))
}

/// The driver neither greeted nor said why: it was not started, or the file never gave it back
/// the word.
fn unloadable(unusable: &impl Fn(&str) -> Problem) -> Problem {
    let node = Command::new("node").arg("--version").output();
    match node {
        Ok(output) if output.status.success() => {
            unusable("loading it does not end: an endless loop, or a list that grows for ever?")
        }
        Ok(output) => Problem::failed(format!(
            "--create-store needs Node: `node --version`: {}",
            output.status
        )),
        Err(error) => Problem::failed(format!(
            "--create-store needs Node: cannot start `node`: {error}"
        )),
    }
}
