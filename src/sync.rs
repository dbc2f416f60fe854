//! The one place that names locks, atomics and threads: `std`'s, loom's or shuttle's.
//!
//! `tests/loom/` compiles this same source tree with its feature `loom` on, and every name below
//! then becomes loom's: the production code itself is explored, not a model of it. `tests/shuttle/`
//! does the same with shuttle's.
//!
//! Rules:
//! 1. No other file of the engine names `std::sync`'s locks, atomics or threads (a tidy test).
//! 2. [`LeafLock`] and [`Counter`] are `std`'s in every build, invisible to both. A leaf lock is
//!    never held across another operation of this module, so it adds no interleaving.
//! 3. Nothing instrumented stands in a static or a thread-local.
//! 4. A panic while a lock is held does not poison it: the engine marks itself as stopped where
//!    a half-done change could matter, and readers go on.

#[cfg(feature = "loom")]
use loom::sync as imp;
#[cfg(feature = "shuttle")]
use shuttle::sync as imp;
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
use std::sync as imp;

use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;

/// What several threads load and store.
pub(crate) use imp::atomic::{AtomicBool, AtomicPtr};
pub(crate) use std::sync::atomic::Ordering;

/// Shared ownership without effect on drop: `std`'s in every build.
pub(crate) use std::sync::Arc;

/// The hold of a [`Mutex`].
pub(crate) use imp::MutexGuard;

/// A mutual exclusion lock.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(imp::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Mutex(imp::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lock that many readers or one writer hold.
#[derive(Debug, Default)]
pub(crate) struct RwLock<T>(imp::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) fn new(value: T) -> Self {
        RwLock(imp::RwLock::new(value))
    }

    pub(crate) fn read(&self) -> imp::RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> imp::RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hold of a [`LeafLock`].
pub(crate) type LeafGuard<'a, T> = std::sync::MutexGuard<'a, T>;

/// A lock that no checker sees; see rule 2.
#[derive(Debug, Default)]
pub(crate) struct LeafLock<T>(std::sync::Mutex<T>);

impl<T> LeafLock<T> {
    pub(crate) const fn new(value: T) -> Self {
        LeafLock(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> LeafGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands in memory that is written whole, once, before other threads find it: nothing at all,
/// but under loom, which does not see raw memory, a cell. A reader that may not yet see the rest
/// of what was written is then reported as a data race.
#[derive(Debug)]
pub(crate) struct Written(#[cfg(feature = "loom")] loom::cell::UnsafeCell<()>);

impl Written {
    /// Goes with the writing.
    #[inline]
    pub(crate) fn now() -> Self {
        Written(
            #[cfg(feature = "loom")]
            loom::cell::UnsafeCell::new(()),
        )
    }

    /// Goes with each reading.
    #[inline]
    #[cfg_attr(not(feature = "loom"), allow(clippy::unused_self))]
    pub(crate) fn is_read(&self) {
        #[cfg(feature = "loom")]
        self.0.with(|_| ());
    }
}

/// A value that is set once, and never waited for.
pub(crate) type LeafOnce<T> = std::sync::OnceLock<T>;

/// A statistic: counted from any thread, ordered with nothing.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
