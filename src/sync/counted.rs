//! Loom's atomics, with their stores counted: for the claim that a search is complete.
//!
//! Loom remembers the 7 newest stores to an atomic, and no load returns an older one. If threads
//! that run beside each other store more often, some of what they could read is never tried, and
//! loom does not say so. A scenario asks here, at its end, how many stores there were to choose
//! from.
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
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::sync::atomic as imp;

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
#[derive(Debug, Default)]
struct Stores {
    scenario: AtomicUsize,
    count: AtomicUsize,
}

impl Stores {
    fn since_begin(&self) -> usize {
        if self.scenario.load(Ordering::Relaxed) == SCENARIO.get() {
            self.count.load(Ordering::Relaxed)
        } else {
            0
        }
    }

    fn one_more(&self) {
        let count = self.since_begin() + 1;
        self.scenario.store(SCENARIO.get(), Ordering::Relaxed);
        self.count.store(count, Ordering::Relaxed);
    }

    fn are_read(&self) {
        MOST.set(MOST.get().max(self.since_begin() + 1));
    }
}

macro_rules! counted {
    ($name:ident $(<$parameter:ident>)?, $value:ty) => {
        /// See the module.
        pub(crate) struct $name $(<$parameter>)? {
            atomic: imp::$name $(<$parameter>)?,
            stores: Stores,
        }

        // Loom's own, which asks nothing of what a pointer leads to.
        impl $(<$parameter>)? fmt::Debug for $name $(<$parameter>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.atomic.fmt(f)
            }
        }

        impl $(<$parameter>)? $name $(<$parameter>)? {
            pub(crate) fn new(value: $value) -> Self {
                let stores = Stores::default();
                $name { atomic: imp::$name::new(value), stores }
            }

            pub(crate) fn load(&self, order: Ordering) -> $value {
                self.stores.are_read();
                self.atomic.load(order)
            }

            pub(crate) fn store(&self, value: $value, order: Ordering) {
                self.stores.one_more();
                self.atomic.store(value, order);
            }
        }
    };
}

counted!(AtomicBool, bool);
counted!(AtomicPtr<T>, *mut T);
counted!(AtomicU64, u64);

impl AtomicU64 {
    pub(crate) fn fetch_add(&self, value: u64, order: Ordering) -> u64 {
        self.stores.one_more();
        self.atomic.fetch_add(value, order)
    }

    pub(crate) fn swap(&self, value: u64, order: Ordering) -> u64 {
        self.stores.one_more();
        self.atomic.swap(value, order)
    }

    pub(crate) fn fetch_or(&self, value: u64, order: Ordering) -> u64 {
        self.stores.one_more();
        self.atomic.fetch_or(value, order)
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
            self.stores.one_more();
        }
        exchanged
    }
}
