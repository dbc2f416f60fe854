//! The kill table, as it stands in `KILLS.md`.

use std::fmt::Write as _;

use crate::fault::Fault;
use crate::kill::Kill;

const HEAD: &str = "\
# Kills

Every bug below was planted in a copy of the engine, alone, and found by the checker named. This
file is held against a fresh run by `cargo test -p etalon-mutants`, and written by
`ETALON_BLESS=1 cargo test -p etalon-mutants`: the runs are deterministic, so every number is exact.

- sent: operations that `etalon check --seed 1` sent until the first wrong answer.
- shrunk: from the sequence that failed to the smallest case, the operation that fails included.
  No shorter case is known to fail in that kind of operation. For the faults that every seed must
  bring to one number (`exactly` in the catalogue) it is the true minimum, at default options.
- options: those that the smallest case sets; mostly none.
- met: a public issue where somebody met the bug, or one much like it.

| fault | checker | sent | shrunk | options | met |
|---|---|---:|---|---|---|
";

/// The kill table of these faults.
pub fn table(faults: &[(Fault, Kill)]) -> String {
    let mut table = HEAD.to_owned();
    for (fault, kill) in faults {
        let (sent, path, options) = (kill.sent, ends(&kill.path), options(kill));
        let what = fault.what;
        let checker = fault.checker.name();
        let met = fault.met.map(link).unwrap_or_default();
        let line = format!("| {what} | {checker} | {sent} | {path} | {options} | {met} |");
        let _ = writeln!(table, "{}", line.replace("  ", " "));
    }
    table.push_str("\n# The smallest cases\n");
    for (fault, kill) in faults {
        let _ = write!(table, "\n## {}\n\n{}", fault.what, case(kill));
    }
    table
}

/// `100 -> 50 -> 12 -> 5` as `100 -> 5`.
fn ends(path: &str) -> String {
    let first = path.split(" -> ").next().unwrap_or_default();
    let last = path.rsplit(" -> ").next().unwrap_or_default();
    format!("{first} -> {last}")
}

/// `owner/name#7` as a link to that issue.
fn link(issue: &str) -> String {
    let place = issue.replacen('#', "/issues/", 1);
    format!("[{issue}](https://github.com/{place})")
}

fn options(kill: &Kill) -> String {
    let names: Vec<&str> = kill.options().into_iter().collect();
    names.join(", ")
}

/// The case without its notes, indented.
pub(crate) fn case(kill: &Kill) -> String {
    let text = kill.script.print();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && *line != "ops 1");
    lines.flat_map(|line| ["    ", line, "\n"]).collect()
}
