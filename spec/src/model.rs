//! The specification: a single `HashMap`. Everything a store must answer follows from it.
//!
//! ```text
//!   this page       the map, and what each operation does to it or reads from it
//!   views.rs        snapshots and iterators: copies of the map
//!   scopes.rs       transactions and key spaces: copies of it that change, and more than one
//!   checker.rs      what the checker asks beside the operations
//!   target.rs       the model as a store under test
//! ```

mod checker;
mod scopes;
mod target;
mod views;

use std::collections::{BTreeMap, HashMap};

use crate::hash::FixedState;
use crate::name::Name;
use crate::op::{Change, Entry};
use crate::range::{Range, Scan};
use crate::scope::OpScope;
use crate::sorted_run::SortedRun;
use crate::store::{KeyValueStore, Outcome};
use scopes::{Spaces, Transaction};
pub use target::ModelTarget;
use views::Position;

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

/// The map.
type Entries = HashMap<Vec<u8>, Vec<u8>, FixedState>;

type Found = Option<Vec<u8>>;
type FoundEntry = Option<Entry>;

// A table, to be read as one: the operation, and what it means. `current` is the map that is read,
// `set` puts a value into it or removes it; which map that is, scopes.rs says.
#[rustfmt::skip]
impl KeyValueStore for Model {
    fn get(&mut self, key: &[u8]) -> Outcome<Found> { Ok(self.current()?.get(key).cloned()) }
    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> { Ok(scanned(self.current()?, scan)) }
    fn length(&mut self) -> Outcome<u64> { Ok(self.current()?.len() as u64) }
    fn first(&mut self) -> Outcome<FoundEntry> { Ok(self.current()?.iter().min().map(owned)) }
    fn last(&mut self) -> Outcome<FoundEntry> { Ok(self.current()?.iter().max().map(owned)) }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> { self.set(key, Some(value)) }
    fn delete(&mut self, key: &[u8]) -> Outcome<()> { self.set(key, None) }
    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        changes.iter().try_for_each(|change| self.set(change.key(), change.value()))
    }
    fn clear(&mut self) -> Outcome<()> { self.remove_all(|_| true) }
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
        run.entries().iter().try_for_each(|(key, value)| self.put(key, value))
    }

    fn flush(&mut self) -> Outcome<()> { Ok(()) }
    fn compact(&mut self) -> Outcome<()> { Ok(()) }
    fn sync(&mut self) -> Outcome<()> { Ok(()) }

    fn snapshot(&mut self, name: Name) -> Outcome<()> { self.open_snapshot(name); Ok(()) }
    fn release(&mut self, name: Name) -> Outcome<()> { self.release_snapshot(name) }
    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Found> {
        Ok(self.view(Some(at))?.get(key).cloned())
    }
    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        Ok(scanned(self.view(Some(at))?, scan))
    }

    fn iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        self.open_iterator(name, at)
    }
    fn seek(&mut self, name: Name, key: &[u8]) -> Outcome<FoundEntry> {
        Ok(self.moved(name)?.seek(key))
    }
    fn seek_to_first(&mut self, name: Name) -> Outcome<FoundEntry> { Ok(self.moved(name)?.first()) }
    fn seek_to_last(&mut self, name: Name) -> Outcome<FoundEntry> { Ok(self.moved(name)?.last()) }
    fn next(&mut self, name: Name) -> Outcome<FoundEntry> { self.moved(name)?.next() }
    fn prev(&mut self, name: Name) -> Outcome<FoundEntry> { self.moved(name)?.prev() }
    fn close_iterator(&mut self, name: Name) -> Outcome<()> { self.end_iterator(name) }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> { self.scope = scope; Ok(()) }
    fn begin(&mut self, name: Name) -> Outcome<()> { self.begin_transaction(name) }
    fn savepoint(&mut self, transaction: Name, name: Name) -> Outcome<()> {
        self.make_savepoint(transaction, name)
    }
    fn rollback(&mut self, name: Name, to: Option<Name>) -> Outcome<()> { self.roll_back(name, to) }
    fn commit(&mut self, name: Name) -> Outcome<()> { self.commit_transaction(name) }
    fn create_space(&mut self, name: Name) -> Outcome<()> { self.create_named(name) }
    fn rename_space(&mut self, from: Name, to: Name) -> Outcome<()> { self.rename_named(from, to) }
    fn drop_space(&mut self, name: Name) -> Outcome<()> { self.drop_named(name) }
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

fn scanned(entries: &Entries, scan: &Scan) -> Vec<Entry> {
    found(entries, scan).into_iter().map(owned).collect()
}

fn owned((key, value): (&Vec<u8>, &Vec<u8>)) -> Entry {
    (key.clone(), value.clone())
}
