//! One history being made: the clients' threads, the thread of the structure, and what they write
//! down.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

use super::report::Trouble;
use super::theme::Theme;
use super::workload::Workload;
use crate::check::apply;
use crate::check::panics::catch;
use crate::concurrent::ConcurrentStore;
use crate::history::{Clock, History, Lane};
use crate::op::{Op, OpKind, Reply};
use crate::profile::Order;
use crate::range::Scan;
use crate::store::{Failure, KeyValueStore, Outcome};

/// What the threads of a history share, and whoever watches them.
#[derive(Debug)]
pub(super) struct Stage {
    theme: Theme,
    /// How many clients there are; the lane after theirs is the structure's.
    clients: usize,
    lanes: Vec<Mutex<Lane>>,
    clock: Clock,
    /// Calls of clients that were answered.
    answered: AtomicU64,
    /// Clients that have not ended.
    running: AtomicU64,
    /// Nobody calls any more: something went wrong.
    is_over: AtomicBool,
    trouble: Mutex<Option<Trouble>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stage {
    pub(super) fn new(theme: Theme, clients: usize) -> Self {
        let lanes = 0..=clients as u32;
        Stage {
            theme,
            clients,
            lanes: lanes.map(|lane| Mutex::new(Lane::new(lane))).collect(),
            clock: Clock::default(),
            answered: AtomicU64::new(0),
            running: AtomicU64::new(clients as u64),
            is_over: AtomicBool::new(false),
            trouble: Mutex::new(None),
        }
    }

    pub(super) fn theme(&self) -> &Theme {
        &self.theme
    }

    /// Moves with every answer and every question.
    pub(super) fn beats(&self) -> u64 {
        self.clock.now()
    }

    /// What was recorded so far.
    pub(super) fn history(&self) -> History {
        let lanes = self.lanes.iter().map(|lane| locked(lane).clone());
        History::from_lanes(lanes).expect("each lane is one thread's")
    }

    /// What went wrong, if something did.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        locked(&self.trouble).clone()
    }

    /// Lets the clients call the store, `length` times each, and the structure's thread beside
    /// them. The scope ends when all have ended.
    pub(super) fn run<S: ConcurrentStore>(&self, store: &S, length: usize) {
        let structure = self.theme.structure();
        thread::scope(|scope| {
            let of_structure = (!structure.is_empty()).then(|| {
                let work = || self.structure(&mut store.client(), &structure);
                scope.spawn(work).thread().clone()
            });
            for lane in 0..self.clients {
                let of_structure = of_structure.clone();
                scope.spawn(move || {
                    self.client(&mut store.client(), lane, length, of_structure.as_ref());
                });
            }
        });
    }

    fn client(
        &self,
        client: &mut impl KeyValueStore,
        lane: usize,
        length: usize,
        structure: Option<&Thread>,
    ) {
        let mut workload = Workload::new(&self.theme, lane);
        for _ in 0..length {
            let is_over = self.is_over.load(Ordering::Relaxed);
            let Some(op) = workload.next().filter(|_| !is_over) else {
                break;
            };
            if !self.call(lane, &op, |op| apply(client, op)) {
                break;
            }
            self.answered.fetch_add(1, Ordering::Relaxed);
            structure.into_iter().for_each(Thread::unpark);
        }
        self.running.fetch_sub(1, Ordering::Release);
        structure.into_iter().for_each(Thread::unpark);
    }

    /// Flushes or compacts after every few calls of the clients, until they have ended.
    fn structure(&self, client: &mut impl KeyValueStore, kinds: &[OpKind]) {
        let mut random = self.theme.stream(self.clients);
        let mut due = 0;
        while self.running.load(Ordering::Acquire) > 0 && !self.is_over.load(Ordering::Relaxed) {
            if self.answered.load(Ordering::Relaxed) < due {
                // Each client wakes it, after every call and at its end.
                thread::park();
                continue;
            }
            due = self.answered.load(Ordering::Relaxed) + 1 + random.below(60) as u64;
            let op = match random.pick(kinds) {
                OpKind::Compact => Op::Compact,
                _ => Op::Flush,
            };
            if !self.call(self.clients, &op, |op| apply(client, op)) {
                return;
            }
        }
    }

    /// Reads the whole contents, with all clients gone.
    pub(super) fn read_all(&self, client: &mut impl KeyValueStore) {
        if self.theme.profile.sends(OpKind::Scan) {
            self.call(0, &Op::scan(Scan::ALL), |op| apply(client, op));
            return;
        }
        for key in &self.theme.keys {
            self.call(0, &Op::get(key.clone()), |op| apply(client, op));
        }
    }

    /// Makes one call and writes it down; false if it failed, or if another one has.
    pub(super) fn call(
        &self,
        lane: usize,
        op: &Op,
        work: impl FnOnce(&Op) -> Outcome<Reply>,
    ) -> bool {
        {
            let mut record = locked(&self.lanes[lane]);
            let invoked = record.invoke(op.clone(), self.clock.tick());
            invoked.expect("one call after the other");
        }
        let outcome = catch(|| work(op));
        let at = self.clock.tick();
        let what = match outcome {
            Ok(Ok(reply)) => {
                let reply = self.in_order(op, reply);
                let recorded = locked(&self.lanes[lane]).ret(reply, at);
                recorded.expect("invoked above");
                return true;
            }
            Ok(Err(Failure::Unsupported)) => "unsupported, though the profile declares it".into(),
            Ok(Err(failure)) => failure.to_string(),
            Err(panic) => format!("panicked at {}: {}", panic.place, panic.message),
        };
        let lane = lane as u32;
        let op = op.to_string();
        locked(&self.trouble).get_or_insert(Trouble::Failed { lane, op, what });
        self.is_over.store(true, Ordering::Relaxed);
        false
    }

    /// Where a store has no order, the entries of its scans are put in one.
    fn in_order(&self, op: &Op, reply: Reply) -> Reply {
        match (op, reply) {
            (Op::Scan { .. }, Reply::Entries(mut entries))
                if self.theme.profile.order == Order::None =>
            {
                entries.sort_unstable();
                Reply::Entries(entries)
            }
            (_, reply) => reply,
        }
    }
}
