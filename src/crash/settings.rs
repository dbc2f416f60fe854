//! What a search is asked to visit, and what it has visited.

use etalon_spec::explore::Letters;

use super::recovery::DEPTH;
use crate::disk::simulated::{CrashModel, Image, Lies, Limits};
use crate::{Compaction, Options};

/// What is searched.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The engine's options.
    pub options: Options,
    /// How many keys.
    pub keys: u8,
    /// The models.
    pub models: Vec<CrashModel>,
    /// The models of crashes in recovery.
    pub recovery_models: Vec<CrashModel>,
    /// How often recovery is crashed: at most 2. Torn states are only recovered.
    pub recoveries: usize,
    /// How far the models are complete.
    pub limits: Limits,
    /// The longest string whose writes are torn at every byte; longer ones at so many places.
    pub every_byte: (usize, usize),
    /// What the disk holds before the store is opened for the first time.
    pub first: Image,
    /// What the disk lies about.
    pub lies: Lies,
}

impl Default for Settings {
    fn default() -> Self {
        let complete = [
            CrashModel::Prefix,
            CrashModel::PrefixPerFile,
            CrashModel::Directory,
        ];
        Settings {
            options: Options::default(),
            keys: 2,
            models: CrashModel::ALL.to_vec(),
            recovery_models: complete.to_vec(),
            recoveries: DEPTH,
            limits: Limits::default(),
            every_byte: (2, 2),
            first: Image::default(),
            lies: Lies::default(),
        }
    }
}

impl Settings {
    /// Each write fills a memtable, and flushes and compactions are left to the background, which
    /// takes a step only where something waits for it: so two logs have changes as often as can
    /// be.
    #[must_use]
    pub fn with_background(self) -> Settings {
        Settings {
            options: Options {
                compaction: Compaction::OnCall,
                memtable_bytes: 1,
                ..self.options
            },
            ..self
        }
    }
}

/// States of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct States {
    /// How many.
    pub visited: u64,
    /// At how many crash points they were a sample.
    pub sampled_points: u64,
}

/// What a search has visited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Strings, the empty one among them.
    pub strings: u64,
    /// Crash points, each counted for the shortest string that has it.
    pub points: u64,
    /// By model, in the order of [`CrashModel::ALL`].
    pub states: [States; CrashModel::ALL.len()],
    /// Distinct images that runs left.
    pub images: u64,
    /// States of crashes in the recovery of a run, and in the recovery from those.
    pub recovery_states: [u64; DEPTH],
    /// Distinct images that these left.
    pub recovery_images: [u64; DEPTH],
    /// Crash points and states of runs that went on after a recovery.
    pub resumed: [u64; 2],
}

impl Counts {
    /// All states: of runs, of recoveries, of runs that went on.
    pub fn all_states(&self) -> u64 {
        let of_runs: u64 = self.states.iter().map(|states| states.visited).sum();
        of_runs + self.recovery_states.iter().sum::<u64>() + self.resumed[1]
    }

    /// All distinct images that were recovered, but for those of runs that went on.
    pub fn all_images(&self) -> u64 {
        self.images + self.recovery_images.iter().sum::<u64>()
    }
}

/// A way to a wrong store, the shortest first.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The string.
    pub letters: Letters,
    /// The crash model, or what failed.
    pub found_by: &'static str,
    /// What happened, for a person.
    pub text: String,
}
