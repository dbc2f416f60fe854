//! What GitHub Actions is told, when run there: an annotation for each failure, and a summary of
//! the step.

use std::env;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::account::Account;
use crate::exit::Problem;
use crate::output::say;
use crate::show::{Format, grouped};

/// Tells it, where the environment says that this is it.
pub(super) fn tell(account: &Account, format: Format) -> Result<(), Problem> {
    if env::var_os("GITHUB_ACTIONS").is_none_or(|value| value != "true") {
        return Ok(());
    }
    for line in annotations(account) {
        match format {
            // Standard output is one JSON object; commands are read from both. If nobody listens
            // there, nothing can be done about it.
            Format::Json => {
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            Format::Human => say!("{line}"),
        }
    }
    match env::var_os("GITHUB_STEP_SUMMARY") {
        Some(path) => append(Path::new(&path), &summary(account)),
        None => Ok(()),
    }
}

fn append(path: &Path, text: &str) -> Result<(), Problem> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Problem::failed(format!("{}: cannot write: {error}", path.display())))
}

/// One command a failure: the file that shows it, and what it shows.
pub(super) fn annotations(account: &Account) -> Vec<String> {
    let mut lines = Vec::new();
    let mut error = |file: Option<&str>, title: &str, message: &str| {
        let file = file.map_or_else(String::new, |file| format!("file={},", property(file)));
        lines.push(format!(
            "::error {file}title={}::{}",
            property(title),
            data(message)
        ));
    };
    let store = &account.store;
    for failure in &account.failures {
        let title = format!("{store}: {}", failure.class);
        let message = format!("{}\n{}", failure.summary, failure.body());
        error(failure.file.as_deref(), &title, &message);
    }
    for known in &account.known {
        if let Some(problem) = &known.problem {
            error(Some(&known.file), &format!("known: {}", known.id), problem);
        }
    }
    for missing in &account.missing {
        error(None, &format!("{store}: VACUOUS"), missing);
    }
    lines
}

fn summary(account: &Account) -> String {
    let mut text = format!(
        "### etalon check: {} {}\n\n",
        account.store, account.verdict
    );
    let mut line = |content: String| {
        writeln!(text, "{content}").expect("a string takes everything");
    };
    line(format!("{}\n", account.explored));
    for missing in &account.missing {
        line(format!("- {missing}"));
    }
    for known in &account.known {
        let problem = known
            .problem
            .as_deref()
            .unwrap_or("fails as it is known to");
        line(format!("- known: `{}`: {problem}", known.id));
    }
    for failure in &account.failures {
        let (name, times) = (&failure.name, grouped(failure.times));
        line(format!("\n`{name}`, {times} times: {}\n", failure.summary));
        line(format!("```\n{}```", failure.text));
        if let Some(replay) = &failure.replay {
            line(format!("\n`{replay}`"));
        }
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
