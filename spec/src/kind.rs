//! The kinds of operations, for tables, weights and counters.

/// The kinds of [`Op`](crate::Op).
///
/// ```
/// use etalon_spec::OpKind;
///
/// let words: Vec<&str> = OpKind::ALL.iter().map(|kind| kind.word()).collect();
/// assert_eq!(words[..3], ["get", "put", "delete"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum OpKind {
    /// [`Op::Get`](crate::Op::Get)
    Get,
    /// [`Op::Put`](crate::Op::Put)
    Put,
    /// [`Op::Delete`](crate::Op::Delete)
    Delete,
    /// [`Op::Flush`](crate::Op::Flush)
    Flush,
    /// [`Op::Sync`](crate::Op::Sync)
    Sync,
    /// [`Op::Scan`](crate::Op::Scan)
    Scan,
    /// [`Op::Length`](crate::Op::Length)
    Length,
    /// [`Op::Write`](crate::Op::Write)
    Write,
    /// [`Op::Clear`](crate::Op::Clear)
    Clear,
    /// [`Op::DeleteRange`](crate::Op::DeleteRange)
    DeleteRange,
    /// [`Op::Fill`](crate::Op::Fill)
    Fill,
    /// [`Op::Snapshot`](crate::Op::Snapshot)
    Snapshot,
    /// [`Op::Release`](crate::Op::Release)
    Release,
    /// [`Op::Iterator`](crate::Op::Iterator)
    Iterator,
    /// [`Op::Next`](crate::Op::Next)
    Next,
    /// [`Op::Prev`](crate::Op::Prev)
    Prev,
    /// [`Op::SeekFirst`](crate::Op::SeekFirst)
    SeekFirst,
    /// [`Op::SeekLast`](crate::Op::SeekLast)
    SeekLast,
    /// [`Op::Seek`](crate::Op::Seek)
    Seek,
    /// [`Op::Close`](crate::Op::Close)
    Close,
    /// [`Op::Compact`](crate::Op::Compact)
    Compact,
    /// [`Op::Reopen`](crate::Op::Reopen)
    Reopen,
    /// [`Op::Kill`](crate::Op::Kill)
    Kill,
    /// [`Op::Crash`](crate::Op::Crash)
    Crash,
    /// [`Op::Fail`](crate::Op::Fail)
    Fail,
    /// [`Op::First`](crate::Op::First)
    First,
    /// [`Op::Last`](crate::Op::Last)
    Last,
    /// [`Op::Cas`](crate::Op::Cas)
    Cas,
    /// [`Op::Ingest`](crate::Op::Ingest)
    Ingest,
    /// [`Op::Begin`](crate::Op::Begin)
    Begin,
    /// [`Op::Savepoint`](crate::Op::Savepoint)
    Savepoint,
    /// [`Op::Rollback`](crate::Op::Rollback)
    Rollback,
    /// [`Op::Commit`](crate::Op::Commit)
    Commit,
    /// [`Op::Create`](crate::Op::Create)
    Create,
    /// [`Op::Rename`](crate::Op::Rename)
    Rename,
    /// [`Op::Drop`](crate::Op::Drop)
    Drop,
}

impl OpKind {
    /// How many kinds there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Every kind, from simple to complex, then those that only some stores have;
    /// `ALL[kind as usize] == kind`.
    pub const ALL: [OpKind; 36] = [
        OpKind::Get,
        OpKind::Put,
        OpKind::Delete,
        OpKind::Flush,
        OpKind::Sync,
        OpKind::Scan,
        OpKind::Length,
        OpKind::Write,
        OpKind::Clear,
        OpKind::DeleteRange,
        OpKind::Fill,
        OpKind::Snapshot,
        OpKind::Release,
        OpKind::Iterator,
        OpKind::Next,
        OpKind::Prev,
        OpKind::SeekFirst,
        OpKind::SeekLast,
        OpKind::Seek,
        OpKind::Close,
        OpKind::Compact,
        OpKind::Reopen,
        OpKind::Kill,
        OpKind::Crash,
        OpKind::Fail,
        OpKind::First,
        OpKind::Last,
        OpKind::Cas,
        OpKind::Ingest,
        OpKind::Begin,
        OpKind::Savepoint,
        OpKind::Rollback,
        OpKind::Commit,
        OpKind::Create,
        OpKind::Rename,
        OpKind::Drop,
    ];

    /// The word that starts a line of this kind in an `.ops` file.
    pub const fn word(self) -> &'static str {
        match self {
            OpKind::Get => "get",
            OpKind::Put => "put",
            OpKind::Delete => "delete",
            OpKind::Flush => "flush",
            OpKind::Sync => "sync",
            OpKind::Scan => "scan",
            OpKind::Length => "length",
            OpKind::Write => "write",
            OpKind::Clear => "clear",
            OpKind::DeleteRange => "deleterange",
            OpKind::Fill => "fill",
            OpKind::Snapshot => "snapshot",
            OpKind::Release => "release",
            OpKind::Iterator => "iterator",
            OpKind::Next => "next",
            OpKind::Prev => "prev",
            OpKind::SeekFirst => "seekfirst",
            OpKind::SeekLast => "seeklast",
            OpKind::Seek => "seek",
            OpKind::Close => "close",
            OpKind::Compact => "compact",
            OpKind::Reopen => "reopen",
            OpKind::Kill => "kill",
            OpKind::Crash => "crash",
            OpKind::Fail => "fail",
            OpKind::First => "first",
            OpKind::Last => "last",
            OpKind::Cas => "cas",
            OpKind::Ingest => "ingest",
            OpKind::Begin => "begin",
            OpKind::Savepoint => "savepoint",
            OpKind::Rollback => "rollback",
            OpKind::Commit => "commit",
            OpKind::Create => "create",
            OpKind::Rename => "rename",
            OpKind::Drop => "drop",
        }
    }

    /// Whether the operation rearranges the store and changes no answer (G2).
    pub const fn is_structural(self) -> bool {
        use OpKind::{Compact, Flush, Reopen, Sync};
        matches!(self, Flush | Sync | Compact | Reopen)
    }

    /// Whether the operation sets or removes keys.
    pub const fn is_change(self) -> bool {
        use OpKind::{Cas, Clear, Delete, DeleteRange, Fill, Ingest, Put, Write};
        matches!(
            self,
            Put | Delete | Write | Clear | DeleteRange | Fill | Cas | Ingest
        )
    }

    /// Whether the operation reads and changes nothing.
    pub const fn is_read(self) -> bool {
        use OpKind::{First, Get, Last, Length, Scan};
        matches!(self, Get | Scan | Length | First | Last) || self.is_step()
    }

    /// Whether all that the operation may do to a disk is to read it: the reads, and the making of
    /// an iterator.
    pub const fn only_reads(self) -> bool {
        self.is_read() || matches!(self, OpKind::Iterator)
    }

    /// Whether the operation moves an iterator, and answers where it then is.
    pub const fn is_step(self) -> bool {
        use OpKind::{Next, Prev, Seek, SeekFirst, SeekLast};
        matches!(self, Seek | SeekFirst | SeekLast | Next | Prev)
    }

    /// Whether the operation answers one entry or none.
    pub const fn answers_one(self) -> bool {
        self.is_step() || matches!(self, OpKind::First | OpKind::Last)
    }

    /// Whether the operation makes, renames or removes a key space.
    pub const fn is_of_spaces(self) -> bool {
        matches!(self, OpKind::Create | OpKind::Rename | OpKind::Drop)
    }

    /// Whether the operation breaks something: the process, the machine, a disk operation.
    pub const fn is_breakage(self) -> bool {
        matches!(self, OpKind::Kill | OpKind::Crash | OpKind::Fail)
    }
}
