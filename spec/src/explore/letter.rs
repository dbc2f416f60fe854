//! The alphabet: a few operations on a few keys.

use std::fmt;

use super::symbol::{self, Symbol};
use crate::op::{Change, Op};

/// One operation of a small alphabet. Keys are numbers, from 0 on; the value of a put is its
/// place in the string, so that no two puts write the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Letter {
    /// `put`
    Put(u8),
    /// `put ... sync`
    PutSynced(u8),
    /// `delete`
    Delete(u8),
    /// A batch: put this key, delete the one after it (of so many in use, in a circle).
    Batch(u8),
    /// `flush`
    Flush,
    /// `compact`
    Compact,
    /// `sync`
    Sync,
    /// `reopen`
    Reopen,
    /// `kill`: what is pending on the disk stays pending.
    Kill,
}

impl Letter {
    /// Every letter over so many keys, the keys' letters first.
    pub fn all(keys: u8) -> Vec<Letter> {
        let per_key = [
            Letter::Put,
            Letter::PutSynced,
            Letter::Delete,
            Letter::Batch,
        ];
        let of_keys = per_key.into_iter().flat_map(|letter| (0..keys).map(letter));
        let others = [
            Letter::Flush,
            Letter::Compact,
            Letter::Sync,
            Letter::Reopen,
            Letter::Kill,
        ];
        of_keys.chain(others).collect()
    }

    /// Those that say nothing of durability: what a store is held against that only has to answer.
    pub fn plain(keys: u8) -> Vec<Letter> {
        let mut letters = Letter::all(keys);
        let is_plain =
            |letter: &Letter| !matches!(letter, Letter::PutSynced(_) | Letter::Sync | Letter::Kill);
        letters.retain(is_plain);
        letters
    }

    /// The key that it names first.
    pub fn key(self) -> Option<u8> {
        match self {
            Letter::Put(key)
            | Letter::PutSynced(key)
            | Letter::Delete(key)
            | Letter::Batch(key) => Some(key),
            _ => None,
        }
    }

    /// The operation that it is at `place` of a string over so many keys.
    pub fn op(self, place: usize, keys: u8) -> Op {
        let mut changes = self.changes(place, keys);
        match self {
            Letter::Put(_) | Letter::PutSynced(_) | Letter::Delete(_) => {
                let sync = matches!(self, Letter::PutSynced(_));
                match changes.swap_remove(0) {
                    Change::Put { key, value } => Op::Put { key, value, sync },
                    Change::Delete { key } => Op::Delete { key, sync },
                }
            }
            Letter::Batch(_) => Op::write(changes),
            Letter::Flush => Op::Flush,
            Letter::Compact => Op::Compact,
            Letter::Sync => Op::Sync,
            Letter::Reopen => Op::Reopen,
            Letter::Kill => Op::Kill { then: Vec::new() },
        }
    }

    /// What it changes, as the letter at `place` of a string over so many keys.
    pub fn changes(self, place: usize, keys: u8) -> Vec<Change> {
        let put = |number| Change::Put {
            key: name(number),
            value: place.to_string().into_bytes(),
        };
        match self {
            Letter::Put(key) | Letter::PutSynced(key) => vec![put(key)],
            Letter::Delete(key) => vec![Change::Delete { key: name(key) }],
            Letter::Batch(key) => vec![
                put(key),
                Change::Delete {
                    key: name((key + 1) % keys),
                },
            ],
            _ => Vec::new(),
        }
    }
}

impl Symbol for Letter {
    fn key(self) -> Option<u8> {
        Letter::key(self)
    }

    fn op(self, place: usize, keys: u8) -> Op {
        Letter::op(self, place, keys)
    }
}

/// The name of a key: `a`, `b`, ...
pub fn name(key: u8) -> Vec<u8> {
    vec![b'a' + key]
}

/// A string of letters over so many keys. As text it is the operations of an `.ops` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters {
    /// The string.
    pub letters: Vec<Letter>,
    /// How many keys there are.
    pub keys: u8,
}

impl Letters {
    /// The operations that it stands for.
    pub fn ops(&self) -> Vec<Op> {
        symbol::ops(&self.letters, self.keys)
    }
}

impl fmt::Display for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for op in self.ops() {
            writeln!(f, "{op}")?;
        }
        Ok(())
    }
}
