//! What a store says of itself while it is at work.
//!
//! Notices say once what an opening found, and are there to be looked up. Events are said as they
//! happen, to whoever listens: a writer that stalls stands still and could not be asked.

use std::fmt;

use crate::sync::Arc;

/// Something that happens to a store while it is open; see
/// [`Options::listener`](crate::Options::listener).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A write needs a new memtable and waits for the background, which has fallen behind.
    WritesStalled {
        /// What it waits for.
        stall: Stall,
    },
    /// A write that had stalled goes on.
    WritesGoOn,
    /// A write needs a new memtable and lets the background take one step before it goes on.
    WritesSlowed {
        /// How many segments level 0 has.
        segments: usize,
    },
    /// Work in the background has failed: the store takes no more changes.
    BackgroundFailed {
        /// The failure, as the next write returns it.
        reason: String,
    },
}

/// What a stalled write waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stall {
    /// The memtable before this one to be flushed.
    Memtable,
    /// Level 0 to have fewer segments.
    Level0 {
        /// How many it has.
        segments: usize,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::WritesStalled { stall } => write!(f, "writes stall: {stall}"),
            Event::WritesGoOn => write!(f, "writes go on"),
            Event::WritesSlowed { segments } => {
                write!(f, "writes are slowed: level 0 has {segments} segments")
            }
            Event::BackgroundFailed { reason } => write!(f, "background work failed: {reason}"),
        }
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stall::Memtable => write!(f, "the memtable before is still being flushed"),
            Stall::Level0 { segments } => write!(f, "level 0 has {segments} segments"),
        }
    }
}

/// Who hears of [`Event`]s: a function, called in the thread that the event happens to. It may
/// read from the store, and must not write to it. By default nobody.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use etalon::{Compaction, Listener, Options, Store, disk::MemoryDisk};
///
/// let said = Arc::new(Mutex::new(String::new()));
/// let listener = Listener::new({
///     let said = Arc::clone(&said);
///     move |event| *said.lock().unwrap() += &format!("{event}\n")
/// });
/// let compaction = Compaction::OnCall;
/// let options = Options { compaction, listener, memtable_bytes: 1, ..Options::default() };
/// let store = Store::open_on(MemoryDisk::default(), "dir", options)?;
/// for key in [b"a", b"b", b"c"] {
///     store.put(key, b"")?; // and nobody calls `work`
/// }
/// let stalled = "writes stall: the memtable before is still being flushed\nwrites go on\n";
/// assert_eq!(*said.lock().unwrap(), stalled);
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Listener(Option<Arc<Hear>>);

type Hear = dyn Fn(&Event) + Send + Sync;

impl Listener {
    /// Calls `hear` with each event.
    pub fn new(hear: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Listener(Some(Arc::new(hear)))
    }

    pub(crate) fn hear(&self, event: &Event) {
        if let Some(hear) = &self.0 {
            hear(event);
        }
    }
}

/// Equal are clones of one listener, and listeners that nobody listens by.
impl PartialEq for Listener {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Eq for Listener {}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.0.is_some() {
            "listening"
        } else {
            "nobody"
        };
        f.debug_tuple("Listener").field(&state).finish()
    }
}
