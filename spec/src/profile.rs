//! What a store promises: the checker sends what is declared here, and nothing else.
//!
//! Rules (DIVERGENCES.md says them at length):
//! 1. Not declared is not sent, and every result lists it as not covered.
//! 2. Declared and refused is a failure.
//! 3. A structural operation that is not declared is left out and counted: it changes no answer.
//! 4. An error where the profile promises success is a failure; texts are never compared.
//! 5. A refusal at a declared limit must be definite and leave the contents unchanged.

use std::borrow::Cow;
use std::ops::{Bound, RangeInclusive};
use std::time::Duration;

pub use crate::ability::{Abilities, Ability};
use crate::op::OpKind;
use crate::options::Setting;
use crate::range::{Range, Scan};

/// Which bytes keys may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// All 256.
    Bytes,
    /// All but zero.
    NoNul,
    /// 0x20 to 0x7e.
    Text,
}

impl Alphabet {
    /// Whether a key may hold `byte`.
    pub const fn has(self, byte: u8) -> bool {
        match self {
            Alphabet::Bytes => true,
            Alphabet::NoNul => byte != 0,
            Alphabet::Text => byte >= 0x20 && byte <= 0x7e,
        }
    }
}

/// Lengths in bytes that a store takes, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths {
    /// The least length.
    pub min: usize,
    /// The greatest length.
    pub max: usize,
}

impl Lengths {
    /// Whether a length is inside.
    pub const fn has(self, length: usize) -> bool {
        self.min <= length && length <= self.max
    }
}

impl From<RangeInclusive<usize>> for Lengths {
    fn from(range: RangeInclusive<usize>) -> Self {
        Lengths {
            min: *range.start(),
            max: *range.end(),
        }
    }
}

/// Whether a store takes something that many refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It answers as the specification does.
    Answered,
    /// It refuses with a definite error and changes nothing.
    Refused,
}

/// In which order a store's scans come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Byte order of the keys.
    Bytes,
    /// None: scans are compared as sets; reverse scans and limits are not sent.
    None,
}

/// How far a store's length can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LengthKind {
    /// The number of live keys.
    Exact,
    /// A guess: it is asked for and not compared.
    Estimate,
}

/// What an iterator sees of changes made after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Nothing: it answers as of its creation.
    Snapshot,
    /// Something: nothing is changed while one is open.
    Live,
}

/// What becomes of changes beside an open transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// There are none: while one is open, nothing is changed outside of it, and no other begins.
    OneAtATime,
    /// They are taken; of two that are in each other's way one is refused, definitely.
    Refused,
}

/// What a store keeps, at least, across an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Survives {
    /// Nothing for certain.
    None,
    /// What a flush or a compaction has written.
    Flushed,
    /// That, and what a synced change or a sync has made durable.
    Synced,
    /// Every acknowledged change.
    All,
}

/// Which changes beyond those may survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A prefix of the changes in their order, without a hole (G7).
    Prefix,
    /// Any of them, each on its own.
    Any,
}

/// One option that a store takes, and the values that the generator may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionValues {
    /// The option's name.
    pub name: Cow<'static, str>,
    /// Values to try, the smallest first; the first are chosen most often.
    pub values: Vec<Setting>,
}

/// What a store promises; see the module's rules.
///
/// ```
/// use etalon_spec::{Abilities, Ability, Profile, Setting};
///
/// let profile = Profile::new("mystore")
///     .can([Ability::Scan, Ability::Reopen])
///     .keys(1..=511)
///     .option("memtable_bytes", [Setting::Integer(256), Setting::Integer(4096)]);
/// assert!(profile.can.has(Ability::Scan));
/// assert!(!profile.keys.has(0), "this store has no empty keys");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What the store is called.
    pub name: Cow<'static, str>,
    /// Its version, empty if unknown.
    pub version: Cow<'static, str>,
    /// Where it lives, empty if unknown.
    pub url: Cow<'static, str>,
    /// What it can do beyond get, put and delete.
    pub can: Abilities,
    /// Key lengths. Default 0 to 65,536.
    pub keys: Lengths,
    /// Bytes that keys may hold. Default all.
    pub alphabet: Alphabet,
    /// Value lengths. Default 0 to 1 MiB.
    pub values: Lengths,
    /// Most changes in one batch. Default 1,000.
    pub batch_max: usize,
    /// A key more than once in a batch: the last wins, or refused. Default answered.
    pub batch_repeats: Taken,
    /// Order of scans. Default byte order.
    pub order: Order,
    /// Scans whose bounds are out of order: empty, or refused. Default answered.
    pub range_inverted: Taken,
    /// Ranges that begin behind a key: as others, or refused. Default answered.
    pub range_from_excluded: Taken,
    /// Ranges that end with a key: as others, or refused. Default answered.
    pub range_to_included: Taken,
    /// Scans backwards of a range by prefix: as others, or refused. Default answered.
    pub range_prefix_reverse: Taken,
    /// Deletes of absent keys: ok, or refused. Default answered.
    pub delete_absent: Taken,
    /// Whether the length is exact. Default exact.
    pub length: LengthKind,
    /// Most snapshots open at once. Default 8.
    pub snapshot_max: usize,
    /// Most iterators open at once. Default 8.
    pub iterator_max: usize,
    /// Whether iterators go backwards, too. Default true.
    pub iterator_back: bool,
    /// What an iterator sees. Default a snapshot as of its creation.
    pub iterator_view: View,
    /// Most transactions open at once. Default 1.
    pub transaction_max: usize,
    /// Whether a transaction reads its own changes. Default true; else it reads none after one.
    pub transaction_reads_own: bool,
    /// What becomes of changes beside an open transaction. Default one at a time.
    pub transaction_conflict: Conflict,
    /// What survives a clean close. Default none; a store that declares `reopen` keeps all.
    pub survives_close: Survives,
    /// What survives the death of the process. Default none: no `kill` is sent.
    pub survives_kill: Survives,
    /// What survives a loss of power. Default none: no `crash` is sent. Needs a simulated disk.
    pub survives_power: Survives,
    /// Which changes beyond those may survive. Default a prefix.
    pub survives_shape: Shape,
    /// Most threads that may call at once. Default 1; more: histories are recorded and decided
    /// ([`check_threads`](crate::check_threads)).
    pub threads: usize,
    /// Options that the generator varies. Default none.
    pub options: Vec<OptionValues>,
    /// How long one operation may take before it counts as hung. Default 10 s.
    pub timeout: Duration,
    /// The same for an opening: of a new store, and again. Default 10 s.
    pub timeout_open: Duration,
    /// Whether the directory of a new store must not exist yet. Default false: it is there, and
    /// empty.
    pub fresh_dir: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Profile::new("store")
    }
}

impl Profile {
    /// The default profile under this name: get, put and delete, nothing else.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Profile {
            name: name.into(),
            version: Cow::Borrowed(""),
            url: Cow::Borrowed(""),
            can: Abilities::default(),
            keys: Lengths {
                min: 0,
                max: 65_536,
            },
            alphabet: Alphabet::Bytes,
            values: Lengths {
                min: 0,
                max: 1 << 20,
            },
            batch_max: 1_000,
            batch_repeats: Taken::Answered,
            order: Order::Bytes,
            range_inverted: Taken::Answered,
            range_from_excluded: Taken::Answered,
            range_to_included: Taken::Answered,
            range_prefix_reverse: Taken::Answered,
            delete_absent: Taken::Answered,
            length: LengthKind::Exact,
            snapshot_max: 8,
            iterator_max: 8,
            iterator_back: true,
            iterator_view: View::Snapshot,
            transaction_max: 1,
            transaction_reads_own: true,
            transaction_conflict: Conflict::OneAtATime,
            survives_close: Survives::None,
            survives_kill: Survives::None,
            survives_power: Survives::None,
            survives_shape: Shape::Prefix,
            threads: 1,
            options: Vec::new(),
            timeout: Duration::from_secs(10),
            timeout_open: Duration::from_secs(10),
            fresh_dir: false,
        }
    }

    /// Declares abilities, beside those already declared.
    #[must_use]
    pub fn can<const N: usize>(mut self, abilities: [Ability; N]) -> Self {
        self.can = abilities.into_iter().fold(self.can, Abilities::with);
        self
    }

    /// Declares the lengths of keys.
    #[must_use]
    pub fn keys(mut self, lengths: RangeInclusive<usize>) -> Self {
        self.keys = lengths.into();
        self
    }

    /// Declares the lengths of values.
    #[must_use]
    pub fn values(mut self, lengths: RangeInclusive<usize>) -> Self {
        self.values = lengths.into();
        self
    }

    /// Declares an option and the values to try, the smallest first.
    #[must_use]
    pub fn option<const N: usize>(
        mut self,
        name: impl Into<Cow<'static, str>>,
        values: [Setting; N],
    ) -> Self {
        self.options.push(OptionValues {
            name: name.into(),
            values: values.into(),
        });
        self
    }

    /// Whether operations of this kind may be sent at all.
    ///
    /// ```
    /// use etalon_spec::{OpKind, Profile};
    ///
    /// assert!(Profile::default().sends(OpKind::Fill), "a fill is single puts");
    /// assert!(!Profile::default().sends(OpKind::Scan));
    /// ```
    pub fn sends(&self, kind: OpKind) -> bool {
        match kind {
            OpKind::Get | OpKind::Put | OpKind::Delete | OpKind::Fill => true,
            OpKind::Flush => self.can.has(Ability::Flush),
            OpKind::Scan => self.can.has(Ability::Scan),
            OpKind::Length => self.can.has(Ability::Length),
            OpKind::Write => self.can.has(Ability::Write),
            OpKind::Clear => self.can.has(Ability::Clear),
            OpKind::DeleteRange => self.can.has(Ability::DeleteRange),
            OpKind::Compact => self.can.has(Ability::Compact),
            OpKind::Reopen => self.can.has(Ability::Reopen),
            OpKind::Sync => self.can.has(Ability::Sync),
            OpKind::Snapshot | OpKind::Release => self.can.has(Ability::Snapshot),
            OpKind::SeekLast | OpKind::Prev => self.iterates() && self.iterator_back,
            OpKind::Iterator | OpKind::Seek | OpKind::SeekFirst | OpKind::Next | OpKind::Close => {
                self.iterates()
            }
            OpKind::Kill => self.survives_kill != Survives::None,
            OpKind::Crash | OpKind::Fail => self.survives_power != Survives::None,
            OpKind::First | OpKind::Last => {
                self.can.has(Ability::FirstLast) && self.order == Order::Bytes
            }
            OpKind::Cas => self.can.has(Ability::Cas),
            OpKind::Ingest => self.can.has(Ability::Ingest),
            OpKind::Begin | OpKind::Rollback | OpKind::Commit => self.can.has(Ability::Transaction),
            OpKind::Savepoint => self.can.has(Ability::Savepoint),
            OpKind::Create | OpKind::Rename | OpKind::Drop => self.can.has(Ability::Spaces),
        }
    }

    /// Whether iterators may be sent: a store without an order has none.
    fn iterates(&self) -> bool {
        self.can.has(Ability::Iterator) && self.order == Order::Bytes
    }

    /// Whether the store takes ranges with these bounds, whichever keys they are.
    pub(crate) fn takes_bounds(&self, range: &Range) -> bool {
        let refuses = |taken: Taken| taken == Taken::Refused;
        match range {
            Range::Between(Bound::Excluded(_), _) if refuses(self.range_from_excluded) => false,
            Range::Between(_, Bound::Included(_)) if refuses(self.range_to_included) => false,
            _ => true,
        }
    }

    /// Whether the store scans this in the direction that is asked for, if it scans backwards.
    pub(crate) fn takes_direction(&self, scan: &Scan) -> bool {
        let is_prefix = matches!(scan.range, Range::Prefix(_));
        !(scan.reverse && is_prefix && self.range_prefix_reverse == Taken::Refused)
    }

    /// Whether the store takes this key.
    pub fn takes_key(&self, key: &[u8]) -> bool {
        self.keys.has(key.len()) && key.iter().all(|byte| self.alphabet.has(*byte))
    }
}
