//! Recoveries, each image once, crashed themselves.
//!
//! ```text
//!   image --recover--> contents
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

use std::collections::HashMap;

use etalon_spec::durable::ContentsDigest;
use etalon_spec::{FixedState, explore};

use super::run::open;
use crate::Options;
use crate::disk::simulated::{
    CrashModel, CrashPoint, Image, ImageDigest, Limits, Recording, SimulatedDisk, Survival,
};
use crate::error::Result;

/// How one recovery ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Recovered {
    /// The store opened with these contents.
    Contents(ContentsDigest),
    /// It did not open, or its reads disagreed.
    Failed(String),
}

/// Which ends can be reached from an image, by number.
pub(super) type Ends = u32;

/// Deepest crash of a recovery in a recovery.
pub(super) const DEPTH: usize = 2;

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Recoveries {
    /// States of crashes in recovery, by how deep: in the recovery of a run, in that of those.
    pub(super) states: [u64; DEPTH],
    /// Distinct images recovered, by the same: 0 those that a run left.
    pub(super) images: [u64; DEPTH + 1],
}

/// See the module.
#[derive(Debug)]
pub(super) struct Recoverer {
    options: Options,
    keys: u8,
    limits: Limits,
    /// By crashes left: images already recovered, and what they end in.
    known: [HashMap<ImageDigest, Ends, FixedState>; DEPTH + 1],
    recovered: Vec<Recovered>,
    numbers: HashMap<Recovered, u32, FixedState>,
    ends: Vec<Vec<u32>>,
    ends_numbers: HashMap<Vec<u32>, Ends, FixedState>,
    pub(super) counted: Recoveries,
}

impl Recoverer {
    pub(super) fn new(options: Options, keys: u8, limits: Limits) -> Self {
        Recoverer {
            options,
            keys,
            limits,
            known: Default::default(),
            recovered: Vec::new(),
            numbers: HashMap::default(),
            ends: Vec::new(),
            ends_numbers: HashMap::default(),
            counted: Recoveries::default(),
        }
    }

    /// What a state ends in, with so many crashes of its recovery to come.
    pub(super) fn ends(
        &mut self,
        point: &CrashPoint<'_>,
        survival: &Survival,
        crashes: usize,
        depth: usize,
    ) -> Ends {
        let digest = point.digest(survival);
        if let Some(ends) = self.known[crashes].get(&digest) {
            return *ends;
        }
        let ends = self.explore(point.image(survival), crashes, depth);
        self.known[crashes].insert(digest, ends);
        ends
    }

    /// The ends behind a number.
    pub(super) fn of(&self, ends: Ends) -> impl Iterator<Item = &Recovered> {
        let numbers = self.ends[ends as usize].iter();
        numbers.map(|number| &self.recovered[*number as usize])
    }

    fn explore(&mut self, image: Image, crashes: usize, depth: usize) -> Ends {
        self.counted.images[depth] += 1;
        let (recovered, recording) = self.recover(image);
        let mut reached = vec![self.number(recovered)];
        if crashes > 0 {
            let mut point = recording.first_point();
            while point.step_over().is_some() {
                CrashModel::Prefix.each(&point.clone(), &self.limits.clone(), &mut |survival| {
                    self.counted.states[depth] += 1;
                    let deeper = self.ends(&point, survival, crashes - 1, depth + 1);
                    for number in &self.ends[deeper as usize] {
                        if !reached.contains(number) {
                            reached.push(*number);
                        }
                    }
                    true
                });
            }
        }
        reached.sort_unstable();
        let next = self.ends.len() as Ends;
        *self
            .ends_numbers
            .entry(reached)
            .or_insert_with_key(|reached| {
                self.ends.push(reached.clone());
                next
            })
    }

    fn number(&mut self, recovered: Recovered) -> u32 {
        let next = self.recovered.len() as u32;
        *self
            .numbers
            .entry(recovered)
            .or_insert_with_key(|recovered| {
                self.recovered.push(recovered.clone());
                next
            })
    }

    /// Opens the store on an image and reads it whole.
    pub(super) fn recover(&self, image: Image) -> (Recovered, Recording) {
        let disk = SimulatedDisk::from_image(image);
        let recovered = match self.read(&disk) {
            Ok(Ok(contents)) => Recovered::Contents(contents),
            Ok(Err(disagreement)) => Recovered::Failed(disagreement),
            Err(error) => Recovered::Failed(error.to_string()),
        };
        (recovered, disk.take_recording())
    }

    /// The contents, by a scan; a get of each key must agree with it.
    fn read(&self, disk: &SimulatedDisk) -> Result<Result<ContentsDigest, String>> {
        let store = open(disk, &self.options)?;
        let mut scanned = ContentsDigest::default();
        store.scan().each(|key, value| scanned.add(key, value))?;
        let mut got = ContentsDigest::default();
        for key in (0..self.keys).map(explore::name) {
            if let Some(value) = store.get(&key)? {
                got.add(&key, &value);
            }
        }
        Ok(if scanned == got {
            Ok(scanned)
        } else {
            Err("a scan and the gets disagree".to_owned())
        })
    }
}
