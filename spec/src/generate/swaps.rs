//! Compare-and-swaps and ingestions.
//!
//! A swap expects what was last put under its key, five times out of eight: else it would never
//! match. What was rolled back, or took place elsewhere, is remembered all the same.

use super::Generator;
use crate::op::{Entry, Op};
use crate::random::bits;
use crate::sorted_run::SortedRun;

/// More keys than this are not remembered.
const MOST: usize = 64;

/// What was last put under some keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl Recent {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Notes what an operation sets or removes alone.
    pub(super) fn note(&mut self, op: &Op) {
        match op.scoped().1 {
            Op::Put { key, value, .. } => self.set(key, Some(value)),
            Op::Delete { key, .. } => self.set(key, None),
            Op::Cas { key, new, .. } => self.set(key, new.as_ref()),
            _ => {}
        }
    }

    fn set(&mut self, key: &[u8], value: Option<&Vec<u8>>) {
        let value = value.cloned();
        if let Some((_, last)) = self.0.iter_mut().find(|(other, _)| other == key) {
            *last = value;
        } else if self.0.len() < MOST {
            self.0.push((key.to_vec(), value));
        }
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let found = self.0.iter().find(|(other, _)| other == key);
        found.and_then(|(_, value)| value.clone())
    }
}

impl Generator {
    pub(super) fn swap(&mut self) -> Op {
        let slot = self.keys.draw(&mut self.random);
        // Whether it will match is not known.
        self.keys.set_live(slot, false);
        let key = self.keys.key(slot).to_vec();
        let word = self.random.next();
        let expected = match bits(word, 0, 3) {
            0..5 => self.recent.get(&key),
            5 => None,
            _ => Some(self.values.draw(&mut self.random, Vec::new())),
        };
        let sets = bits(word, 8, 2) > 0;
        let new = sets.then(|| self.values.draw(&mut self.random, Vec::new()));
        let sync = self.sync();
        Op::Cas {
            key,
            expected,
            new,
            sync,
        }
    }

    pub(super) fn ingest(&mut self) -> Op {
        let length = 1 + self.random.small(6);
        let entry = |generator: &mut Generator| -> Entry {
            let slot = generator.keys.draw(&mut generator.random);
            let key = generator.keys.key(slot).to_vec();
            let value = generator.values.draw(&mut generator.random, Vec::new());
            (key, value)
        };
        let entries = (0..length).map(|_| entry(self)).collect();
        let run = SortedRun::sorted(entries).expect("at least one entry");
        let sync = self.sync();
        Op::Ingest { run, sync }
    }
}
