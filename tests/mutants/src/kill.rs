//! One fault's run: found, shrunk, written down, and replayed both ways.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use etalon_spec::Script;

use crate::fault::{Checker, Fault};

/// The seed of every run; any would do, but the counts of the kill table belong to this one.
const SEED: &str = "1";

/// How long shrinking may take: so long that it ends by itself on any machine, or the kill table
/// would depend on the clock.
pub const SHRINK_LONGEST: &str = "120s";

/// A way to run the copy's command line, in a folder of its own.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The copy's `etalon`.
    pub etalon: &'a Path,
    /// Where it runs and writes its report.
    pub folder: &'a Path,
    /// The fault that is on.
    pub fault: Option<&'a str>,
}

/// A fault that was found.
#[derive(Clone, Debug)]
pub struct Kill {
    /// Operations sent until then.
    pub sent: u64,
    /// Operations from the case found to the smallest: `100 -> 12 -> 5`.
    pub path: String,
    /// The smallest case.
    pub script: Script,
    /// Where it was written.
    pub file: PathBuf,
    /// How long search, shrinking and re-runs took.
    pub took: Duration,
}

impl Run<'_> {
    /// Runs the command.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn etalon(&self, args: &[&str]) -> Output {
        let mut command = Command::new(self.etalon);
        command.args(args).current_dir(self.folder);
        match self.fault {
            Some(id) => command.env("ETALON_PLANTED", id),
            None => command.env_remove("ETALON_PLANTED"),
        };
        command
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", self.etalon.display()))
    }

    /// Lets a `check` find the fault, if it can. The error says what it did instead of finding
    /// something or passing.
    pub fn find(&self, check: &[&str], shrink_for: &str) -> Result<Option<Kill>, String> {
        let begun = Instant::now();
        let always = ["--seed", SEED, "--shrink-for", shrink_for];
        let output = self.etalon(&[check, &always].concat());
        let took = begun.elapsed();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = |what: &str| {
            let errors = String::from_utf8_lossy(&output.stderr);
            Err(format!("{what}:\n{text}\n{errors}"))
        };
        match output.status.code() {
            Some(1) => {}
            Some(0 | 2) if text.contains("PASS") || text.contains("VACUOUS") => return Ok(None),
            _ => return wrong("check neither failed nor passed"),
        }
        let after = |prefix: &str| text.lines().find_map(|line| line.strip_prefix(prefix));
        let sent = after("found after ")
            .and_then(|rest| rest.strip_suffix(" operations"))
            .and_then(|number| number.parse().ok());
        let path = after("operations: ").and_then(|rest| rest.split(" (").next());
        let (Some(sent), Some(path), Some(file)) = (sent, path, after("wrote ")) else {
            return wrong("check failed, but its report is not as expected");
        };
        if after("replay: ") != Some(&format!("etalon replay {file}")) {
            return wrong("the replay command is not the one for the file written");
        }
        let ops = fs::read(self.folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
        let script = Script::load(&ops).map_err(|error| error.in_file(file))?;
        Ok(Some(Kill {
            sent,
            path: path.to_owned(),
            script,
            file: file.into(),
            took,
        }))
    }

    /// The exit code of the replay of a kill's file.
    pub fn replay(&self, kill: &Kill) -> Option<i32> {
        let file = kill.file.to_str().expect("a name of ours");
        self.etalon(&["replay", file]).status.code()
    }
}

impl Kill {
    /// How many operations the smallest case has, the failing one included.
    pub fn operations(&self) -> usize {
        self.script.case.ops.len()
    }

    /// Names of the options that the smallest case sets.
    pub fn options(&self) -> BTreeSet<&str> {
        self.script
            .case
            .options
            .iter()
            .map(|(name, _)| name)
            .collect()
    }

    /// What keeps this from being the kill that the catalogue promises; nothing, if all is well.
    pub fn shortcomings(&self, fault: &Fault) -> Vec<String> {
        let mut short = Vec::new();
        let status = self.script.note("status").unwrap_or_default();
        if status != "reproduces 3/3, 1-minimal" {
            short.push(format!("its status is {status:?}"));
        }
        let Checker::Check {
            minimum,
            exact,
            options,
        } = fault.checker
        else {
            return short;
        };
        let operations = self.operations();
        if operations > minimum || exact && operations < minimum {
            short.push(format!(
                "shrunk to {operations} operations, and the minimum is {minimum}"
            ));
        }
        if !self.options().iter().all(|name| options.contains(name)) {
            short.push(format!(
                "shrunk with the options {:?}, where {options:?} may be needed",
                self.options()
            ));
        }
        short
    }
}
