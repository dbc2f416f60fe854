//! What a check looks like to a person: the live line, the closing tables, a failure.

use std::path::{Path, PathBuf};
use std::time::Duration;

use etalon_spec::{Events, Failed, Progress, Report, RustTest, Situation, Tally, Verdict};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::exit::Problem;
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
}

impl Subject {
    /// The target behind a command and its files, after a space.
    pub fn suffix(&self) -> String {
        match self.target.as_str() {
            "" => self.flags.clone(),
            target => format!("{} {target}", self.flags),
        }
    }
}

/// Writes the failing case into the report folder, and beside it what the store said.
pub fn save(
    folder: &Path,
    seed: u64,
    failed: &mut Failed,
    subject: &Subject,
) -> Result<PathBuf, Problem> {
    if !subject.target.is_empty() {
        failed.script.set_note("target", &subject.target);
    }
    let path = folder.join(format!("seed-{seed}-sequence-{}.ops", failed.index));
    write(&path, failed.script.print().as_bytes())?;
    if !subject.stderr.is_empty() {
        write(&path.with_extension("stderr"), subject.stderr.as_bytes())?;
    }
    Ok(path)
}

/// Writes a file, making its folder.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, bytes))
        .map_err(|error| Problem::failed(format!("{}: cannot write: {error}", path.display())))
}

/// The closing tables, or the failure, and the verdict.
pub fn report(report: &Report, quiet: bool, saved: Option<&Path>, subject: &Subject) {
    // A failure ends the search early: what it had not met by then means nothing.
    if !quiet && report.failure.is_none() {
        tables(report);
    }
    if let Some(failed) = &report.failure {
        failure(failed, saved, subject);
        println!("found after {} operations", report.tally.operations());
    }
    verdict(report, quiet);
}

fn tables(report: &Report) {
    let tally = &report.tally;
    println!("\noperations");
    for kind in report.kinds.iter() {
        println!("  {:<14}{:>14}", kind.word(), grouped(tally.of(kind).sent));
    }
    println!("  {:<14}{:>14}", "in all", grouped(tally.operations()));
    println!("\nsituations");
    for (situation, count) in tally.situations.iter() {
        println!("  {:<58}{:>12}", situation.name(), grouped(count));
    }
    for line in &report.judgement.not_met {
        println!("  {line}");
    }
    if report.events != Events::default() {
        println!("\nlayers that answered gets");
        for (layer, count) in layers(&report.events) {
            println!("  {layer:<26}{:>14}", grouped(count));
        }
    }
    if !report.not_covered.is_empty() {
        println!("\nnot covered: {}", report.not_covered.join(", "));
    }
}

fn layers(events: &Events) -> [(&'static str, u64); 4] {
    [
        ("memtable", events.gets_by_memtable),
        ("segments of level 0", events.gets_by_level0),
        ("deeper segments", events.gets_by_deeper),
        ("none: the key is absent", events.gets_by_none),
    ]
}

fn verdict(report: &Report, quiet: bool) {
    let tally = &report.tally;
    println!();
    if report.interrupted && report.failure.is_none() {
        println!("interrupted: no verdict");
    } else {
        println!("{}", report.verdict());
    }
    if !report.judgement.floors {
        println!("floors: off");
    }
    if !quiet {
        println!(
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
        println!("\n{}\n{}", lesson(failed), failed.stability());
        last_words(&subject.stderr);
        wrote(saved, subject);
        return;
    }
    let divergence = &failed.shrunk.divergence;
    println!("\n{}: {divergence}", divergence.class.name());
    let minimal = if failed.shrunk.one_minimal {
        "1-minimal: without any one of them it passes"
    } else {
        "perhaps not minimal: the time for shrinking was used up"
    };
    println!("operations: {} ({minimal})", failed.path());
    println!("{}\n\n{}", failed.stability(), failed.script.print());
    if let Some(explanation) = &failed.explanation {
        println!("{explanation}");
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
        println!("wrote {}", path.display());
        println!("replay: etalon replay {}{suffix}", path.display());
    }
}

/// The last lines of a program's standard error.
fn last_words(stderr: &str) {
    const LINES: usize = 20;
    let lines: Vec<&str> = stderr.lines().collect();
    if lines.is_empty() {
        return;
    }
    println!("the last of its standard error:");
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        println!("  {}", line.escape_debug());
    }
    println!();
}

fn rust_test(failed: &Failed) {
    let ops = &failed.script.case.ops;
    let breaks = ops.iter().any(|op| op.kind().is_breakage());
    let test = RustTest {
        name: "a_shrunk_failure",
        why: "",
        target: if breaks {
            "etalon::crash::Breakable::default()"
        } else {
            "etalon::oracle::Memory::default()"
        },
    };
    println!("as a test:\n\n{}", failed.script.to_rust(&test));
}

/// The result as one JSON object.
pub fn json(report: &Report, saved: Option<&Path>, subject: &Subject) -> String {
    let tally = &report.tally;
    let verdict = match report.verdict() {
        _ if report.interrupted && report.failure.is_none() => "INTERRUPTED",
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Vacuous(_) => "VACUOUS",
    };
    let missing = match report.verdict() {
        Verdict::Vacuous(missing) => missing.clone(),
        Verdict::Pass | Verdict::Fail => Vec::new(),
    };
    let sent: serde_json::Map<_, _> = report
        .kinds
        .iter()
        .map(|kind| (kind.word().to_owned(), tally.of(kind).sent.into()))
        .collect();
    let situations: serde_json::Map<_, _> = tally
        .situations
        .iter()
        .map(|(situation, count)| (situation.name().to_owned(), count.into()))
        .collect();
    let layers: serde_json::Map<_, _> = layers(&report.events)
        .into_iter()
        .map(|(name, n)| (name.to_owned(), n.into()))
        .collect();
    let failure = report.failure.as_ref().map(|failed| {
        json!({
            "class": failed.shrunk.divergence.class.name(),
            "lesson": subject.lesson.map(|lesson| lesson(failed)),
            "summary": failed.summary(),
            "sequence": failed.index,
            "lane": failed.lane,
            "path": failed.shrunk.path,
            "one_minimal": failed.shrunk.one_minimal,
            "reproduced": failed.reproduced,
            "ops": failed.script.print(),
            "file": saved.map(|path| path.display().to_string()),
            "stderr": subject.stderr,
        })
    });
    json!({
        "verdict": verdict,
        "missing": missing,
        "store": report.store,
        "seed": report.seed,
        "sequences": tally.sequences,
        "operations": tally.operations(),
        "compared": tally.compared,
        "contents": tally.contents,
        "sent": sent,
        "situations": situations,
        "not_met": report.judgement.not_met,
        "not_covered": report.not_covered,
        "layers": layers,
        "seconds": report.elapsed.as_secs_f64(),
        "failure": failure,
    })
    .to_string()
}
