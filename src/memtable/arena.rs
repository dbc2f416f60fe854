//! An arena: room that is handed out piece by piece, stays where it is, and goes all at once.
//!
//! ```text
//!   newest piece   | the piece before | taken ......... |  free  |
//!                            '--> | the piece before: none | taken ............... |
//! ```
//!
//! Invariants:
//! 1. Room that was handed out overlaps with no other, and is good until the arena is dropped.
//!    Who uses it, and whether anybody still does then, is the business of the skip list.
//! 2. The pieces double in size up to a bound; what is larger than that gets a piece of its own.
//!    Where much is to come, far larger ones follow, which ask for large pages: of those the
//!    system has far fewer to find.

#![expect(unsafe_code, reason = "room without a type, handed out as pointers")]

use std::mem::{self, MaybeUninit};
use std::ptr::NonNull;

/// What the arena counts in, and what the room it gives is aligned for.
pub(super) type Unit = u64;

/// The first piece and the largest, in units. The first is a size that allocators keep at hand.
const FIRST_UNITS: usize = 960 / size_of::<Unit>();
const LAST_UNITS: usize = (64 << 10) / size_of::<Unit>();

/// The piece that follows where much is to come, and those after it, in units. What is not used
/// of them takes no memory.
const UNITS_OF_MANY: usize = ((8 << 20) - BESIDE_BYTES) / size_of::<Unit>();
const UNITS_OF_MORE: usize = ((64 << 20) - BESIDE_BYTES) / size_of::<Unit>();

/// Room that is shorter by this than a number of large pages is just as long with what an
/// allocator puts beside it, and systems let it begin with a large page then.
pub(super) const BESIDE_BYTES: usize = 4 << 10;

/// Units, the first of which hold the piece before.
type Piece = NonNull<[MaybeUninit<Unit>]>;

/// How many units the pointer to the piece before takes.
const FIRST_IN_PIECE: usize = size_of::<Option<Piece>>().div_ceil(size_of::<Unit>());

const _: () = assert!(align_of::<Option<Piece>>() <= align_of::<Unit>());

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Arena {
    piece: Option<Piece>,
    /// How much of the newest piece is taken, in units.
    taken: usize,
    /// The size of all pieces, in units.
    units: usize,
    /// Whether much is to come.
    of_many: bool,
}

// SAFETY: the pieces belong to this arena alone.
unsafe impl Send for Arena {}

impl Drop for Arena {
    fn drop(&mut self) {
        let mut next = self.piece.take();
        while let Some(piece) = next {
            // SAFETY: leaked by `add_piece`, which wrote the first units.
            unsafe {
                next = piece.cast::<Option<Piece>>().read();
                drop(Box::from_raw(piece.as_ptr()));
            }
        }
    }
}

impl Arena {
    /// Says that much is to come. Little may come all the same.
    pub(super) fn expect_many(&mut self) {
        self.of_many = true;
    }

    /// Room for so many bytes, aligned for a [`Unit`].
    #[inline]
    pub(super) fn allocate(&mut self, bytes: usize) -> *mut Unit {
        let units = bytes.div_ceil(size_of::<Unit>());
        let piece = match self.piece {
            Some(piece) if piece.len() - self.taken >= units => piece,
            _ => self.add_piece(units),
        };
        // SAFETY: `taken + units` is at most the length of the piece.
        let room = unsafe { piece.cast::<Unit>().add(self.taken) };
        self.taken += units;
        room.as_ptr()
    }

    /// Keeps what another arena has handed out, as long as its own.
    pub(super) fn keep(&mut self, mut other: Arena) {
        let Some(newest) = self.piece else {
            return mem::swap(self, &mut other);
        };
        let Some(kept) = other.piece.take() else {
            return;
        };
        let mut oldest = kept;
        // SAFETY: all are pieces of one of the arenas, which begin with the piece before
        // (`add_piece`); nobody else reads or writes that.
        unsafe {
            while let Some(before) = oldest.cast::<Option<Piece>>().read() {
                oldest = before;
            }
            let before = newest.cast::<Option<Piece>>().replace(Some(kept));
            oldest.cast::<Option<Piece>>().write(before);
        }
        self.units += other.units;
    }

    /// A new piece with room for so many units.
    #[cold]
    fn add_piece(&mut self, units: usize) -> Piece {
        let regular = match self.units {
            UNITS_OF_MANY.. if self.of_many => UNITS_OF_MORE,
            LAST_UNITS.. if self.of_many => UNITS_OF_MANY,
            few => few.clamp(FIRST_UNITS, LAST_UNITS),
        };
        let mut room = Box::new_uninit_slice(regular.max(FIRST_IN_PIECE + units));
        ask_for_large_pages(&mut room);
        self.units += room.len();
        let piece = NonNull::from(Box::leak(room));
        // SAFETY: the piece begins with as many units as that takes, and is aligned for it.
        unsafe { piece.cast::<Option<Piece>>().write(self.piece) };
        self.piece = Some(piece);
        self.taken = FIRST_IN_PIECE;
        piece
    }
}

/// Tells the system that large pages would be welcome, if there is room for some. It may take no
/// notice.
#[cfg(target_os = "linux")]
pub(super) fn ask_for_large_pages<T>(room: &mut [MaybeUninit<T>]) {
    /// From which size on it is worth to ask.
    const LARGE_BYTES: usize = 3 << 20;
    /// What the advice is aligned to, at least a small page; where large ones lie is the system's
    /// business.
    const ALIGNED: usize = 64 << 10;

    let bytes = size_of_val(room);
    if bytes >= LARGE_BYTES {
        let start = room.as_mut_ptr().cast::<u8>();
        // With what an allocator puts beside it.
        let before = start.addr() % ALIGNED;
        let bytes = (before + bytes).next_multiple_of(ALIGNED);
        // SAFETY: the advice changes no content, neither of `room` nor of what is beside it.
        unsafe {
            libc::madvise(
                start.wrapping_sub(before).cast(),
                bytes,
                libc::MADV_HUGEPAGE,
            )
        };
    }
}

/// Elsewhere the system decides for itself.
#[cfg(not(target_os = "linux"))]
pub(super) fn ask_for_large_pages<T>(_room: &mut [MaybeUninit<T>]) {}
