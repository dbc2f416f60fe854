//! The whole exploration: lengths in turn, with exact counts after each.

use std::fmt;

use etalon_spec::explore::{Letter, each_string};

use super::faults::{FaultCounts, FaultSearch};
use super::search::Search;
use super::settings::{Counts, Finding, Settings};
use crate::disk::simulated::CrashModel;

/// An exploration to be: every string up to a length.
#[derive(Debug)]
pub struct Exploration {
    search: Search,
    faults: FaultSearch,
    settings: Settings,
    /// The longest strings into which failures are injected, if any are.
    longest_faults: Option<usize>,
}

/// What was visited up to a length; as text, what is pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored {
    /// The length.
    pub length: usize,
    /// Crashes.
    pub counts: Counts,
    /// Injected failures, and the longest string they were injected into; none were asked for if
    /// there is nothing.
    pub faults: Option<(FaultCounts, usize)>,
    models: Vec<CrashModel>,
    every_byte: usize,
    subset: usize,
}

impl Exploration {
    /// Crashes in strings of any length, failures in those of up to `longest_faults` letters, or in
    /// none.
    pub fn new(settings: Settings, longest_faults: Option<usize>) -> Self {
        // A power loss after a failure: in order, and file by file.
        let models = vec![CrashModel::Prefix, CrashModel::PrefixPerFile];
        let failing = Settings {
            models,
            ..settings.clone()
        };
        Exploration {
            search: Search::new(settings.clone()),
            faults: FaultSearch::new(failing),
            settings,
            longest_faults,
        }
    }

    /// Visits every string of exactly `length` letters; `None` if `go_on` said to stop.
    pub fn length(
        &mut self,
        length: usize,
        go_on: &mut dyn FnMut(&Counts) -> bool,
    ) -> Result<Option<Explored>, Box<Finding>> {
        let alphabet = Letter::all(self.settings.keys);
        let mut found = None;
        let whole = each_string(&alphabet, length, &mut |letters| {
            let mut visited = self.search.string(letters);
            if visited.is_ok() && self.longest_faults.is_some_and(|longest| length <= longest) {
                visited = self.faults.string(letters);
            }
            found = visited.err();
            found.is_none() && go_on(&self.search.counts())
        });
        if let Some(finding) = found {
            return Err(finding);
        }
        Ok(whole.then(|| Explored {
            length,
            counts: self.search.counts(),
            faults: self
                .longest_faults
                .map(|longest| (self.faults.counts(), longest.min(length))),
            models: self.settings.models.clone(),
            every_byte: self.settings.every_byte.0,
            subset: self.settings.limits.subset,
        }))
    }
}

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        writeln!(f, "to length {}", self.length)?;
        writeln!(f, "  {:>12} strings", counts.strings)?;
        writeln!(f, "  {:>12} crash points", counts.points)?;
        for (model, states) in CrashModel::ALL.into_iter().zip(counts.states) {
            if !self.models.contains(&model) {
                continue;
            }
            let extent = self.extent(model, states.sampled_points);
            writeln!(
                f,
                "  {:>12} states, {}: {extent}",
                states.visited,
                model.name()
            )?;
        }
        writeln!(f, "  {:>12} distinct images left by these", counts.images)?;
        let deep = counts.recovery_states.iter().zip(counts.recovery_images);
        for (depth, (states, images)) in deep.enumerate() {
            let depth = depth + 1;
            writeln!(
                f,
                "  {states:>12} states of crashes in recovery, depth {depth}"
            )?;
            writeln!(f, "  {images:>12} distinct images left by these")?;
        }
        let [points, states] = counts.resumed;
        writeln!(
            f,
            "  {points:>12} crash points of runs that went on after recovery"
        )?;
        writeln!(f, "  {states:>12} states of these")?;
        let Some((faults, longest)) = &self.faults else {
            return Ok(());
        };
        writeln!(
            f,
            "  {:>12} strings with injected failures, to length {longest}",
            faults.strings
        )?;
        writeln!(f, "  {:>12} runs in which a failure struck", faults.runs)?;
        writeln!(
            f,
            "  {:>12} answers and refusals after it",
            faults.answered + faults.refused
        )?;
        writeln!(f, "  {:>12} recoveries after these", faults.recoveries)
    }
}

impl Explored {
    fn extent(&self, model: CrashModel, sampled: u64) -> String {
        let above = |limit: String| {
            if sampled == 0 {
                format!("complete{limit}")
            } else {
                format!("complete{limit}, bounded above ({sampled} crash points sampled)")
            }
        };
        match model {
            CrashModel::Subset => above(format!(" up to {} pending effects", self.subset)),
            CrashModel::TornByte => above(format!(" up to {} operations", self.every_byte)),
            _ => above(String::new()),
        }
    }
}
