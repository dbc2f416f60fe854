//! What is written about a run, beside what a person is shown.
//!
//! ```text
//!   --format json        one object, of spec/report.schema.json, or with --threads of
//!                        spec/threads.schema.json, on standard output
//!   --report DIR         DIR/report.json, DIR/junit.xml, DIR/failures/*.ops
//!   on GitHub            an annotation a failure, and the step's summary
//! ```

mod account;
mod github;
mod json;
mod junit;
mod threads;

use std::path::{Path, PathBuf};

use etalon_spec::{Failed, Group, Report, Settings, Verdict};

pub use threads::ThreadRun;

use account::Account;

use crate::check::Proved;
use crate::exit::Problem;
use crate::output::note;
use crate::show::{self, Format, Subject};

/// A run that has ended, and where its failures were written.
pub struct Run<'a> {
    pub report: &'a Report,
    pub settings: &'a Settings,
    /// What was known to be wrong, as it stands today.
    pub known: &'a [Proved],
    pub subject: &'a Subject,
    /// For each group the file with its shortest case.
    pub saved: &'a [PathBuf],
}

impl Run<'_> {
    /// Stopped from outside, before anything was found.
    pub fn is_interrupted(&self) -> bool {
        self.report.interrupted && self.report.failure.is_none()
    }

    /// The verdict in a word.
    pub fn verdict(&self) -> &'static str {
        let is_known_wrong = self.known.iter().any(|known| !known.holds());
        match self.report.verdict() {
            Verdict::Fail => "FAIL",
            _ if is_known_wrong => "FAIL",
            _ if self.is_interrupted() => "INTERRUPTED",
            Verdict::Pass => "PASS",
            Verdict::Vacuous(_) => "VACUOUS",
        }
    }

    /// What the run lacks, if it is vacuous.
    pub fn missing(&self) -> &[String] {
        match self.report.verdict() {
            Verdict::Vacuous(missing) if !self.is_interrupted() => missing,
            _ => &[],
        }
    }

    /// The groups, each with its file.
    fn groups(&self) -> impl Iterator<Item = (&Group, &Path)> {
        let saved = self.saved.iter().map(PathBuf::as_path);
        self.report.groups.iter().zip(saved)
    }

    /// How to run a file again.
    fn replay(&self, file: &Path) -> String {
        format!("etalon replay {}{}", file.display(), self.subject.suffix())
    }

    /// Writes what belongs into the folder of `--report`, and what GitHub is told.
    pub fn write(&self, folder: Option<&Path>, format: Format) -> Result<(), Problem> {
        write(folder, format, &self.json(), &Account::of(self))
    }

    /// The result as one JSON object.
    pub fn json(&self) -> String {
        json::object(self)
    }
}

fn write(
    folder: Option<&Path>,
    format: Format,
    json: &str,
    account: &Account,
) -> Result<(), Problem> {
    if let Some(folder) = folder {
        show::write(&folder.join("report.json"), json.as_bytes())?;
        show::write(&folder.join("junit.xml"), junit::text(account).as_bytes())?;
    }
    github::tell(account, format)
}

/// Where failures go: into the folder of `--report`, or one of their own.
pub fn failures(folder: Option<&Path>) -> PathBuf {
    folder.map_or_else(|| PathBuf::from("etalon-out"), |dir| dir.join("failures"))
}

/// Writes the shortest case of each group, and beside it what the store said.
pub fn save(folder: Option<&Path>, report: &mut Report, subject: &Subject) -> Vec<PathBuf> {
    let folder = failures(folder);
    let seed = report.seed;
    let groups = report.groups.iter_mut();
    groups
        .map(|group| save_one(&folder, seed, &mut group.shortest, subject))
        .collect()
}

/// Writes a file beside what is printed. That it cannot be written is no reason not to print.
pub fn keep(path: &Path, bytes: &[u8]) {
    if let Err(problem) = show::write(path, bytes) {
        note(format_args!("{problem}: it is kept nowhere"));
    }
}

fn save_one(folder: &Path, seed: u64, failed: &mut Failed, subject: &Subject) -> PathBuf {
    if !subject.target.is_empty() {
        failed.script.set_note("target", &subject.target);
    }
    let path = folder.join(format!("seed-{seed}-sequence-{}.ops", failed.index));
    keep(&path, failed.script.print().as_bytes());
    if !subject.stderr.is_empty() {
        keep(&path.with_extension("stderr"), subject.stderr.as_bytes());
    }
    path
}
