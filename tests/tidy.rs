//! The measurable part of the style: what a machine can hold the sources to.
//!
//! Rules, with their reasons:
//! 1. Files and functions stay short enough to be read at one go.
//! 2. No unfinished work: `todo`, `unimplemented`, `dbg`, ignored tests.
//! 3. The deterministic parts know no clock, no random hasher, no thread and no sleep: what they
//!    do can be replayed.
//! 4. Locks, atomics and threads are named in `sync.rs` alone, or loom does not see them.
//! 5. Sources are ASCII, and no line is too long.
//! 6. Unsafe code stands in the files named here, and nowhere else.
//! 7. The arrows between the modules point one way.
//! 8. The program prints through its `output.rs`: `println` ends it where nobody reads any more.

use std::fs;
use std::path::{Path, PathBuf};

/// The longest file and the longest function, in lines.
const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;
/// The same for tests, whose tables are long and plain.
const TEST_FILE_LINES: usize = 500;
const TEST_FUNCTION_LINES: usize = 90;
/// The longest line; the formatter keeps code at 100, and leaves strings and comments alone.
const LINE_CHARACTERS: usize = 120;

/// Files that may hold unsafe code.
const UNSAFE: [&str; 8] = [
    "src/advice.rs",
    "src/codec/crc.rs",
    "src/disk/lock.rs",
    "src/memtable/nodes.rs",
    "src/store/baton.rs",
    "src/store/published.rs",
    "fuzz/src/limit.rs",
    "tests/peers/src/heed_store.rs",
];

/// Files of the specification that know clocks and threads: the campaign's outer loop, and what
/// drives another process.
const CLOCKS: [&str; 5] = [
    "spec/src/campaign/",
    "spec/src/conformance/",
    "spec/src/fuzz/",
    "spec/src/process/",
    "spec/src/resp/",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust source of the workspace: its path from the root, and its text.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["src", "spec", "tests", "fuzz"] {
        collect(&root().join(folder), &mut found);
    }
    assert!(found.len() > 80, "only {} sources found", found.len());
    found
}

fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if !["target", "corpus", "artifacts", "coverage"].contains(&name) {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).expect("below the root");
            let name = name.to_string_lossy().replace('\\', "/");
            found.push((name, fs::read_to_string(&path).expect("UTF-8")));
        }
    }
}

/// Panics with all complaints at once.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Lines that are code, with their numbers: no comments, and nothing from `mod tests {` on.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let own = text.split("\nmod tests {").next().unwrap_or(text);
    let numbered = own.lines().enumerate().map(|(at, line)| (at + 1, line));
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Complaints about lines of some files that hold a banned text.
fn banned(files: impl Fn(&str) -> bool, words: &[&str]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, text) in sources().iter().filter(|(name, _)| files(name)) {
        for (at, line) in code(text) {
            for word in words.iter().filter(|word| line.contains(**word)) {
                complaints.push(format!("{name}:{at}: {word}"));
            }
        }
    }
    complaints
}

#[test]
fn files_and_lines_and_functions_are_short() {
    let mut complaints = Vec::new();
    for (name, text) in sources() {
        let lines = text.lines().count();
        let (file_lines, function_lines) = if name.contains("tests/") {
            (TEST_FILE_LINES, TEST_FUNCTION_LINES)
        } else {
            (FILE_LINES, FUNCTION_LINES)
        };
        if lines > file_lines {
            complaints.push(format!("{name}: {lines} lines"));
        }
        let mut begun: Option<(usize, usize)> = None;
        for (at, line) in text.lines().enumerate() {
            if line.chars().count() > LINE_CHARACTERS && !name.contains("tests/") {
                complaints.push(format!("{name}:{}: too long", at + 1));
            }
            let indent = line.len() - line.trim_start().len();
            let words = line.trim_start();
            let is_function = words.starts_with("fn ") || words.contains(" fn ");
            if begun.is_none() && is_function && !words.starts_with("//") && line.ends_with('{') {
                begun = Some((at, indent));
            }
            if let Some((start, outer)) = begun
                && words == "}"
                && indent == outer
            {
                if at - start > function_lines {
                    complaints.push(format!("{name}:{}: {} lines", start + 1, at - start));
                }
                begun = None;
            }
        }
    }
    none(&complaints);
}

#[test]
fn nothing_is_unfinished_or_left_over() {
    let words = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("db", "g!("),
        concat!("#[ig", "nore"),
        concat!("FIX", "ME"),
    ];
    let mut complaints = Vec::new();
    for (name, text) in sources() {
        // In comments and in tests, too.
        for (at, line) in text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                complaints.push(format!("{name}:{}: {word}", at + 1));
            }
        }
    }
    none(&complaints);
}

#[test]
fn the_deterministic_parts_can_be_replayed() {
    let deterministic = |name: &str| {
        let engine = name.starts_with("src/") && !name.starts_with("src/bin/");
        let spec =
            name.starts_with("spec/src/") && !CLOCKS.iter().any(|part| name.starts_with(part));
        engine || spec
    };
    let words = [
        "Instant",
        "SystemTime",
        "thread::spawn",
        "RandomState",
        "HashMap::new()",
        "HashSet::new()",
    ];
    none(&banned(deterministic, &words));
    none(&banned(|_| true, &[concat!("thread::", "sleep")]));
}

#[test]
fn the_program_prints_through_one_file() {
    let program = |name: &str| name.starts_with("src/bin/");
    none(&banned(program, &["println!(", "print!("]));
}

#[test]
fn only_one_file_of_the_engine_names_locks() {
    let engine = |name: &str| {
        let is_test = name.ends_with("/tests.rs");
        let is_named = name.starts_with("src/bin/") || name.starts_with("src/sync");
        name.starts_with("src/") && !is_named && !is_test
    };
    none(&banned(
        engine,
        &["std::sync", " loom::", "(loom::", "std::thread"],
    ));
}

#[test]
fn sources_are_ascii() {
    let mut complaints = Vec::new();
    for (name, text) in sources() {
        for (at, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.is_ascii())
        {
            complaints.push(format!("{name}:{}: {}", at + 1, line.trim()));
        }
    }
    none(&complaints);
}

#[test]
fn unsafe_code_stands_where_it_is_expected() {
    let elsewhere = |name: &str| !UNSAFE.contains(&name);
    none(&banned(
        elsewhere,
        &[
            concat!("unsa", "fe {"),
            concat!("unsa", "fe fn"),
            concat!("unsa", "fe impl"),
        ],
    ));
}

/// What each module of the engine may name of the others, from `lib.rs`'s drawing.
#[test]
fn the_arrows_between_modules_point_one_way() {
    let above_all = ["store", "oracle", "inspect", "verify", "repair"];
    let middle = ["compaction", "manifest", "memtable", "sstable", "log"];
    let mut complaints = Vec::new();
    for (name, text) in sources()
        .iter()
        .filter(|(name, _)| name.starts_with("src/"))
    {
        let inner = name.trim_start_matches("src/");
        let module = inner.split(['/', '.']).next().unwrap_or_default();
        let is_bottom =
            ["advice", "codec", "key", "disk", "sync", "error", "cursor"].contains(&module);
        for (at, line) in code(text) {
            let names = |other: &&str| line.contains(&format!("crate::{other}::"));
            let upward = (middle.contains(&module) && above_all.iter().any(names))
                || (is_bottom && above_all.iter().chain(&middle).any(names));
            if upward {
                complaints.push(format!("{name}:{at}: {}", line.trim()));
            }
        }
    }
    none(&complaints);
}
