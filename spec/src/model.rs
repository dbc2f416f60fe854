//! The specification: a single `HashMap`. Everything a store must answer follows from it.

mod scopes;

use std::collections::{BTreeMap, HashMap};

use crate::hash::FixedState;
use crate::name::Name;
use crate::op::{Change, Entry, Op, Reply};
use crate::options::Options;
use crate::profile::{Abilities, Ability, Conflict, Profile};
use crate::range::{Range, Scan};
use crate::scope::OpScope;
use crate::sorted_run::SortedRun;
use crate::store::{Failure, KeyValueStore, Outcome, Target};
use scopes::{Spaces, Transaction};

/// The reference model. Flush, compaction, sync and reopening change no answer (G2), so here they
/// do nothing at all. A snapshot is a copy of the map (G6), an iterator a sorted copy of it and a
/// place in that; a transaction a copy that is changed apart.
///
/// An operation on a name that is not open is refused.
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
    spaces: Spaces,
    snapshots: BTreeMap<Name, Entries>,
    iterators: BTreeMap<Name, Position>,
    transactions: BTreeMap<Name, Transaction>,
    /// Where the operations that come take place.
    scope: OpScope,
}

type Entries = HashMap<Vec<u8>, Vec<u8>, FixedState>;

/// Where an iterator is, in the entries as they were when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Position {
    /// In byte order.
    entries: Vec<Entry>,
    /// 0 is before the first entry, n is the n-th, one more than there are is after the last;
    /// none: a step has failed, and only a seek gives it a place again.
    at: Option<usize>,
}

impl Position {
    fn go_to(&mut self, at: usize) -> Option<Entry> {
        let at = at.min(self.entries.len() + 1);
        self.at = Some(at);
        self.entries.get(at.checked_sub(1)?).cloned()
    }

    fn place(&self) -> Outcome<usize> {
        let lost = || Failure::definite("the iterator has no place: a step of it has failed");
        self.at.ok_or_else(lost)
    }
}

impl Model {
    /// What a reopen does to the specification's store: snapshots and iterators end, transactions
    /// are rolled back.
    pub fn reopen(&mut self) {
        self.snapshots.clear();
        self.iterators.clear();
        self.transactions.clear();
    }

    /// A store with these contents, as one that was just opened.
    pub(crate) fn holding(contents: Vec<Entry>) -> Self {
        let mut model = Model::default();
        model.spaces.entries.extend(contents);
        model
    }

    /// The names of the snapshots that are open.
    pub fn snapshots(&self) -> impl Iterator<Item = Name> + '_ {
        self.snapshots.keys().copied()
    }

    /// Whether the snapshot and the iterator that an operation uses are open, and the iterator
    /// has a place that it can be moved from.
    #[inline]
    pub(crate) fn has_names_of(&self, op: &Op) -> bool {
        let snapshot = op.snapshot_used();
        let iterator = op.iterator_used();
        let from_its_place = matches!(op, Op::Next(_) | Op::Prev(_));
        let can_move = |position: &Position| position.at.is_some() || !from_its_place;
        snapshot.is_none_or(|name| self.snapshots.contains_key(&name))
            && iterator.is_none_or(|name| self.iterators.get(&name).is_some_and(can_move))
            && self.has_scopes_of(op)
    }

    /// A read failed: an iterator that was to be moved has no place any more.
    pub(crate) fn failed(&mut self, op: &Op) {
        let moved = op.iterator_used().filter(|_| op.kind().is_step());
        if let Some(position) = moved.and_then(|name| self.iterators.get_mut(&name)) {
            position.at = None;
        }
    }

    /// Whether this is what a get, a scan or a length answers: as if it were carried out, without
    /// a copy of the answer. Of other operations and replies it says no.
    pub(crate) fn would_answer(&self, op: &Op, reply: &Reply) -> bool {
        match (op, reply) {
            (Op::Get { key, at }, Reply::Value(value)) => self
                .view(*at)
                .is_ok_and(|view| view.get(key) == Some(value)),
            (Op::Get { key, at }, Reply::Absent) => {
                self.view(*at).is_ok_and(|view| !view.contains_key(key))
            }
            (Op::Scan { scan, at }, Reply::Entries(entries)) => self.view(*at).is_ok_and(|view| {
                let found = found(view, scan).into_iter();
                found.eq(entries.iter().map(|(key, value)| (key, value)))
            }),
            (Op::Length { at }, Reply::Count(count)) => {
                self.view(*at).is_ok_and(|view| view.len() as u64 == *count)
            }
            _ => false,
        }
    }

    /// The state at a snapshot, or now.
    fn view(&self, at: Option<Name>) -> Outcome<&Entries> {
        let Some(name) = at else {
            return self.current();
        };
        let found = self.snapshots.get(&name);
        found.ok_or_else(|| Failure::definite(format!("no snapshot {name} is open")))
    }

    fn iterator_of(&mut self, name: Name) -> Outcome<&mut Position> {
        let found = self.iterators.get_mut(&name);
        found.ok_or_else(|| Failure::definite(format!("no iterator {name} is open")))
    }
}

/// What a scan of these entries finds.
fn found<'a>(entries: &'a Entries, scan: &Scan) -> Vec<(&'a Vec<u8>, &'a Vec<u8>)> {
    let within = entries.iter().filter(|(key, _)| scan.range.contains(key));
    let mut found: Vec<(&Vec<u8>, &Vec<u8>)> = within.collect();
    found.sort_unstable();
    if scan.reverse {
        found.reverse();
    }
    found.truncate(scan.limit.map_or(usize::MAX, |limit| limit as usize));
    found
}

/// What a scan of these entries answers.
fn scanned(entries: &Entries, scan: &Scan) -> Vec<Entry> {
    found(entries, scan)
        .into_iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

impl KeyValueStore for Model {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.current()?.get(key).cloned())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.set(key, Some(value))
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.set(key, None)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        Ok(scanned(self.current()?, scan))
    }

    fn length(&mut self) -> Outcome<u64> {
        Ok(self.current()?.len() as u64)
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        let least = self.current()?.iter().min();
        Ok(least.map(|(key, value)| (key.clone(), value.clone())))
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        let greatest = self.current()?.iter().max();
        Ok(greatest.map(|(key, value)| (key.clone(), value.clone())))
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        let mut changes = changes.iter();
        changes.try_for_each(|change| self.set(change.key(), change.value()))
    }

    fn clear(&mut self) -> Outcome<()> {
        self.remove_all(|_| true)
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        self.remove_all(|key| range.contains(key))
    }

    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) -> Outcome<bool> {
        let holds = self.current()?.get(key).map(Vec::as_slice) == expected;
        if holds {
            self.set(key, new)?;
        }
        Ok(holds)
    }

    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        let mut entries = run.entries().iter();
        entries.try_for_each(|(key, value)| self.put(key, value))
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn compact(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn sync(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.insert(name, self.spaces.entries.clone());
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.view(Some(name))?;
        self.snapshots.remove(&name);
        Ok(())
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        Ok(self.view(Some(at))?.get(key).cloned())
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        Ok(scanned(self.view(Some(at))?, scan))
    }

    fn iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        let entries = scanned(self.view(at)?, &Scan::ALL);
        let at = Some(0);
        self.iterators.insert(name, Position { entries, at });
        Ok(())
    }

    fn seek(&mut self, name: Name, key: &[u8]) -> Outcome<Option<Entry>> {
        let position = self.iterator_of(name)?;
        let below = position
            .entries
            .partition_point(|(other, _)| other.as_slice() < key);
        Ok(position.go_to(below + 1))
    }

    fn seek_to_first(&mut self, name: Name) -> Outcome<Option<Entry>> {
        Ok(self.iterator_of(name)?.go_to(1))
    }

    fn seek_to_last(&mut self, name: Name) -> Outcome<Option<Entry>> {
        let position = self.iterator_of(name)?;
        Ok(position.go_to(position.entries.len()))
    }

    fn next(&mut self, name: Name) -> Outcome<Option<Entry>> {
        let position = self.iterator_of(name)?;
        Ok(position.go_to(position.place()? + 1))
    }

    fn prev(&mut self, name: Name) -> Outcome<Option<Entry>> {
        let position = self.iterator_of(name)?;
        Ok(position.go_to(position.place()?.saturating_sub(1)))
    }

    fn close_iterator(&mut self, name: Name) -> Outcome<()> {
        self.iterator_of(name)?;
        self.iterators.remove(&name);
        Ok(())
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        Ok(())
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        self.begin_transaction(transaction)
    }

    fn savepoint(&mut self, transaction: Name, name: Name) -> Outcome<()> {
        self.make_savepoint(transaction, name)
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        self.roll_back(transaction, to)
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        self.commit_transaction(transaction)
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.create_named(name)
    }

    fn rename_space(&mut self, from: Name, to: Name) -> Outcome<()> {
        self.rename_named(from, to)
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.drop_named(name)
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
            transaction_max: 3,
            transaction_conflict: Conflict::Refused,
            ..Profile::new("model")
        }
    }

    fn create(&mut self, _options: &Options) -> Outcome<Model> {
        Ok(Model::default())
    }
}
