//! The loop of a campaign: a worker that runs cases, and whoever called, who waits and watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::failure::{Failed, Found};
use super::sandbox::{hung, patience};
use super::{Lane, Progress, Report, Settings};
use crate::check::{Contents, Watch, check_case_under};
use crate::generate::Generator;
use crate::op::{Case, Op, Reply};
use crate::profile::{Ability, Profile};
use crate::store::{Events, Target, Trace};
use crate::verdict::{Expected, Scope, Survey, Tally, judge, measure};

/// How often the caller hears of progress, and looks whether the store still moves.
const TICK: Duration = Duration::from_millis(100);

pub(super) fn run<T: Target + Clone + Send + 'static>(
    mut lanes: Vec<Lane<T>>,
    settings: &Settings,
    progress: &mut dyn Progress,
) -> Report {
    let profile = lanes.first().expect("at least one lane").target.profile();
    let mut generator = generator(settings, &profile);
    let kinds = generator.kinds();
    let mut expected = measure(&mut generator, settings.length);
    if let Some(engine_side) = &settings.engine_side {
        expected = expected.with_engine_side(engine_side);
    }
    let limits = lanes
        .iter_mut()
        .map(|lane| patience(&mut lane.target, profile.timeout));
    let patience = limits.max().expect("at least one lane");
    let begun = Instant::now();
    let (Facts { tally, events }, found) = search(
        lanes.clone(),
        settings,
        &profile,
        (begun, patience),
        progress,
    );
    let elapsed = begun.elapsed();
    let interrupted = settings.interrupt.load(Ordering::Relaxed);
    let failure = found.map(|found| {
        let lane = lanes
            .into_iter()
            .nth(found.lane)
            .expect("the lane it was found on");
        progress.failed(&lane.name, found.index);
        Box::new(Failed::examine(lane, found, settings, progress))
    });
    let scope = Scope {
        profile: &profile,
        kinds,
    };
    let failures = u64::from(failure.is_some());
    let judgement = judge(failures, &tally, &scope, &expected, &settings.floors);
    let store = profile.name.to_string();
    let not_covered = not_covered(&profile);
    Report {
        store,
        seed: settings.seed,
        tally,
        events,
        kinds,
        not_covered,
        judgement,
        failure,
        interrupted,
        elapsed,
    }
}

fn generator(settings: &Settings, profile: &Profile) -> Generator {
    Generator::new(settings.seed, profile)
        .only(&settings.only)
        .without(&settings.without)
}

fn not_covered(profile: &Profile) -> Vec<&'static str> {
    let lacking = Ability::ALL
        .into_iter()
        .filter(|ability| !profile.can.has(*ability));
    lacking.map(Ability::word).collect()
}

/// What worker and caller share while the worker runs.
#[derive(Default)]
struct Shared {
    /// The sequence being run.
    index: AtomicU64,
    /// Operations of it that were sent.
    sent: AtomicU64,
    /// Moves with everything that the store does.
    beats: AtomicU64,
    stop: AtomicBool,
    /// A recent copy of the facts.
    facts: Mutex<Facts>,
}

/// What was counted.
#[derive(Clone, Debug, Default)]
struct Facts {
    tally: Tally,
    events: Events,
}

impl Shared {
    fn facts(&self) -> Facts {
        self.facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Runs the worker until it ends, fails, or hangs.
fn search<T: Target + Clone + Send + 'static>(
    lanes: Vec<Lane<T>>,
    settings: &Settings,
    profile: &Profile,
    (begun, patience): (Instant, Duration),
    progress: &mut dyn Progress,
) -> (Facts, Option<Found>) {
    let shared = Arc::new(Shared::default());
    let (outbox, inbox) = channel();
    let turns: Vec<u64> = lanes.iter().map(|lane| lane.share).collect();
    let mut worker = Worker {
        lanes,
        settings: settings.clone(),
        profile: profile.clone(),
        begun,
        shared: Arc::clone(&shared),
    };
    let work = move || {
        let outcome = worker.work();
        // The store ends before anybody hears of it.
        drop(worker);
        drop(outbox.send(outcome));
    };
    thread::Builder::new()
        .name("campaign".into())
        .spawn(work)
        .expect("a thread can be started");
    let mut last_beat = (u64::MAX, Instant::now());
    loop {
        match inbox.recv_timeout(TICK) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => panic!("the checker's thread died"),
            Err(RecvTimeoutError::Timeout) => {
                progress.running(&shared.facts().tally, begun.elapsed());
            }
        }
        if settings.interrupt.load(Ordering::Relaxed) {
            shared.stop.store(true, Ordering::Relaxed);
        }
        let beats = shared.beats.load(Ordering::Relaxed);
        if beats != last_beat.0 {
            last_beat = (beats, Instant::now());
        } else if last_beat.1.elapsed() >= patience {
            let index = shared.index.load(Ordering::Relaxed);
            let case = generator(settings, profile).case(index, settings.length);
            let divergence = hung(&case, shared.sent.load(Ordering::Relaxed), profile.timeout);
            let lane = lane_of(&turns, index);
            return (
                shared.facts(),
                Some(Found {
                    index,
                    lane,
                    case,
                    divergence,
                }),
            );
        }
    }
}

/// Which lane a sequence runs on: each has its share of turns, round and round.
fn lane_of(shares: &[u64], index: u64) -> usize {
    let round: u64 = shares.iter().sum();
    let mut turn = index % round.max(1);
    for (lane, share) in shares.iter().enumerate() {
        if turn < *share {
            return lane;
        }
        turn -= share;
    }
    0
}

struct Worker<T> {
    lanes: Vec<Lane<T>>,
    settings: Settings,
    profile: Profile,
    begun: Instant,
    shared: Arc<Shared>,
}

impl<T: Target> Worker<T> {
    fn work(&mut self) -> (Facts, Option<Found>) {
        if self.profile.can.has(Ability::Layers) {
            self.work_watched(Survey::<true>::default())
        } else {
            self.work_watched(Survey::<false>::default())
        }
    }

    fn work_watched<const INNER: bool>(&mut self, survey: Survey<INNER>) -> (Facts, Option<Found>) {
        let mut generator = generator(&self.settings, &self.profile);
        let mut watch = Watched {
            survey,
            shared: Arc::clone(&self.shared),
            beats: 0,
            events: Events::default(),
        };
        let shares: Vec<u64> = self.lanes.iter().map(|lane| lane.share).collect();
        let mut case = Case::default();
        for index in 0.. {
            if self.is_over(&watch.survey.tally) {
                break;
            }
            generator.case_into(index, self.settings.length, &mut case);
            self.shared.index.store(index, Ordering::Relaxed);
            let lane = lane_of(&shares, index);
            let target = &mut self.lanes[lane].target;
            if !target.affords(&case) {
                watch.beat();
                continue;
            }
            let outcome =
                check_case_under(target, &self.profile, &case, Contents::Compared, &mut watch);
            if let Err(divergence) = outcome {
                let found = Found {
                    index,
                    lane,
                    case,
                    divergence: *divergence,
                };
                return (watch.facts(), Some(found));
            }
            if let Ok(mut copy) = self.shared.facts.try_lock() {
                *copy = watch.facts();
            }
        }
        (watch.facts(), None)
    }

    fn is_over(&self, tally: &Tally) -> bool {
        let used_up = |limit: Option<u64>| limit.is_some_and(|limit| tally.operations() >= limit);
        self.shared.stop.load(Ordering::Relaxed)
            || used_up(self.settings.operations)
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
    const INNER: bool = INNER;

    fn begin(&mut self, case: &Case) {
        self.shared.sent.store(0, Ordering::Relaxed);
        self.survey.begin(case);
    }

    fn sends(&mut self, at: usize, op: &Op) {
        self.shared.sent.store(at as u64 + 1, Ordering::Relaxed);
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

/// Measures the engine-side situations on the reference engine, or on any target that reports
/// its layers: in how many of the first sequences of a seed each is met.
///
/// A sequence that diverges is left out: the campaign itself will find it.
///
/// ```
/// use etalon_spec::{ModelTarget, Settings, measure_engine_side};
///
/// let seen = measure_engine_side(&mut ModelTarget, &Settings::default());
/// assert_eq!(seen.share(etalon_spec::Situation::EmptyFlush), Some(0.0), "a model has no layers");
/// ```
pub fn measure_engine_side<T: Target>(target: &mut T, settings: &Settings) -> Expected {
    let profile = target.profile();
    let mut generator = generator(settings, &profile);
    let mut survey = Survey::<true>::default();
    let mut case = Case::default();
    for index in 0..u64::from(crate::verdict::MEASURED) {
        generator.case_into(index, settings.length, &mut case);
        let contents = Contents::NotCompared;
        // Left out if it diverges; see above.
        let _ = check_case_under(target, &profile, &case, contents, &mut survey);
    }
    survey.seen()
}
