//! The specification: a single `HashMap`. Everything a store must answer follows from it.

use std::collections::HashMap;

use crate::hash::FixedState;
use crate::op::{Change, Entry};
use crate::options::Options;
use crate::profile::{Abilities, Ability, Profile};
use crate::range::{Range, Scan};
use crate::store::{KeyValueStore, Outcome, Target};

/// The reference model. Flush, compaction and reopening change no answer (G2), so here they do
/// nothing at all.
///
/// ```
/// use etalon_spec::{KeyValueStore, Model};
///
/// let mut model = Model::default();
/// model.put(b"k", b"old").unwrap();
/// model.put(b"k", b"new").unwrap();
/// assert_eq!(model.get(b"k"), Ok(Some(b"new".to_vec())));
/// model.delete(b"k").unwrap();
/// assert_eq!(model.get(b"k"), Ok(None));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    entries: HashMap<Vec<u8>, Vec<u8>, FixedState>,
}

impl KeyValueStore for Model {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.entries.get(key).cloned())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.entries.insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.entries.remove(key);
        Ok(())
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let within = self
            .entries
            .iter()
            .filter(|(key, _)| scan.range.contains(key));
        let mut found: Vec<(&Vec<u8>, &Vec<u8>)> = within.collect();
        found.sort_unstable();
        if scan.reverse {
            found.reverse();
        }
        found.truncate(scan.limit.map_or(usize::MAX, |limit| limit as usize));
        Ok(found
            .into_iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn length(&mut self) -> Outcome<u64> {
        Ok(self.entries.len() as u64)
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        for change in changes {
            match change {
                Change::Put { key, value } => self.put(key, value)?,
                Change::Delete { key } => self.delete(key)?,
            }
        }
        Ok(())
    }

    fn clear(&mut self) -> Outcome<()> {
        self.entries.clear();
        Ok(())
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        self.entries.retain(|key, _| !range.contains(key));
        Ok(())
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn compact(&mut self) -> Outcome<()> {
        Ok(())
    }
}

/// Makes models: the target that is right by definition.
///
/// It cannot be reopened, for it keeps nothing; the checker's own model just goes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModelTarget;

impl Target for ModelTarget {
    type Store = Model;

    fn profile(&self) -> Profile {
        let can = Abilities::ALL
            .without(Ability::Reopen)
            .without(Ability::Layers);
        Profile {
            can,
            ..Profile::new("model")
        }
    }

    fn create(&mut self, _options: &Options) -> Outcome<Model> {
        Ok(Model::default())
    }
}
