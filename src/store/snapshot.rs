//! Snapshots: a sequence number, and the promise to keep what it can see.
//!
//! ```text
//!   key "k":   7   12   20          snapshots: 9, 15
//!   needed:    7   12   20          7 by the one, 12 by the other, 20 by everybody else
//! ```
//!
//! Invariants:
//! 1. A snapshot takes its number and registers it in one hold of the list's lock. So whoever
//!    merges, and reads the list after its inputs were fixed, finds every snapshot that needs one
//!    of their older versions: those that are taken later have greater numbers than all of them.
//!    The lock is held for nothing else.
//! 2. A version stays as long as it is the newest one that some snapshot, or a reader of now, can
//!    see (`compaction::Retain`).

use super::Store;
use super::shared::Shared;
use crate::error::{Error, Result};
use crate::sync::{Arc, Mutex};

/// The numbers of the living snapshots, in no order.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    numbers: Mutex<Vec<u64>>,
}

/// The store as it was at one moment (G6), until dropped. It keeps no file open and no memory but
/// old versions: as long as it lives, flush and compaction keep what it can see.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk};
///
/// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
/// store.put(b"k", b"old")?;
/// let snapshot = store.snapshot();
/// store.put(b"k", b"new")?;
/// store.compact()?;
/// assert_eq!(store.get_at(&snapshot, b"k")?, Some(b"old".to_vec()));
/// assert_eq!(store.get(b"k")?, Some(b"new".to_vec()));
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Debug)]
pub struct Snapshot {
    sequence: u64,
    snapshots: Arc<Snapshots>,
}

impl Snapshot {
    /// The sequence number of the newest change that it sees.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let mut numbers = self.snapshots.numbers.lock();
        let own = numbers.iter().position(|number| *number == self.sequence);
        numbers.swap_remove(own.expect("registered when it was taken"));
    }
}

impl Snapshots {
    /// The numbers of all living snapshots, ascending.
    pub(super) fn list(&self) -> Vec<u64> {
        let mut numbers = self.numbers.lock().clone();
        numbers.sort_unstable();
        numbers
    }
}

impl Store {
    /// Takes a snapshot of this moment.
    pub fn snapshot(&self) -> Snapshot {
        let mut numbers = self.shared.snapshots.numbers.lock();
        let sequence = self.shared.last_sequence();
        numbers.push(sequence);
        drop(numbers);
        Snapshot {
            sequence,
            snapshots: Arc::clone(&self.shared.snapshots),
        }
    }
}

impl Shared {
    /// The number to read at; refuses a snapshot that is not one of this store.
    pub(super) fn sequence_of(&self, snapshot: Option<&Snapshot>) -> Result<Option<u64>> {
        match snapshot {
            Some(snapshot) if !Arc::ptr_eq(&snapshot.snapshots, &self.snapshots) => {
                Err(Error::ForeignSnapshot {
                    path: self.directory.clone(),
                })
            }
            _ => Ok(snapshot.map(Snapshot::sequence)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::disk::MemoryDisk;
    use crate::{Error, Options, Store};

    #[test]
    fn a_snapshot_of_another_store_is_refused() {
        let open = || Store::open_on(MemoryDisk::default(), "dir", Options::default());
        let (one, other) = (open().expect("opens"), open().expect("opens"));
        let snapshot = one.snapshot();
        let refused = other.get_at(&snapshot, b"k").expect_err("another's");
        assert!(matches!(refused, Error::ForeignSnapshot { .. }));
        assert!(other.scan().at(&snapshot).collect().is_err());
        assert!(one.get_at(&snapshot, b"k").is_ok());
    }
}
