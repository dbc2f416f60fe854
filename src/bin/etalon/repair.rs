//! `etalon repair`: what can be saved of a damaged store, in a new one.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use etalon::disk::{Disk, Files};
use etalon::{Remark, Repair};

use crate::directory::{is_directory, is_missing};
use crate::dump::count;
use crate::exit::{Exit, Outcome, Problem};
use crate::output::Output;
use crate::table;

const NOTES: &str = r"Changes nothing in DIR. Of each key the newest change counts among all that can be
read; where that is lost, an older one comes back. Exit codes: 0 everything is saved; 1 something is
lost or suspect, and the table says what; the new store is there in both cases.

Example:
  etalon repair DIR --to NEW && mv DIR DIR.damaged && mv NEW DIR";

/// What it takes.
#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub struct Args {
    /// The damaged store's directory
    dir: PathBuf,
    /// Where the new store goes: a directory that is empty or not there
    #[arg(long, value_name = "NEW")]
    to: PathBuf,
}

pub fn run(args: &Args) -> Outcome {
    is_directory(&args.dir)?;
    check_target(&args.dir, &args.to)?;
    let repair = etalon::repair(&args.dir, &args.to)?;
    let mut out = Output::new();
    let rows: Vec<[String; 4]> = repair
        .remarks
        .iter()
        .map(|remark| row(remark, &args.dir))
        .collect();
    table::print(&mut out, ["file", "offset", "fate", "what"], &rows);
    out.line(summary(&repair));
    Ok(if repair.is_complete() {
        Exit::Good
    } else {
        Exit::Wrong
    })
}

/// Refuses a place that is taken, or inside the damaged store, whatever it is called.
fn check_target(from: &Path, to: &Path) -> Result<(), Problem> {
    let refused = |what: &str| Err(Problem::usage(format!("{}: {what}", to.display())));
    if !is_missing(to)? && !Files.list(to).is_ok_and(|names| names.is_empty()) {
        return refused("not an empty directory; name one that is not there yet");
    }
    let parent = to.parent().filter(|parent| *parent != Path::new(""));
    let parent = parent.unwrap_or(Path::new("."));
    match (parent.canonicalize(), from.canonicalize()) {
        (Ok(parent), Ok(from)) if parent.starts_with(&from) => {
            refused("inside the damaged store; name a place beside it")
        }
        (Err(error), _) if error.kind() == ErrorKind::NotFound => {
            refused("its parent directory does not exist")
        }
        _ => Ok(()),
    }
}

fn row(remark: &Remark, base: &Path) -> [String; 4] {
    let name = remark.path.strip_prefix(base).unwrap_or(&remark.path);
    [
        name.display().to_string(),
        remark.offset.to_string(),
        remark.fate.to_string(),
        remark.what.clone(),
    ]
}

fn summary(repair: &Repair) -> String {
    let verdict = if repair.is_complete() {
        "everything is saved"
    } else {
        "saved in part"
    };
    format!(
        "{verdict}: {} in {}, {} bytes, up to change {}",
        count(repair.keys, "key", "keys"),
        count(repair.tables, "table", "tables"),
        repair.bytes,
        repair.last_sequence
    )
}
