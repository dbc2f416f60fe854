//! What a store can do beyond get, put and delete.

/// Something that a store can do beyond get, put and delete.
///
/// ```
/// use etalon_spec::Ability;
///
/// assert_eq!(Ability::DeleteRange.word(), "deleterange");
/// assert_eq!(Ability::from_word("scan"), Some(Ability::Scan));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum Ability {
    /// Scans of ranges, forwards.
    Scan,
    /// Scans backwards.
    Reverse,
    /// Scans by prefix.
    Prefix,
    /// The number of live keys.
    Length,
    /// Atomic batches.
    Write,
    /// Removal of every key at once.
    Clear,
    /// Removal of a range at once.
    DeleteRange,
    /// Flush on demand.
    Flush,
    /// Compaction on demand.
    Compact,
    /// Clean close and reopen, after which everything acknowledged is there.
    Reopen,
    /// Synced changes, and a sync on demand.
    Sync,
    /// Snapshots, and reads at them.
    Snapshot,
    /// Iterators.
    Iterator,
    /// Tells what each layer holds for a key, and counts inner events.
    Layers,
    /// The first and the last entry.
    FirstLast,
    /// Compare-and-swap of one key.
    Cas,
    /// Ingestion of entries in order.
    Ingest,
    /// Transactions: begin, commit, rollback.
    Transaction,
    /// Savepoints in transactions.
    Savepoint,
    /// Named key spaces: create, rename, drop.
    Spaces,
}

impl Ability {
    /// Every ability; `ALL[ability as usize] == ability`.
    pub const ALL: [Ability; 20] = [
        Ability::Scan,
        Ability::Reverse,
        Ability::Prefix,
        Ability::Length,
        Ability::Write,
        Ability::Clear,
        Ability::DeleteRange,
        Ability::Flush,
        Ability::Compact,
        Ability::Reopen,
        Ability::Sync,
        Ability::Snapshot,
        Ability::Iterator,
        Ability::Layers,
        Ability::FirstLast,
        Ability::Cas,
        Ability::Ingest,
        Ability::Transaction,
        Ability::Savepoint,
        Ability::Spaces,
    ];

    /// The ability's name in a profile.
    pub const fn word(self) -> &'static str {
        match self {
            Ability::Scan => "scan",
            Ability::Reverse => "reverse",
            Ability::Prefix => "prefix",
            Ability::Length => "length",
            Ability::Write => "write",
            Ability::Clear => "clear",
            Ability::DeleteRange => "deleterange",
            Ability::Flush => "flush",
            Ability::Compact => "compact",
            Ability::Reopen => "reopen",
            Ability::Sync => "sync",
            Ability::Snapshot => "snapshot",
            Ability::Iterator => "iterator",
            Ability::Layers => "layers",
            Ability::FirstLast => "first_last",
            Ability::Cas => "cas",
            Ability::Ingest => "ingest",
            Ability::Transaction => "transaction",
            Ability::Savepoint => "savepoint",
            Ability::Spaces => "spaces",
        }
    }

    /// The ability of this name, if there is one.
    pub fn from_word(word: &str) -> Option<Ability> {
        Ability::ALL
            .into_iter()
            .find(|ability| ability.word() == word)
    }
}

/// A set of abilities.
///
/// ```
/// use etalon_spec::{Abilities, Ability};
///
/// let can = Abilities::from([Ability::Scan, Ability::Flush]);
/// assert!(can.has(Ability::Scan) && !can.has(Ability::Reopen));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities(u32);

impl Abilities {
    /// All that exist.
    pub const ALL: Abilities = Abilities((1 << Ability::ALL.len()) - 1);

    /// Those of a plain ordered store: all but `first_last`, `cas`, `ingest`, `transaction`,
    /// `savepoint` and `spaces`.
    pub const PLAIN: Abilities = Abilities((1 << Ability::FirstLast as u32) - 1);

    /// Whether the set has `ability`.
    pub const fn has(self, ability: Ability) -> bool {
        self.0 & (1 << ability as u32) != 0
    }

    /// The set with `ability`.
    #[must_use]
    pub const fn with(self, ability: Ability) -> Self {
        Abilities(self.0 | (1 << ability as u32))
    }

    /// The set without `ability`.
    #[must_use]
    pub const fn without(self, ability: Ability) -> Self {
        Abilities(self.0 & !(1 << ability as u32))
    }

    /// The abilities of the set, in the order of [`Ability::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Ability> {
        Ability::ALL
            .into_iter()
            .filter(move |ability| self.has(*ability))
    }
}

impl<const N: usize> From<[Ability; N]> for Abilities {
    fn from(list: [Ability; N]) -> Self {
        list.into_iter().fold(Abilities::default(), Abilities::with)
    }
}
