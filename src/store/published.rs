//! A value that readers see whole while others replace it: they take no lock and wait for nobody.
//!
//! ```text
//!   current   | how many ever took hold of the slot: 12 | slot 1 |      one word
//!
//!   slot 0    nothing     released  7    free
//!   slot 1    value 9     released 11    current: one reader is in it
//!   slot 2    value 8     released 30    retired at 31: one reader is still in it
//! ```
//!
//! - Taking hold adds one to the count in `current`; what was there says which slot it is.
//! - Letting go adds one to the slot's `released`.
//! - Replacing puts the new value into a free slot and swaps `current`. The old word says how
//!   many ever took hold of the old slot; once as many have let go, the slot is swept: whoever
//!   replaces next, or sweeps, drops the value.
//!
//! Invariants, on which the unsafe code below rests:
//! 1. A slot's counts go on from one use to the next: it begins with the `released` that it has.
//!    So as many have let go as took hold, exactly when nobody has hold of it.
//! 2. A slot's value is written only by the holder of `swaps`, and only in a slot that is not
//!    current and that nobody has hold of. Nobody can take hold of such a slot.
//! 3. Putting the value in happens before the swap of `current` (release), which happens before
//!    every taking hold that finds the slot (acquire): the ones between are read-modify-writes,
//!    and do not break the chain. A reader's last look happens before its letting go (release),
//!    which happens before the sweep that counts it (acquire).
//!
//! Taking hold and letting go are one read-modify-write each, whatever others do. Replacing may
//! have to wait: when as many old values are being read as there are slots, less one. A hold is
//! therefore short, the length of a get; what lasts longer shares the value ([`Published::share`]).

#![expect(
    unsafe_code,
    reason = "a value read by some while others count who still does"
)]

use crate::sync::{Arc, AtomicU64, Mutex, Ordering, UnsafeCell, yield_now};

/// How many values there can be, the current one and those that are still read. Few where every
/// interleaving is tried.
const SLOTS: usize = if cfg!(any(feature = "loom", feature = "shuttle")) {
    4
} else {
    16
};

/// The low bits of `current` are the slot; the count goes up in units above them.
const SLOT_BITS: u32 = 4;
const ONE_MORE: u64 = 1 << SLOT_BITS;

const _: () = assert!(SLOTS <= 1 << SLOT_BITS);

/// See the module. In this order, so that what readers write is cache lines away from what they
/// only look at.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Published<T> {
    current: AtomicU64,
    slots: [Slot<T>; SLOTS],
    swaps: Mutex<Swaps>,
    /// How many times the value was replaced. Stored after the swap: whoever finds it unchanged
    /// may go on with the value that it has.
    generation: AtomicU64,
}

#[derive(Debug)]
struct Slot<T> {
    value: UnsafeCell<Option<Arc<T>>>,
    released: AtomicU64,
}

/// What those who replace know.
#[derive(Debug)]
struct Swaps {
    current: usize,
    /// As in [`Published`]: whoever stores it does not load it.
    generation: u64,
    /// Slots that have a value, a bit each.
    filled: u32,
    /// For each slot but the current one: how many ever took hold of it.
    acquired: [u64; SLOTS],
}

// SAFETY: several threads read the values, and any of them may be the one to drop them; who
// reaches a value when is the business of invariants 2 and 3.
unsafe impl<T: Send + Sync> Send for Published<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Published<T> {}

/// One hold of a slot.
struct Hold<'a, T>(&'a Slot<T>);

impl<T> Drop for Hold<'_, T> {
    fn drop(&mut self) {
        // Release: everything read through the hold comes before it (invariant 3).
        self.0.released.fetch_add(1, Ordering::Release);
    }
}

impl<T> Published<T> {
    pub(super) fn new(value: T) -> Self {
        let mut value = Some(Arc::new(value));
        Published {
            current: AtomicU64::new(0),
            slots: std::array::from_fn(|_| Slot {
                value: UnsafeCell::new(value.take()),
                released: AtomicU64::new(0),
            }),
            swaps: Mutex::new(Swaps {
                current: 0,
                generation: 0,
                filled: 1,
                acquired: [0; SLOTS],
            }),
            generation: AtomicU64::new(0),
        }
    }

    /// Reads the value as it is now.
    #[inline]
    pub(super) fn read<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        self.read_shared(|value| read(value))
    }

    /// The value as it is now, for as long as one likes.
    pub(super) fn share(&self) -> Arc<T> {
        self.read_shared(Arc::clone)
    }

    #[inline]
    fn read_shared<R>(&self, read: impl FnOnce(&Arc<T>) -> R) -> R {
        let word = self.current.fetch_add(ONE_MORE, Ordering::Acquire);
        let hold = Hold(&self.slots[word as usize % (1 << SLOT_BITS)]);
        hold.0.value.with(|value| {
            // SAFETY: it was written before this slot became the current one, and is not written
            // again before the hold ends (invariants 2 and 3), which is after `read` returned.
            read(unsafe { &*value }.as_ref().expect("a current value"))
        })
    }

    /// A number that changes when the value is replaced. If it was read before the value was
    /// shared, and is the same now, then so is the value.
    #[inline]
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Replaces the value by one made of it. Others who replace wait meanwhile, readers do not.
    pub(super) fn update(&self, make: impl FnOnce(&T) -> T) {
        let mut swaps = self.swaps.lock();
        let next = self.slots[swaps.current].value.with(|value| {
            // SAFETY: written only by the holder of `swaps`, which is here (invariant 2).
            make(unsafe { &*value }.as_ref().expect("a current value"))
        });
        let slot = self.free_slot(&mut swaps);
        self.slots[slot].value.with_mut(|value| {
            // SAFETY: the slot is free, and `swaps` is held (invariant 2).
            unsafe { *value = Some(Arc::new(next)) };
        });
        swaps.filled |= 1 << slot;
        let word = swaps.acquired[slot] << SLOT_BITS | slot as u64;
        let old = self.current.swap(word, Ordering::AcqRel);
        let retired = std::mem::replace(&mut swaps.current, slot);
        swaps.acquired[retired] = old >> SLOT_BITS;
        swaps.generation += 1;
        self.generation.store(swaps.generation, Ordering::Release);
        self.sweep_retired(&mut swaps);
    }

    /// Drops values that were replaced and that nobody reads any more.
    pub(super) fn sweep(&self) {
        self.sweep_retired(&mut self.swaps.lock());
    }

    /// A slot without a value. Waits, if need be, for readers of old values.
    fn free_slot(&self, swaps: &mut Swaps) -> usize {
        loop {
            let slot = swaps.filled.trailing_ones() as usize;
            if slot < SLOTS {
                return slot;
            }
            yield_now();
            self.sweep_retired(swaps);
        }
    }

    fn sweep_retired(&self, swaps: &mut Swaps) {
        let mut retired = swaps.filled & !(1 << swaps.current);
        while retired != 0 {
            let at = retired.trailing_zeros() as usize;
            retired &= retired - 1;
            let slot = &self.slots[at];
            // Not a load, which may find an older count.
            if slot.released.fetch_add(0, Ordering::Acquire) == swaps.acquired[at] {
                // SAFETY: not current, nobody has hold of it, and `swaps` is held (invariants 1
                // and 2).
                slot.value.with_mut(|value| unsafe { *value = None });
                swaps.filled &= !(1 << at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Published, SLOTS};
    use crate::sync::Arc;

    #[test]
    fn a_value_is_dropped_when_its_last_reader_has_let_go() {
        let first = Arc::new(1);
        let published = Published::new(Arc::clone(&first));
        published.read(|value| {
            published.update(|_| Arc::new(2));
            assert_eq!(**value, 1, "while it is read it stays");
            published.sweep();
            assert_eq!(Arc::strong_count(&first), 2);
        });
        assert_eq!(Arc::strong_count(&first), 2, "a reader drops nothing");
        published.sweep();
        assert_eq!(Arc::strong_count(&first), 1);
        assert_eq!(published.read(|value| **value), 2);
    }

    #[test]
    fn a_slot_is_used_again_and_again() {
        let published = Published::new(0);
        for round in 1..100 * SLOTS {
            let generation = published.generation();
            published.read(|value| {
                assert_eq!(*value, round - 1);
                published.update(|value| value + 1);
            });
            assert_ne!(published.generation(), generation);
            assert_eq!(*published.share(), round);
        }
    }

    #[test]
    fn all_slots_but_one_can_be_read_while_the_value_is_replaced() {
        fn nest(published: &Published<usize>, depth: usize) {
            published.read(|value| {
                assert_eq!(*value, depth);
                if depth + 1 < SLOTS {
                    published.update(|value| value + 1);
                    nest(published, depth + 1);
                }
                assert_eq!(*value, depth);
            });
        }
        nest(&Published::new(0), 0);
    }

    /// Values are read whole, never go back, and all but the last are dropped.
    #[test]
    fn readers_beside_one_who_replaces_see_whole_values_in_order() {
        let token = Arc::new(());
        let published = Published::new((0_u64, !0_u64, Arc::clone(&token)));
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut last = 0;
                    while last < 20_000 {
                        let (seen, complement) = published.read(|(a, b, _)| (*a, *b));
                        assert_eq!(seen, !complement);
                        assert!(seen >= last, "{seen} after {last}");
                        last = seen;
                    }
                });
            }
            for next in 1..=20_000 {
                published.update(|(_, _, token)| (next, !next, Arc::clone(token)));
            }
        });
        published.sweep();
        assert_eq!(Arc::strong_count(&token), 2);
    }
}
