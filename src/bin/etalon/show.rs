//! What a check looks like to a person: the live line, the closing tables, a failure.

use std::path::{Path, PathBuf};
use std::time::Duration;

use etalon_spec::{
    Case, Events, Failed, Group, Narrowing, Progress, Report, RustTest, Situation, Tally,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::exit::Problem;
use crate::output::say;
use crate::program::Lesson;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Tables, for people.
    Human,
    /// One JSON object, for programs.
    Json,
}

/// The line that moves while a check runs; nothing where nobody would see it move.
#[derive(Debug)]
pub struct Live {
    line: ProgressBar,
    budget: Option<Duration>,
}

impl Live {
    /// A live line on standard error, or none.
    pub fn new(hidden: bool, budget: Option<Duration>) -> Live {
        let line = ProgressBar::new_spinner();
        if hidden {
            line.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{spinner} {msg}");
        line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        Live { line, budget }
    }

    /// Clears the line.
    pub fn finish(&self) {
        self.line.finish_and_clear();
    }
}

impl Progress for Live {
    fn running(&mut self, tally: &Tally, elapsed: Duration) {
        let milliseconds = u64::try_from(elapsed.as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        let rate = grouped(tally.operations().saturating_mul(1000) / milliseconds);
        let reached = tally.situations.iter().count();
        let all = Situation::ALL.len();
        let of = self
            .budget
            .map(|budget| format!("/{}", budget.as_secs()))
            .unwrap_or_default();
        let sequences = grouped(tally.sequences);
        let elapsed = elapsed.as_secs();
        self.line.set_message(format!(
            "{elapsed}{of} s  {rate} operations/s  {sequences} sequences  {reached}/{all} situations"
        ));
        self.line.tick();
    }

    fn failed(&mut self, lane: &str, index: u64) {
        self.line
            .println(format!("sequence {index} fails on {lane}; shrinking"));
    }

    fn shrinking(&mut self, path: &[usize]) {
        let path: Vec<String> = path.iter().map(ToString::to_string).collect();
        self.line.set_message(path.join(" -> "));
        self.line.tick();
    }

    fn narrowed(&mut self, group: &Group, narrowing: &Narrowing) {
        let text = narrowed(group, narrowing);
        self.line.println(text);
    }
}

/// What is said when a shape of failure has come often enough.
fn narrowed(group: &Group, narrowing: &Narrowing) -> String {
    let (shape, after) = (&group.shape, narrowing.after);
    match &narrowing.need {
        Some(need) => format!(
            "after sequence {after}: nine of ten further sequences go without {need}, which \
             `{shape}` needs"
        ),
        None => format!(
            "after sequence {after}: `{shape}` needs nothing that could be left out; it may hide \
             other failures"
        ),
    }
}

/// 1234567 as 1,234,567.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What was under test, for the lines that say how to do it again.
#[derive(Debug, Default)]
pub struct Subject {
    /// As it stands on the command line, such as `-- node driver.js`; empty for the engine.
    pub target: String,
    /// Flags that belong to it, such as `--profile FILE`, each after a space.
    pub flags: String,
    /// The end of what it wrote to standard error.
    pub stderr: String,
    /// Tells a failure to a person who knows the target, not etalon.
    pub lesson: Option<Lesson>,
    /// What went wrong beside the target, so that nothing found says anything about it.
    pub fault: Option<String>,
}

impl Subject {
    /// The bare model.
    pub fn of_the_model() -> Subject {
        Subject {
            target: "--model".to_owned(),
            ..Subject::default()
        }
    }

    /// Fails if something beside the target went wrong.
    pub fn is_to_blame(&self) -> Result<(), Problem> {
        let blamed = |fault| Problem::failed(format_args!("no verdict: {fault}"));
        self.fault
            .as_ref()
            .map_or(Ok(()), |fault| Err(blamed(fault)))
    }

    /// The target behind a command and its files, after a space.
    pub fn suffix(&self) -> String {
        match self.target.as_str() {
            "" => self.flags.clone(),
            target => format!("{} {target}", self.flags),
        }
    }
}

/// Writes a file, making its folder.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, bytes))
        .map_err(|error| Problem::failed(format!("{}: cannot write: {error}", path.display())))
}

/// The closing tables, or the failures, and the verdict: FAIL, too, if `known_is_wrong`.
pub fn report(
    report: &Report,
    quiet: bool,
    saved: &[PathBuf],
    subject: &Subject,
    known_is_wrong: bool,
) {
    // A failure ends the search early: what it had not met by then means nothing.
    if !quiet && report.failure.is_none() {
        tables(report);
    }
    let kept_going = report.groups.len() > 1 || !report.narrowings.is_empty();
    for (at, group) in report.groups.iter().enumerate() {
        let saved = saved.get(at).map(PathBuf::as_path);
        if kept_going {
            say!(
                "\nshape {} of {}: {}",
                at + 1,
                report.groups.len(),
                group.shape
            );
            say!("came {} times", grouped(group.occurrences));
        }
        failure(&group.shortest, saved, subject);
    }
    for narrowing in &report.narrowings {
        say!("{}", narrowed(&report.groups[narrowing.group], narrowing));
    }
    if report.gave_up {
        say!("ended before its budget: all that failed had failed like that before");
    }
    if report.passing_hangs > 0 {
        say!(
            "hangs that did not repeat in three more runs of the same case, no failures: {}",
            report.passing_hangs
        );
    }
    if report.failure.is_some() {
        let of_all = if kept_going {
            "in all "
        } else {
            "found after "
        };
        say!("{of_all}{} operations", report.tally.operations());
    }
    verdict(report, quiet, known_is_wrong);
}

fn tables(report: &Report) {
    let tally = &report.tally;
    say!("\noperations");
    for kind in report.kinds.iter() {
        say!("  {:<14}{:>14}", kind.word(), grouped(tally.of(kind).sent));
    }
    say!("  {:<14}{:>14}", "in all", grouped(tally.operations()));
    say!("\nsituations");
    for (situation, count) in tally.situations.iter() {
        say!("  {:<58}{:>12}", situation.name(), grouped(count));
    }
    for line in &report.judgement.not_met {
        say!("  {line}");
    }
    if report.events != Events::default() {
        say!("\nlayers that answered gets");
        for (layer, count) in layers(&report.events) {
            say!("  {layer:<26}{:>14}", grouped(count));
        }
    }
    if !report.not_covered.is_empty() {
        say!("\nnot covered: {}", report.not_covered.join(", "));
    }
}

/// How often each layer answered.
pub fn layers(events: &Events) -> [(&'static str, u64); 4] {
    [
        ("memtable", events.gets_by_memtable),
        ("segments of level 0", events.gets_by_level0),
        ("deeper segments", events.gets_by_deeper),
        ("none: the key is absent", events.gets_by_none),
    ]
}

fn verdict(report: &Report, quiet: bool, known_is_wrong: bool) {
    let tally = &report.tally;
    say!();
    if known_is_wrong && report.failure.is_none() {
        say!("FAIL: what is known is not as it was");
    } else if report.interrupted && report.failure.is_none() {
        say!("interrupted: no verdict");
    } else {
        say!("{}", report.verdict());
    }
    if !report.judgement.floors {
        say!("floors: off");
    }
    if !quiet {
        say!(
            "{} sequences, {} replies compared, {} comparisons of the whole contents, {:.1} s",
            grouped(tally.sequences),
            grouped(tally.compared),
            grouped(tally.contents),
            report.elapsed.as_secs_f64()
        );
    }
}

/// A failure: what happened, the smallest case, why, and how to see it again.
pub fn failure(failed: &Failed, saved: Option<&Path>, subject: &Subject) {
    if let Some(lesson) = subject.lesson {
        say!("\n{}\n{}", lesson(failed), failed.stability());
        last_words(&subject.stderr);
        wrote(saved, subject);
        return;
    }
    let divergence = &failed.shrunk.divergence;
    say!("\n{}: {divergence}", divergence.class.name());
    let minimal = if failed.shrunk.one_minimal {
        "1-minimal: without any one of them it passes"
    } else {
        "perhaps not minimal: the time for shrinking was used up"
    };
    say!("operations: {} ({minimal})", failed.path());
    say!("{}\n\n{}", failed.stability(), failed.script.print());
    if let Some(explanation) = &failed.explanation {
        say!("{explanation}");
    }
    if subject.target.is_empty() {
        rust_test(failed);
    } else {
        last_words(&subject.stderr);
    }
    wrote(saved, subject);
}

fn wrote(saved: Option<&Path>, subject: &Subject) {
    if let Some(path) = saved {
        let suffix = subject.suffix();
        say!("wrote {}", path.display());
        say!("replay: etalon replay {}{suffix}", path.display());
    }
}

/// The last lines of a program's standard error.
fn last_words(stderr: &str) {
    const LINES: usize = 20;
    let lines: Vec<&str> = stderr.lines().collect();
    if lines.is_empty() {
        return;
    }
    say!("the last of its standard error:");
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        say!("  {}", line.escape_debug());
    }
    say!();
}

/// The expression that makes a target of the engine which takes all operations of a case.
pub fn rust_target(case: &Case) -> &'static str {
    if case.ops.iter().any(|op| op.kind().is_breakage()) {
        "etalon::crash::Breakable::default()"
    } else {
        "etalon::oracle::Memory::default()"
    }
}

fn rust_test(failed: &Failed) {
    let test = RustTest {
        name: "a_shrunk_failure",
        why: "",
        target: rust_target(&failed.script.case),
    };
    say!("as a test:\n\n{}", failed.script.to_rust(&test));
}
