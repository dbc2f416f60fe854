//! The README is true: each of its commands is run here, and what it shows of their output is
//! compared.
//!
//! - Commands in `console` blocks run in order, in one scratch folder. `cargo run --release --`
//!   and `etalon` both stand for the program built with this test.
//! - The `ops` block is the file `failure.ops`.
//! - `cargo test`, and whatever needs more than Rust, is run by `.ci/run`, whose text must hold
//!   the very command.
//! - A search for a time is run for one second, and its counts are not compared. Times are
//!   masked everywhere.
//! - Rust blocks are documentation tests of the library (`src/lib.rs`); what other blocks and
//!   tables name is looked for in `named`.
//! - The table of interleavings is that of `tests/loom/executions.txt`, which `tests/loom` keeps.
//!
//! To write the outputs anew: `ETALON_BLESS=1 cargo test --test readme`.

mod named;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A fenced block of the README: its language, and its lines with their numbers.
struct Block<'a> {
    language: &'a str,
    lines: Vec<&'a str>,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                open = Some(Block {
                    language,
                    lines: Vec::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.lines.push(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// What a command line of the README means here.
enum Meaning {
    /// Run the program with these words.
    Program(Vec<String>),
    /// Run elsewhere: `.ci/run` must hold the text.
    Ci,
}

fn meaning(command: &str) -> Meaning {
    let words = command
        .strip_prefix("cargo run --release -- ")
        .or_else(|| command.strip_prefix("etalon "));
    match words {
        Some(words) => Meaning::Program(words.split_whitespace().map(str::to_owned).collect()),
        None => Meaning::Ci,
    }
}

fn run(words: &[String], folder: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_etalon"));
    program
        .args(words)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

/// Seconds at the end of a line differ from run to run.
fn masked(text: &str) -> String {
    let mask = |line: &str| match line
        .strip_suffix(" s")
        .and_then(|rest| rest.rsplit_once(", "))
    {
        Some((rest, time)) if time.parse::<f64>().is_ok() => format!("{rest}, # s"),
        _ => line.trim_end().to_owned(),
    };
    text.lines().map(mask).collect::<Vec<_>>().join("\n")
}

/// Runs a block's commands; returns the block as it should stand.
fn replayed(block: &Block<'_>, folder: &Path, ci: &str) -> Vec<String> {
    let mut should = Vec::new();
    for command in block
        .lines
        .iter()
        .filter_map(|line| line.strip_prefix("$ "))
    {
        should.push(format!("$ {command}"));
        match meaning(command) {
            Meaning::Ci => assert!(
                ci.lines().any(|line| line.trim() == command),
                ".ci/run does not run `{command}`"
            ),
            Meaning::Program(mut words) => {
                let timed = words.iter().position(|word| word == "--for");
                if let Some(at) = timed {
                    "1s".clone_into(&mut words[at + 1]);
                }
                let output = run(&words, folder);
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert!(
                    output.status.success(),
                    "`{command}`: {:?}\n{stderr}",
                    output.status
                );
                if timed.is_none() {
                    let text = String::from_utf8(output.stdout).expect("UTF-8");
                    should.extend(masked(&text).lines().map(str::to_owned));
                }
            }
        }
    }
    should
}

#[test]
fn every_command_of_the_readme_prints_what_it_says() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).expect("the README");
    let ci = fs::read_to_string(root().join(".ci/run")).expect(".ci/run");
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (mut edits, mut wrong, mut commands) = (Vec::new(), Vec::new(), 0);
    for block in blocks(&readme) {
        if block.language == "ops" {
            let text = block.lines.join("\n") + "\n";
            fs::write(folder.path().join("failure.ops"), text).expect("written");
        }
        if block.language != "console" {
            continue;
        }
        let should = replayed(&block, folder.path(), &ci);
        commands += should.iter().filter(|line| line.starts_with("$ ")).count();
        let is = masked(&block.lines.join("\n"));
        if is != should.join("\n") {
            let fence = |lines: &str| format!("```console\n{lines}\n```");
            edits.push((fence(&block.lines.join("\n")), fence(&should.join("\n"))));
            wrong.push(format!("is:\n{is}\nshould be:\n{}", should.join("\n")));
        }
    }
    assert!(commands >= 10, "only {commands} commands found");
    if std::env::var_os("ETALON_BLESS").is_some() {
        bless(&edits);
    } else {
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }
}

#[test]
fn links_of_the_readme_lead_somewhere() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let targets = readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let local: Vec<&str> = targets.filter(|target| !target.contains("://")).collect();
    assert!(local.len() >= 5, "only {} links found", local.len());
    for target in local {
        assert!(root().join(target).exists(), "{target}");
    }
}

/// What stands around the table of interleavings.
const TABLE: [&str; 2] = ["<!-- interleavings -->\n", "<!-- end of interleavings -->"];

/// The table, of the pinned lines `name: 2 threads, 5 operations, 19 executions, complete, ...`.
fn interleavings(pinned: &str) -> String {
    let mut table = "| scenario | threads | operations | executions | explored |\n\
                     |---|---:|---:|---:|---|\n"
        .to_owned();
    let other = |line: &&str| line.starts_with('#') || !line.ends_with("debug assertions on");
    for line in pinned.lines().filter(|line| !other(line)) {
        let (name, rest) = line.split_once(": ").expect("a name");
        let fields: Vec<&str> = rest.split(", ").collect();
        let &[threads, operations, executions, how_far, ..] = fields.as_slice() else {
            panic!("{line}");
        };
        let number = |text: &str| grouped(text.split(' ').next().unwrap_or_default());
        let numbers = [threads, operations, executions].map(number).join(" | ");
        writeln!(table, "| {name} | {numbers} | {how_far} |").expect("to a string");
    }
    table
}

/// `1234567` as `1,234,567`.
fn grouped(digits: &str) -> String {
    let first = digits.len() % 3;
    let (head, tail) = digits.split_at(first);
    let groups = tail.as_bytes().chunks(3);
    let groups = groups.map(|group| String::from_utf8_lossy(group).into_owned());
    let head = (first > 0).then(|| head.to_owned());
    head.into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

/// Writes parts of the README anew; two tests may do so at once.
fn bless(edits: &[(String, String)]) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().expect("nobody panics here");
    let path = root().join("README.md");
    let mut readme = fs::read_to_string(&path).expect("the README");
    for (old, new) in edits {
        readme = readme.replace(old, new);
    }
    fs::write(path, readme).expect("written");
}

#[test]
fn the_table_of_interleavings_is_that_of_the_pinned_numbers() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let pinned = fs::read_to_string(root().join("tests/loom/executions.txt")).expect("the numbers");
    let should = interleavings(&pinned);
    assert!(should.lines().count() > 5, "{should}");
    let (_, rest) = readme.split_once(TABLE[0]).expect("the table's begin");
    let (is, _) = rest.split_once(TABLE[1]).expect("the table's end");
    if std::env::var_os("ETALON_BLESS").is_some() {
        bless(&[(is.to_owned(), should)]);
    } else {
        assert_eq!(is, should, "ETALON_BLESS=1 cargo test --test readme");
    }
}
