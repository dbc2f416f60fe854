//! One of several clients of a store: the engine as a thread sees it that shares it with others.
//!
//! The store is shared; snapshots and iterators are the client's own. What the engine has no
//! native operation for (`clear`, `deleterange`) is left out: a scan and a batch are not one
//! operation when others write in between.

use etalon_spec::{
    Change, ConcurrentStore, Entry, Failure, KeyValueStore, Name, Outcome, Scan, SortedRun,
};

use super::store::{batch, count, swapped, whole};
use super::{Opened, failure};
use crate::{Iter, Snapshot, Store, WriteOptions};

/// A client of a shared store, with the snapshots and iterators that it has made.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk, oracle::Opened};
/// use etalon_spec::{ConcurrentStore, KeyValueStore};
///
/// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
/// let shared = Opened::from(store);
/// std::thread::scope(|scope| {
///     scope.spawn(|| shared.client().put(b"k", b"v").unwrap());
/// });
/// assert_eq!(shared.client().get(b"k"), Ok(Some(b"v".to_vec())));
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Debug)]
pub struct Client<'a> {
    store: &'a Store,
    snapshots: Vec<(Name, Snapshot)>,
    iterators: Vec<(Name, Iter)>,
}

impl ConcurrentStore for Opened {
    type Client<'a> = Client<'a>;

    fn client(&self) -> Client<'_> {
        Client {
            store: self.store(),
            snapshots: Vec::new(),
            iterators: Vec::new(),
        }
    }
}

/// What is open under a name.
fn named<T>(open: &mut [(Name, T)], name: Name) -> Outcome<&mut T> {
    let found = open.iter_mut().find(|(other, _)| *other == name);
    let (_, found) = found.ok_or_else(|| Failure::definite(format!("{name} is not open")))?;
    Ok(found)
}

/// Opens something under a name; what was open under it ends.
fn open<T>(open: &mut Vec<(Name, T)>, name: Name, new: T) {
    open.retain(|(other, _)| *other != name);
    open.push((name, new));
}

fn close<T>(open: &mut Vec<(Name, T)>, name: Name) -> Outcome<()> {
    named(open, name)?;
    open.retain(|(other, _)| *other != name);
    Ok(())
}

impl Client<'_> {
    /// Moves an iterator, and says where it then stands.
    fn go(
        &mut self,
        name: Name,
        movement: impl FnOnce(&mut Iter) -> crate::Result<()>,
    ) -> Outcome<Option<Entry>> {
        let iter = named(&mut self.iterators, name)?;
        movement(iter).map_err(failure)?;
        let entry = iter.entry();
        Ok(entry.map(|(key, value)| (key.to_vec(), value.to_vec())))
    }
}

impl KeyValueStore for Client<'_> {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.store.get(key).map_err(failure)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.store.put(key, value).map_err(failure)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.store.delete(key).map_err(failure)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        whole(self.store.scan(), scan).collect().map_err(failure)
    }

    fn length(&mut self) -> Outcome<u64> {
        count(self.store.scan())
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.store.write(&batch(changes)).map_err(failure)
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        self.store.first().map_err(failure)
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.store.last().map_err(failure)
    }

    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) -> Outcome<bool> {
        let outcome = self.store.compare_and_swap(key, expected, new);
        swapped(self.store, outcome)
    }

    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        self.store.ingest(run.entries()).map_err(failure)
    }

    fn ingest_synced(&mut self, run: &SortedRun) -> Outcome<()> {
        self.ingest(run)
    }

    fn flush(&mut self) -> Outcome<()> {
        self.store.flush().map_err(failure)
    }

    fn compact(&mut self) -> Outcome<()> {
        self.store.compact().map_err(failure)
    }

    fn sync(&mut self) -> Outcome<()> {
        self.store.sync().map_err(failure)
    }

    fn put_synced(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        let put = self.store.put_with(key, value, WriteOptions::synced());
        put.map_err(failure)
    }

    fn delete_synced(&mut self, key: &[u8]) -> Outcome<()> {
        let deleted = self.store.delete_with(key, WriteOptions::synced());
        deleted.map_err(failure)
    }

    fn write_synced(&mut self, changes: &[Change]) -> Outcome<()> {
        let batch = batch(changes);
        let written = self.store.write_with(&batch, WriteOptions::synced());
        written.map_err(failure)
    }

    fn cas_synced(
        &mut self,
        key: &[u8],
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Outcome<bool> {
        let options = WriteOptions::synced();
        let outcome = (self.store).compare_and_swap_with(key, expected, new, options);
        swapped(self.store, outcome)
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        open(&mut self.snapshots, name, self.store.snapshot());
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        close(&mut self.snapshots, name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        let snapshot = named(&mut self.snapshots, at)?;
        self.store.get_at(snapshot, key).map_err(failure)
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        let snapshot = named(&mut self.snapshots, at)?;
        let run = whole(self.store.scan(), scan).at(snapshot);
        run.collect().map_err(failure)
    }

    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        let snapshot = named(&mut self.snapshots, at)?;
        self.store.first_at(snapshot).map_err(failure)
    }

    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        let snapshot = named(&mut self.snapshots, at)?;
        self.store.last_at(snapshot).map_err(failure)
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        count(self.store.scan().at(named(&mut self.snapshots, at)?))
    }

    fn iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        let iter = match at {
            Some(at) => self.store.iterator_at(named(&mut self.snapshots, at)?),
            None => self.store.iterator(),
        };
        open(&mut self.iterators, name, iter.map_err(failure)?);
        Ok(())
    }

    fn seek(&mut self, name: Name, key: &[u8]) -> Outcome<Option<Entry>> {
        self.go(name, |iter| iter.seek(key))
    }

    fn seek_to_first(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.go(name, Iter::seek_to_first)
    }

    fn seek_to_last(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.go(name, Iter::seek_to_last)
    }

    fn next(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.go(name, Iter::next)
    }

    fn prev(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.go(name, Iter::prev)
    }

    fn close_iterator(&mut self, name: Name) -> Outcome<()> {
        close(&mut self.iterators, name)
    }
}
