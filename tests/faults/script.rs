//! A fixed sequence of operations that goes through every path of the engine that writes.

use std::collections::BTreeMap;

use etalon::{Batch, Options, Result, Store, WriteOptions};

pub(crate) type Contents = BTreeMap<Vec<u8>, Vec<u8>>;

/// One operation of the script.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Put(u8, u8),
    PutSynced(u8, u8),
    Delete(u8),
    DeleteSynced(u8),
    /// Two puts and a delete, synced.
    Batch(u8),
    Sync,
    Flush,
    Compact,
}

use Step::{Batch as Changes, Compact, Delete, DeleteSynced, Flush, Put, PutSynced, Sync};

/// Values are long enough for a few to fill the memtable of `options`.
pub(crate) const SCRIPT: [Step; 24] = [
    Put(1, 1),
    PutSynced(2, 1),
    Put(3, 1),
    Sync,
    Flush,
    Delete(1),
    Changes(4),
    Flush,
    Sync,
    Put(2, 2),
    DeleteSynced(3),
    Compact,
    // These fill the memtable, and the next write makes room.
    Put(7, 3),
    Put(8, 3),
    Put(9, 3),
    Put(1, 4),
    PutSynced(1, 5),
    Changes(7),
    Put(3, 6),
    Put(4, 6),
    Compact,
    Flush,
    Delete(9),
    PutSynced(8, 9),
];

pub(crate) fn options() -> Options {
    Options {
        memtable_bytes: 300,
        manifest_bytes: 200,
        ..Options::default()
    }
}

fn value(seed: u8) -> Vec<u8> {
    vec![seed; 100]
}

impl Step {
    /// Does it.
    pub(crate) fn run(self, store: &Store) -> Result<()> {
        let synced = WriteOptions::synced();
        match self {
            Put(key, seed) => store.put(&[key], &value(seed)),
            PutSynced(key, seed) => store.put_with(&[key], &value(seed), synced),
            Delete(key) => store.delete(&[key]),
            DeleteSynced(key) => store.delete_with(&[key], synced),
            Changes(key) => {
                let mut batch = Batch::default();
                batch.put(&[key], &value(key));
                batch.put(&[key + 1], b"");
                batch.delete(&[key + 2]);
                store.write_with(&batch, synced)
            }
            Sync => store.sync(),
            Flush => store.flush(),
            Compact => store.compact(),
        }
    }

    /// What it does to the contents.
    pub(crate) fn apply(self, contents: &mut Contents) {
        match self {
            Put(key, seed) | PutSynced(key, seed) => {
                contents.insert(vec![key], value(seed));
            }
            Delete(key) | DeleteSynced(key) => {
                contents.remove(&[key][..]);
            }
            Changes(key) => {
                contents.insert(vec![key], value(key));
                contents.insert(vec![key + 1], Vec::new());
                contents.remove(&[key + 2][..]);
            }
            Sync | Flush | Compact => {}
        }
    }
}
