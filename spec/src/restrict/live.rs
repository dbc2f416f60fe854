//! The keys that a store must hold, for stores that refuse deletes of absent keys.

use std::collections::HashSet;

use crate::hash::FixedState;
use crate::op::{Change, Op};
use crate::profile::{Profile, Taken};

/// A set of keys; not kept at all for the stores that do not ask.
#[derive(Clone, Debug)]
pub(super) struct Live(Option<HashSet<Vec<u8>, FixedState>>);

impl Live {
    pub(super) fn of(profile: &Profile) -> Self {
        Live::new(profile.delete_absent == Taken::Refused)
    }

    pub(super) fn new(kept: bool) -> Self {
        Live(kept.then(HashSet::default))
    }

    /// Whether the key is known to be there.
    pub(super) fn has(&self, key: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|keys| keys.contains(key))
    }

    pub(super) fn insert(&mut self, key: &[u8]) {
        if let Some(keys) = &mut self.0 {
            keys.insert(key.to_vec());
        }
    }

    pub(super) fn change(&mut self, change: &Change) {
        let Some(keys) = &mut self.0 else { return };
        match change {
            Change::Put { key, .. } => {
                keys.insert(key.clone());
            }
            Change::Delete { key } => {
                keys.remove(key);
            }
        }
    }

    pub(super) fn apply(&mut self, op: &Op) {
        let Some(keys) = &mut self.0 else { return };
        match op {
            Op::Put { key, .. } => {
                keys.insert(key.clone());
            }
            // Whether a swap matched is not known.
            Op::Delete { key, .. } | Op::Cas { key, .. } => {
                keys.remove(key);
            }
            Op::Write { changes, .. } => changes.iter().for_each(|change| self.change(change)),
            // Of a commit it is not known what it changes.
            Op::Clear { .. } | Op::Commit(_) => keys.clear(),
            Op::DeleteRange { range, .. } => keys.retain(|key| !range.contains(key)),
            Op::Fill(fill) => keys.extend((0..fill.count).map(|i| fill.key(i))),
            Op::Ingest { run, .. } => keys.extend(run.entries().iter().map(|(key, _)| key.clone())),
            _ => {}
        }
    }
}
