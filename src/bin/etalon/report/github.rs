//! What GitHub Actions is told, when run there: an annotation for each failure, and a summary of
//! the step.

use std::env;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::Run;
use crate::exit::Problem;
use crate::show::{Format, grouped};

/// Tells it, where the environment says that this is it.
pub(super) fn tell(run: &Run<'_>, format: Format) -> Result<(), Problem> {
    if env::var_os("GITHUB_ACTIONS").is_none_or(|value| value != "true") {
        return Ok(());
    }
    for line in annotations(run) {
        match format {
            // Standard output is one JSON object; commands are read from both.
            Format::Json => eprintln!("{line}"),
            Format::Human => println!("{line}"),
        }
    }
    match env::var_os("GITHUB_STEP_SUMMARY") {
        Some(path) => append(Path::new(&path), &summary(run)),
        None => Ok(()),
    }
}

fn append(path: &Path, text: &str) -> Result<(), Problem> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Problem::failed(format!("{}: cannot write: {error}", path.display())))
}

/// One command a failure: the file that shows it, and what it shows.
fn annotations(run: &Run<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut error = |file: Option<String>, title: &str, message: &str| {
        let file = file.map_or_else(String::new, |file| format!("file={},", property(&file)));
        lines.push(format!(
            "::error {file}title={}::{}",
            property(title),
            data(message)
        ));
    };
    for (group, file) in run.groups() {
        let failed = &group.shortest;
        let title = format!(
            "{}: {}",
            run.report.store,
            failed.shrunk.divergence.class.name()
        );
        let message = format!(
            "{}\n{}\n{}",
            failed.summary(),
            failed.script.print(),
            run.replay(file)
        );
        error(Some(file.display().to_string()), &title, &message);
    }
    for known in run.known {
        if let Some(problem) = &known.problem {
            error(
                Some(known.file.clone()),
                &format!("known: {}", known.entry.id),
                problem,
            );
        }
    }
    for missing in run.missing() {
        error(None, &format!("{}: VACUOUS", run.report.store), missing);
    }
    lines
}

fn summary(run: &Run<'_>) -> String {
    let (report, tally) = (run.report, &run.report.tally);
    let mut text = format!("### etalon check: {} {}\n\n", report.store, run.verdict());
    let mut line = |content: String| {
        writeln!(text, "{content}").expect("a string takes everything");
    };
    line(format!(
        "seed {}, {} sequences, {} operations, {} replies compared, {} situations, {:.1} s\n",
        report.seed,
        grouped(tally.sequences),
        grouped(tally.operations()),
        grouped(tally.compared),
        tally.situations.iter().count(),
        report.elapsed.as_secs_f64()
    ));
    for missing in run.missing() {
        line(format!("- {missing}"));
    }
    for known in run.known {
        let problem = known
            .problem
            .as_deref()
            .unwrap_or("fails as it is known to");
        line(format!("- known: `{}`: {problem}", known.entry.id));
    }
    for (group, file) in run.groups() {
        let (shape, times) = (&group.shape, grouped(group.occurrences));
        line(format!(
            "\n`{shape}`, {times} times: {}\n",
            group.shortest.summary()
        ));
        line(format!(
            "```\n{}```\n\n`{}`",
            group.shortest.script.print(),
            run.replay(file)
        ));
    }
    text.push('\n');
    text
}

/// The message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
