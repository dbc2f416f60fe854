//! `etalon verify`: what is damaged in a store's directory or in a file of it, where, and what to
//! do about it.

use std::path::{Path, PathBuf};

use etalon::inspect::FileKind;
use etalon::{Finding, Severity, Verification};

use crate::directory::is_missing;
use crate::dump::count;
use crate::exit::{Exit, Outcome, Problem};
use crate::output::Output;
use crate::table;

const NOTES: &str = r"Reads every byte that an answer can rest on, and changes none. Exit codes: 0 intact, maybe with
notes on what a crash has left and the next opening mends; 1 damaged.

Examples:
  etalon verify DIR               every file that the manifest names, and what it does not name
  etalon verify DIR/000005.ldb    one table";

/// What it takes.
#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub struct Args {
    /// A store's directory, or a file of one: .ldb, .sst, .log, MANIFEST-*, CURRENT
    path: PathBuf,
}

pub fn run(args: &Args) -> Outcome {
    let path = &args.path;
    if is_missing(path)? {
        let path = path.display();
        return Err(Problem::usage(format!("{path}: no such file or directory")));
    }
    if !path.is_dir() && FileKind::of(path) == FileKind::Other {
        return Err(Problem::usage(format!(
            "{}: its name does not say what it is: .ldb, .sst, .log, MANIFEST-* or CURRENT",
            path.display()
        )));
    }
    let verified = etalon::verify(path)?;
    let mut out = Output::new();
    let base = if path.is_dir() {
        path.as_path()
    } else {
        Path::new("")
    };
    let rows: Vec<[String; 5]> = verified
        .findings
        .iter()
        .map(|finding| row(finding, base))
        .collect();
    let heading = ["file", "offset", "", "finding", "what to do"];
    table::print(&mut out, heading, &rows);
    out.line(summary(&verified));
    Ok(if verified.is_intact() {
        Exit::Good
    } else {
        Exit::Wrong
    })
}

fn row(finding: &Finding, base: &Path) -> [String; 5] {
    let name = match finding.path.strip_prefix(base) {
        Ok(name) if name == Path::new("") => Path::new("."),
        Ok(name) => name,
        Err(_) => &finding.path,
    };
    let severity = match finding.severity {
        Severity::Damage => "damage",
        Severity::Note => "note",
    };
    [
        name.display().to_string(),
        finding.offset.to_string(),
        severity.into(),
        finding.what.clone(),
        finding.advice.into(),
    ]
}

fn summary(verified: &Verification) -> String {
    let damages = verified.findings.iter();
    let damages = damages.filter(|finding| finding.severity == Severity::Damage);
    let verdict = match damages.count() as u64 {
        0 => "intact".into(),
        findings => format!("damaged: {}", count(findings, "finding", "findings")),
    };
    format!(
        "{verdict}; read {} in {}, {} in {}",
        count(verified.entries, "entry", "entries"),
        count(verified.tables, "table", "tables"),
        count(verified.changes, "change", "changes"),
        count(verified.logs, "log", "logs"),
    )
}
