//! The search: every string, every crash point, every state.

use std::ops::RangeInclusive;

use etalon_spec::durable::History;
use etalon_spec::explore::{Letter, Letters};

use super::recovery::{Recovered, Recoverer};
use super::run::Run;
use super::settings::{Counts, Finding, Settings};
use crate::disk::simulated::{CrashModel, CrashPoint, Extent, Limits, Passed, Survival};

/// See the module.
#[derive(Debug)]
pub struct Search {
    recoverer: Recoverer,
    counts: Counts,
}

impl Search {
    /// Nothing searched yet.
    pub fn new(settings: Settings) -> Search {
        Search {
            recoverer: Recoverer::new(settings),
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
        counts.resumed = counted.resumed;
        counts
    }

    /// Visits the crash points of a string's last letter: those before it belong to the string
    /// without it.
    pub fn string(&mut self, letters: &[Letter]) -> Result<(), Box<Finding>> {
        self.counts.strings += 1;
        let run = Run::record(&self.recoverer.settings, letters)
            .map_err(|error| self.finding(letters, "no failure at all", error.to_string()))?;
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
                self.point(letters, &run.history, &point, &bounds.after_power_loss())?;
            }
        }
        Ok(())
    }

    fn point(
        &mut self,
        letters: &[Letter],
        history: &History,
        point: &CrashPoint<'_>,
        allowed: &RangeInclusive<usize>,
    ) -> Result<(), Box<Finding>> {
        for model in self.recoverer.settings.models.clone() {
            let (limits, crashes) = self.limits(model, letters.len());
            let go_on = !model.is_torn();
            let mut wrong = None;
            let mut states = 0;
            let extent = model.each(point, &limits, &mut |survival| {
                states += 1;
                let ends = self.recoverer.ends(point, survival, crashes, go_on);
                let mut reached = self.recoverer.of(ends);
                if reached.any(|end| is_wrong(end, history, allowed)) {
                    wrong = Some(survival.clone());
                }
                wrong.is_none()
            });
            let counted = &mut self.counts.states[model as usize];
            counted.visited += states;
            counted.sampled_points += u64::from(extent == Extent::Bounded);
            if let Some(survival) = wrong {
                let text = self.explain(history, point, &survival, allowed);
                return Err(Box::new(self.finding(letters, model.name(), text)));
            }
        }
        Ok(())
    }

    /// How far a model goes for strings of a length, and how often recovery is crashed.
    fn limits(&self, model: CrashModel, length: usize) -> (Limits, usize) {
        let settings = &self.recoverer.settings;
        let mut limits = settings.limits;
        let (longest, places) = settings.every_byte;
        if model == CrashModel::TornByte && length > longest {
            limits.tears = places;
        }
        (
            limits,
            if model.is_torn() {
                0
            } else {
                settings.recoveries
            },
        )
    }

    fn explain(
        &mut self,
        history: &History,
        point: &CrashPoint<'_>,
        survival: &Survival,
        allowed: &RangeInclusive<usize>,
    ) -> String {
        let crashes = self.recoverer.settings.recoveries;
        let wrong = |end: &Recovered| is_wrong(end, history, allowed);
        let mut lines = vec![point.tell(survival)];
        let ends = self.recoverer.ends(point, survival, crashes, true);
        let end = self.recoverer.of(ends).find(|end| wrong(end)).cloned();
        let mut way = self.recoverer.way(point.image(survival), crashes, &wrong);
        way.pop();
        lines.extend(way);
        lines.push(match end {
            Some(Recovered::Failed(text)) => text,
            Some(Recovered::Contents(digest)) => {
                let found = history.find(digest, 0..=history.bounds().issued);
                let (least, most) = (allowed.start(), allowed.end());
                let found = found.map_or_else(
                    || "contents that are no prefix of the changes".to_owned(),
                    |found| format!("the first {found} changes"),
                );
                format!("recovered {found}; allowed: the first {least} to {most}")
            }
            None => unreachable!("a wrong end was found here a moment ago"),
        });
        lines.join("\n")
    }

    fn finding(&self, letters: &[Letter], found_by: &'static str, text: String) -> Finding {
        Finding {
            letters: Letters {
                letters: letters.to_vec(),
                keys: self.recoverer.settings.keys,
            },
            found_by,
            text,
        }
    }
}

/// Whether an end is none of the allowed prefixes of the history (G7).
fn is_wrong(end: &Recovered, history: &History, allowed: &RangeInclusive<usize>) -> bool {
    match end {
        Recovered::Contents(digest) => history.find(*digest, allowed.clone()).is_none(),
        Recovered::Failed(_) => true,
    }
}
