//! `etalon dump`: what is in the files of a store, verified as it is read.
//!
//! ```text
//!   PATH --> a directory      --> dump/directory.rs: the levels drawn, every file read
//!        --> a file, by name  --> dump/file.rs, dump/manifest.rs: each entry, change or edit
//! ```
//!
//! Invariants:
//! 1. No byte on disk changes, and nothing is created.
//! 2. What was read before damage is printed; the damage is said on standard error, with file
//!    and offset, and makes the exit code 1.
//! 3. Memory is bounded by the largest record or block, the index of one table, the number of
//!    files, and 64 MiB of logs, with more of which the store is not opened; not by the entries.

mod directory;
mod drawing;
mod file;
mod manifest;

use std::path::{Path, PathBuf};

use etalon::inspect::FileKind;

use crate::directory::{is_missing, lock};
use crate::exit::{Exit, Problem};
use crate::output::{Output, note};

const NOTES: &str = r"Everything is verified as it is read. Exit codes: 0 all is intact (a log's torn tail is noted);
1 a file is damaged: which, and where, is on standard error.

Examples:
  etalon dump DIR                   levels, logs, and how full they are
  etalon dump DIR/000005.ldb        every entry of a segment
  etalon dump DIR/*.log --summary   how many batches, without their changes";

/// What it takes.
#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub struct Args {
    /// Stores' directories, or files of a store: .ldb, .sst, .log, MANIFEST-*, CURRENT
    #[arg(required = true)]
    path: Vec<PathBuf>,
    /// What the files are, whatever their names say
    #[arg(long = "as", value_name = "KIND")]
    kind: Option<Kind>,
    /// Leave out entries, changes and edits; they are read and verified all the same
    #[arg(long)]
    summary: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// A segment
    Table,
    /// A write-ahead log
    Log,
    /// A manifest
    Manifest,
}

/// Where findings go.
struct Report {
    out: Output,
    /// Leave out what there may be many of.
    summary: bool,
    /// Of the first problem.
    exit: Exit,
}

impl Report {
    /// Says what is wrong, after all that was printed so far.
    fn problem(&mut self, problem: Problem) {
        self.out.flush();
        let exit = Exit::from(problem);
        if self.exit == Exit::Good {
            self.exit = exit;
        }
    }

    /// Says what is worth knowing.
    fn note(&mut self, text: impl std::fmt::Display) {
        self.out.flush();
        note(format_args!("note: {text}"));
    }
}

pub fn run(args: &Args) -> Exit {
    let mut report = Report {
        out: Output::new(),
        summary: args.summary,
        exit: Exit::Good,
    };
    for path in &args.path {
        if let Err(problem) = dump(path, args.kind, &mut report) {
            report.problem(problem);
        }
    }
    report.exit
}

fn dump(path: &Path, kind: Option<Kind>, report: &mut Report) -> Result<(), Problem> {
    if is_missing(path)? {
        return Err(Problem::usage(format!(
            "{}: no such file or directory",
            path.display()
        )));
    }
    if path.is_dir() {
        return match kind {
            None => directory::dump(path, report),
            Some(_) => Err(Problem::usage(format!(
                "{}: a directory; --as is for files",
                path.display()
            ))),
        };
    }
    let _lock = lock(parent(path))?;
    match (kind, FileKind::of(path)) {
        (Some(Kind::Table), _) | (None, FileKind::Table) => file::table(path, report),
        (Some(Kind::Log), _) | (None, FileKind::Log) => file::log(path, report),
        (Some(Kind::Manifest), _) | (None, FileKind::Manifest) => manifest::manifest(path, report),
        (None, FileKind::Current) => manifest::current(path, report),
        (None, FileKind::Other) => Err(Problem::usage(format!(
            "{}: its name does not say what it is; say it with --as table, --as log or \
             --as manifest",
            path.display()
        ))),
    }
}

/// The directory that a file is in.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// `1 entry`, `2 entries`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
