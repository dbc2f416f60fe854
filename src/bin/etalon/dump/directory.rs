//! A store's directory: which manifest counts, the levels that it draws up, the logs, the rest.
//! Every file that counts is read to its end, and then the store is opened read-only, for the
//! rules that concern several files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use etalon::Store;
use etalon::disk::Files;
use etalon::inspect::{self, AddedSegment, FileKind, ManifestEdit};
use etalon_spec::text::{Escaped, Quoted};

use super::drawing::Scale;
use super::file::{read_log, tail};
use super::manifest::named_by_current;
use super::{Report, count};
use crate::directory::{list, lock};
use crate::exit::{Exit, Problem};
use crate::output::Output;

/// Keys longer than this are shortened: this is an overview.
const KEY_SHOWN: usize = 32;

/// The most bytes of logs that are replayed.
const REPLAYED_BYTES: u64 = 64 << 20;

/// What the manifest says, as far as it could be read.
#[derive(Debug, Default)]
struct Picture {
    edits: u64,
    log_number: u64,
    previous_log: u64,
    next_file: u64,
    last_sequence: u64,
    /// By level and number.
    segments: BTreeMap<(usize, u64), AddedSegment>,
}

impl Picture {
    fn apply(&mut self, edit: ManifestEdit) {
        self.edits += 1;
        self.log_number = edit.log_number.unwrap_or(self.log_number);
        self.previous_log = edit.previous_log.unwrap_or(self.previous_log);
        self.next_file = edit.next_file.unwrap_or(self.next_file);
        self.last_sequence = edit.last_sequence.unwrap_or(self.last_sequence);
        for (level, number) in edit.removed {
            self.segments.remove(&(level, number));
        }
        for segment in edit.added {
            self.segments
                .insert((segment.level, segment.number), segment);
        }
    }

    fn is_live_log(&self, name: &str) -> bool {
        FileKind::of(name.as_ref()) == FileKind::Log
            && number(name).is_some_and(|n| n >= self.log_number || n == self.previous_log)
    }
}

pub(super) fn dump(directory: &Path, report: &mut Report) -> Result<(), Problem> {
    let before = std::mem::replace(&mut report.exit, Exit::Good);
    let _lock = lock(directory)?;
    let names = list(directory)?;
    report
        .out
        .line(format_args!("# store {}", directory.display()));
    if names.iter().any(|name| name == "CURRENT") {
        draw(directory, &names, report);
    }
    if report.exit == Exit::Good {
        open(directory, &names, report);
    }
    if before != Exit::Good {
        report.exit = before;
    }
    Ok(())
}

/// Opens the store, for what it refuses; also says what it means if there is no `CURRENT`.
/// Opening replays the logs in memory: see invariant 3 of the module above.
fn open(directory: &Path, names: &[String], report: &mut Report) {
    let logs = names
        .iter()
        .filter(|name| FileKind::of(name.as_ref()) == FileKind::Log);
    let bytes: u64 = logs.filter_map(|name| size(directory, name)).sum();
    if bytes > REPLAYED_BYTES {
        return report.note(format_args!(
            "{}: the logs hold {bytes} bytes, so the store was not opened",
            directory.display()
        ));
    }
    match Store::open_read_only(directory) {
        Ok(store) => store
            .notices()
            .iter()
            .for_each(|notice| report.note(notice)),
        Err(error) => report.problem(error.into()),
    }
}

/// Prints the directory, newest data first: in the order in which a get asks.
fn draw(directory: &Path, names: &[String], report: &mut Report) {
    let manifest = match named_by_current(directory) {
        Ok(path) => path,
        Err(problem) => {
            rest(directory, names, &|_| false, report);
            return report.problem(problem);
        }
    };
    let picture = read_manifest(&manifest, report);
    logs(directory, names, &picture, report);
    let tables = levels(directory, names, &picture, report);
    let is_shown = |name: &str| {
        name == "CURRENT"
            || manifest.ends_with(name)
            || picture.is_live_log(name)
            || tables.iter().any(|table| table == name)
    };
    rest(directory, names, &is_shown, report);
}

/// The files that are not shown elsewhere.
fn rest(directory: &Path, names: &[String], is_shown: &dyn Fn(&str) -> bool, report: &mut Report) {
    let others: Vec<&String> = names.iter().filter(|name| !is_shown(name)).collect();
    if !others.is_empty() {
        report.out.line("other files");
    }
    for name in others {
        row(&mut report.out, name, size(directory, name), "");
    }
}

/// Reads the manifest that counts, as far as it is good.
fn read_manifest(path: &Path, report: &mut Report) -> Picture {
    let mut picture = Picture::default();
    let out = &mut report.out;
    let name = path.file_name().unwrap_or_default();
    out.line(format_args!("CURRENT -> {}", name.display()));
    let read = inspect::manifest(&Files, path, &mut |edit| picture.apply(edit));
    out.line(format_args!(
        "{}, last sequence {}, next file {}",
        count(picture.edits, "edit", "edits"),
        picture.last_sequence,
        picture.next_file
    ));
    match read {
        Ok(None) => {}
        Ok(Some(torn)) => out.line(format_args!("torn tail: {}", tail(&torn))),
        Err(error) => report.problem(error.into()),
    }
    picture
}

/// The logs that count, the newest first.
fn logs(directory: &Path, names: &[String], picture: &Picture, report: &mut Report) {
    let mut live: Vec<&String> = names
        .iter()
        .filter(|name| picture.is_live_log(name))
        .collect();
    live.sort_by_key(|name| std::cmp::Reverse(number(name)));
    report.out.line(count(live.len() as u64, "log", "logs"));
    for name in live {
        let text = match read_log(&directory.join(name), &mut |_| ()) {
            Ok(totals) => match &totals.torn {
                Some(torn) => format!("{}, torn tail: {}", totals.counts(), tail(torn)),
                None => totals.counts(),
            },
            Err(problem) => {
                report.problem(problem);
                "damaged".into()
            }
        };
        row(&mut report.out, name, size(directory, name), &text);
    }
}

/// The levels, level 0 with its newest segment first. The names of the segments' files.
fn levels(
    directory: &Path,
    names: &[String],
    picture: &Picture,
    report: &mut Report,
) -> Vec<String> {
    let mut shown = Vec::with_capacity(picture.segments.len());
    let scale = Scale::of(picture.segments.values());
    let mut levels: BTreeMap<usize, Vec<&AddedSegment>> = BTreeMap::new();
    for segment in picture.segments.values() {
        levels.entry(segment.level).or_default().push(segment);
    }
    for (level, mut segments) in levels {
        if level == 0 {
            segments.sort_by_key(|segment| std::cmp::Reverse(segment.number));
        } else {
            segments.sort_by(|a, b| a.first.cmp(&b.first));
        }
        let files = count(segments.len() as u64, "segment", "segments");
        // A damaged manifest may say anything.
        let bytes = segments
            .iter()
            .fold(0_u64, |sum, segment| sum.saturating_add(segment.bytes));
        report
            .out
            .line(format_args!("level {level}: {files}, {bytes} bytes"));
        for segment in segments {
            let name = file_of(segment.number, names);
            let text = if names.contains(&name) {
                let text = read_table(&directory.join(&name), segment, report);
                format!("{}  {text}", scale.bar(segment))
            } else {
                "missing".into() // as the opening then says
            };
            row(&mut report.out, &name, Some(segment.bytes), &text);
            shown.push(name);
        }
    }
    shown
}

/// Verifies a segment's file: what there is to say of it.
fn read_table(path: &Path, segment: &AddedSegment, report: &mut Report) -> String {
    let range = format!("{}..={}", short(&segment.first), short(&segment.last));
    match inspect::table(&Files, path, &mut |_| ()) {
        Ok(outline) => format!(
            "{range}  {}, {}",
            count(outline.entries, "entry", "entries"),
            count(outline.tombstones, "tombstone", "tombstones")
        ),
        Err(error) => {
            report.problem(error.into());
            format!("{range}  damaged")
        }
    }
}

/// The name that a segment's file has: `.sst` is an older one.
fn file_of(wanted: u64, names: &[String]) -> String {
    let is_it = |name: &&String| {
        FileKind::of(Path::new(name)) == FileKind::Table && number(name) == Some(wanted)
    };
    names
        .iter()
        .find(is_it)
        .cloned()
        .unwrap_or_else(|| format!("{wanted:06}.ldb"))
}

/// The number that a name begins with.
fn number(name: &str) -> Option<u64> {
    name.split('.').next()?.parse().ok()
}

fn size(directory: &Path, name: &str) -> Option<u64> {
    let metadata = fs::metadata(directory.join(name)).ok()?;
    metadata.is_file().then_some(metadata.len())
}

/// One file; the size of what is no file is not shown.
fn row(out: &mut Output, name: &str, bytes: Option<u64>, text: &str) {
    let bytes = bytes.map_or_else(String::new, |bytes| format!("{bytes} bytes"));
    let line = format!("  {name:<16} {bytes:>16}  {text}");
    out.line(line.trim_end());
}

/// A key, quoted, without its end if it is long.
fn short(key: &[u8]) -> String {
    if key.len() <= KEY_SHOWN {
        return Quoted(key).to_string();
    }
    format!(
        "\"{}\"... ({} bytes)",
        Escaped(&key[..KEY_SHOWN]),
        key.len()
    )
}
