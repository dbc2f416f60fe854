//! After a recovery the run goes on: more operations, and another crash.
//!
//! ```text
//!   opened | sync | put | sync |
//!                 ^---- crash points here: with or without the put
//!                              ^ and here: with it
//! ```
//!
//! The first sync is there because what an opening found is promised to survive only from then
//! on (G7: what a reader saw may be lost if it was not synced).

use etalon_spec::durable::ContentsDigest;
use etalon_spec::explore;

use super::run::{open_on, read_all};
use super::settings::Settings;
use crate::Store;
use crate::disk::simulated::{CrashModel, CrashPoint, Passed, Recording, SimulatedDisk, Survival};

/// The marks: the store was opened; the first sync; the second.
pub(super) const OPENED: u32 = 1 << 16;
const SYNCED: u32 = OPENED + 1;
const ENDED: u32 = OPENED + 2;

/// What may be there: before the put, and after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    before: ContentsDigest,
    after: ContentsDigest,
}

/// Goes on with an open store whose contents are these.
pub(super) fn go_on(
    store: &Store,
    disk: &SimulatedDisk,
    contents: ContentsDigest,
) -> Result<Option<Expected>, String> {
    let (key, value) = (explore::name(0), b"resumed");
    let mut after = contents;
    let old = store.get(&key).map_err(|error| error.to_string())?;
    if let Some(old) = old {
        after.remove(&key, &old);
    }
    after.add(&key, value);
    let work = || {
        store.sync()?;
        disk.acknowledged(SYNCED);
        store.put(&key, value)?;
        store.sync()?;
        disk.acknowledged(ENDED);
        crate::Result::Ok(())
    };
    work().map_err(|error: crate::Error| error.to_string())?;
    let before = contents;
    Ok(Some(Expected { before, after }))
}

/// Crashes the run that went on, and says what is wrong; `None` if nothing is.
pub(super) fn crash_again(
    settings: &Settings,
    recording: &Recording,
    expected: &Expected,
    counted: &mut [u64; 2],
) -> Option<String> {
    let mut point = recording.first_point();
    let mut allowed: Vec<ContentsDigest> = Vec::new();
    while let Some(passed) = point.step_over() {
        match passed {
            Passed::Acknowledged(SYNCED) => allowed = vec![expected.before, expected.after],
            Passed::Acknowledged(ENDED) => allowed = vec![expected.after],
            _ => {}
        }
        if allowed.is_empty() {
            continue;
        }
        counted[0] += 1;
        let mut wrong = None;
        CrashModel::Prefix.each(&point, &settings.limits, &mut |survival| {
            counted[1] += 1;
            wrong = recover_again(settings, &point, survival, &allowed);
            wrong.is_none()
        });
        if wrong.is_some() {
            return wrong;
        }
    }
    None
}

fn recover_again(
    settings: &Settings,
    point: &CrashPoint<'_>,
    survival: &Survival,
    allowed: &[ContentsDigest],
) -> Option<String> {
    let disk = SimulatedDisk::from_image(point.image(survival));
    let found = open_on(&disk, &settings.options)
        .map_err(|error| error.to_string())
        .and_then(|store| read_all(&store, settings.keys));
    let what = match found {
        Ok(contents) if allowed.contains(&contents) => return None,
        Ok(_) => "other contents than were written".to_owned(),
        Err(error) => error,
    };
    let crash = point.tell(survival);
    Some(format!("the run went on, {crash}, recovered again: {what}"))
}
