//! What is no history.

use std::fmt;

use crate::name::Name;

/// Why calls do not make up a history. Nothing was decided about the store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HistoryError {
    /// A client called while its call before was still open.
    StillOpen {
        /// The client.
        lane: u32,
        /// The call that came too early.
        op: String,
    },
    /// A client was answered although it had asked nothing.
    NothingOpen {
        /// The client.
        lane: u32,
    },
    /// A call was answered before it was invoked.
    Backwards {
        /// The client.
        lane: u32,
    },
    /// Two moments have the same time.
    SameTime {
        /// That time.
        at: u64,
    },
    /// The operation is none of a history: a breakage, or a fill, which is many puts.
    NotConcurrent {
        /// The client.
        lane: u32,
        /// The operation.
        op: String,
    },
    /// A snapshot or an iterator is used that is not open, or whose creation or end is going on.
    NotOpen {
        /// The client.
        lane: u32,
        /// The snapshot or the iterator.
        name: Name,
    },
    /// A snapshot or an iterator is made anew, ended or moved while another call uses it.
    InUse {
        /// The client.
        lane: u32,
        /// The snapshot or the iterator.
        name: Name,
    },
}

impl HistoryError {
    /// The client whose call is wrong, if it is one.
    pub fn lane(&self) -> Option<u32> {
        match self {
            HistoryError::StillOpen { lane, .. }
            | HistoryError::NothingOpen { lane }
            | HistoryError::Backwards { lane }
            | HistoryError::NotConcurrent { lane, .. }
            | HistoryError::NotOpen { lane, .. }
            | HistoryError::InUse { lane, .. } => Some(*lane),
            HistoryError::SameTime { .. } => None,
        }
    }
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HistoryError::StillOpen { lane, op } => {
                write!(f, "client {lane} calls `{op}` while its last call is open")
            }
            HistoryError::NothingOpen { lane } => {
                write!(f, "client {lane} is answered and has no call open")
            }
            HistoryError::Backwards { lane } => {
                write!(f, "client {lane} is answered before it asks")
            }
            HistoryError::SameTime { at } => write!(f, "two moments have the time {at}"),
            HistoryError::NotConcurrent { lane, op } => write!(
                f,
                "client {lane} calls `{op}`, which is one operation of no history"
            ),
            HistoryError::NotOpen { lane, name } => {
                write!(f, "client {lane} uses `{name}`, which is not open then")
            }
            HistoryError::InUse { lane, name } => write!(
                f,
                "client {lane} makes, ends or moves `{name}` while another call uses it"
            ),
        }
    }
}

impl std::error::Error for HistoryError {}
