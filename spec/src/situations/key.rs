//! What the tracker knows of one key: its last write, and the last one in an older layer.
//!
//! ```text
//!   put k 1   flush   put k 2   put k 3   flush   get k
//!   ^ older                     ^ last
//! ```

/// How a key was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrote {
    Put,
    /// Deleted while it was live.
    Delete,
    /// Deleted while it was absent.
    DeleteAbsent,
    /// Removed by a deleterange.
    RangeDelete,
    /// Removed by a clear.
    Clear,
}

/// A moment: how many changes, flushes that wrote something, compacts and reopens came before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock {
    /// Single changes of keys.
    pub(super) changes: u32,
    pub(super) flushes: u32,
    pub(super) compacts: u32,
    pub(super) reopens: u32,
}

impl Clock {
    /// Whether no flush and no compact lies between two moments of which the earlier is a write:
    /// what was written counts as a flush for whichever of the two comes next.
    pub(super) fn same_layer(self, other: Clock) -> bool {
        self.flushes == other.flushes
    }
}

/// One write of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) how: Wrote,
    pub(super) when: Clock,
}

/// What lies between the two writes that a key's answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    /// Exactly one flush, and no compact since the older.
    Flush,
    /// Two flushes or more, and no compact since the older.
    Flushes,
    /// A compact, and none since the later.
    Compact,
    /// A compact came after the later: it has merged them.
    Merged,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) last: Write,
    older: Option<Write>,
    /// The number of the last batch that changed it.
    pub(super) batch: u32,
}

impl Key {
    pub(super) fn new(first: Write) -> Self {
        Key {
            last: first,
            older: None,
            batch: 0,
        }
    }

    pub(super) fn is_live(&self) -> bool {
        self.last.how == Wrote::Put
    }

    /// Whether it was live when it was removed.
    pub(super) fn is_removed(&self) -> bool {
        !matches!(self.last.how, Wrote::Put | Wrote::DeleteAbsent)
    }

    #[inline]
    pub(super) fn write(&mut self, write: Write) {
        if !self.last.when.same_layer(write.when) {
            self.older = Some(self.last);
        }
        self.last = write;
    }

    /// How it was last written in an older layer, and what lies between that and the last write.
    pub(super) fn older(&self, now: Clock) -> Option<(Wrote, Between)> {
        let older = self.older?;
        let between = if self.last.when.compacts < now.compacts {
            Between::Merged
        } else if older.when.compacts < self.last.when.compacts {
            Between::Compact
        } else if older.when.flushes + 1 == self.last.when.flushes {
            Between::Flush
        } else {
            Between::Flushes
        };
        Some((older.how, between))
    }
}
