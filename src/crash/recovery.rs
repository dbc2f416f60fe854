//! Recoveries, each image once, crashed themselves.
//!
//! ```text
//!   image --recover--> contents --go on: sync, put, sync--> crashed, recovered
//!             |
//!             '- its own effect log --crash points, states--> images --recover--> ...
//! ```
//!
//! Invariants:
//! 1. Recovery is a deterministic function of the image, so what it gives is remembered by the
//!    image's digest, across all strings.
//! 2. What can be reached from an image by so many crashes of its recovery is the recovered
//!    contents, and what can be reached by one crash less from each image that a crash in that
//!    recovery can leave.
//! 3. From an image that a run left the run goes on after the recovery, and is crashed again.

use std::collections::{HashMap, HashSet};

use etalon_spec::FixedState;
use etalon_spec::durable::ContentsDigest;

use super::resume;
use super::run::{open_on, read_all};
use super::settings::Settings;
use crate::disk::simulated::{CrashPoint, Image, ImageDigest, Recording, SimulatedDisk, Survival};

/// How one recovery ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Recovered {
    /// The store opened with these contents.
    Contents(ContentsDigest),
    /// It did not open, or its reads disagreed, or it lost what was written afterwards.
    Failed(String),
}

/// Which ends can be reached from an image, by number.
pub(super) type Ends = u32;

/// Deepest crash of a recovery in a recovery.
pub(super) const DEPTH: usize = 2;

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// States of crashes in recovery: in that of a run, in that of those.
    pub(super) states: [u64; DEPTH],
    /// Distinct images, by crashes of recovery before them.
    pub(super) images: [u64; DEPTH + 1],
    /// Crash points and states of runs that went on.
    pub(super) resumed: [u64; 2],
}

/// See the module.
#[derive(Debug)]
pub(super) struct Recoverer {
    pub(super) settings: Settings,
    /// By crashes left: images already recovered, and what they end in.
    known: [HashMap<ImageDigest, Ends, FixedState>; DEPTH + 1],
    recovered: Vec<Recovered>,
    numbers: HashMap<Recovered, u32, FixedState>,
    ends: Vec<Vec<u32>>,
    ends_numbers: HashMap<Vec<u32>, Ends, FixedState>,
    left_by_runs: HashSet<ImageDigest, FixedState>,
    pub(super) counted: Counted,
}

impl Recoverer {
    pub(super) fn new(settings: Settings) -> Self {
        Recoverer {
            settings,
            known: Default::default(),
            recovered: Vec::new(),
            numbers: HashMap::default(),
            ends: Vec::new(),
            ends_numbers: HashMap::default(),
            left_by_runs: HashSet::default(),
            counted: Counted::default(),
        }
    }

    /// What a state of a run ends in, with so many crashes of its recovery to come, and whether
    /// the run goes on afterwards.
    pub(super) fn ends(
        &mut self,
        point: &CrashPoint<'_>,
        survival: &Survival,
        crashes: usize,
        go_on: bool,
    ) -> Ends {
        let digest = point.digest(survival);
        if self.left_by_runs.insert(digest) {
            self.counted.images[0] += 1;
        }
        let depth = if go_on { 0 } else { DEPTH };
        self.ends_at(point, survival, crashes, depth)
    }

    /// The same after `depth` crashes of recovery, or of a state that is only recovered.
    fn ends_at(
        &mut self,
        point: &CrashPoint<'_>,
        survival: &Survival,
        crashes: usize,
        depth: usize,
    ) -> Ends {
        let digest = point.digest(survival);
        // What more crashes have found holds for fewer.
        let known = self.known[crashes..].iter().find_map(|k| k.get(&digest));
        if let Some(ends) = known {
            return *ends;
        }
        let ends = self.explore(point.image(survival), crashes, depth);
        self.known[crashes].insert(digest, ends);
        ends
    }

    /// What is behind a number.
    pub(super) fn of(&self, ends: Ends) -> impl Iterator<Item = &Recovered> {
        let numbers = self.ends[ends as usize].iter();
        numbers.map(|number| &self.recovered[*number as usize])
    }

    fn explore(&mut self, image: Image, crashes: usize, depth: usize) -> Ends {
        if (1..).contains(&depth) && crashes + depth == self.settings.recoveries {
            self.counted.images[depth] += 1;
        }
        let (recovered, recording) = self.recover(image, depth == 0);
        let mut reached = vec![self.number(recovered)];
        if crashes > 0 {
            let mut point = recording.first_point();
            while point.step_over().is_some() {
                self.explore_point(&point, crashes, depth, &mut reached);
            }
        }
        reached.sort_unstable();
        let next = self.ends.len() as Ends;
        let entry = self.ends_numbers.entry(reached);
        *entry.or_insert_with_key(|reached| {
            self.ends.push(reached.clone());
            next
        })
    }

    fn explore_point(
        &mut self,
        point: &CrashPoint<'_>,
        crashes: usize,
        depth: usize,
        reached: &mut Vec<u32>,
    ) {
        let limits = self.settings.limits;
        for model in self.settings.recovery_models.clone() {
            model.each(point, &limits, &mut |survival| {
                self.counted.states[depth] += 1;
                let deeper = self.ends_at(point, survival, crashes - 1, depth + 1);
                for number in &self.ends[deeper as usize] {
                    if !reached.contains(number) {
                        reached.push(*number);
                    }
                }
                true
            });
        }
    }

    fn number(&mut self, recovered: Recovered) -> u32 {
        let next = self.recovered.len() as u32;
        let entry = self.numbers.entry(recovered);
        *entry.or_insert_with_key(|recovered| {
            self.recovered.push(recovered.clone());
            next
        })
    }

    /// Opens the store on an image and reads it whole; then perhaps goes on and crashes again.
    /// The recording is that of the recovery alone.
    fn recover(&mut self, image: Image, go_on: bool) -> (Recovered, Recording) {
        let disk = SimulatedDisk::from_image(image);
        disk.lie(self.settings.lies);
        let store = match open_on(&disk, &self.settings.options) {
            Ok(store) => store,
            Err(error) => return (failed(&error), disk.take_recording()),
        };
        let recovered = read_all(&store, self.settings.keys);
        disk.acknowledged(resume::OPENED);
        let resumed = match &recovered {
            Ok(contents) if go_on => resume::go_on(&store, &disk, *contents),
            _ => Ok(None),
        };
        drop(store);
        let mut recording = disk.take_recording();
        let lost = match resumed {
            Err(error) => Some(format!("after recovery: {error}")),
            Ok(None) => None,
            Ok(Some(expected)) => {
                let counted = &mut self.counted.resumed;
                resume::crash_again(&self.settings, &recording, &expected, counted)
            }
        };
        recording.cut_at_acknowledgement(resume::OPENED);
        let recovered = match (recovered, lost) {
            (Err(text), _) | (_, Some(text)) => Recovered::Failed(text),
            (Ok(contents), None) => Recovered::Contents(contents),
        };
        (recovered, recording)
    }

    /// The crashes that lead from an image to a wrong end, in words.
    pub(super) fn way(
        &mut self,
        image: Image,
        crashes: usize,
        is_wrong: &dyn Fn(&Recovered) -> bool,
    ) -> Vec<String> {
        let (recovered, recording) = self.recover(image, true);
        if is_wrong(&recovered) || crashes == 0 {
            return vec![format!("{recovered:?}")];
        }
        let mut point = recording.first_point();
        while point.step_over().is_some() {
            for model in self.settings.recovery_models.clone() {
                let mut found = None;
                let limits = self.settings.limits;
                model.each(&point, &limits, &mut |survival| {
                    let ends = self.ends_at(&point, survival, crashes - 1, DEPTH);
                    if self.of(ends).any(is_wrong) {
                        found = Some(survival.clone());
                    }
                    found.is_none()
                });
                if let Some(survival) = found {
                    let mut lines = vec![format!("in its recovery, {}", point.tell(&survival))];
                    lines.extend(self.way(point.image(&survival), crashes - 1, is_wrong));
                    return lines;
                }
            }
        }
        Vec::new()
    }
}

fn failed(error: &crate::Error) -> Recovered {
    Recovered::Failed(format!("the store does not open: {error}"))
}
