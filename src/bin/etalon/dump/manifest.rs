//! A manifest, edit by edit, and `CURRENT`, which names the one that counts.

use std::path::{Path, PathBuf};

use etalon::disk::Files;
use etalon::inspect::{self, ManifestEdit};
use etalon_spec::text::Quoted;

use super::file::tail;
use super::{Report, count, parent};
use crate::exit::Problem;
use crate::output::Output;

/// A manifest, edit by edit.
pub(super) fn manifest(path: &Path, report: &mut Report) -> Result<(), Problem> {
    report
        .out
        .line(format_args!("# manifest {}", path.display()));
    let summary = report.summary;
    let out = &mut report.out;
    let (mut edits, mut complete) = (0, Complete::default());
    let torn = inspect::manifest(&Files, path, &mut |edit| {
        edits += 1;
        complete.add(&edit);
        if !summary {
            lines(out, &edit);
        }
    })?;
    if let Some(torn) = &torn {
        report.out.line(format_args!("# torn tail: {}", tail(torn)));
        report.note(torn);
    }
    report
        .out
        .line(format_args!("# {}", count(edits, "edit", "edits")));
    complete.check(path)
}

/// Prints an edit.
fn lines(out: &mut Output, edit: &ManifestEdit) {
    out.line(format_args!("# edit at {}", edit.offset));
    if let Some(name) = &edit.comparator {
        out.line(format_args!("comparator {}", Quoted(name)));
    }
    let numbers = [
        ("log number", edit.log_number),
        ("previous log", edit.previous_log),
        ("next file", edit.next_file),
        ("last sequence", edit.last_sequence),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            out.line(format_args!("{name} {number}"));
        }
    }
    for (level, number) in &edit.removed {
        out.line(format_args!("remove {number:06} from level {level}"));
    }
    for segment in &edit.added {
        out.line(format_args!(
            "add {:06} to level {}, {} bytes, {}..={}",
            segment.number,
            segment.level,
            segment.bytes,
            Quoted(&segment.first),
            Quoted(&segment.last),
        ));
    }
}

/// What every manifest names somewhere, and whether this one did.
const NAMED: [&str; 4] = [
    "the order of keys",
    "a log number",
    "a next file number",
    "a last sequence number",
];

#[derive(Debug, Default)]
struct Complete {
    named: [bool; NAMED.len()],
}

impl Complete {
    fn add(&mut self, edit: &ManifestEdit) {
        let here = [
            edit.comparator.is_some(),
            edit.log_number.is_some(),
            edit.next_file.is_some(),
            edit.last_sequence.is_some(),
        ];
        for (named, here) in self.named.iter_mut().zip(here) {
            *named |= here;
        }
    }

    fn check(&self, path: &Path) -> Result<(), Problem> {
        let Some(missing) = self.named.iter().position(|named| !named) else {
            return Ok(());
        };
        let (path, missing) = (path.display(), NAMED[missing]);
        let what = format!("{path}: damaged at offset 0: nowhere names {missing}");
        Err(Problem::wrong(what))
    }
}

/// `CURRENT`, whose only content is a name.
pub(super) fn current(path: &Path, report: &mut Report) -> Result<(), Problem> {
    report
        .out
        .line(format_args!("# current {}", path.display()));
    let manifest = named_by_current(parent(path))?;
    report
        .out
        .line(manifest.file_name().unwrap_or_default().display());
    Ok(())
}

/// The manifest that a directory's `CURRENT` names, which must be there.
pub(super) fn named_by_current(directory: &Path) -> Result<PathBuf, Problem> {
    let manifest = inspect::current(&Files, directory)?;
    if manifest.exists() {
        return Ok(manifest);
    }
    let (current, name) = (
        directory.join("CURRENT"),
        manifest.file_name().unwrap_or_default(),
    );
    Err(Problem::wrong(format!(
        "{}: damaged at offset 0: names {}, which is not there",
        current.display(),
        name.display()
    )))
}
