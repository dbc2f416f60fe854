//! The ways to lie, and what shows each.

use std::fmt;

use crate::profile::{Ability, LengthKind, Order, Profile};

/// One way in which a store may be wrong.
///
/// ```
/// use etalon_spec::Profile;
/// use etalon_spec::sabotage::Lie;
///
/// assert_eq!(Lie::from_word("ignored-delete"), Some(Lie::IgnoredDelete));
/// assert!(!Lie::MissingEntry.shows_under(&Profile::default()), "there are no scans");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lie {
    /// A get answers a value with one byte more.
    AlteredReply,
    /// A get of a key that is there answers nothing.
    WrongAbsence,
    /// A put is acknowledged and not done.
    IgnoredPut,
    /// A delete is acknowledged and not done.
    IgnoredDelete,
    /// An empty value is read as absent.
    EmptyAsAbsent,
    /// A flush loses the newest put.
    LostAfterFlush,
    /// A compaction brings back the key deleted last.
    Resurrected,
    /// A reopen loses the newest put.
    ForgetfulReopen,
    /// A scan leaves out its last entry.
    MissingEntry,
    /// A scan yields its first entry twice.
    DoubledEntry,
    /// A scan swaps its first two entries.
    Unordered,
    /// A backward scan comes forwards.
    NotReversed,
    /// A length counts one too many.
    WrongLength,
    /// A batch does all but its last change.
    TornBatch,
    /// A clear keeps one key.
    IncompleteClear,
    /// A delete of a range does nothing.
    IgnoredRange,
    /// A read at a snapshot sees the present.
    MovingSnapshot,
    /// An iterator steps over an entry.
    SkippedEntry,
    /// A first answers the last entry.
    WrongFirst,
    /// A compare-and-swap that does not match is carried out all the same.
    CarelessSwap,
    /// An ingestion loses its last entry.
    LostIngest,
    /// A rollback carries the transaction out.
    LeakingRollback,
    /// A commit undoes the transaction.
    LostCommit,
    /// A rollback to a savepoint does nothing.
    IgnoredSavepoint,
    /// What is meant for a key space goes to the default one.
    MixedSpaces,
    /// A key space is empty after it was renamed.
    LostRename,
}

impl Lie {
    /// Every lie.
    pub const ALL: [Lie; 26] = [
        Lie::AlteredReply,
        Lie::WrongAbsence,
        Lie::IgnoredPut,
        Lie::IgnoredDelete,
        Lie::EmptyAsAbsent,
        Lie::LostAfterFlush,
        Lie::Resurrected,
        Lie::ForgetfulReopen,
        Lie::MissingEntry,
        Lie::DoubledEntry,
        Lie::Unordered,
        Lie::NotReversed,
        Lie::WrongLength,
        Lie::TornBatch,
        Lie::IncompleteClear,
        Lie::IgnoredRange,
        Lie::MovingSnapshot,
        Lie::SkippedEntry,
        Lie::WrongFirst,
        Lie::CarelessSwap,
        Lie::LostIngest,
        Lie::LeakingRollback,
        Lie::LostCommit,
        Lie::IgnoredSavepoint,
        Lie::MixedSpaces,
        Lie::LostRename,
    ];

    /// The lie's name on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Lie::AlteredReply => "altered-reply",
            Lie::WrongAbsence => "wrong-absence",
            Lie::IgnoredPut => "ignored-put",
            Lie::IgnoredDelete => "ignored-delete",
            Lie::EmptyAsAbsent => "empty-as-absent",
            Lie::LostAfterFlush => "lost-after-flush",
            Lie::Resurrected => "resurrected",
            Lie::ForgetfulReopen => "forgetful-reopen",
            Lie::MissingEntry => "missing-entry",
            Lie::DoubledEntry => "doubled-entry",
            Lie::Unordered => "unordered",
            Lie::NotReversed => "not-reversed",
            Lie::WrongLength => "wrong-length",
            Lie::TornBatch => "torn-batch",
            Lie::IncompleteClear => "incomplete-clear",
            Lie::IgnoredRange => "ignored-range",
            Lie::MovingSnapshot => "moving-snapshot",
            Lie::SkippedEntry => "skipped-entry",
            Lie::WrongFirst => "wrong-first",
            Lie::CarelessSwap => "careless-swap",
            Lie::LostIngest => "lost-ingest",
            Lie::LeakingRollback => "leaking-rollback",
            Lie::LostCommit => "lost-commit",
            Lie::IgnoredSavepoint => "ignored-savepoint",
            Lie::MixedSpaces => "mixed-spaces",
            Lie::LostRename => "lost-rename",
        }
    }

    /// The lie of this name, if there is one.
    pub fn from_word(word: &str) -> Option<Lie> {
        Lie::ALL.into_iter().find(|lie| lie.word() == word)
    }

    /// Whether something that the profile declares shows the lie.
    pub fn shows_under(self, profile: &Profile) -> bool {
        let has = |ability| profile.can.has(ability);
        let in_order = profile.order == Order::Bytes;
        match self {
            Lie::AlteredReply | Lie::WrongAbsence | Lie::IgnoredPut | Lie::IgnoredDelete => true,
            Lie::EmptyAsAbsent => profile.values.has(0),
            Lie::LostAfterFlush => has(Ability::Flush),
            Lie::Resurrected => has(Ability::Compact),
            Lie::ForgetfulReopen => has(Ability::Reopen),
            Lie::MissingEntry | Lie::DoubledEntry => has(Ability::Scan),
            Lie::Unordered => has(Ability::Scan) && in_order,
            Lie::NotReversed => has(Ability::Scan) && has(Ability::Reverse) && in_order,
            Lie::WrongLength => has(Ability::Length) && profile.length == LengthKind::Exact,
            Lie::TornBatch => has(Ability::Write),
            Lie::IncompleteClear => has(Ability::Clear),
            Lie::IgnoredRange => has(Ability::DeleteRange),
            Lie::MovingSnapshot => has(Ability::Snapshot),
            Lie::SkippedEntry => has(Ability::Iterator) && in_order,
            Lie::WrongFirst => has(Ability::FirstLast) && in_order,
            Lie::CarelessSwap => has(Ability::Cas),
            Lie::LostIngest => has(Ability::Ingest),
            Lie::LeakingRollback | Lie::LostCommit => has(Ability::Transaction),
            Lie::IgnoredSavepoint => has(Ability::Transaction) && has(Ability::Savepoint),
            Lie::MixedSpaces | Lie::LostRename => has(Ability::Spaces),
        }
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
