//! A bound on memory: the allocator counts what is live, and aborts when one input makes it grow
//! beyond [`FACTOR`] times its length and [`FLOOR`] bytes.
//!
//! A size that was read from hostile bytes and not checked shows here as an abort with the size
//! asked for, long before the machine is short of memory.

#![expect(
    unsafe_code,
    reason = "an allocator; every call goes on to the system's as it came"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicIsize, Ordering};

/// Bytes of memory for each byte of input.
pub const FACTOR: usize = 64;

/// Bytes of memory for any input.
pub const FLOOR: usize = 1 << 20;

/// Bytes live; may be off by what was allocated before the counting began.
static LIVE: AtomicIsize = AtomicIsize::new(0);

/// Up to where `LIVE` may grow.
static CEILING: AtomicIsize = AtomicIsize::new(isize::MAX);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Counting;

// SAFETY: memory comes from `System` and goes back to it with the layout it came with; the
// counting beside it touches two atomics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller's promise about `layout` is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller's promise about `layout` is handed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size().cast_signed(), Ordering::Relaxed);
        // SAFETY: `pointer` came from `System` with this layout, by the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // The old place lives until the new one is filled.
        grow(size);
        LIVE.fetch_sub(layout.size().cast_signed(), Ordering::Relaxed);
        // SAFETY: `pointer` came from `System` with this layout, and `size` is sound, by the
        // caller's promise.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

fn grow(size: usize) {
    let live = LIVE.fetch_add(size.cast_signed(), Ordering::Relaxed) + size.cast_signed();
    // What a panic costs is no fault of the input's.
    if live > CEILING.load(Ordering::Relaxed) && !std::thread::panicking() {
        // The message may allocate, too.
        CEILING.store(isize::MAX, Ordering::Relaxed);
        let _ = writeln!(
            std::io::stderr(),
            "memory: one input made it grow beyond {FACTOR} times its length and {FLOOR} bytes; \
             the last straw was {size} bytes"
        );
        std::process::abort();
    }
}

/// Runs `body` within the memory that an input of this length may cost.
///
/// ```
/// let list = etalon_fuzz::limit::within(3, || vec![0_u8; 1000]);
/// assert_eq!(list.len(), 1000);
/// ```
pub fn within<R>(length: usize, body: impl FnOnce() -> R) -> R {
    let allowed = (FLOOR + FACTOR * length).cast_signed();
    let ceiling = LIVE.load(Ordering::Relaxed) + allowed;
    let before = CEILING.swap(ceiling, Ordering::Relaxed);
    let result = body();
    CEILING.store(before, Ordering::Relaxed);
    result
}
