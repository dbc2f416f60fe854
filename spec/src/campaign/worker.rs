//! A worker: one case after the other, on stores of its own. The next one is drawn before this one
//! runs: a target at the far end of a pipe begins it before this one has ended.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::draws::Draws;
use super::failure::Found;
use super::sandbox::opens;
use super::search::{Common, Facts, Shared, lane_of};
use super::{Lane, Settings};
use crate::check::{Coming, Contents, Watch, check_on};
use crate::op::{Case, Op, Reply};
use crate::profile::{Ability, Profile};
use crate::stage::BoxedTarget;
use crate::store::{Events, Trace};
use crate::verdict::Survey;

/// What a worker came to.
pub(super) struct Ended {
    pub(super) facts: Facts,
    pub(super) found: Option<Found>,
    /// The place in its part of the shard where it would go on.
    pub(super) place: u64,
}

/// A case that was drawn.
#[derive(Default)]
struct Drawn {
    index: u64,
    /// On which lane it runs.
    lane: usize,
    case: Case,
}

pub(super) struct Worker {
    pub(super) lanes: Vec<Lane<BoxedTarget>>,
    /// Those of the lanes.
    pub(super) shares: Vec<u64>,
    pub(super) draws: Draws,
    pub(super) settings: Settings,
    pub(super) profile: Profile,
    pub(super) begun: Instant,
    /// Which of the jobs, from 0.
    pub(super) number: u64,
    /// Where it begins.
    pub(super) place: u64,
    pub(super) shared: Arc<Shared>,
    pub(super) common: Arc<Common>,
}

impl Worker {
    pub(super) fn work(&mut self) -> Ended {
        if self.profile.can.has(Ability::Layers) {
            self.work_watched(Survey::<true>::default())
        } else {
            self.work_watched(Survey::<false>::default())
        }
    }

    fn work_watched<const INNER: bool>(&mut self, survey: Survey<INNER>) -> Ended {
        let mut watch = Watched {
            survey,
            shared: Arc::clone(&self.shared),
            beats: 0,
            events: Events::default(),
        };
        let (mut drawn, mut next) = (Drawn::default(), Drawn::default());
        self.draw(&mut next);
        let mut found = None;
        while found.is_none() && !self.is_over() {
            std::mem::swap(&mut drawn, &mut next);
            self.advance();
            self.draw(&mut next);
            found = self.next(&mut drawn, &mut next, &mut watch);
        }
        Ended {
            facts: watch.facts(),
            found,
            place: self.place,
        }
    }

    /// Draws the case of the place where this stands.
    fn draw(&mut self, drawn: &mut Drawn) {
        let jobs = self.settings.jobs.max(1) as u64;
        drawn.index = self.settings.shard.case(self.number + jobs * self.place);
        drawn.lane = lane_of(&self.shares, drawn.index);
        self.draws.case_into(drawn.index, &mut drawn.case);
    }

    fn advance(&mut self) {
        self.place += 1;
        self.shared.place.store(self.place, Ordering::Relaxed);
    }

    /// Runs a case that can be afforded, and lets its lane hear what comes next; the failure, if
    /// it fails.
    fn next<const INNER: bool>(
        &mut self,
        drawn: &mut Drawn,
        next: &mut Drawn,
        watch: &mut Watched<INNER>,
    ) -> Option<Found> {
        if !self.lanes[drawn.lane].target.0.affords(&drawn.case) {
            self.common.passed_over.fetch_add(1, Ordering::Relaxed);
            watch.beat();
            return None;
        }
        let is_next = next.lane == drawn.lane;
        let found = self.run(drawn, Some(&*next).filter(|_| is_next), watch)?;
        let has_begun_next = self.lanes[drawn.lane].target.0.has_begun_next();
        if found.divergence.class.is_an_answer() || !has_begun_next {
            return Some(found);
        }
        // It may have been the next case that it could not bear, with answers to this one unsent:
        // each by itself says which.
        drawn.case.clone_from(&found.case);
        if let Some(by_itself) = self.run(drawn, None, watch) {
            return Some(by_itself);
        }
        self.advance();
        self.run(next, None, watch).or(Some(found))
    }

    /// Runs a case, by itself or with the one after it; the failure, if it fails.
    fn run<const INNER: bool>(
        &mut self,
        drawn: &mut Drawn,
        next: Option<&Drawn>,
        watch: &mut Watched<INNER>,
    ) -> Option<Found> {
        self.shared.index.store(drawn.index, Ordering::Relaxed);
        let target = &mut *self.lanes[drawn.lane].target.0;
        if let Some(next) = next {
            target.foresee_next(&Coming {
                case: &next.case,
                profile: &self.profile,
                contents: Contents::Compared,
            });
        }
        let before = watch.survey.tally.operations();
        let stage = &mut *target.stage();
        let outcome = check_on(stage, &self.profile, &drawn.case, Contents::Compared, watch);
        let sent = watch.survey.tally.operations() - before;
        // A failure counts, too: a store that never answers is not asked for ever.
        let counted = sent.max(u64::from(outcome.is_err()));
        self.common.operations.fetch_add(counted, Ordering::Relaxed);
        if let Err(divergence) = outcome {
            return Some(Found {
                index: drawn.index,
                lane: drawn.lane,
                case: std::mem::take(&mut drawn.case),
                divergence: *divergence,
            });
        }
        if let Ok(mut copy) = self.shared.facts.try_lock() {
            *copy = watch.facts();
        }
        None
    }

    fn is_over(&self) -> bool {
        let operations = self.common.operations.load(Ordering::Relaxed);
        let limit = self.settings.operations;
        self.common.stop.load(Ordering::Relaxed)
            || limit.is_some_and(|limit| operations >= limit)
            || self
                .settings
                .time
                .is_some_and(|time| self.begun.elapsed() >= time)
    }
}

/// A survey that also shows the caller where the store is.
struct Watched<const INNER: bool> {
    survey: Survey<INNER>,
    shared: Arc<Shared>,
    beats: u64,
    events: Events,
}

impl<const INNER: bool> Watched<INNER> {
    fn facts(&self) -> Facts {
        Facts {
            tally: self.survey.tally,
            events: self.events,
        }
    }

    fn beat(&mut self) {
        self.beats += 1;
        self.shared.beats.store(self.beats, Ordering::Relaxed);
    }
}

impl<const INNER: bool> Watch for Watched<INNER> {
    fn looks_inside(&self) -> bool {
        INNER
    }

    fn begin(&mut self, case: &Case) {
        self.shared.sent.store(0, Ordering::Relaxed);
        self.shared.opening.store(true, Ordering::Relaxed);
        self.survey.begin(case);
    }

    fn sends(&mut self, at: usize, op: &Op) {
        self.shared.sent.store(at as u64 + 1, Ordering::Relaxed);
        self.shared.opening.store(opens(op), Ordering::Relaxed);
        self.beat();
        self.survey.sends(at, op);
    }

    fn answered(&mut self, op: &Op, reply: &Reply) {
        self.survey.answered(op, reply);
    }

    fn traced(&mut self, trace: &Trace) {
        self.survey.traced(trace);
    }

    fn counted(&mut self, before: &Events, after: &Events) {
        self.events.add_between(before, after);
        self.survey.counted(before, after);
    }

    fn contents(&mut self, compared: u64) {
        self.beat();
        self.survey.contents(compared);
    }

    fn end(&mut self, case: &Case) {
        self.survey.end(case);
    }
}
