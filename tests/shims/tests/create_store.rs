//! `etalon check --create-store`: files that differ legally pass, and wrong ones fail by the rule
//! that they break, told in the course's words (`create_store/golden/`).
//!
//! `ETALON_OPERATIONS=200000` is what `.ci/run` asks of each right file; `ETALON_BLESS=1` writes
//! the golden texts anew.

mod built;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use built::etalon;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("create_store")
}

/// Runs a check of a file, and gives back the exit code and what it says.
fn check(file: &Path, report: &Path, flags: &[&str]) -> (Option<i32>, String) {
    let report = report.to_str().expect("text");
    run(file, &[&["--report", report], flags].concat())
}

fn run(file: &Path, flags: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(etalon())
        .arg("check")
        .args(flags)
        .arg("--create-store")
        .arg(file)
        .output()
        .expect("etalon runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.is_empty(), "{error}; tests/shims/install");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    (output.status.code(), said)
}

#[test]
fn right_files_that_differ_legally_pass() {
    let operations = std::env::var("ETALON_OPERATIONS").unwrap_or_else(|_| "10000".to_owned());
    let scratch = tempfile::tempdir().expect("a folder");
    let files = fs::read_dir(here().join("right")).expect("a folder");
    let files: Vec<PathBuf> = files
        .map(|file| file.expect("a file").path())
        .filter(|path| path.is_file())
        .collect();
    let count = files.len();
    // As many at once as there are cores: the child and the check take turns on one of them.
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let waiting = Mutex::new(files.iter().enumerate());
    let work = || {
        loop {
            let next = waiting.lock().expect("no panic").next();
            let Some((number, file)) = next else { return };
            let report = scratch.path().join(number.to_string());
            let (code, said) = check(file, &report, &["--ops", &operations]);
            assert_eq!(code, Some(0), "{}: {said}", file.display());
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(work);
        }
    });
    assert!(count >= 10, "{count} right files");
}

#[test]
fn a_right_file_is_caught_in_every_lie() {
    let flags = ["--sabotage", "all", "--ops", "1000"];
    let (code, said) = run(&here().join("right/map.js"), &flags);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\n7 of 7 lies found\n"), "{said}");
}

/// A wrong file: the right one, `map.js`, with something else in one place.
struct Wrong {
    name: &'static str,
    find: &'static str,
    replace: &'static str,
    /// The class and the rule, as the failure begins.
    fails: &'static str,
}

const fn wrong(
    name: &'static str,
    find: &'static str,
    replace: &'static str,
    fails: &'static str,
) -> Wrong {
    Wrong {
        name,
        find,
        replace,
        fails,
    }
}

const WRONG: [Wrong; 28] = [
    wrong(
        "tombstone-skipped",
        "const entries = [...memtable];",
        "const entries = [...memtable].filter(([, value]) => value !== null);",
        "structure, tombstone",
    ),
    wrong(
        "tombstone-undefined",
        "memtable.set(key, null);",
        "memtable.set(key, undefined);",
        "structure, tombstone",
    ),
    wrong(
        "oldest-first",
        "let i = segments.length - 1; i >= 0; i--",
        "let i = 0; i < segments.length; i++",
        "wrong answer, newest wins",
    ),
    wrong(
        "memtable-not-cleared",
        "    memtable.clear();\n",
        "",
        "structure, memtable emptied",
    ),
    wrong(
        "unsorted",
        "    entries.sort((a, b) => (a[0] < b[0] ? -1 : 1));\n    segments.push({ entries });",
        "    segments.push({ entries });",
        "structure, sorted",
    ),
    wrong(
        "sorted-as-numbers",
        "    entries.sort((a, b) => (a[0] < b[0] ? -1 : 1));\n    segments.push({ entries });",
        "    entries.sort((a, b) => a[0] - b[0] || (a[0] < b[0] ? -1 : 1));\n    segments.push({ entries });",
        "structure, sorted",
    ),
    wrong(
        "delete-only-in-memtable",
        "memtable.set(key, null);",
        "memtable.delete(key);",
        "structure, tombstone",
    ),
    wrong(
        "tombstone-falls-through",
        "if (memtable.has(key)) return",
        "if ((memtable.get(key) ?? null) !== null) return",
        "wrong answer, tombstone hides",
    ),
    wrong(
        "tombstone-in-a-segment-falls-through",
        "if (found) return found[1] ?? undefined;",
        "if (found && found[1] !== null) return found[1];",
        "wrong answer, tombstone hides",
    ),
    wrong(
        "compaction-oldest-wins",
        "merged.set(key, value);",
        "if (!merged.has(key)) merged.set(key, value);",
        "structure, newest wins",
    ),
    wrong(
        "tombstone-kept-after-compact",
        "    entries = entries.filter(([, value]) => value !== null);\n",
        "",
        "structure, no tombstone",
    ),
    wrong(
        "falsy-values-lost",
        "memtable.get(key) ?? undefined",
        "memtable.get(key) || undefined",
        "wrong answer, falsy values",
    ),
    wrong(
        "falsy-values-lost-in-a-segment",
        "found[1] ?? undefined",
        "found[1] || undefined",
        "wrong answer, falsy values",
    ),
    wrong(
        "falsy-values-lost-in-compact",
        "([, value]) => value !== null);\n    entries.sort",
        "([, value]) => value);\n    entries.sort",
        "structure, compact keeps",
    ),
    wrong(
        "plain-object",
        "if (memtable.has(key)) return memtable.get(key) ?? undefined;",
        "const plain = Object.assign({}, Object.fromEntries(memtable));\n    \
         if (key in plain) return plain[key] ?? undefined;",
        "wrong answer, absent",
    ),
    wrong(
        "last-entry-unreachable",
        "let high = entries.length - 1;",
        "let high = entries.length - 2;",
        "wrong answer, found",
    ),
    wrong(
        "search-never-ends",
        "low = middle + 1;",
        "low = middle;",
        "hung, works",
    ),
    wrong(
        "set-never-returns",
        "    memtable.set(key, value);\n    log.push",
        "    while (!memtable.has(key)) memtable.set(key + \" \", value);\n    log.push",
        "hung, works",
    ),
    wrong(
        "log-order-wrong",
        "log.push([\"set\", key, value]);",
        "log.unshift([\"set\", key, value]);",
        "structure, log order",
    ),
    wrong(
        "delete-not-logged",
        "    log.push([\"del\", key]);\n",
        "",
        "structure, log order",
    ),
    wrong(
        "replay-without-deletes",
        "    if (op === \"del\") del(key);\n",
        "",
        "structure, replay",
    ),
    wrong(
        "newest-first",
        "segments.push({ entries });\n    memtable.clear();",
        "segments.unshift({ entries });\n    memtable.clear();",
        "structure, newest last",
    ),
    wrong(
        "segment-changed",
        "    memtable.set(key, value);\n    log.push",
        "    const old = segments.length && find(segments.at(-1).entries, key);\n    \
         if (old) old[1] = value;\n    memtable.set(key, value);\n    log.push",
        "structure, immutable",
    ),
    wrong(
        "segments-left-after-compact",
        "    segments.length = 0;\n",
        "",
        "structure, one segment",
    ),
    wrong(
        "has-by-truth",
        "get(key) !== undefined;",
        "Boolean(get(key));",
        "structure, has",
    ),
    wrong(
        "duplicate-keys",
        "const entries = [...memtable];",
        "const entries = log.map(([, key]) => [key, memtable.get(key)]);",
        "structure, no duplicate key",
    ),
    wrong(
        "throws-on-absent",
        "if (found) return found[1] ?? undefined;",
        "return found[1] ?? undefined;",
        "refused, works",
    ),
    wrong(
        "segments-counted",
        "flush, compact, segments, log };",
        "flush, compact, segments: segments.length, log };",
        "structure, segments",
    ),
];

/// The failure, from its class to the program that shows it.
fn lesson(said: &str) -> &str {
    let program = said.find("the rule: ").expect("a rule");
    let from = said[..program - 1].rfind('\n').expect("a line before") + 1;
    let to = said.find("\n\nreproduces").expect("the end of it") + 1;
    &said[from..to]
}

/// How long a wrong file may take, from the start of etalon to its end.
const MOST: Duration = Duration::from_secs(5);
/// How long [`idle`] takes on a machine with nothing else to do, with room to spare.
const IDLE: Duration = Duration::from_millis(400);

/// How long a sequence takes, with the starts of etalon and Node: longer on a busy machine.
fn idle() -> Duration {
    let scratch = tempfile::tempdir().expect("a folder");
    let begun = Instant::now();
    let (code, said) = check(
        &here().join("right/map.js"),
        scratch.path(),
        &["--ops", "1"],
    );
    assert_eq!(code, Some(0), "{said}");
    begun.elapsed()
}

/// What took too long, if it did: a busy machine is granted as many times more as it is slower.
fn lateness(took: Duration, idle_before: Duration) -> Option<String> {
    if took <= MOST {
        return None;
    }
    let idle = idle_before.max(self::idle());
    let slower = (idle.as_secs_f64() / IDLE.as_secs_f64()).max(1.0);
    let too_long = took > MOST.mul_f64(slower);
    too_long.then(|| format!("took {took:.1?}, on a machine {slower:.1} times slower"))
}

/// What is not as it should be, if anything: in its answer, or in the time that it took.
fn complaint(wrong: &Wrong, right: &str) -> Option<String> {
    let Wrong {
        name, find, fails, ..
    } = wrong;
    assert_eq!(right.matches(find).count(), 1, "{name}");
    let scratch = tempfile::tempdir().expect("a folder");
    let file = scratch.path().join("createStore.js");
    fs::write(&file, right.replace(find, wrong.replace)).expect("written");
    let idle = idle();
    let begun = Instant::now();
    let (code, said) = check(&file, scratch.path(), &[]);
    if let Some(late) = lateness(begun.elapsed(), idle) {
        return Some(format!("{name}: {late}"));
    }
    if code != Some(1) {
        return Some(format!("{name}: exit code {code:?}: {said}"));
    }
    let lesson = lesson(&said);
    let golden = here().join("golden").join(format!("{name}.txt"));
    if std::env::var_os("ETALON_BLESS").is_some() {
        fs::write(&golden, lesson).expect("written");
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    let is_told = lesson.starts_with(&format!("{fails}: ")) && lesson == expected;
    (!is_told).then(|| format!("{name}: ETALON_BLESS=1 would write\n{lesson}"))
}

#[test]
fn wrong_files_fail_by_their_rule_and_say_so() {
    let right = fs::read_to_string(here().join("right/map.js")).expect("the right file");
    let complaints = WRONG.iter().filter_map(|wrong| complaint(wrong, &right));
    let complaints: Vec<String> = complaints.collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let golden = fs::read_dir(here().join("golden")).expect("a folder");
    assert_eq!(golden.count(), WRONG.len(), "one text for each");
}

/// Files that are no store, and what is said of them.
const UNUSABLE: [(&str, &str); 11] = [
    ("module.exports = 7;\n", "exports no function createStore"),
    (
        "module.exports = () => ({ get() {}, set() {} });\n",
        "the store has no function del",
    ),
    (
        "module.exports = () => {\n  const = 3;\n};\n",
        "line 2: SyntaxError: Unexpected token '='",
    ),
    (
        "export function createStore() {\n  const = 3;\n}\n",
        "line 2: SyntaxError: Unexpected token '='",
    ),
    (
        "function createStore() {}\n\nsegments.sort();\n",
        "line 3: ReferenceError: segments is not defined",
    ),
    (
        "export const createStore = () => {\n  null.set();\n};\n",
        "line 2: TypeError: Cannot read properties of null (reading 'set')",
    ),
    (
        "const memtable = require(\"./memtable\");\n",
        "line 1: Error: Cannot find module './memtable'",
    ),
    (
        "module.exports = require(\"./broken\");\n",
        "broken.js, line 2: SyntaxError: Unexpected token ')'",
    ),
    ("throw \"a text\";\n", "it threw \"a text\""),
    (
        "process.exit(3);\n",
        "loading it ends Node with exit code 3",
    ),
    (
        "while (true) {}\n",
        "loading it does not end: an endless loop, or a list that grows for ever?",
    ),
];

#[test]
fn a_file_that_is_no_store_is_said_to_be_none() {
    let scratch = tempfile::tempdir().expect("a folder");
    let is_told = |name: &str, why: &str| {
        let mut command = Command::new(etalon());
        command.args(["check", "--create-store", name]);
        let output = command.current_dir(scratch.path()).output();
        let output = output.expect("etalon runs");
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(error, format!("etalon: --create-store {name}: {why}\n"));
        assert_eq!(output.status.code(), Some(4), "{error}");
    };
    is_told("store.js", "no such file");
    is_told(".", "is a directory: name the file with createStore in it");
    fs::write(scratch.path().join("broken.js"), "// Not whole.\n);\n").expect("written");
    for (text, why) in UNUSABLE {
        fs::write(scratch.path().join("store.js"), text).expect("written");
        is_told("store.js", why);
    }
}
