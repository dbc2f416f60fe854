//! The search: every string, every crash point, every state.

use std::ops::RangeInclusive;

use etalon_spec::durable::History;
use etalon_spec::explore::{Letter, Letters};

use super::recovery::{DEPTH, Recovered, Recoverer};
use super::run::Run;
use crate::Options;
use crate::disk::simulated::{CrashModel, CrashPoint, Extent, Image, Limits, Passed, Survival};

/// What is searched.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The engine's options.
    pub options: Options,
    /// How many keys.
    pub keys: u8,
    /// The models.
    pub models: Vec<CrashModel>,
    /// How far they are complete.
    pub limits: Limits,
    /// How often recovery is crashed: at most 2.
    pub recoveries: usize,
}

/// What a search has visited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Strings, the empty one among them.
    pub strings: u64,
    /// Crash points, each counted for the shortest string that has it.
    pub points: u64,
    /// States by model, in the order of [`CrashModel::ALL`], and at how many crash points the
    /// model was only sampled.
    pub states: [(u64, u64); 6],
    /// Distinct images that runs left.
    pub images: u64,
    /// States of crashes in recovery: in that of a run, and in that of those.
    pub recovery_states: [u64; DEPTH],
    /// Distinct images that these left.
    pub recovery_images: [u64; DEPTH],
}

/// A state from which the store came back wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The string.
    pub letters: Letters,
    /// What happened, for a person.
    pub text: String,
    /// The model that found it.
    pub model: CrashModel,
}

/// See the module.
#[derive(Debug)]
pub struct Search {
    settings: Settings,
    recoverer: Recoverer,
    counts: Counts,
}

impl Search {
    /// Nothing searched yet.
    pub fn new(settings: Settings) -> Search {
        let recoverer = Recoverer::new(settings.options.clone(), settings.keys, settings.limits);
        Search {
            settings,
            recoverer,
            counts: Counts::default(),
        }
    }

    /// What was visited so far.
    pub fn counts(&self) -> Counts {
        let counted = self.recoverer.counted;
        let mut counts = self.counts.clone();
        counts.images = counted.images[0];
        counts.recovery_states = counted.states;
        counts.recovery_images.copy_from_slice(&counted.images[1..]);
        counts
    }

    /// Visits the crash points of a string's last letter: those before it belong to the string
    /// without it.
    pub fn string(&mut self, letters: &[Letter]) -> Result<(), Box<Finding>> {
        self.counts.strings += 1;
        let settings = &self.settings;
        let first = Image::with_directories(["store"]);
        let run = Run::record(first, letters, settings.keys, &settings.options);
        let run =
            run.map_err(|error| self.finding(letters, CrashModel::Prefix, error.to_string()))?;
        let last = letters.len() as u32;
        let mut point = run.recording.first_point();
        let mut bounds = run.sent[0];
        let mut is_own = false;
        while let Some(passed) = point.step_over() {
            match passed {
                Passed::Invoked(number) => {
                    bounds = run.sent[number as usize];
                    is_own = number == last;
                    continue;
                }
                Passed::Acknowledged(number) => bounds = run.answered[number as usize],
                Passed::Disk => {}
            }
            if is_own {
                self.counts.points += 1;
                self.point(letters, &run.history, &point, bounds.after_power_loss())?;
            }
        }
        Ok(())
    }

    fn point(
        &mut self,
        letters: &[Letter],
        history: &History,
        point: &CrashPoint<'_>,
        allowed: RangeInclusive<usize>,
    ) -> Result<(), Box<Finding>> {
        let limits = self.settings.limits;
        for model in self.settings.models.clone() {
            let mut wrong = None;
            let mut states = 0;
            let extent = model.each(point, &limits, &mut |survival| {
                states += 1;
                wrong = self.state(history, point, survival, &allowed);
                wrong.is_none()
            });
            let counted = &mut self.counts.states[model as usize];
            counted.0 += states;
            counted.1 += u64::from(extent == Extent::Bounded);
            if let Some(text) = wrong {
                return Err(self.finding(letters, model, text));
            }
        }
        Ok(())
    }

    /// What is wrong with a state; `None` if nothing is.
    fn state(
        &mut self,
        history: &History,
        point: &CrashPoint<'_>,
        survival: &Survival,
        allowed: &RangeInclusive<usize>,
    ) -> Option<String> {
        let recoveries = self.settings.recoveries;
        let ends = self.recoverer.ends(point, survival, recoveries, 0);
        let is_wrong = |recovered: &&Recovered| match recovered {
            Recovered::Contents(digest) => history.find(*digest, allowed.clone()).is_none(),
            Recovered::Failed(_) => true,
        };
        let wrong = self.recoverer.of(ends).find(is_wrong)?;
        Some(describe(history, point, survival, allowed, wrong))
    }

    fn finding(&self, letters: &[Letter], model: CrashModel, text: String) -> Box<Finding> {
        Box::new(Finding {
            letters: Letters {
                letters: letters.to_vec(),
                keys: self.settings.keys,
            },
            text,
            model,
        })
    }
}

fn describe(
    history: &History,
    point: &CrashPoint<'_>,
    survival: &Survival,
    allowed: &RangeInclusive<usize>,
    wrong: &Recovered,
) -> String {
    let mut lines = vec![format!(
        "crash after {} entries; pending there:",
        point.passed()
    )];
    for pending in 0..point.pending() {
        let kept = survival.kept.get(pending) == Some(&true);
        let torn = survival.tear.filter(|tear| tear.pending == pending);
        let fate = match (kept, torn) {
            (_, Some(tear)) => format!("torn after {} bytes, {:?}", tear.bytes, tear.filler),
            (true, None) => "survives".to_owned(),
            (false, None) => "lost".to_owned(),
        };
        lines.push(format!("  {}: {fate}", point.describe(pending)));
    }
    lines.push(match wrong {
        Recovered::Failed(error) => format!("recovery failed: {error}"),
        Recovered::Contents(digest) => {
            let all = 0..=history.bounds().issued;
            match history.find(*digest, all) {
                Some(found) => format!("recovered the first {found} changes, allowed: {allowed:?}"),
                None => format!("recovered no prefix of the changes, allowed: {allowed:?}"),
            }
        }
    });
    lines.join("\n")
}
