//! Every crash of a trace: each crash point, each model, each state, recovered and judged.

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::sync::Arc;

use etalon::disk::simulated::{
    CrashModel, CrashPoint, Image, ImageDigest, Limits, Operation, Recording, SimulatedDisk,
};
use etalon::disk::{Disk, File, LockKind};
use etalon::{Options, Store};
use etalon_spec::FixedState;

use crate::allowed::allowed;
use crate::observed::{Event, Trace};
use crate::plan::{Contents, Plan};
use crate::weave::Woven;

/// What was visited for a plan.
#[derive(Debug, Default)]
pub(crate) struct Visited {
    /// Of the search that found the traces.
    pub(crate) executions: usize,
    pub(crate) traces: BTreeSet<Trace>,
    pub(crate) points: usize,
    pub(crate) states: usize,
    pub(crate) images: usize,
}

/// Images already recovered.
type Known = HashMap<ImageDigest, Result<Contents, String>, FixedState>;

/// Crashes every trace everywhere.
///
/// # Panics
/// If some state recovers to what is not allowed.
pub(crate) fn judge(plan: &Plan, woven: &Woven) -> Visited {
    let mut visited = Visited {
        executions: woven.executions,
        traces: woven.traces.clone(),
        ..Visited::default()
    };
    let mut known = Known::default();
    for trace in &woven.traces {
        crash(plan, trace, &mut known, &mut visited);
    }
    visited.images = known.len();
    visited
}

fn crash(plan: &Plan, trace: &Trace, known: &mut Known, visited: &mut Visited) {
    let (recording, marks) = record(trace);
    let mut point = recording.first_point();
    let mut seen = 0;
    let mut may_be = BTreeSet::new();
    while let Some(passed) = point.advance() {
        if !matches!(passed, Operation::Disk(_)) {
            seen += 1;
            may_be = allowed(plan, &marks[..seen]);
        }
        // What one thread prepared is crashed by the enumeration without threads.
        if seen > 0 {
            visited.points += 1;
            states(plan, trace, &point, &may_be, known, visited);
        }
    }
}

fn states(
    plan: &Plan,
    trace: &Trace,
    point: &CrashPoint<'_>,
    may_be: &BTreeSet<Contents>,
    known: &mut Known,
    visited: &mut Visited,
) {
    let limits = Limits {
        tears: 2,
        ..Limits::default()
    };
    for model in CrashModel::ALL {
        model.each(point, &limits, &mut |survival| {
            visited.states += 1;
            let found = known
                .entry(point.digest(survival))
                .or_insert_with(|| recovered(point.image(survival)));
            let recovered = found.as_ref();
            if !recovered.is_ok_and(|contents| may_be.contains(contents)) {
                let (state, model) = (point.tell(survival), model.name());
                say_what_fails(plan, visited.executions, found, may_be);
                panic!("{state}, of {model}\ntrace: {trace:#?}");
            }
            true
        });
    }
}

/// Says it in one line, as the interleavings do: a catalogue of planted faults reads it.
fn say_what_fails(
    plan: &Plan,
    executions: usize,
    found: &Result<Contents, String>,
    may_be: &BTreeSet<Contents>,
) {
    let text = |contents: &Contents| {
        let entry = |(key, value): (&Vec<u8>, &Vec<u8>)| {
            let (key, value) = (String::from_utf8_lossy(key), String::from_utf8_lossy(value));
            format!("{key}={value}")
        };
        let entries: Vec<String> = contents.iter().map(entry).collect();
        format!("[{}]", entries.join(" "))
    };
    let found = found.as_ref().map_or_else(String::clone, text);
    let allowed: Vec<String> = may_be.iter().map(text).collect();
    let (name, allowed) = (plan.name, allowed.join(" or "));
    let said = writeln!(
        std::io::stderr(),
        "loom: {name}, crashed: execution {executions} fails: recovered {found}, not {allowed}"
    );
    said.expect("standard error takes a line");
}

fn recovered(image: Image) -> Result<Contents, String> {
    let disk = SimulatedDisk::from_image(image);
    let said = |error: etalon::Error| error.to_string();
    let store = Store::open_on(disk, "store", Options::default()).map_err(said)?;
    let entries = store.scan().collect().map_err(said)?;
    Ok(entries.into_iter().collect())
}

/// The trace once more, on a simulated disk; and the marks in it.
fn record(trace: &Trace) -> (Recording, Vec<Event>) {
    let disk = SimulatedDisk::default();
    let mut files: Vec<Arc<dyn File>> = Vec::new();
    let mut locks = Vec::new();
    let mut marks = Vec::new();
    for event in trace {
        let done = match event {
            Event::Create(path) => disk.create(path).map(|file| files.push(file)),
            Event::OpenAppend(path) => disk.open_append(path).map(|file| files.push(file)),
            Event::Append(file, bytes) => files[*file].append(bytes),
            Event::Sync(file) => files[*file].sync(),
            Event::Truncate(file, size) => files[*file].truncate(*size),
            Event::Rename(from, to) => disk.rename(from, to),
            Event::Remove(path) => disk.remove(path),
            Event::Link(from, to) => disk.link(from, to),
            Event::CreateDirectory(path) => disk.create_directory(path),
            Event::SyncDirectory(path) => disk.sync_directory(path),
            Event::Lock(path) => disk
                .lock(path, LockKind::Exclusive)
                .map(|lock| locks.push(lock)),
            Event::Invoked(number) => {
                marks.push(event.clone());
                disk.invoked(*number as u32);
                Ok(())
            }
            Event::Returned(number, _) => {
                marks.push(event.clone());
                disk.acknowledged(*number as u32);
                Ok(())
            }
        };
        done.unwrap_or_else(|error| panic!("{event:?} worked in memory, now: {error}"));
    }
    (disk.take_recording(), marks)
}
