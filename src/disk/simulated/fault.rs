//! Disk operations that fail on purpose.
//!
//! | kind      | hits                                  | what it leaves                          |
//! |-----------|---------------------------------------|-----------------------------------------|
//! | `Io`      | any operation                         | nothing done                            |
//! | `NoSpace` | what needs room: append, create, link | nothing done                            |
//! | `Short`   | append                                | the first half of the bytes             |
//! | `Sync`    | sync, of a file or a directory        | what was pending is readable until the  |
//! |           |                                       | crash, gone after it; a retry says yes  |
//! | `Flip`    | a read of bytes                       | one bit of what was read is the other   |
//!
//! `Sync` is what Linux does to pages whose writeback failed: they are marked clean, the error is
//! told once, and the next `fsync` has nothing to do (Rebello and others, "Can applications
//! recover from fsync failures?", 2020).

use std::io;

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// EIO: nothing was done.
    Io,
    /// ENOSPC: nothing was done.
    NoSpace,
    /// Half of the bytes are there.
    Short,
    /// A failed sync that loses what was pending.
    Sync,
    /// A bit of what is read is wrong, counted from the first.
    Flip(u64),
}

/// Which operations are counted: those that change the disk, or those that ask it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Calls {
    /// Create, append, truncate, preallocate, rename, remove, link, both syncs.
    Changes,
    /// Open, read, size, list.
    Reads,
}

/// A failure to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fault {
    /// What is counted.
    pub calls: Calls,
    /// How many of them go well first, from the arming on.
    pub after: u64,
    /// How the next one fails.
    pub kind: FaultKind,
    /// Whether all that follow and can fail so do, too.
    pub forever: bool,
}

/// What an operation is, to a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Append,
    /// Needs room for a name.
    Name,
    Sync,
    /// Rename, remove, truncate.
    Other,
    ReadBytes,
    Ask,
}

impl Call {
    fn family(self) -> Calls {
        match self {
            Call::Append | Call::Name | Call::Sync | Call::Other => Calls::Changes,
            Call::ReadBytes | Call::Ask => Calls::Reads,
        }
    }
}

impl FaultKind {
    /// Whether such a call can fail so.
    pub(super) fn hits(self, call: Call) -> bool {
        match self {
            FaultKind::Io => true,
            FaultKind::NoSpace => matches!(call, Call::Append | Call::Name),
            FaultKind::Short => call == Call::Append,
            FaultKind::Sync => call == Call::Sync,
            FaultKind::Flip(_) => call == Call::ReadBytes,
        }
    }

    /// What the caller hears.
    pub(super) fn error(self) -> io::Error {
        let (kind, what) = match self {
            FaultKind::NoSpace => (io::ErrorKind::StorageFull, "no space left (injected)"),
            FaultKind::Short => (io::ErrorKind::WriteZero, "short write (injected)"),
            FaultKind::Sync => (io::ErrorKind::Other, "sync failed (injected)"),
            FaultKind::Io | FaultKind::Flip(_) => (io::ErrorKind::Other, "I/O error (injected)"),
        };
        io::Error::new(kind, what)
    }
}

/// A drive that says yes to a flush and does nothing: consumer drives and sticks with a write
/// cache that ignore the command.
///
/// No store can hold anything on such a disk, and a check of one that finds nothing there is
/// worth nothing: that is what it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lies {
    /// A file's sync makes nothing durable.
    pub sync: bool,
    /// A directory's sync makes nothing durable.
    pub sync_directory: bool,
}

/// The armed fault, and how far the counts are.
#[derive(Debug, Default)]
pub(super) struct Faults {
    armed: Option<Fault>,
    /// Changes that are still carried out; none: all.
    left: Option<u64>,
    /// Calls so far, by family.
    pub(super) changes: u64,
    pub(super) reads: u64,
    /// How often it has struck.
    pub(super) struck: u64,
}

impl Faults {
    pub(super) fn arm(&mut self, fault: Option<Fault>) {
        *self = Faults {
            armed: fault,
            left: self.left,
            ..Faults::default()
        };
    }

    pub(super) fn stop_after(&mut self, changes: Option<u64>) {
        self.left = changes;
    }

    /// Counts a call of a machine that is to stop; whether it has stopped.
    pub(super) fn has_stopped(&mut self, call: Call) -> bool {
        match &mut self.left {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= u64::from(call.family() == Calls::Changes);
                false
            }
        }
    }

    /// Counts a call; the kind of failure if it is to fail.
    pub(super) fn strikes(&mut self, call: Call) -> Option<FaultKind> {
        let counted = match call.family() {
            Calls::Changes => &mut self.changes,
            Calls::Reads => &mut self.reads,
        };
        let number = *counted;
        *counted += 1;
        let fault = self.armed.filter(|fault| fault.calls == call.family())?;
        let due = number == fault.after || (fault.forever && number > fault.after);
        if !due || !fault.kind.hits(call) {
            return None;
        }
        self.struck += 1;
        Some(fault.kind)
    }
}
