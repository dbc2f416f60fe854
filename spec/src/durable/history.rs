//! The history of changes, and which of its prefixes a store may hold after a crash.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::digest::ContentsDigest;
use crate::hash::FixedState;
use crate::op::{Change, Entry};
use crate::profile::Survives;

/// How far the history has come, at one moment: which prefixes a crash there may leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// Changes that must be there: acknowledged, and made durable since.
    pub durable: usize,
    /// Changes that must be there if the machine lives: acknowledged.
    pub acknowledged: usize,
    /// Changes that may be there: sent.
    pub issued: usize,
}

impl Bounds {
    /// How many changes may be there after a power loss.
    pub fn after_power_loss(&self) -> RangeInclusive<usize> {
        self.durable..=self.issued
    }

    /// How many changes may be there after the death of the process alone.
    pub fn after_kill(&self) -> RangeInclusive<usize> {
        self.acknowledged..=self.issued
    }

    /// The same, of a store of which only so much survives that.
    pub(crate) fn after_kill_of(&self, survives: Survives) -> RangeInclusive<usize> {
        match survives {
            Survives::All => self.after_kill(),
            Survives::Synced | Survives::Flushed | Survives::None => self.after_power_loss(),
        }
    }
}

/// What one change replaced: each key with what it had before.
type Undo = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// Changes in the order in which they were sent, each atomic.
///
/// ```
/// use etalon_spec::durable::{ContentsDigest, History};
/// use etalon_spec::Change;
///
/// let put = |value: &[u8]| [Change::Put { key: b"k".to_vec(), value: value.to_vec() }];
/// let mut history = History::default();
/// history.send(&put(b"1"));
/// history.acknowledge();
/// history.make_durable();
/// history.send(&put(b"2")); // in flight when the power goes
///
/// let allowed = history.bounds().after_power_loss();
/// assert_eq!(allowed, 1..=2);
/// let old = ContentsDigest::of([("k", "1")]);
/// assert_eq!(history.find(old, allowed.clone()), Some(1));
/// assert_eq!(history.find(ContentsDigest::default(), allowed), None, "lost what was durable");
///
/// history.settle(1); // so the store was recovered
/// assert_eq!(history.contents(), [(b"k".to_vec(), b"1".to_vec())]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    entries: HashMap<Vec<u8>, Vec<u8>, FixedState>,
    undo: Vec<Undo>,
    /// After each number of changes, from none on.
    digests: Vec<ContentsDigest>,
    durable: usize,
    acknowledged: usize,
}

impl Default for History {
    fn default() -> Self {
        History {
            entries: HashMap::default(),
            undo: Vec::new(),
            digests: vec![ContentsDigest::default()],
            durable: 0,
            acknowledged: 0,
        }
    }
}

impl History {
    /// A change is sent: from now on it may be there, as a whole. One of nothing is no change.
    pub fn send(&mut self, changes: &[Change]) {
        let mut digest = self.digests[self.undo.len()];
        let mut undo = Vec::with_capacity(changes.len());
        for change in changes {
            let key = change.key();
            let before = match change.value() {
                Some(value) => {
                    digest.add(key, value);
                    self.entries.insert(key.to_vec(), value.to_vec())
                }
                None => self.entries.remove(key),
            };
            if let Some(value) = &before {
                digest.remove(key, value);
            }
            undo.push((key.to_vec(), before));
        }
        self.undo.push(undo);
        self.digests.push(digest);
    }

    /// Everything sent is answered: it must be there if the machine lives.
    pub fn acknowledge(&mut self) {
        self.acknowledged = self.undo.len();
    }

    /// Everything acknowledged is durable: it must be there after a power loss, too.
    pub fn make_durable(&mut self) {
        self.durable = self.acknowledged;
    }

    /// How far it has come.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            durable: self.durable,
            acknowledged: self.acknowledged,
            issued: self.undo.len(),
        }
    }

    /// The contents after so many changes.
    pub fn digest(&self, changes: usize) -> ContentsDigest {
        self.digests[changes]
    }

    /// After how many changes of those allowed the contents are these: the most, where there is a
    /// choice, which allows most later on.
    pub fn find(&self, digest: ContentsDigest, allowed: RangeInclusive<usize>) -> Option<usize> {
        let mut changes = allowed.rev();
        changes.find(|changes| self.digests.get(*changes) == Some(&digest))
    }

    /// The store was found with so many changes: those after them never happened, those before
    /// them are acknowledged by being there.
    pub fn settle(&mut self, changes: usize) {
        while self.undo.len() > changes {
            for (key, before) in self.undo.pop().into_iter().flatten().rev() {
                match before {
                    Some(value) => self.entries.insert(key, value),
                    None => self.entries.remove(&key),
                };
            }
            self.digests.pop();
        }
        self.acknowledged = changes;
        self.durable = self.durable.min(changes);
    }

    /// The value of a key after everything sent.
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.entries.get(key).map(Vec::as_slice)
    }

    /// All keys after everything sent, in no particular order.
    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.keys().map(Vec::as_slice)
    }

    /// The contents after everything sent, in order.
    pub fn contents(&self) -> Vec<Entry> {
        let mut contents: Vec<Entry> = self
            .entries
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        contents.sort_unstable();
        contents
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: &str, value: &str) -> Change {
        Change::Put {
            key: key.into(),
            value: value.into(),
        }
    }

    fn delete(key: &str) -> Change {
        Change::Delete { key: key.into() }
    }

    #[test]
    fn a_batch_is_there_whole_or_not_at_all() {
        let mut history = History::default();
        history.send(&[put("a", "1"), put("b", "1"), delete("a"), put("b", "2")]);
        let whole = ContentsDigest::of([("b", "2")]);
        let half = ContentsDigest::of([("a", "1"), ("b", "1")]);
        let allowed = history.bounds().after_power_loss();
        assert_eq!(history.find(whole, allowed.clone()), Some(1));
        assert_eq!(history.find(half, allowed.clone()), None);
        assert_eq!(history.find(ContentsDigest::default(), allowed), Some(0));
    }

    #[test]
    fn a_hole_is_no_prefix() {
        let mut history = History::default();
        history.send(&[put("a", "1")]);
        history.send(&[put("b", "1")]);
        let hole = ContentsDigest::of([("b", "1")]);
        assert_eq!(history.find(hole, 0..=2), None);
    }

    #[test]
    fn settling_undoes_what_came_later_and_no_more() {
        let mut history = History::default();
        history.send(&[put("a", "1")]);
        history.acknowledge();
        history.make_durable();
        history.send(&[put("a", "2"), delete("a"), put("b", "3")]);
        history.send(&[delete("a"), put("b", "4")]);
        history.settle(1);
        assert_eq!(history.contents(), [(b"a".to_vec(), b"1".to_vec())]);
        assert_eq!(history.digest(1), ContentsDigest::of([("a", "1")]));
        history.send(&[put("c", "5")]);
        let bounds = history.bounds();
        assert_eq!(bounds.after_power_loss(), 1..=2);
        assert_eq!(bounds.after_kill(), 1..=2);
    }
}
