//! The facts of a run, counted as the checker goes on.

use crate::kinds::ByKind;
use crate::op::{Op, OpKind, Reply};
use crate::profile::Ability;
use crate::situations::Situations;

/// What became of the operations of one sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// How many were sent.
    pub sent: u64,
    /// How many were carried out: neither refused nor unsupported.
    pub ok: u64,
    /// How many came back as unsupported.
    pub unsupported: u64,
}

impl Sent {
    fn count(&mut self, reply: &Reply) {
        self.sent += 1;
        match reply {
            Reply::Unsupported => self.unsupported += 1,
            Reply::Refused => {}
            _ => self.ok += 1,
        }
    }

    fn add(&mut self, other: &Sent) {
        self.sent += other.sent;
        self.ok += other.ok;
        self.unsupported += other.unsupported;
    }
}

/// The facts of a run, on which its [`Verdict`](crate::Verdict) rests.
///
/// ```
/// use etalon_spec::{Op, OpKind, Reply, Tally};
///
/// let mut tally = Tally::default();
/// tally.record(&Op::get(b"k"), &Reply::Absent);
/// assert_eq!(tally.of(OpKind::Get).ok, 1);
/// assert_eq!((tally.gets_found, tally.gets_absent), (0, 1));
/// assert_eq!(tally.operations(), 1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sequences run to their end.
    pub sequences: u64,
    /// Replies compared, those of contents comparisons included.
    pub compared: u64,
    /// Comparisons of the whole contents.
    pub contents: u64,
    /// Gets that found a value.
    pub gets_found: u64,
    /// Gets that found nothing.
    pub gets_absent: u64,
    /// Operations left out before sending, because the profile does not allow them.
    pub dropped: u64,
    /// Situations met.
    pub situations: Situations,
    /// What the run explored beyond sequences.
    pub extent: Extent,
    /// Operations by kind; see [`Tally::of`].
    pub kinds: ByKind<Sent>,
    /// Of the scans, those backwards.
    pub reverse: Sent,
    /// Of the scans, those by prefix.
    pub prefix: Sent,
}

/// How far a checker got that explores something other than sequences; none where it is not such
/// a checker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Interleavings run.
    pub interleavings: Option<u64>,
    /// Histories that could not be decided within their budget.
    pub undecided: u64,
    /// The length up to which every operation string was tried.
    pub explored_length: Option<usize>,
    /// Files, corpus entries or vectors that were named, and how many of them applied.
    pub files: Option<Files>,
}

/// Named files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// How many were named or found.
    pub named: u64,
    /// How many of them could be replayed on the target.
    pub applicable: u64,
}

impl Tally {
    /// Counts an operation that was sent, and what became of it.
    #[inline]
    pub fn record(&mut self, op: &Op, reply: &Reply) {
        self.kinds[op.kind() as usize].count(reply);
        match (op, reply) {
            (Op::Get { .. }, Reply::Value(_)) => self.gets_found += 1,
            (Op::Get { .. }, Reply::Absent) => self.gets_absent += 1,
            (Op::Scan { scan, .. }, _) => {
                if scan.reverse {
                    self.reverse.count(reply);
                }
                if matches!(scan.range, crate::range::Range::Prefix(_)) {
                    self.prefix.count(reply);
                }
            }
            _ => {}
        }
    }

    /// What became of the operations of a kind.
    pub fn of(&self, kind: OpKind) -> Sent {
        self.kinds[kind as usize]
    }

    /// What became of the operations that need an ability; none for one that no operation needs.
    pub fn of_ability(&self, ability: Ability) -> Option<Sent> {
        Some(match ability {
            Ability::Scan => self.of(OpKind::Scan),
            Ability::Reverse => self.reverse,
            Ability::Prefix => self.prefix,
            Ability::Length => self.of(OpKind::Length),
            Ability::Write => self.of(OpKind::Write),
            Ability::Clear => self.of(OpKind::Clear),
            Ability::DeleteRange => self.of(OpKind::DeleteRange),
            Ability::Flush => self.of(OpKind::Flush),
            Ability::Compact => self.of(OpKind::Compact),
            Ability::Reopen => self.of(OpKind::Reopen),
            Ability::Sync => self.of(OpKind::Sync),
            Ability::Snapshot => self.of(OpKind::Snapshot),
            Ability::Iterator => self.of(OpKind::Iterator),
            Ability::Layers => return None,
            Ability::FirstLast => {
                let mut both = self.of(OpKind::First);
                both.add(&self.of(OpKind::Last));
                both
            }
            Ability::Cas => self.of(OpKind::Cas),
            Ability::Ingest => self.of(OpKind::Ingest),
            Ability::Transaction => self.of(OpKind::Begin),
            Ability::Savepoint => self.of(OpKind::Savepoint),
            Ability::Spaces => self.of(OpKind::Create),
        })
    }

    /// How many operations were sent.
    pub fn operations(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.sent).sum()
    }

    /// How many came back as unsupported.
    pub fn unsupported(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.unsupported).sum()
    }

    /// Adds the facts of another part of the same run.
    pub fn add(&mut self, other: &Tally) {
        self.sequences += other.sequences;
        self.compared += other.compared;
        self.contents += other.contents;
        self.gets_found += other.gets_found;
        self.gets_absent += other.gets_absent;
        self.dropped += other.dropped;
        self.situations.add(&other.situations);
        self.extent.add(&other.extent);
        for (sum, kind) in self.kinds.iter_mut().zip(other.kinds.iter()) {
            sum.add(kind);
        }
        self.reverse.add(&other.reverse);
        self.prefix.add(&other.prefix);
    }
}

impl Extent {
    fn add(&mut self, other: &Extent) {
        if let Some(interleavings) = other.interleavings {
            *self.interleavings.get_or_insert_default() += interleavings;
        }
        self.undecided += other.undecided;
        self.explored_length = match (self.explored_length, other.explored_length) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if let Some(files) = other.files {
            let sum = self.files.get_or_insert_default();
            sum.named += files.named;
            sum.applicable += files.applicable;
        }
    }
}
