//! Commands on keys that are named.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use super::answers::{Answers, fits};
use super::refusal::Refusal;
use super::session::{After, Session};
use crate::name::Name;
use crate::op::Change;
use crate::outcome::{Failure, Outcome};
use crate::store::KeyValueStore;

type Answered = Result<After, Refusal>;

/// What the keys of one MGET are read at.
const MOMENT: Name = Name::literal("mget");

/// A number as it is printed: without a plus, without zeros before it.
fn number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl<C: KeyValueStore> Session<'_, C> {
    pub(super) fn get(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let value = self.store.get(words[1])?;
        fits(value.as_ref().map_or(0, Vec::len))?;
        out.value(value.as_deref());
        Ok(After::Next)
    }

    pub(super) fn set(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        if let Some(option) = words.get(3) {
            return Err(Refusal::syntax(option, "SET takes a key and a value here"));
        }
        let _together = self.shared.changes.read();
        self.store.put(words[1], words[2])?;
        out.ok();
        Ok(After::Next)
    }

    /// Sets all or, where the store has batches, none; where it has not, a reader may see some.
    pub(super) fn mset(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let pairs = words[1..].chunks_exact(2);
        if !pairs.remainder().is_empty() {
            return Err(Refusal::new("wrong number of arguments for 'mset' command"));
        }
        let put = |pair: &[&[u8]]| Change::Put {
            key: pair[0].to_vec(),
            value: pair[1].to_vec(),
        };
        let changes: Vec<Change> = pairs.map(put).collect();
        let _together = self.shared.changes.read();
        self.write(&changes)?;
        out.ok();
        Ok(After::Next)
    }

    /// Removes all at once, as [`Session::mset`] sets them, and says how many there were.
    pub(super) fn del(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let shared = self.shared;
        let alone = shared.changes.write();
        let _alone = alone.unwrap_or_else(PoisonError::into_inner);
        let mut there = BTreeSet::new();
        for key in &words[1..] {
            if self.store.get(key)?.is_some() {
                there.insert(*key);
            }
        }
        // A delete of an absent key is the store's to answer, too.
        let delete = |key: &&[u8]| Change::Delete { key: key.to_vec() };
        self.write(&words[1..].iter().map(delete).collect::<Vec<Change>>())?;
        let removed = there.len() as u64;
        out.integer(removed);
        Ok(After::Next)
    }

    /// Counts on: the value is a number in text, and that of an absent key is 0.
    pub(super) fn incr(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let shared = self.shared;
        let alone = shared.changes.write();
        let _alone = alone.unwrap_or_else(PoisonError::into_inner);
        let value = self.store.get(words[1])?;
        let number = number(value.as_deref().unwrap_or(b"0"))
            .ok_or_else(|| Refusal::new("value is not an integer or out of range"))?;
        let next = number
            .checked_add(1)
            .ok_or_else(|| Refusal::new("increment or decrement would overflow"))?;
        self.store.put(words[1], next.to_string().as_bytes())?;
        out.integer(next);
        Ok(After::Next)
    }

    /// Makes changes, as one batch if the store has batches.
    pub(super) fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        if changes.len() > 1 {
            match self.store.write(changes) {
                Err(Failure::Unsupported) => {}
                written => return written,
            }
        }
        for change in changes {
            match change {
                Change::Put { key, value } => self.store.put(key, value)?,
                Change::Delete { key } => self.store.delete(key)?,
            }
        }
        Ok(())
    }

    /// Reads all keys at one moment, if the store has snapshots.
    pub(super) fn mget(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let is_held = match self.store.snapshot(MOMENT) {
            Ok(()) => true,
            Err(Failure::Unsupported) => false,
            Err(failure) => return Err(failure.into()),
        };
        let answered = self.values(&words[1..], is_held, out);
        if is_held {
            self.store.release(MOMENT)?;
        }
        answered
    }

    fn values(&mut self, keys: &[&[u8]], is_held: bool, out: &mut Answers) -> Answered {
        let begun = out.0.len();
        out.list(keys.len());
        for key in keys {
            let value = if is_held {
                self.store.get_at(key, MOMENT)?
            } else {
                self.store.get(key)?
            };
            fits(out.0.len() - begun + value.as_ref().map_or(0, Vec::len))?;
            out.value(value.as_deref());
        }
        Ok(After::Next)
    }

    /// A key that is named twice counts twice.
    pub(super) fn exists(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let mut there = 0;
        for key in &words[1..] {
            there += u64::from(self.store.get(key)?.is_some());
        }
        out.integer(there);
        Ok(After::Next)
    }

    pub(super) fn strlen(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let value = self.store.get(words[1])?;
        out.integer(value.map_or(0, |value| value.len() as u64));
        Ok(After::Next)
    }

    pub(super) fn kind(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let there = self.store.get(words[1])?.is_some();
        out.simple(if there { "string" } else { "none" });
        Ok(After::Next)
    }
}
