//! The store that lies.
//!
//! It reports neither layers nor events: what is looked for are wrong answers. Its synced changes
//! are the change, then a sync, as the trait has it: the lies about changes hold for them, too.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Lie;
use crate::breakage::{FaultKind, Keep};
use crate::check::Coming;
use crate::op::{Case, Change, Entry};
use crate::options::Options;
use crate::profile::Profile;
use crate::range::Scan;
use crate::store::{KeyValueStore, Outcome, Target};

/// A lie comes at every so many opportunities of a case, so that a check which looks once does
/// not do.
const EVERY: u32 = 2;

/// What a liar remembers, across a reopen too.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) newest: Option<Vec<u8>>,
    pub(super) deleted: Option<Vec<u8>>,
    opportunities: u32,
}

/// A target whose stores lie in one way.
#[derive(Debug)]
pub struct Sabotaged<T> {
    target: T,
    lie: Lie,
    memory: Arc<Mutex<Memory>>,
}

/// A clone lies alike, and remembers for itself.
impl<T: Clone> Clone for Sabotaged<T> {
    fn clone(&self) -> Self {
        Sabotaged::new(self.target.clone(), self.lie)
    }
}

impl<T> Sabotaged<T> {
    /// Stores of `target` that lie so.
    pub fn new(target: T, lie: Lie) -> Self {
        Sabotaged {
            target,
            lie,
            memory: Arc::default(),
        }
    }

    fn liar<S>(&self, store: S) -> Liar<S> {
        Liar {
            store,
            lie: self.lie,
            memory: Arc::clone(&self.memory),
        }
    }
}

impl<T: Target> Target for Sabotaged<T> {
    type Store = Liar<T::Store>;

    fn profile(&self) -> Profile {
        self.target.profile()
    }

    fn create(&mut self, options: &Options) -> Outcome<Self::Store> {
        let store = self.target.create(options)?;
        self.memory = Arc::default();
        Ok(self.liar(store))
    }

    fn reopen(&mut self, options: &Options) -> Outcome<Self::Store> {
        let store = self.target.reopen(options)?;
        let mut liar = self.liar(store);
        if liar.lies(Lie::ForgetfulReopen) {
            liar.forget_newest()?;
        }
        Ok(liar)
    }

    /// Nothing is sent ahead: a lie may ask for more than the case does.
    fn foresee(&mut self, _coming: &Coming<'_>) {}

    fn affords(&mut self, case: &Case) -> bool {
        self.target.affords(case)
    }

    fn held_to(&mut self, profile: &Profile) {
        self.target.held_to(profile);
    }

    fn limit(&mut self, operation: Duration, opening: Duration) -> bool {
        self.target.limit(operation, opening)
    }

    fn stop_after(&mut self, operations: u32) -> Outcome<()> {
        self.target.stop_after(operations)
    }

    fn die(&mut self, keep: Option<&Keep>) -> Outcome<()> {
        self.target.die(keep)
    }

    fn fail(&mut self, after: u32, with: FaultKind, forever: bool) -> Outcome<()> {
        self.target.fail(after, with, forever)
    }

    fn mend(&mut self) -> Outcome<()> {
        self.target.mend()
    }
}

/// A store that lies in one way, and else is what it is.
#[derive(Debug)]
pub struct Liar<S> {
    pub(super) store: S,
    pub(super) lie: Lie,
    memory: Arc<Mutex<Memory>>,
}

impl<S> Liar<S> {
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is the lie, and its turn.
    pub(super) fn lies(&self, lie: Lie) -> bool {
        if self.lie != lie {
            return false;
        }
        let mut memory = self.memory();
        memory.opportunities += 1;
        memory.opportunities % EVERY == 0
    }
}

impl<S: KeyValueStore> Liar<S> {
    pub(super) fn forget_newest(&mut self) -> Outcome<()> {
        let newest = self.memory().newest.take();
        newest.map_or(Ok(()), |key| self.store.delete(&key))
    }

    pub(super) fn note(&mut self, change: &Change) {
        let mut memory = self.memory();
        match change {
            Change::Put { key, .. } => memory.newest = Some(key.clone()),
            Change::Delete { key } => memory.deleted = Some(key.clone()),
        }
    }

    pub(super) fn lied_about(&self, found: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let mut value = found?;
        if self.lie == Lie::EmptyAsAbsent && value.is_empty() || self.lies(Lie::WrongAbsence) {
            return None;
        }
        if self.lies(Lie::AlteredReply) {
            value.push(b'!');
        }
        Some(value)
    }

    pub(super) fn scanned(&self, scan: &Scan, mut entries: Vec<Entry>) -> Vec<Entry> {
        if !entries.is_empty() && self.lies(Lie::MissingEntry) {
            entries.pop();
        } else if !entries.is_empty() && self.lies(Lie::DoubledEntry) {
            entries.insert(0, entries[0].clone());
        } else if entries.len() > 1 && self.lies(Lie::Unordered) {
            entries.swap(0, 1);
        } else if entries.len() > 1 && scan.reverse && self.lies(Lie::NotReversed) {
            entries.reverse();
        }
        entries
    }
}
