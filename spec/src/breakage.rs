//! What breaks, and where: the arguments of `kill`, `crash` and `fail`.
//!
//! ```text
//!   put "a" "1"           disk operations of the flush:   0 | 1 | 2 | 3 ...
//!   crash in flush at 2                                         ^ power fails here
//!     keep first 1 ...    of what was pending: the first write survives
//!     then at 4           the recovery that follows dies after its 4th disk operation
//! ```
//!
//! Invariants:
//! 1. Only an operation that has to do with the disk breaks ([`Within`]): a change, a structural
//!    one, a read, or the making of an iterator.
//! 2. The places of [`Places`] are ascending, each once, and at least one.
//!
//! It says what is to happen. What a disk makes of it is the business of whoever simulates one:
//! numbers beyond what there is are legal and mean the last.

use crate::op::{Op, OpKind};

/// A place in the course of an operation.
///
/// ```
/// use etalon_spec::{Op, Within};
///
/// let within = Within::new(Op::Flush, 3).unwrap();
/// assert_eq!((within.op(), within.at), (&Op::Flush, 3));
/// assert!(Within::new(Op::get(b"k"), 0).is_some(), "the disk may fail to answer");
/// assert_eq!(Within::new(Op::Kill { then: vec![] }, 0), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Within {
    op: Op,
    /// After so many disk operations of it; 0 is before the first. Of a failing disk operation:
    /// its number, from 0. What is counted is what changes the disk; in an operation that only
    /// reads and fails, what asks it.
    pub at: u32,
}

impl Within {
    /// What a place can be in, for a person.
    pub(crate) const POSSIBLE: &str =
        "a change, a read, a step of an iterator, iterator, flush, sync, compact or reopen";

    /// A place in this operation, if one can be there.
    pub fn new(op: Op, at: u32) -> Option<Within> {
        let fits = Within::is_possible(op.kind()) && !matches!(op, Op::In(_));
        fits.then_some(Within { op, at })
    }

    /// Whether a place can be in operations of this kind.
    pub const fn is_possible(kind: OpKind) -> bool {
        kind.is_change() || kind.is_structural() || kind.only_reads()
    }

    /// The operation that does not come to its end.
    pub fn op(&self) -> &Op {
        &self.op
    }

    /// Lets the operation be changed. One that has no such place any more stays as it was.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Op)) {
        let mut op = self.op.clone();
        change(&mut op);
        if let Some(changed) = Within::new(op, self.at) {
            *self = changed;
        }
    }
}

/// A loss of power, and crashes of the recoveries that follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Crash {
    /// In which operation; none: after the one before.
    pub within: Option<Within>,
    /// What survives.
    pub keep: Keep,
    /// Crashes of the recoveries that follow, the first recovery's first.
    pub then: Vec<Then>,
}

/// What survives of the disk operations that were pending, in the order in which they were
/// issued. The default keeps only what is durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Keep {
    /// Which of them survive.
    pub pending: Pending,
    /// Whether a write survives in part.
    pub torn: Option<Torn>,
}

/// Which of the disk operations that were pending survive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pending {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// The first so many.
    First(u32),
    /// Those at these places, counted from 0.
    Only(Places),
}

/// At least one place.
///
/// ```
/// use etalon_spec::Places;
///
/// let places: Vec<u32> = Places::new([3, 1, 3]).unwrap().iter().collect();
/// assert_eq!(places, [1, 3]);
/// assert_eq!(Places::new([]), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Places(Vec<u32>);

impl Places {
    /// These places, if there is one.
    pub fn new(places: impl IntoIterator<Item = u32>) -> Option<Places> {
        let mut places: Vec<u32> = places.into_iter().collect();
        places.sort_unstable();
        places.dedup();
        (!places.is_empty()).then_some(Places(places))
    }

    /// The places, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.0.iter().copied()
    }
}

/// A write that survives in part: the first of those pending that does not survive whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Torn {
    /// So many of its bytes are there.
    pub bytes: u32,
    /// What stands in the place of the others.
    pub rest: Rest,
}

/// What stands where a write did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rest {
    /// What stood there before; nothing, where the file was shorter.
    Old,
    /// Zeros.
    Zero,
    /// Bytes that nobody wrote.
    Garbage,
}

impl Rest {
    /// Every value, with its word.
    pub const WORDS: [(&'static str, Rest); 3] = [
        ("old", Rest::Old),
        ("zero", Rest::Zero),
        ("garbage", Rest::Garbage),
    ];

    /// The word in an `.ops` file.
    pub const fn word(self) -> &'static str {
        Rest::WORDS[self as usize].0
    }
}

/// A crash of a recovery.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Then {
    /// After so many disk operations of the recovery.
    pub at: u32,
    /// What survives, if power is lost; none: only the process dies.
    pub keep: Option<Keep>,
}

/// A disk operation that fails.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    /// Which one.
    pub within: Within,
    /// How.
    pub with: FaultKind,
    /// Whether every one after it fails, too, until the store is opened again.
    pub forever: bool,
}

/// Which operations of a store meet a disk that fails, from some time on or in one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Failing {
    /// None.
    #[default]
    Nothing,
    /// Those that change the disk.
    Changes,
    /// Those that read it, which may be any.
    Reads,
}

impl Failing {
    /// Those of this kind's family.
    pub(crate) fn like(kind: OpKind) -> Failing {
        if kind.only_reads() {
            Failing::Reads
        } else {
            Failing::Changes
        }
    }
}

/// How a disk operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// An I/O error.
    Eio,
    /// No space is left.
    Enospc,
    /// A write writes less than it was given.
    Short,
    /// A sync fails; what it was to make durable may be or not.
    Sync,
}

impl FaultKind {
    /// Every kind, with its word.
    pub const WORDS: [(&'static str, FaultKind); 4] = [
        ("eio", FaultKind::Eio),
        ("enospc", FaultKind::Enospc),
        ("short", FaultKind::Short),
        ("sync", FaultKind::Sync),
    ];

    /// The word in an `.ops` file.
    pub const fn word(self) -> &'static str {
        FaultKind::WORDS[self as usize].0
    }
}
