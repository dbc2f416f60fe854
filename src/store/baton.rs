//! A value that one thread at a time has in its hands: it is handed over without a lock where
//! nobody waits for it.
//!
//! ```text
//!   FREE ---- take at once ----> TAKEN ---- put back at once ----> FREE
//!                                  |  somebody waits: announced
//!                                  v
//!                            TAKEN | WAITED ---- put back ----> WAITED ---- take in turn --> ...
//! ```
//!
//! Invariants, on which the unsafe code below rests:
//! 1. A [`Held`] is made only by whoever has set `TAKEN` where it was not set, and clears it when
//!    it is put back; it is not cloned. So there is one at most, and only it reaches the value.
//! 2. Setting `TAKEN` acquires what clearing it has released: announcing between them is a
//!    read-modify-write, and does not break the chain.
//!
//! `WAITED` is for those who wait, and changes under a lock of theirs, except by announcing, for
//! which they hold it too. While it is set nobody takes the value at once, and nobody puts it back
//! at once.

#![expect(unsafe_code, reason = "a value in the hands of one thread at a time")]

use std::ops::{Deref, DerefMut};

use crate::sync::{AtomicU64, Ordering, UnsafeCell};

const FREE: u64 = 0;
const TAKEN: u64 = 1;
const WAITED: u64 = 2;

/// See the module.
#[derive(Debug)]
pub(super) struct Baton<T> {
    word: AtomicU64,
    value: UnsafeCell<T>,
}

// SAFETY: the value goes from thread to thread, and one at a time has it (invariant 1).
unsafe impl<T: Send> Sync for Baton<T> {}

impl<T> Baton<T> {
    pub(super) fn new(value: T) -> Self {
        Baton {
            word: AtomicU64::new(FREE),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes it, if it is free and nobody waits.
    #[inline]
    pub(super) fn take_at_once(&self) -> Option<Held<'_, T>> {
        self.change(FREE, TAKEN).then_some(Held(self))
    }

    /// Says that somebody waits. With the lock held.
    pub(super) fn announce(&self) {
        self.word.fetch_or(WAITED, Ordering::Relaxed);
    }

    /// Takes it, if it is free and somebody waits; says whether others go on waiting. With the
    /// lock held.
    pub(super) fn take_in_turn(&self, others_wait: bool) -> Option<Held<'_, T>> {
        let taken = if others_wait { TAKEN | WAITED } else { TAKEN };
        self.change(WAITED, taken).then_some(Held(self))
    }

    #[inline]
    fn change(&self, from: u64, to: u64) -> bool {
        let changed = (self.word).compare_exchange(from, to, Ordering::Acquire, Ordering::Relaxed);
        changed.is_ok()
    }
}

/// The value in the hands of a thread, until it is put back. Dropped without that, it is lost.
#[must_use = "it is to be put back"]
pub(super) struct Held<'a, T>(&'a Baton<T>);

impl<'a, T> Held<'a, T> {
    /// Puts it back, if nobody waits.
    #[inline]
    pub(super) fn put_back_at_once(self) -> Result<(), Held<'a, T>> {
        let word = &self.0.word;
        let put = word.compare_exchange(TAKEN, FREE, Ordering::Release, Ordering::Relaxed);
        put.map(|_| ()).map_err(|_| self)
    }

    /// Puts it back, and says whether anybody waits. With the lock held.
    pub(super) fn put_back(self, anybody_waits: bool) {
        let word = if anybody_waits { WAITED } else { FREE };
        self.0.word.store(word, Ordering::Release);
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: only this hold reaches the value (invariant 1), and it is borrowed.
        self.0.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for Held<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: only this hold reaches the value (invariant 1), and it is borrowed alone.
        self.0.value.with_mut(|value| unsafe { &mut *value })
    }
}

#[cfg(test)]
mod tests {
    use super::Baton;
    use crate::sync::yield_now;

    #[test]
    fn one_at_a_time_has_it_and_nobody_jumps_the_line() {
        let baton = Baton::new(0);
        let held = baton.take_at_once().expect("free");
        assert!(baton.take_at_once().is_none());
        assert!(held.put_back_at_once().is_ok());
        let held = baton.take_at_once().expect("free again");
        baton.announce();
        assert!(baton.take_in_turn(false).is_none(), "it is taken");
        let Err(held) = held.put_back_at_once() else {
            panic!("somebody waits");
        };
        held.put_back(true);
        assert!(baton.take_at_once().is_none(), "those who wait come first");
        let held = baton.take_in_turn(false).expect("free");
        assert!(baton.take_in_turn(false).is_none());
        held.put_back(false);
        assert!(baton.take_at_once().is_some());
    }

    #[test]
    fn threads_that_add_one_at_a_time_lose_nothing() {
        const ROUNDS: u64 = 20_000;
        let baton = Baton::new(0_u64);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        let mut held = loop {
                            match baton.take_at_once() {
                                Some(held) => break held,
                                None => yield_now(),
                            }
                        };
                        *held += 1;
                        assert!(held.put_back_at_once().is_ok());
                    }
                });
            }
        });
        assert_eq!(*baton.take_at_once().expect("free"), 3 * ROUNDS);
    }
}
