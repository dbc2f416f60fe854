//! An arena: room that is handed out piece by piece, stays where it is, and goes all at once.
//!
//! ```text
//!   older pieces   | taken ............ | | taken ......................... |
//!   newest piece   | taken .......................... |  free               |
//! ```
//!
//! Invariants, on which the nodes rest:
//! 1. Room that was handed out overlaps with no other, and is good until the arena is dropped.
//!    Who uses it, and whether anybody still does then, is the business of the nodes.
//! 2. A piece is never grown. Once room of it was handed out, nobody refers to its content but
//!    through that; asked for are only its beginning and its length.
//! 3. A piece is as large as all before it, up to a bound; what is larger gets one of its own.
//!    Where much is to come, far larger ones follow, which ask for large pages: of those the
//!    system has far fewer to find.

use crate::advice::{BESIDE_BYTES, ask_for_large_pages};

/// What the arena counts in, and what the room it gives is aligned for.
pub(super) type Unit = u64;

/// The first piece and the largest, in units. The first is a size that allocators keep at hand.
const FIRST_UNITS: usize = 960 / size_of::<Unit>();
const LAST_UNITS: usize = (64 << 10) / size_of::<Unit>();

/// The piece that follows where much is to come, and those after it, in units. What is not used
/// of them takes no memory.
const UNITS_OF_MANY: usize = ((8 << 20) - BESIDE_BYTES) / size_of::<Unit>();
const UNITS_OF_MORE: usize = ((64 << 20) - BESIDE_BYTES) / size_of::<Unit>();

/// Room without content: its capacity.
type Piece = Vec<Unit>;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Arena {
    newest: Piece,
    /// How much of the newest piece is taken, in units.
    taken: usize,
    older: Vec<Piece>,
    /// The size of all pieces, in units.
    units: usize,
    /// Whether much is to come.
    of_many: bool,
}

impl Arena {
    /// One for much that is to come. Little may come all the same.
    pub(super) fn of_many() -> Self {
        let of_many = true;
        Arena {
            of_many,
            ..Arena::default()
        }
    }

    /// Room for so many bytes, aligned for a [`Unit`].
    #[inline]
    pub(super) fn allocate(&mut self, bytes: usize) -> *mut Unit {
        let units = bytes.div_ceil(size_of::<Unit>());
        if self.newest.capacity() - self.taken < units {
            self.add_piece(units);
        }
        let room = self.newest.as_mut_ptr().wrapping_add(self.taken);
        self.taken += units;
        room
    }

    /// A new piece with room for so many units.
    #[cold]
    fn add_piece(&mut self, units: usize) {
        let regular = match self.units {
            UNITS_OF_MANY.. if self.of_many => UNITS_OF_MORE,
            LAST_UNITS.. if self.of_many => UNITS_OF_MANY,
            few => few.clamp(FIRST_UNITS, LAST_UNITS),
        };
        let mut piece = Piece::with_capacity(regular.max(units));
        ask_for_large_pages(piece.spare_capacity_mut());
        self.units += piece.capacity();
        let full = std::mem::replace(&mut self.newest, piece);
        if full.capacity() > 0 {
            self.older.push(full);
        }
        self.taken = 0;
    }
}
