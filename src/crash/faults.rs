//! Every disk operation of a run fails, in each way, once and from then on (G10).
//!
//! ```text
//!   string --run with call n failing--> replies, reads in between
//!     then the process dies:   everything acknowledged is there; what failed, whole or not
//!     or the power goes:       everything durable is there; never a hole
//! ```
//!
//! Only here does the engine run again for each case: what it does depends on the failure.
//!
//! Invariants, of the store:
//! 1. A read after the failure answers with what was acknowledged, or refuses.
//! 2. After a change that failed no other change is taken, until the store is opened again.
//! 3. A flipped bit gives the right answer, an error, or a cut of a log that is told
//!    ([`Store::notices`]). A manifest is never cut by one such that anything is missing.

use std::ops::RangeInclusive;
use std::path::Path;

use etalon_spec::durable::{ContentsDigest, History};
use etalon_spec::explore::{Letter, Letters};

use super::run::{apply, makes_durable, open_on, read_all};
use super::settings::{Finding, Settings};
use crate::disk::simulated::{Calls, Fault, FaultKind, Image, SimulatedDisk};
use crate::manifest::FileName;
use crate::{Notice, Store};

/// What was visited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultCounts {
    /// Strings.
    pub strings: u64,
    /// Runs in which a failure struck.
    pub runs: u64,
    /// Operations that were answered, and that were refused, after a failure had struck.
    pub answered: u64,
    /// See `answered`.
    pub refused: u64,
    /// Recoveries afterwards, of the process's death and of power losses.
    pub recoveries: u64,
}

/// Injects failures into strings. See the module.
#[derive(Debug, Default)]
pub struct FaultSearch {
    settings: Settings,
    counts: FaultCounts,
}

/// The bits that are flipped in a read: in its first bytes, and far on.
const BITS: [u64; 3] = [3, 60, 1009];

fn is_log(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    matches!(name.and_then(FileName::parse), Some(FileName::Log(_)))
}

/// A run with a failure to come.
struct Trial<'a> {
    settings: &'a Settings,
    fault: Fault,
    disk: SimulatedDisk,
    store: Option<Store>,
    history: History,
    /// A change failed since the last opening.
    change_failed: bool,
    counts: &'a mut FaultCounts,
}

impl FaultSearch {
    /// Nothing injected yet. Of the settings, the crash models say what a power loss afterwards
    /// leaves; torn ones are left out.
    pub fn new(settings: Settings) -> Self {
        FaultSearch {
            settings,
            counts: FaultCounts::default(),
        }
    }

    /// What was visited so far.
    pub fn counts(&self) -> FaultCounts {
        self.counts
    }

    /// Injects every failure into a string.
    pub fn string(&mut self, letters: &[Letter]) -> Result<(), Box<Finding>> {
        self.counts.strings += 1;
        let none = Fault {
            calls: Calls::Changes,
            after: u64::MAX,
            kind: FaultKind::Io,
            forever: false,
        };
        let (changes, reads) = self.trial(letters, none)?;
        let mut kinds = vec![
            (Calls::Changes, changes, FaultKind::Io),
            (Calls::Changes, changes, FaultKind::NoSpace),
            (Calls::Changes, changes, FaultKind::Short),
            (Calls::Changes, changes, FaultKind::Sync),
            (Calls::Reads, reads, FaultKind::Io),
        ];
        kinds.extend(BITS.map(|bit| (Calls::Reads, reads, FaultKind::Flip(bit))));
        for (calls, count, kind) in kinds {
            let is_flip = matches!(kind, FaultKind::Flip(_));
            for after in 0..count {
                for forever in [false, true] {
                    if forever && is_flip {
                        continue;
                    }
                    let fault = Fault {
                        calls,
                        after,
                        kind,
                        forever,
                    };
                    self.trial(letters, fault)?;
                }
            }
        }
        Ok(())
    }

    /// One run; how many calls it made.
    fn trial(&mut self, letters: &[Letter], fault: Fault) -> Result<(u64, u64), Box<Finding>> {
        let disk = SimulatedDisk::from_image(self.settings.first.clone());
        disk.arm(Some(fault));
        let mut trial = Trial {
            settings: &self.settings,
            fault,
            disk,
            store: None,
            history: History::default(),
            change_failed: false,
            counts: &mut self.counts,
        };
        let ran = trial.run(letters).and_then(|()| {
            let disk = &trial.disk;
            let calls = (disk.calls(Calls::Changes), disk.calls(Calls::Reads));
            trial.end().map(|()| calls)
        });
        ran.map_err(|text| {
            let Settings { keys, .. } = self.settings;
            Box::new(Finding {
                letters: Letters {
                    letters: letters.to_vec(),
                    keys,
                },
                found_by: "injected failure",
                text: format!("{fault:?}: {text}"),
            })
        })
    }
}

impl Trial<'_> {
    /// Sends the string, and reads everything after each letter.
    fn run(&mut self, letters: &[Letter]) -> Result<(), String> {
        match open_on(&self.disk, &self.settings.options) {
            Ok(store) => self.store = Some(store),
            Err(error) => return self.excused(&error.to_string()),
        }
        for (place, letter) in letters.iter().enumerate() {
            let changes = letter.changes(place, self.settings.keys);
            if !changes.is_empty() {
                self.history.send(&changes);
            }
            let options = &self.settings.options;
            let done = apply(&self.disk, options, &mut self.store, *letter, &changes);
            self.judge(place, *letter, done.map_err(|error| error.to_string()))?;
            if self.store.is_none() {
                return Ok(());
            }
            self.read(place)?;
        }
        Ok(())
    }

    /// An error is right only where a failure was injected.
    fn excused(&mut self, error: &str) -> Result<(), String> {
        self.counts.refused += 1;
        if self.disk.struck() > 0 {
            return Ok(());
        }
        Err(format!("failed without a reason: {error}"))
    }

    fn judge(
        &mut self,
        place: usize,
        letter: Letter,
        done: Result<(), String>,
    ) -> Result<(), String> {
        let is_change = letter.key().is_some();
        if let Err(error) = done {
            self.change_failed |= is_change;
            return self.excused(&format!("operation {}: {error}", place + 1));
        }
        self.counts.answered += u64::from(self.disk.struck() > 0);
        if matches!(letter, Letter::Reopen | Letter::Kill) {
            self.settle()?;
        } else if is_change && self.change_failed {
            return Err("took a change after one that had failed".to_owned());
        }
        if !self.change_failed {
            self.history.acknowledge();
            if makes_durable(letter) {
                self.history.make_durable();
            }
        }
        Ok(())
    }

    /// After a reopening: the changes that failed are there or not.
    fn settle(&mut self) -> Result<(), String> {
        let store = self.store.as_ref().expect("just opened");
        let contents = match read_all(store, self.settings.keys) {
            Ok(contents) => contents,
            Err(error) => return self.excused(&error),
        };
        let bounds = self.history.bounds();
        let is_cut =
            |notice: &Notice| matches!(notice, Notice::TornTail { path, .. } if is_log(path));
        let cut_is_told = store.notices().iter().any(is_cut);
        let is_flip = matches!(self.fault.kind, FaultKind::Flip(_));
        let allowed = if is_flip && cut_is_told {
            0..=bounds.issued
        } else {
            bounds.after_kill()
        };
        let Some(found) = self.history.find(contents, allowed) else {
            return Err(self.lost("reopened", contents));
        };
        self.history.settle(found);
        self.change_failed = false;
        Ok(())
    }

    fn lost(&self, when: &str, contents: ContentsDigest) -> String {
        let bounds = self.history.bounds();
        let found = self.history.find(contents, 0..=bounds.issued);
        let found = found.map_or("no prefix of the changes".to_owned(), |found| {
            format!("the first {found} changes")
        });
        format!("{when}: found {found}, where it is {bounds:?}")
    }

    /// Invariant 1.
    fn read(&mut self, place: usize) -> Result<(), String> {
        let store = self.store.as_ref().expect("open between the operations");
        let contents = match read_all(store, self.settings.keys) {
            Ok(contents) => contents,
            Err(error) => return self.excused(&format!("read after {}: {error}", place + 1)),
        };
        let acknowledged = self.history.bounds().acknowledged;
        if contents == self.history.digest(acknowledged) {
            return Ok(());
        }
        Err(self.lost(&format!("read after operation {}", place + 1), contents))
    }

    /// The process dies, or the power goes, and the store is opened on a disk that works.
    fn end(&mut self) -> Result<(), String> {
        let struck = self.disk.struck() > 0;
        self.counts.runs += u64::from(struck);
        if matches!(self.fault.kind, FaultKind::Flip(_)) && !struck {
            return Ok(());
        }
        self.store = None;
        self.disk.arm(None);
        let killed = self.disk.image();
        let recording = self.disk.take_recording();
        let point = recording.last_point();
        let bounds = self.history.bounds();
        self.recover(killed, "the process dies", bounds.after_kill())?;
        for model in &self.settings.models {
            if model.is_torn() {
                continue;
            }
            let mut wrong = Ok(());
            model.each(&point, &self.settings.limits, &mut |survival| {
                let image = point.image(survival);
                wrong = self
                    .recover(image, "the power goes", bounds.after_power_loss())
                    .map_err(|text| format!("{text}\n{}", point.tell(survival)));
                wrong.is_ok()
            });
            wrong?;
        }
        Ok(())
    }

    fn recover(
        &mut self,
        image: Image,
        when: &str,
        allowed: RangeInclusive<usize>,
    ) -> Result<(), String> {
        self.counts.recoveries += 1;
        let disk = SimulatedDisk::from_image(image);
        let opened = open_on(&disk, &self.settings.options).map_err(|error| error.to_string());
        let contents = opened.and_then(|store| read_all(&store, self.settings.keys));
        match contents {
            Err(error) => Err(format!("{when}: the store does not open: {error}")),
            Ok(contents) if self.history.find(contents, allowed).is_some() => Ok(()),
            Ok(contents) => Err(self.lost(when, contents)),
        }
    }
}
