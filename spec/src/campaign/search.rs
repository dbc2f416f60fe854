//! The search: workers that run cases, and whoever called, who waits and watches.
//!
//! ```text
//!   worker 0   case --> case --> case --> failure
//!   worker 1   case --> case --> case --> told to stop     a round
//!   caller     . . . looks every 100 ms whether each still moves
//! ```
//!
//! Each worker has stores of its own. A round ends with the first failure, or with the budget;
//! the next one goes on where each worker stopped.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::draws::Draws;
use super::failure::Found;
use super::sandbox::{Patience, hung};
use super::worker::{Ended, Worker};
use super::{Lane, Progress, Settings};
use crate::profile::Profile;
use crate::stage::BoxedTarget;
use crate::store::Events;
use crate::verdict::Tally;

/// How often the caller hears of progress, and looks whether the stores still move.
const TICK: Duration = Duration::from_millis(100);

/// What was counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) tally: Tally,
    pub(super) events: Events,
}

impl Facts {
    fn add(&mut self, other: &Facts) {
        self.tally.add(&other.tally);
        self.events.add_between(&Events::default(), &other.events);
    }
}

/// What a worker and the caller share while the worker runs.
#[derive(Default)]
pub(super) struct Shared {
    /// The sequence being run.
    pub(super) index: AtomicU64,
    /// The next one.
    pub(super) place: AtomicU64,
    /// Operations of it that were sent.
    pub(super) sent: AtomicU64,
    /// Whether the store is being opened, or has just been.
    pub(super) opening: AtomicBool,
    /// Moves with everything that the store does.
    pub(super) beats: AtomicU64,
    /// A recent copy of the facts of this round.
    pub(super) facts: Mutex<Facts>,
}

impl Shared {
    fn facts(&self) -> Facts {
        self.facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What all workers of a campaign share.
#[derive(Default)]
pub(super) struct Common {
    pub(super) stop: AtomicBool,
    /// Operations that were sent, by all.
    pub(super) operations: AtomicU64,
    /// Cases that a target could not afford.
    pub(super) passed_over: AtomicU64,
}

/// A search, between its rounds.
pub(super) struct Search<'a> {
    pub(super) lanes: &'a [Lane<BoxedTarget>],
    pub(super) settings: &'a Settings,
    pub(super) profile: &'a Profile,
    pub(super) begun: Instant,
    /// After so much silence a store hangs.
    pub(super) patience: Patience,
    /// For each worker the place in its part of the shard where it goes on.
    places: Vec<u64>,
    /// The facts of all rounds so far.
    pub(super) facts: Facts,
    common: Arc<Common>,
}

/// A worker of a round, as the caller sees it.
struct Watched {
    number: usize,
    shared: Arc<Shared>,
    beats: (u64, Instant),
}

impl<'a> Search<'a> {
    pub(super) fn new(
        lanes: &'a [Lane<BoxedTarget>],
        settings: &'a Settings,
        profile: &'a Profile,
        patience: Patience,
    ) -> Self {
        Search {
            lanes,
            settings,
            profile,
            begun: Instant::now(),
            patience,
            places: vec![0; settings.jobs.max(1)],
            facts: Facts::default(),
            common: Arc::default(),
        }
    }

    /// How many cases the targets could not afford so far.
    pub(super) fn passed_over(&self) -> u64 {
        self.common.passed_over.load(Ordering::Relaxed)
    }

    /// Runs the workers until all end, or one fails or hangs. Several may fail at once; the first
    /// sequence comes first.
    pub(super) fn round(&mut self, draws: &Draws, progress: &mut dyn Progress) -> Vec<Found> {
        self.common.stop.store(false, Ordering::Relaxed);
        let (outbox, inbox) = channel();
        let mut running: Vec<Watched> = (0..self.places.len())
            .map(|number| self.start(number, draws, outbox.clone()))
            .collect();
        drop(outbox);
        let mut found = Vec::new();
        while !running.is_empty() {
            if let Some((number, ended)) = self.wait(&inbox, &running, progress) {
                running.retain(|worker| worker.number != number);
                self.facts.add(&ended.facts);
                self.places[number] = ended.place;
                found.extend(ended.found);
            }
            if !found.is_empty() || self.settings.interrupt.load(Ordering::Relaxed) {
                self.common.stop.store(true, Ordering::Relaxed);
            }
            if let Some(at) = running.iter_mut().position(|worker| self.hangs(worker)) {
                let worker = running.swap_remove(at);
                found.push(self.hung(&worker.shared, draws));
                self.facts.add(&worker.shared.facts());
                self.places[worker.number] = worker.shared.place.load(Ordering::Relaxed);
            }
        }
        found.sort_by_key(|found| found.index);
        found
    }

    fn start(&self, number: usize, draws: &Draws, outbox: Sender<(usize, Ended)>) -> Watched {
        let shared = Arc::new(Shared::default());
        let mut worker = Worker {
            lanes: self.lanes.to_vec(),
            shares: self.shares(),
            draws: draws.clone(),
            settings: self.settings.clone(),
            profile: self.profile.clone(),
            begun: self.begun,
            number: number as u64,
            place: self.places[number],
            shared: Arc::clone(&shared),
            common: Arc::clone(&self.common),
        };
        let work = move || {
            let ended = worker.work();
            // The store ends before anybody hears of it.
            drop(worker);
            drop(outbox.send((number, ended)));
        };
        thread::Builder::new()
            .name("campaign".into())
            .spawn(work)
            .expect("a thread can be started");
        Watched {
            number,
            shared,
            beats: (u64::MAX, Instant::now()),
        }
    }

    fn wait(
        &self,
        inbox: &Receiver<(usize, Ended)>,
        running: &[Watched],
        progress: &mut dyn Progress,
    ) -> Option<(usize, Ended)> {
        match inbox.recv_timeout(TICK) {
            Ok(ended) => Some(ended),
            Err(RecvTimeoutError::Disconnected) => panic!("the checker's thread died"),
            Err(RecvTimeoutError::Timeout) => {
                let mut facts = self.facts.clone();
                for worker in running {
                    facts.add(&worker.shared.facts());
                }
                progress.running(&facts.tally, self.begun.elapsed());
                None
            }
        }
    }

    fn shares(&self) -> Vec<u64> {
        self.lanes.iter().map(|lane| lane.share).collect()
    }

    fn hangs(&self, worker: &mut Watched) -> bool {
        let beats = worker.shared.beats.load(Ordering::Relaxed);
        if beats != worker.beats.0 {
            worker.beats = (beats, Instant::now());
        }
        let is_opening = worker.shared.opening.load(Ordering::Relaxed);
        worker.beats.1.elapsed() >= self.patience.of(is_opening)
    }

    fn hung(&self, shared: &Shared, draws: &Draws) -> Found {
        let index = shared.index.load(Ordering::Relaxed);
        let case = draws.clone().case(index);
        let sent = shared.sent.load(Ordering::Relaxed);
        let is_opening = shared.opening.load(Ordering::Relaxed);
        let granted = if is_opening {
            self.profile.timeout_open
        } else {
            self.profile.timeout
        };
        let divergence = hung(&case, sent, granted);
        Found {
            index,
            lane: lane_of(&self.shares(), index),
            case,
            divergence,
        }
    }
}

/// Which lane a sequence runs on: each has its share of turns, round and round.
pub(super) fn lane_of(shares: &[u64], index: u64) -> usize {
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
