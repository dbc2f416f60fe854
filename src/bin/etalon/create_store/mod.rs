//! `etalon check --create-store FILE`: a student's `createStore`, taken as it is.
//!
//! The embedded driver (`driver.js`) loads the file and looks inside the store after each change:
//! what it finds broken comes back as a rule's name. Here the rules have their words, and a
//! failure is told as the JavaScript that shows it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use etalon_spec::process::Program;
use etalon_spec::{Breach, Change, Divergence, Failed, Got, Moment, Op, Reply};

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

/// Every rule: its name, and the course's words for it. The first six are those of answers, the
/// others are reported by the driver.
const RULES: [(&str, &str); 19] = [
    (
        "tombstone hides",
        "a deleted key is gone: its tombstone hides every older value, in the memtable and in \
         every segment",
    ),
    (
        "absent",
        "a key that was never set is absent, whatever its name",
    ),
    (
        "falsy values",
        "0, false, NaN and the empty string are values like any other: only null and undefined \
         stand for nothing",
    ),
    (
        "found",
        "what was set is found until it is deleted: in the memtable, or else in the segments, \
         the last one first",
    ),
    (
        "newest wins",
        "the newest value wins: the memtable before the segments, and a newer segment before an \
         older one",
    ),
    (
        "works",
        "set, get, del, flush and compact do their work and return",
    ),
    (
        "segments",
        "segments is a list of {entries: [[key, value or null], ...]}",
    ),
    ("sorted", "the entries of a segment are sorted by key"),
    ("no duplicate key", "a segment holds a key once"),
    (
        "newest last",
        "a flush puts the new segment last, behind the older ones",
    ),
    (
        "tombstone",
        "a flush writes a deleted key as a tombstone, [key, null], so that it hides older segments",
    ),
    (
        "flush writes the memtable",
        "a flush writes everything that is in the memtable to the new segment",
    ),
    ("memtable emptied", "a flush empties the memtable"),
    ("one flush", "a flush makes one segment, or none"),
    (
        "immutable",
        "a segment never changes once it was written, until compact merges it",
    ),
    ("one segment", "compact leaves one segment, or none"),
    (
        "no tombstone",
        "compact drops tombstones: nothing older is left for them to hide",
    ),
    (
        "compact keeps",
        "compact keeps every key that is not deleted, and adds none",
    ),
    (
        "log",
        "before the first flush the log holds every set and del, in order, and a store made of it \
         is the same store",
    ),
];

/// The words for a rule.
fn words(rule: &str) -> &'static str {
    let rule = match rule {
        "log order" | "replay" => "log",
        "has" => return "has(key) says whether get(key) finds a value",
        other => other,
    };
    let found = RULES.iter().find(|(name, _)| *name == rule);
    found.map_or("", |(_, words)| words)
}

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

/// A failure as the JavaScript that shows it, and the rule that it breaks.
pub fn lesson(failed: &Failed) -> String {
    let divergence = &failed.shrunk.divergence;
    let case = &failed.shrunk.case;
    let (rule, happened) = told(divergence, &case.ops);
    let class = divergence.class.name();
    let mut text = format!(
        "{class}, {rule}: {happened}\nthe rule: {}\n\n",
        words(&rule)
    );
    text.push_str("  const store = createStore();");
    let ends_in_ops = matches!(divergence.moment, Moment::Operation(_));
    let count = match divergence.moment {
        Moment::Operation(at) | Moment::Contents(at) => at + 1,
        Moment::Create => 0,
        Moment::Close => case.ops.len(),
    };
    let mut calls: Vec<String> = case.ops[..count].iter().flat_map(calls).collect();
    if !ends_in_ops && count > 0 {
        calls.extend(self::calls(&divergence.read));
    }
    for call in calls {
        text.extend(["\n  store.", &call, ";"]);
    }
    text.extend([&remark(divergence), "\n"]);
    text
}

/// The rule that a failure breaks, and what happened, in a line.
fn told(divergence: &Divergence, ops: &[Op]) -> (String, String) {
    let asked = match divergence.moment {
        Moment::Create => None,
        _ => calls(&divergence.read).pop(),
    };
    let asked = asked.unwrap_or_else(|| "createStore()".to_owned());
    match &divergence.got {
        Got::Reply(got) => {
            let rule = rule_of_answer(divergence, ops);
            let (expected, got) = (answer(&divergence.expected), answer(got));
            (
                rule.to_owned(),
                format!("{asked}: expected {expected}, got {got}"),
            )
        }
        Got::Breach(breach) => match &**breach {
            Breach::Structure { rule, text } => (rule.clone(), format!("{asked}: {text}")),
            _ => ("works".to_owned(), divergence.to_string()),
        },
        Got::Error(text) => ("works".to_owned(), format!("{asked}: {text}")),
        Got::Silence(_) => {
            let text = format!("{asked}: no answer: an endless loop?");
            ("works".to_owned(), text)
        }
        Got::Panic { .. } => ("works".to_owned(), divergence.to_string()),
    }
}

/// Which rule a wrong answer breaks.
fn rule_of_answer(divergence: &Divergence, ops: &[Op]) -> &'static str {
    let Op::Get { key, .. } = &divergence.read else {
        return "works";
    };
    let deletes = |op: &Op| matches!(op, Op::Delete { key: deleted, .. } if deleted == key);
    match (&divergence.expected, &divergence.got) {
        (Reply::Absent, _) if ops.iter().any(deletes) => "tombstone hides",
        (Reply::Absent, _) => "absent",
        (Reply::Value(value), Got::Reply(Reply::Absent)) if is_falsy(value) => "falsy values",
        (_, Got::Reply(Reply::Absent)) => "found",
        _ => "newest wins",
    }
}

fn is_falsy(value: &[u8]) -> bool {
    VALUES.iter().any(|(plain, _)| plain.as_bytes() == value)
}

/// What stands behind the last line of the program.
fn remark(divergence: &Divergence) -> String {
    let ends = || "  // ends the program".to_owned();
    match &divergence.got {
        Got::Reply(got) => {
            let (expected, got) = (answer(&divergence.expected), answer(got));
            format!("  // expected {expected}, got {got}")
        }
        Got::Error(text) => format!("  // {text}"),
        Got::Silence(_) => "  // never returns".to_owned(),
        Got::Breach(breach) => match &**breach {
            Breach::Structure { text, .. } => format!("  // {text}"),
            _ => ends(),
        },
        Got::Panic { .. } => ends(),
    }
}

/// The calls that an operation stands for.
fn calls(op: &Op) -> Vec<String> {
    let set = |key: &[u8], value: &[u8]| format!("set({}, {})", key_literal(key), literal(value));
    let del = |key: &[u8]| format!("del({})", key_literal(key));
    let one = match op {
        Op::Get { key, .. } => format!("get({})", key_literal(key)),
        Op::Put { key, value, .. } => set(key, value),
        Op::Delete { key, .. } => del(key),
        Op::Flush => "flush()".to_owned(),
        Op::Compact => "compact()".to_owned(),
        Op::Fill(fill) => {
            let each = 0..fill.count;
            return each.map(|i| set(&fill.key(i), &fill.value(i))).collect();
        }
        Op::Write { changes, .. } => {
            let call = |change: &Change| match change.value() {
                Some(value) => set(change.key(), value),
                None => del(change.key()),
            };
            return changes.iter().map(call).collect();
        }
        _ => return Vec::new(),
    };
    vec![one]
}

fn key_literal(key: &[u8]) -> String {
    let text = latin1(key);
    let pair = KEYS
        .iter()
        .find(|(plain, awkward)| *plain == text || *awkward == text);
    match pair {
        Some((plain, awkward)) if *plain == text => quoted(awkward),
        Some((plain, _)) => quoted(plain),
        None => quoted(&text),
    }
}

fn literal(value: &[u8]) -> String {
    let text = latin1(value);
    if let Some((_, name)) = VALUES.iter().find(|(plain, _)| *plain == text) {
        return (*name).to_owned();
    }
    if text.is_empty() {
        return quoted(FOR_EMPTY);
    }
    // What the driver could not give back as a value, it describes.
    match text.strip_prefix('\0') {
        Some(described) => described.to_owned(),
        None => quoted(&text),
    }
}

fn answer(reply: &Reply) -> String {
    match reply {
        Reply::Value(value) => literal(value),
        Reply::Absent => "undefined".to_owned(),
        other => other.to_string(),
    }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
