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

#[cfg(feature = "loom")]
use loom::thread as threads;
#[cfg(feature = "shuttle")]
use shuttle::thread as threads;
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
use std::thread as threads;

use std::panic::resume_unwind;
use std::sync::PoisonError;

#[cfg(feature = "loom")]
pub mod counted;

/// What several threads load and store.
#[cfg(feature = "loom")]
pub(crate) use counted::{AtomicBool, AtomicPtr, AtomicU64};
#[cfg(not(feature = "loom"))]
pub(crate) use imp::atomic::{AtomicBool, AtomicPtr, AtomicU64};
pub(crate) use std::sync::atomic::Ordering;

/// Memory that whoever has the right to it reaches through a pointer. Loom sees two that have it
/// at once.
#[cfg(feature = "loom")]
pub(crate) use loom::cell::UnsafeCell;

/// Lets others run, in a loop that waits for them.
#[cfg(feature = "loom")]
pub(crate) use loom::thread::yield_now;
#[cfg(feature = "shuttle")]
pub(crate) use shuttle::thread::yield_now;
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub(crate) use std::thread::yield_now;

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

/// Something to wait for, of what a [`Mutex`] guards.
#[derive(Debug, Default)]
pub(crate) struct Condvar(imp::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Condvar(imp::Condvar::new())
    }

    /// Gives up the lock until there is a notification. It may return without, so whoever waits
    /// looks again.
    pub(crate) fn wait<'a, T>(&self, hold: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(hold).unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// A thread that can be waited for.
pub(crate) use threads::JoinHandle;

/// Begins a thread of the engine's own.
pub(crate) fn spawn(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    let thread = threads::Builder::new().name(name.to_owned());
    // In words; loom's own 32 KiB are too few.
    #[cfg(feature = "loom")]
    let thread = thread.stack_size(256 * 1024 / size_of::<usize>());
    thread.spawn(work)
}

/// Runs `work` on a second thread while `own` runs here, which is told whether there is such a
/// thread, and waits for both. Without one, as always under loom and shuttle, `work` is dropped:
/// it is for what needs no second thread and is done sooner with one.
pub(crate) fn beside<A, B: Send>(
    name: &str,
    work: impl FnOnce() -> B + Send,
    own: impl FnOnce(bool) -> A,
) -> (A, Option<B>) {
    if cfg!(any(feature = "loom", feature = "shuttle")) {
        drop(work);
        return (own(false), None);
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(name.to_owned());
        let thread = thread.spawn_scoped(scope, work).ok();
        let own = own(thread.is_some());
        let joined = thread.map(std::thread::ScopedJoinHandle::join);
        (
            own,
            joined.map(|work| work.unwrap_or_else(|panic| resume_unwind(panic))),
        )
    })
}

/// Whether this thread is on its way out by a panic.
pub(crate) use std::thread::panicking;

/// What loom watches under this name, without anybody who watches.
#[cfg(not(feature = "loom"))]
#[derive(Debug, Default)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(feature = "loom"))]
impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        UnsafeCell(std::cell::UnsafeCell::new(value))
    }

    /// Hands out a pointer to read through.
    #[inline]
    pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    /// Hands out a pointer to write through.
    #[inline]
    pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
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
pub(crate) struct Counter(std::sync::atomic::AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// Sets it, where one thread at a time does so and nobody adds.
    pub(crate) fn set(&self, n: u64) {
        self.0.store(n, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
