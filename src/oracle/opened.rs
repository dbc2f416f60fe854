//! An open store as the oracle sees it: the engine, and what it has handed out under names.

use etalon_spec::{
    Change, Entry, Events, Failure, KeyValueStore, Name, Outcome, Range, Scan, SortedRun, Trace,
};

use super::failure;
use super::store::{count, whole};
use crate::{Iter, Notice, Snapshot, Store};

/// A store with the snapshots and iterators that were made of it, by name.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk, oracle::Opened};
/// use etalon_spec::{KeyValueStore, Name};
///
/// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
/// let mut opened = Opened::from(store);
/// let s = Name::new("s").expect("a name");
/// opened.snapshot(s).unwrap();
/// opened.put(b"k", b"v").unwrap();
/// assert_eq!(opened.get_at(b"k", s), Ok(None));
/// assert_eq!(opened.store().get(b"k")?, Some(b"v".to_vec()));
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Debug)]
pub struct Opened {
    /// What the opening found.
    found: Events,
    snapshots: Vec<(Name, Snapshot)>,
    iterators: Vec<(Name, Iter)>,
    store: Store,
}

impl From<Store> for Opened {
    fn from(store: Store) -> Self {
        Opened::with_orphans(store, 0)
    }
}

impl Opened {
    /// A store whose opening removed so many segments that no manifest names.
    pub(crate) fn with_orphans(store: Store, orphans: u64) -> Self {
        let is_torn = |notice: &&Notice| matches!(notice, Notice::TornTail { .. });
        Opened {
            found: Events {
                torn_tails: store.notices().iter().filter(is_torn).count() as u64,
                orphan_segments: orphans,
                ..Events::default()
            },
            snapshots: Vec::new(),
            iterators: Vec::new(),
            store,
        }
    }

    /// The engine itself.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The engine, once snapshots and iterators have ended.
    pub fn into_store(self) -> Store {
        self.store
    }

    fn at(&self, name: Name) -> Outcome<&Snapshot> {
        let found = self.snapshots.iter().find(|(other, _)| *other == name);
        let (_, snapshot) = found.ok_or_else(|| not_open("snapshot", name))?;
        Ok(snapshot)
    }

    /// Moves an iterator, and says where it then stands.
    fn move_iterator(
        &mut self,
        name: Name,
        movement: impl FnOnce(&mut Iter) -> crate::Result<()>,
    ) -> Outcome<Option<Entry>> {
        let found = self.iterators.iter_mut().find(|(other, _)| *other == name);
        let (_, iter) = found.ok_or_else(|| not_open("iterator", name))?;
        movement(iter).map_err(failure)?;
        Ok(iter
            .entry()
            .map(|(key, value)| (key.to_vec(), value.to_vec())))
    }
}

fn not_open(what: &str, name: Name) -> Failure {
    Failure::definite(format!("no {what} {name} is open"))
}

impl KeyValueStore for Opened {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        KeyValueStore::get(&mut self.store, key)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        KeyValueStore::put(&mut self.store, key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        KeyValueStore::delete(&mut self.store, key)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        KeyValueStore::scan(&mut self.store, scan)
    }

    fn length(&mut self) -> Outcome<u64> {
        self.store.length()
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        KeyValueStore::write(&mut self.store, changes)
    }

    fn clear(&mut self) -> Outcome<()> {
        self.store.clear()
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        self.store.delete_range(range)
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        KeyValueStore::first(&mut self.store)
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        KeyValueStore::last(&mut self.store)
    }

    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) -> Outcome<bool> {
        self.store.cas(key, expected, new)
    }

    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        KeyValueStore::ingest(&mut self.store, run)
    }

    fn ingest_synced(&mut self, run: &SortedRun) -> Outcome<()> {
        self.store.ingest_synced(run)
    }

    fn sync(&mut self) -> Outcome<()> {
        KeyValueStore::sync(&mut self.store)
    }

    fn put_synced(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.store.put_synced(key, value)
    }

    fn delete_synced(&mut self, key: &[u8]) -> Outcome<()> {
        self.store.delete_synced(key)
    }

    fn write_synced(&mut self, changes: &[Change]) -> Outcome<()> {
        self.store.write_synced(changes)
    }

    fn clear_synced(&mut self) -> Outcome<()> {
        self.store.clear_synced()
    }

    fn delete_range_synced(&mut self, range: &Range) -> Outcome<()> {
        self.store.delete_range_synced(range)
    }

    fn cas_synced(
        &mut self,
        key: &[u8],
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Outcome<bool> {
        self.store.cas_synced(key, expected, new)
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        let snapshot = self.store.snapshot();
        self.snapshots.retain(|(other, _)| *other != name);
        self.snapshots.push((name, snapshot));
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.at(name)?;
        self.snapshots.retain(|(other, _)| *other != name);
        Ok(())
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        self.store.get_at(self.at(at)?, key).map_err(failure)
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        let run = whole(self.store.scan(), scan).at(self.at(at)?);
        run.collect().map_err(failure)
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        count(self.store.scan().at(self.at(at)?))
    }

    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        self.store.first_at(self.at(at)?).map_err(failure)
    }

    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        self.store.last_at(self.at(at)?).map_err(failure)
    }

    fn iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        let iter = match at {
            Some(at) => self.store.iterator_at(self.at(at)?),
            None => self.store.iterator(),
        };
        let iter = iter.map_err(failure)?;
        self.iterators.retain(|(other, _)| *other != name);
        self.iterators.push((name, iter));
        Ok(())
    }

    fn seek(&mut self, name: Name, key: &[u8]) -> Outcome<Option<Entry>> {
        self.move_iterator(name, |iter| iter.seek(key))
    }

    fn seek_to_first(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.move_iterator(name, Iter::seek_to_first)
    }

    fn seek_to_last(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.move_iterator(name, Iter::seek_to_last)
    }

    fn next(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.move_iterator(name, Iter::next)
    }

    fn prev(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.move_iterator(name, Iter::prev)
    }

    fn close_iterator(&mut self, name: Name) -> Outcome<()> {
        let before = self.iterators.len();
        self.iterators.retain(|(other, _)| *other != name);
        if self.iterators.len() == before {
            return Err(not_open("iterator", name));
        }
        Ok(())
    }

    fn flush(&mut self) -> Outcome<()> {
        KeyValueStore::flush(&mut self.store)
    }

    fn compact(&mut self) -> Outcome<()> {
        KeyValueStore::compact(&mut self.store)
    }

    fn close(self) -> Outcome<()> {
        KeyValueStore::close(self.store)
    }

    fn trace(&mut self, key: &[u8]) -> Outcome<Trace> {
        KeyValueStore::trace(&mut self.store, key)
    }

    fn events(&mut self) -> Events {
        Events {
            torn_tails: self.found.torn_tails,
            orphan_segments: self.found.orphan_segments,
            ..self.store.events()
        }
    }
}
