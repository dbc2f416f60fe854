//! A segment or a log, line by line: entries and changes as they stand in `.ops` files, with
//! sequence numbers and offsets as comments.

use std::path::Path;

use etalon::disk::Files;
use etalon::inspect::{self, LogBatch};
use etalon::{Notice, SegmentEntry};
use etalon_spec::text::Quoted;

use super::{Report, count};
use crate::exit::Problem;
use crate::output::Output;

/// A segment: its entries, then how it is laid out, which is only known to be right at the end.
pub(super) fn table(path: &Path, report: &mut Report) -> Result<(), Problem> {
    let out = &mut report.out;
    out.line(format_args!("# table {}", path.display()));
    let outline = inspect::table(&Files, path, &mut |entry| {
        if !report.summary {
            change(out, &entry, true);
        }
    })?;
    for (offset, size, key) in &outline.blocks {
        // The index has internal keys: the last eight bytes are sequence number and kind.
        let key = Quoted(&key[..key.len().saturating_sub(8)]);
        out.line(format_args!(
            "# block at {offset}, {size} bytes, up to {key}"
        ));
    }
    for name in &outline.metaindex {
        out.line(format_args!("# metaindex names {}", Quoted(name)));
    }
    match outline.filter_bytes {
        Some(bytes) => out.line(format_args!("# filter of {bytes} bytes")),
        None => out.line("# no filter"),
    }
    out.line(format_args!(
        "# {} ({}), {}, {} bytes",
        count(outline.entries, "entry", "entries"),
        count(outline.tombstones, "tombstone", "tombstones"),
        count(outline.blocks.len() as u64, "block", "blocks"),
        outline.bytes,
    ));
    Ok(())
}

/// An entry of a segment, or a change of a log's batch, which needs no sequence number of its own.
fn change(out: &mut Output, entry: &SegmentEntry, with_sequence: bool) {
    let key = Quoted(&entry.key);
    let sequence = if with_sequence {
        format!("  # sequence {}", entry.sequence)
    } else {
        String::new()
    };
    match &entry.value {
        Some(value) => out.line(format_args!("put {key} {}{sequence}", Quoted(value))),
        None => out.line(format_args!("delete {key}{sequence}")),
    }
}

/// A write-ahead log, batch by batch.
pub(super) fn log(path: &Path, report: &mut Report) -> Result<(), Problem> {
    report.out.line(format_args!("# log {}", path.display()));
    let summary = report.summary;
    let out = &mut report.out;
    let totals = read_log(path, &mut |batch| {
        if !summary {
            let (at, changes) = (batch.offset, batch.changes.len() as u64);
            match batch.changes.first() {
                Some(SegmentEntry { sequence, .. }) => {
                    let changes = count(changes, "change", "changes");
                    out.line(format_args!(
                        "# batch at {at}: {changes}, sequence {sequence} on"
                    ));
                }
                None => out.line(format_args!(
                    "# mark at {at}: what is before it was durable"
                )),
            }
            batch
                .changes
                .iter()
                .for_each(|entry| change(out, entry, false));
        }
    })?;
    if let Some(torn) = &totals.torn {
        report.out.line(format_args!("# torn tail: {}", tail(torn)));
        report.note(torn);
    }
    report.out.line(format_args!("# {}", totals.counts()));
    Ok(())
}

/// What a log holds, in numbers.
#[derive(Debug, Default)]
pub(super) struct LogTotals {
    batches: u64,
    changes: u64,
    /// The first and last sequence number.
    sequences: Option<(u64, u64)>,
    pub(super) torn: Option<Notice>,
}

impl LogTotals {
    /// As words.
    pub(super) fn counts(&self) -> String {
        let batches = count(self.batches, "batch", "batches");
        let changes = count(self.changes, "change", "changes");
        match self.sequences {
            Some((first, last)) => format!("{batches}, {changes}, sequence {first} to {last}"),
            None => format!("{batches}, {changes}"),
        }
    }
}

/// Reads a log to its end. A bad record that good ones follow is damage, not a torn tail.
pub(super) fn read_log(
    path: &Path,
    visit: &mut dyn FnMut(&LogBatch),
) -> Result<LogTotals, Problem> {
    let mut totals = LogTotals::default();
    totals.torn = inspect::log(&Files, path, &mut |batch| {
        totals.batches += u64::from(!batch.changes.is_empty());
        totals.changes += batch.changes.len() as u64;
        for entry in &batch.changes {
            let (_, last) = totals
                .sequences
                .get_or_insert((entry.sequence, entry.sequence));
            *last = entry.sequence;
        }
        visit(&batch);
    })?;
    if totals.torn.is_some() {
        inspect::torn_tail(&Files, path)?;
    }
    Ok(totals)
}

/// Where a torn tail is, without its file's name.
pub(super) fn tail(notice: &Notice) -> String {
    match notice {
        Notice::TornTail {
            offset,
            bytes,
            what,
            ..
        } => {
            format!(
                "{} from offset {offset} on: {what}",
                count(*bytes, "byte", "bytes")
            )
        }
        other => other.to_string(),
    }
}
