//! One fault's run under loom: the scenario named for it must fail.

use std::fmt::Write as _;
use std::process::Command;

use crate::copy::Built;
use crate::fault::Fault;

/// An interleaving in which a fault shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Race {
    /// The scenario.
    pub scenario: String,
    /// How many executions loom needed, this one included.
    pub executions: usize,
    /// What it came to: an outcome, or what loom said.
    pub shows: String,
}

impl Built {
    /// Runs one of loom's scenarios on the copy: nothing, if it passes. The error says what it did
    /// instead of passing or finding something.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn loom(&self, test: &str, fault: Option<&str>) -> Result<Option<Race>, String> {
        let mut said = String::new();
        for program in &self.scenarios {
            let mut scenarios = Command::new(program);
            scenarios.args(["--exact", test]);
            match fault {
                Some(id) => scenarios.env("ETALON_PLANTED", id),
                None => scenarios.env_remove("ETALON_PLANTED"),
            };
            let output = scenarios.output().expect("it was just built");
            let out = String::from_utf8_lossy(&output.stdout);
            if output.status.success() && out.contains("1 passed") {
                return Ok(None);
            }
            let lines = [out, String::from_utf8_lossy(&output.stderr)];
            said.extend(lines);
        }
        let race = said.lines().find_map(race);
        race.map(Some).ok_or(said)
    }
}

/// Reads `loom: flush: execution 17 fails: the outcome ...`, as tests/loom says it.
fn race(line: &str) -> Option<Race> {
    let (scenario, rest) = line.strip_prefix("loom: ")?.split_once(": execution ")?;
    let (executions, shows) = rest.split_once(" fails: ")?;
    Some(Race {
        scenario: scenario.to_owned(),
        executions: executions.parse().ok()?,
        shows: shows.to_owned(),
    })
}

const HEAD: &str = "\
# Faults between threads

Every bug below was planted in a copy of the engine, alone, and shows only in some interleaving of
threads. The scenario of `tests/loom` beside it was named for it beforehand, and found it. This file
is held against a fresh run by `cargo test -p etalon-mutants`, and written by
`ETALON_BLESS=1 cargo test -p etalon-mutants`: loom's search is deterministic, so every number is
exact.

- executions: how many interleavings loom tried until the one that fails, that one included.
- shows: what that one ended in. An outcome is what each thread read, or the report of loom.

| fault | scenario | executions | shows |
|---|---|---:|---|
";

/// The table of faults that loom finds.
pub fn loom_table(faults: &[(Fault, Race)]) -> String {
    let mut table = HEAD.to_owned();
    for (fault, race) in faults {
        let (what, scenario, executions) = (fault.what, &race.scenario, race.executions);
        let shows = race.shows.replace('|', "\\|");
        let _ = writeln!(table, "| {what} | {scenario} | {executions} | {shows} |");
    }
    table
}
