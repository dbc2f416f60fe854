//! An open store as the oracle sees it: the engine, and what it has handed out under names.
//!
//! What the engine has no native operation for is built here from what it has: `clear` and
//! `deleterange` are a scan and one batch of deletes, `length` counts a scan.

use std::ops::Bound;

use etalon_spec::{
    Answer, Change, Entry, Events, Failure, KeyValueStore, LayerAnswer, Name, Outcome, Range, Scan,
    Trace,
};

use super::failure;
use crate::key::Kind;
use crate::sstable::Lookup;
use crate::store::{LayerLookup, LayerName, Stats};
use crate::{Batch, Iter, Snapshot, Store, WriteOptions};

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
    snapshots: Vec<(Name, Snapshot)>,
    iterators: Vec<(Name, Iter)>,
    store: Store,
}

impl From<Store> for Opened {
    fn from(store: Store) -> Self {
        Opened {
            snapshots: Vec::new(),
            iterators: Vec::new(),
            store,
        }
    }
}

impl Opened {
    /// The engine itself.
    pub fn store(&self) -> &Store {
        &self.store
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

    /// A delete of each key of a range.
    fn deletes(&self, range: &Range) -> Outcome<Batch> {
        let mut batch = Batch::default();
        over(self.store.scan(), range)
            .each(|key, _| batch.delete(key))
            .map_err(failure)?;
        Ok(batch)
    }
}

fn not_open(what: &str, name: Name) -> Failure {
    Failure::definite(format!("no {what} {name} is open"))
}

impl KeyValueStore for Opened {
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

    fn clear(&mut self) -> Outcome<()> {
        self.delete_range(&Range::ALL)
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let batch = self.deletes(range)?;
        self.store.write(&batch).map_err(failure)
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
        let written = self
            .store
            .write_with(&batch(changes), WriteOptions::synced());
        written.map_err(failure)
    }

    fn clear_synced(&mut self) -> Outcome<()> {
        self.delete_range_synced(&Range::ALL)
    }

    fn delete_range_synced(&mut self, range: &Range) -> Outcome<()> {
        let written = self
            .store
            .write_with(&self.deletes(range)?, WriteOptions::synced());
        written.map_err(failure)
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
        self.store.flush().map_err(failure)
    }

    fn compact(&mut self) -> Outcome<()> {
        self.store.compact().map_err(failure)
    }

    fn close(self) -> Outcome<()> {
        self.store.close().map_err(failure)
    }

    fn trace(&mut self, key: &[u8]) -> Outcome<Trace> {
        let layers = self.store.trace(key).map_err(failure)?;
        let layers = layers.into_iter().map(answer).collect();
        Ok(Trace {
            layers,
            last_sequence: self.store.sequence(),
        })
    }

    fn events(&mut self) -> Events {
        events(&self.store.stats())
    }
}

fn batch(changes: &[Change]) -> Batch {
    let mut batch = Batch::default();
    for change in changes {
        match change {
            Change::Put { key, value } => batch.put(key, value),
            Change::Delete { key } => batch.delete(key),
        }
    }
    batch
}

fn count(scan: crate::Scan<'_>) -> Outcome<u64> {
    let mut live = 0;
    scan.each(|_, _| live += 1).map_err(failure)?;
    Ok(live)
}

/// The engine's scan narrowed to one of the specification.
fn whole<'a>(run: crate::Scan<'a>, scan: &Scan) -> crate::Scan<'a> {
    let mut run = over(run, &scan.range);
    if scan.reverse {
        run = run.reverse();
    }
    match scan.limit {
        Some(limit) => run.limit(limit as usize),
        None => run,
    }
}

/// The engine's scan narrowed to a range of the specification.
fn over<'a>(scan: crate::Scan<'a>, range: &Range) -> crate::Scan<'a> {
    let (from, to) = match range {
        Range::Prefix(prefix) => return scan.prefix(prefix),
        Range::Between(from, to) => (from, to),
    };
    let scan = match from {
        Bound::Unbounded => scan,
        Bound::Included(key) => scan.from(key),
        Bound::Excluded(key) => scan.after(key),
    };
    match to {
        Bound::Unbounded => scan,
        Bound::Included(key) => scan.through(key),
        Bound::Excluded(key) => scan.to(key),
    }
}

fn answer(found: LayerLookup) -> LayerAnswer {
    let (layer, is_segment) = match found.layer {
        LayerName::Memtable => ("memtable".to_owned(), false),
        LayerName::Frozen => ("memtable being flushed".to_owned(), false),
        LayerName::Segment { number, level } => {
            (format!("segment {number:06} (level {level})"), true)
        }
    };
    let answer = match found.lookup {
        Lookup::Skipped => Answer::Skipped,
        Lookup::Missed => Answer::Missed,
        Lookup::Found {
            sequence,
            kind: Kind::Put,
            value,
        } => Answer::Value { value, sequence },
        Lookup::Found {
            sequence,
            kind: Kind::Delete,
            ..
        } => Answer::Tombstone { sequence },
    };
    LayerAnswer {
        layer,
        is_segment,
        answer,
    }
}

fn events(stats: &Stats) -> Events {
    Events {
        gets_by_memtable: stats.gets_by_memtable,
        gets_by_level0: stats.gets_by_level0,
        gets_by_deeper: stats.gets_by_deeper,
        gets_by_none: stats.gets_by_none,
        blocks_read: stats.blocks_read,
        filter_negatives: stats.segments_skipped,
        filter_false_positives: stats.blocks_read_in_vain,
        empty_flushes: stats.empty_flushes,
        tombstone_flushes: stats.tombstone_flushes,
        automatic_flushes: stats.automatic_flushes,
        tombstones_dropped: stats.tombstones_dropped,
        versions_dropped: stats.versions_dropped,
    }
}
