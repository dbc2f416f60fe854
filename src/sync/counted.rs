//! Loom's atomics, with their stores watched: for the claim that a search is complete.
//!
//! Loom remembers the 7 newest stores to an atomic, and no load returns an older one. If threads
//! that run beside each other store more often, some of what they could read is never tried, and
//! loom does not say so. A scenario asks here, at its end, how many stores there were to choose
//! from.
//!
//! And it remembers one last access to an atomic. If a thread loads and then stores, its own load
//! hides the loads of others from its store, and the order of those is not tried
//! (tokio-rs/loom#166, #392). A thread that has stored last can only load what it stored: such a
//! load is answered here, and loom does not hear of it. What is hidden all the same is counted.
//!
//! Invariants:
//! 1. Counted are the stores since [`begin`], by whatever thread of the model, and the value from
//!    before. What was stored before is out of question: [`begin`] is called while one thread is
//!    alone.
//! 2. Only loads count: an operation that reads and writes reads the newest store.
//! 3. The counts are plain cells of the thread that explores. All threads of a model are
//!    coroutines of that one.

use std::cell::Cell;
use std::convert::identity;
use std::fmt;
use std::ptr::{self, with_exposed_provenance_mut};
use std::sync::atomic::Ordering;

use loom::sync::atomic as imp;
use loom::thread::{ThreadId, current};

use super::LeafLock;

thread_local! {
    /// How many scenarios have begun.
    static SCENARIO: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
    static HIDDEN: Cell<usize> = const { Cell::new(0) };
}

/// The threads of a scenario are about to begin.
pub fn begin() {
    SCENARIO.set(SCENARIO.get() + 1);
    MOST.set(0);
    HIDDEN.set(0);
}

/// The most stores that a load had to choose from since then, at most.
pub fn most() -> usize {
    MOST.get()
}

/// How many stores there were since then, at most, whose order with an earlier load of another
/// thread loom did not try.
pub fn hidden() -> usize {
    HIDDEN.get()
}

/// Of one atomic.
#[derive(Debug)]
struct Stores<V> {
    scenario: usize,
    count: usize,
    /// Who stored last, and what.
    last: Option<(ThreadId, V)>,
    /// Who has loaded since then, and whether loom knows of it.
    loads: Vec<(ThreadId, bool)>,
}

impl<V: Copy> Stores<V> {
    /// Who makes it has stored it, if it will be the one to store again: so it is with links.
    fn new(value: V, has_one_writer: bool) -> LeafLock<Self> {
        LeafLock::new(Stores {
            scenario: SCENARIO.get(),
            count: 0,
            last: has_one_writer.then(|| (current().id(), value)),
            loads: Vec::new(),
        })
    }

    fn since_begin(&self) -> usize {
        if self.scenario == SCENARIO.get() {
            self.count
        } else {
            0
        }
    }

    fn one_more(&mut self, value: V) {
        self.count = self.since_begin() + 1;
        self.scenario = SCENARIO.get();
        let own = current().id();
        let by_others = |(thread, _): &&(ThreadId, bool)| *thread != own;
        let last = self.loads.iter().rfind(|(_, known)| *known);
        let others = self.loads.iter().filter(by_others);
        let all_are_known = others.clone().all(|(_, known)| *known);
        let last_is_own = last.is_some_and(|(thread, _)| *thread == own);
        if !all_are_known || last_is_own && others.count() > 0 {
            HIDDEN.set(HIDDEN.get() + 1);
        }
        self.loads.clear();
        self.last = Some((own, value));
    }

    /// What a load by this thread finds, if there is only one possibility, and loom is better not
    /// told: it would forget the load of another thread.
    fn own(&mut self) -> Option<V> {
        MOST.set(MOST.get().max(self.since_begin() + 1));
        let own = current().id();
        let stored = self.last.filter(|(thread, _)| *thread == own);
        let last = self.loads.iter().rfind(|(_, known)| *known);
        let hides = last.is_some_and(|(thread, _)| *thread != own);
        let untold = stored.filter(|_| hides).map(|(_, value)| value);
        self.loads.push((own, untold.is_none()));
        untold
    }
}

macro_rules! counted {
    // A value, what is remembered of it, and how the one becomes the other: of a pointer its
    // address, since the pointer itself could not be shared between threads.
    ($name:ident $(<$parameter:ident>)?, $value:ty, $kept:ty, $keep:expr, $give:expr, $has_one_writer:expr) => {
        /// See the module.
        pub(crate) struct $name $(<$parameter>)? {
            atomic: imp::$name $(<$parameter>)?,
            stores: LeafLock<Stores<$kept>>,
        }

        // Loom's own, which asks nothing of what a pointer leads to.
        impl $(<$parameter>)? fmt::Debug for $name $(<$parameter>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.atomic.fmt(f)
            }
        }

        impl $(<$parameter>)? $name $(<$parameter>)? {
            pub(crate) fn new(value: $value) -> Self {
                let stores = Stores::new($keep(value), $has_one_writer);
                $name { atomic: imp::$name::new(value), stores }
            }

            pub(crate) fn load(&self, order: Ordering) -> $value {
                let own = self.stores.lock().own();
                own.map_or_else(|| self.atomic.load(order), $give)
            }

            pub(crate) fn store(&self, value: $value, order: Ordering) {
                self.atomic.store(value, order);
                self.stores.lock().one_more($keep(value));
            }
        }
    };
}

counted!(
    AtomicPtr<T>,
    *mut T,
    usize,
    <*mut T>::expose_provenance,
    with_exposed_provenance_mut,
    true
);
counted!(AtomicU64, u64, u64, identity, identity, false);

impl<T> Default for AtomicPtr<T> {
    fn default() -> Self {
        AtomicPtr::new(ptr::null_mut())
    }
}

/// A flag that some threads load before they store it, and others only load. So that those do not
/// hide each other's loads, each use of it is also a use of `turns`, which no use hides.
#[derive(Debug)]
pub(crate) struct AtomicBool {
    atomic: imp::AtomicBool,
    turns: imp::AtomicUsize,
}

impl AtomicBool {
    pub(crate) fn new(value: bool) -> Self {
        AtomicBool {
            atomic: imp::AtomicBool::new(value),
            turns: imp::AtomicUsize::new(0),
        }
    }

    pub(crate) fn load(&self, order: Ordering) -> bool {
        self.turns.fetch_add(0, Ordering::Relaxed);
        self.atomic.load(order)
    }

    pub(crate) fn store(&self, value: bool, order: Ordering) {
        self.turns.fetch_add(0, Ordering::Relaxed);
        self.atomic.store(value, order);
    }
}

impl AtomicU64 {
    pub(crate) fn fetch_add(&self, value: u64, order: Ordering) -> u64 {
        let before = self.atomic.fetch_add(value, order);
        self.stores.lock().one_more(before.wrapping_add(value));
        before
    }

    pub(crate) fn swap(&self, value: u64, order: Ordering) -> u64 {
        let before = self.atomic.swap(value, order);
        self.stores.lock().one_more(value);
        before
    }

    pub(crate) fn fetch_or(&self, value: u64, order: Ordering) -> u64 {
        let before = self.atomic.fetch_or(value, order);
        self.stores.lock().one_more(before | value);
        before
    }

    /// Finds the newest value, whether or not it then stores another.
    pub(crate) fn compare_exchange(
        &self,
        from: u64,
        to: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        let exchanged = self.atomic.compare_exchange(from, to, success, failure);
        if exchanged.is_ok() {
            self.stores.lock().one_more(to);
        }
        exchanged
    }
}
