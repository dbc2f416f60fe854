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
//! load is answered here, and loom does not hear of it.
//!
//! Invariants:
//! 1. Counted are the stores since [`begin`], by whatever thread of the model, and the value from
//!    before. What was stored before is out of question: [`begin`] is called while one thread is
//!    alone.
//! 2. Only loads count: an operation that reads and writes reads the newest store.
//! 3. The counts are plain cells of the thread that explores. All threads of a model are
//!    coroutines of that one.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::Ordering;

use loom::sync::atomic as imp;
use loom::thread::{ThreadId, current};

use super::LeafLock;

thread_local! {
    /// How many scenarios have begun.
    static SCENARIO: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

/// The threads of a scenario are about to begin.
pub fn begin() {
    SCENARIO.set(SCENARIO.get() + 1);
    MOST.set(0);
}

/// The most stores that a load had to choose from since then, at most.
pub fn most() -> usize {
    MOST.get()
}

/// Of one atomic.
#[derive(Debug)]
struct Stores<V> {
    scenario: usize,
    count: usize,
    /// Who stored last, and what.
    last: (ThreadId, V),
}

impl<V: Copy> Stores<V> {
    fn new(value: V) -> LeafLock<Self> {
        LeafLock::new(Stores {
            scenario: SCENARIO.get(),
            count: 0,
            last: (current().id(), value),
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
        self.last = (current().id(), value);
    }

    /// What a load by this thread finds, if there is only one possibility.
    fn own(&self) -> Option<V> {
        MOST.set(MOST.get().max(self.since_begin() + 1));
        let (thread, value) = &self.last;
        (*thread == current().id()).then_some(*value)
    }
}

macro_rules! counted {
    ($name:ident $(<$parameter:ident>)?, $value:ty) => {
        /// See the module.
        pub(crate) struct $name $(<$parameter>)? {
            atomic: imp::$name $(<$parameter>)?,
            stores: LeafLock<Stores<$value>>,
        }

        // Loom's own, which asks nothing of what a pointer leads to.
        impl $(<$parameter>)? fmt::Debug for $name $(<$parameter>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.atomic.fmt(f)
            }
        }

        impl $(<$parameter>)? $name $(<$parameter>)? {
            pub(crate) fn new(value: $value) -> Self {
                let stores = Stores::new(value);
                $name { atomic: imp::$name::new(value), stores }
            }

            pub(crate) fn load(&self, order: Ordering) -> $value {
                let own = self.stores.lock().own();
                own.unwrap_or_else(|| self.atomic.load(order))
            }

            pub(crate) fn store(&self, value: $value, order: Ordering) {
                self.atomic.store(value, order);
                self.stores.lock().one_more(value);
            }
        }
    };
}

counted!(AtomicBool, bool);
counted!(AtomicPtr<T>, *mut T);
counted!(AtomicU64, u64);

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
