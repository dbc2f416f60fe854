//! The loop: a worker that makes histories and decides them, and whoever called, who watches that
//! the store still moves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::super::Progress;
use super::ThreadSettings;
use super::client::Stage;
use super::report::{ThreadFailure, ThreadReport, Trouble};
use super::theme::{Theme, kinds};
use crate::check::panics::catch;
use crate::concurrent::ConcurrentStore;
use crate::history::{Decision, History, Searched, decide};
use crate::kinds::Kinds;
use crate::op::{Op, OpKind, Reply};
use crate::profile::{Ability, Profile};
use crate::store::{KeyValueStore, Target};
use crate::verdict::{Expected, Extent, Floors, Judgement, Scope, Tally, Verdict, judge};

/// How often the caller hears of progress, and looks whether the store still moves.
const TICK: Duration = Duration::from_millis(100);

/// Of so many flushes and compactions one at least overlaps another call, if any can: a short run
/// on a busy machine may do without.
const STRUCTURE_DUE: u64 = 1_000;

pub(super) fn run<T>(
    target: T,
    settings: &ThreadSettings,
    progress: &mut dyn Progress,
) -> ThreadReport
where
    T: Target + Clone + Send + 'static,
    T::Store: ConcurrentStore,
{
    let profile = target.profile();
    let kinds = sent(settings, &profile);
    let begun = Instant::now();
    let (facts, failure) = search(target, settings, &profile, begun, progress);
    let Facts {
        tally, searched, ..
    } = facts;
    let failures = u64::from(failure.is_some());
    ThreadReport {
        store: profile.name.to_string(),
        seed: settings.seed,
        threads: settings.threads,
        judgement: judged(failures, &tally, &searched, &profile, kinds),
        tally,
        searched,
        kinds,
        failure,
        interrupted: settings.interrupt.load(Ordering::Relaxed),
        elapsed: begun.elapsed(),
    }
}

/// What clients send.
fn sent(settings: &ThreadSettings, profile: &Profile) -> Kinds {
    let only: Kinds = settings.only.iter().copied().collect();
    let without: Kinds = settings.without.iter().copied().collect();
    let all = kinds(profile).minus(without);
    if only.is_empty() { all } else { all.and(only) }
}

fn judged(
    failures: u64,
    tally: &Tally,
    searched: &Searched,
    profile: &Profile,
    kinds: Kinds,
) -> Judgement {
    let floors = Floors::parse(["none"]).expect("a known word");
    let scope = Scope { profile, kinds };
    let mut judgement = judge(failures, tally, &scope, &Expected::default(), &floors);
    let mut missing = Vec::new();
    if searched.calls > 0 && searched.overlapping == 0 {
        missing.push("no two calls overlapped. Try --for 10s, or more threads".to_string());
    }
    let flushes = tally.of(OpKind::Flush).sent + tally.of(OpKind::Compact).sent;
    if flushes >= STRUCTURE_DUE && searched.structure_overlapping == 0 {
        missing.push(format!(
            "none of {flushes} flushes and compactions overlapped another call. Try --for 10s"
        ));
    }
    if !missing.is_empty() {
        match &mut judgement.verdict {
            Verdict::Fail => {}
            Verdict::Vacuous(lines) => lines.extend(missing),
            verdict @ Verdict::Pass => *verdict = Verdict::Vacuous(missing),
        }
    }
    judgement
}

/// What was counted.
#[derive(Clone, Debug, Default)]
struct Facts {
    tally: Tally,
    searched: Searched,
}

/// What worker and caller share while the worker runs.
#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    facts: Mutex<Facts>,
    /// The number of the history that is being made, and what its threads share; none while one
    /// is being decided.
    stage: Mutex<Option<(u64, Arc<Stage>)>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Found = Option<Box<ThreadFailure>>;

/// Runs the worker until it ends, fails, or hangs.
fn search<T>(
    target: T,
    settings: &ThreadSettings,
    profile: &Profile,
    begun: Instant,
    progress: &mut dyn Progress,
) -> (Facts, Found)
where
    T: Target + Send + 'static,
    T::Store: ConcurrentStore,
{
    let shared = Arc::new(Shared::default());
    let (outbox, inbox) = channel();
    let mut worker = Worker {
        target,
        settings: settings.clone(),
        profile: profile.clone(),
        begun,
        shared: Arc::clone(&shared),
    };
    let work = move || drop(outbox.send(worker.work()));
    let named = thread::Builder::new().name("campaign".into());
    named.spawn(work).expect("a thread can be started");
    let mut last_beat = (None, Instant::now());
    loop {
        match inbox.recv_timeout(TICK) {
            Ok(found) => return (locked(&shared.facts).clone(), found),
            Err(RecvTimeoutError::Disconnected) => panic!("the checker's thread died"),
            Err(RecvTimeoutError::Timeout) => {
                let tally = locked(&shared.facts).tally;
                progress.running(&tally, begun.elapsed());
            }
        }
        if settings.interrupt.load(Ordering::Relaxed) {
            shared.stop.store(true, Ordering::Relaxed);
        }
        let stage = locked(&shared.stage).clone();
        let beat = stage.as_ref().map(|(index, stage)| (*index, stage.beats()));
        if beat.is_none() || beat != last_beat.0 {
            last_beat = (beat, Instant::now());
            continue;
        }
        let hangs = last_beat.1.elapsed() >= profile.timeout;
        if let Some((index, stage)) = stage.filter(|_| hangs) {
            let failure = ThreadFailure {
                index,
                trouble: Trouble::Hung(profile.timeout),
                history: stage.history(),
            };
            return (locked(&shared.facts).clone(), Some(Box::new(failure)));
        }
    }
}

struct Worker<T> {
    target: T,
    settings: ThreadSettings,
    profile: Profile,
    begun: Instant,
    shared: Arc<Shared>,
}

impl<T> Worker<T>
where
    T: Target,
    T::Store: ConcurrentStore,
{
    /// Makes histories and decides them, until the budget is used up or one is wrong.
    fn work(&mut self) -> Found {
        let kinds = sent(&self.settings, &self.profile);
        for index in 0.. {
            if self.is_over() {
                break;
            }
            let theme = Theme::new(self.settings.seed, index, &self.profile, kinds);
            let stage = Arc::new(Stage::new(theme, self.settings.threads));
            *locked(&self.shared.stage) = Some((index, Arc::clone(&stage)));
            let made = catch(|| self.make(&stage)).unwrap_or_else(|panic| {
                let what = format!("panicked at {}: {}", panic.place, panic.message);
                Err(Trouble::Unusable(what))
            });
            *locked(&self.shared.stage) = None;
            let history = stage.history();
            let trouble = made.err().or_else(|| self.decided(&history));
            if let Some(trouble) = trouble {
                let failure = ThreadFailure {
                    index,
                    trouble,
                    history,
                };
                return Some(Box::new(failure));
            }
        }
        None
    }

    /// Makes one history.
    fn make(&mut self, stage: &Stage) -> Result<(), Trouble> {
        let options = stage.theme().options.clone();
        let unusable = |failure| Trouble::Unusable(format!("a new store: {failure}"));
        let store = self.target.create(&options).map_err(unusable)?;
        stage.run(&store, self.settings.length);
        if stage.trouble().is_none() {
            stage.read_all(&mut store.client());
        }
        let mut store = Some(store);
        if self.profile.can.has(Ability::Reopen) && stage.trouble().is_none() {
            let target = &mut self.target;
            stage.call(0, &Op::Reopen, |_| {
                store.take().map_or(Ok(()), KeyValueStore::close)?;
                store = Some(target.reopen(&options)?);
                Ok(Reply::Done)
            });
            if let Some(store) = store.as_ref().filter(|_| stage.trouble().is_none()) {
                stage.read_all(&mut store.client());
            }
        }
        stage.trouble().map_or(Ok(()), Err)
    }

    /// Decides a history and counts it; what is wrong with it, if anything is.
    fn decided(&self, history: &History) -> Option<Trouble> {
        let decision = decide(history, self.settings.effort);
        let mut facts = locked(&self.shared.facts);
        let tally = &mut facts.tally;
        for call in history.calls() {
            tally.record(&call.op, call.reply().unwrap_or(&Reply::Refused));
        }
        tally.sequences += 1;
        tally
            .extent
            .add_history(matches!(decision, Decision::Unknown(_)));
        match decision {
            Decision::Linearizable(searched) => {
                tally.compared += searched.calls;
                facts.searched.add(&searched);
                None
            }
            Decision::Unknown(searched) => {
                facts.searched.add(&searched);
                None
            }
            Decision::Impossible(contradiction) => {
                facts.searched.add(&Searched::census(history));
                Some(Trouble::Impossible(contradiction))
            }
        }
    }

    fn is_over(&self) -> bool {
        let facts = locked(&self.shared.facts);
        let limit = self.settings.operations;
        self.shared.stop.load(Ordering::Relaxed)
            || limit.is_some_and(|limit| facts.tally.operations() >= limit)
            || self
                .settings
                .time
                .is_some_and(|time| self.begun.elapsed() >= time)
    }
}

impl Extent {
    fn add_history(&mut self, is_undecided: bool) {
        *self.interleavings.get_or_insert_default() += 1;
        self.undecided += u64::from(is_undecided);
    }
}
