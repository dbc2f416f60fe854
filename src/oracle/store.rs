//! The engine under its own oracle: [`KeyValueStore`] for [`Store`].
//!
//! What the engine has no native operation for is built here from what it has: `clear` and
//! `deleterange` are a scan and one batch of deletes, `length` counts a scan. Snapshots and
//! iterators have names, which [`Opened`](super::Opened) keeps.

use std::ops::Bound;

use etalon_spec::{
    Answer, Change, Entry, Events, Failure, KeyValueStore, LayerAnswer, Outcome, Range, Scan,
    SortedRun, Trace,
};

use super::failure;
use crate::key::Kind;
use crate::sstable::Lookup;
use crate::store::{LayerLookup, LayerName, Stats};
use crate::{Batch, Store, WriteOptions};

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Store::get(self, key).map_err(failure)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        Store::put(self, key, value).map_err(failure)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        Store::delete(self, key).map_err(failure)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        whole(Store::scan(self), scan).collect().map_err(failure)
    }

    fn length(&mut self) -> Outcome<u64> {
        count(Store::scan(self))
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        Store::write(self, &batch(changes)).map_err(failure)
    }

    fn clear(&mut self) -> Outcome<()> {
        self.delete_range(&Range::ALL)
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let batch = deletes(self, range)?;
        Store::write(self, &batch).map_err(failure)
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        Store::first(self).map_err(failure)
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        Store::last(self).map_err(failure)
    }

    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) -> Outcome<bool> {
        swapped(self, self.compare_and_swap(key, expected, new))
    }

    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        Store::ingest(self, run.entries()).map_err(failure)
    }

    fn ingest_synced(&mut self, run: &SortedRun) -> Outcome<()> {
        // Durable when it returns.
        Store::ingest(self, run.entries()).map_err(failure)
    }

    fn sync(&mut self) -> Outcome<()> {
        Store::sync(self).map_err(failure)
    }

    fn put_synced(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        let put = self.put_with(key, value, WriteOptions::synced());
        put.map_err(failure)
    }

    fn delete_synced(&mut self, key: &[u8]) -> Outcome<()> {
        let deleted = self.delete_with(key, WriteOptions::synced());
        deleted.map_err(failure)
    }

    fn write_synced(&mut self, changes: &[Change]) -> Outcome<()> {
        let written = self.write_with(&batch(changes), WriteOptions::synced());
        written.map_err(failure)
    }

    fn clear_synced(&mut self) -> Outcome<()> {
        self.delete_range_synced(&Range::ALL)
    }

    fn delete_range_synced(&mut self, range: &Range) -> Outcome<()> {
        let written = self.write_with(&deletes(self, range)?, WriteOptions::synced());
        written.map_err(failure)
    }

    fn cas_synced(
        &mut self,
        key: &[u8],
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Outcome<bool> {
        let options = WriteOptions::synced();
        swapped(
            self,
            self.compare_and_swap_with(key, expected, new, options),
        )
    }

    fn flush(&mut self) -> Outcome<()> {
        Store::flush(self).map_err(failure)
    }

    fn compact(&mut self) -> Outcome<()> {
        Store::compact(self).map_err(failure)
    }

    fn close(self) -> Outcome<()> {
        Store::close(self).map_err(failure)
    }

    fn trace(&mut self, key: &[u8]) -> Outcome<Trace> {
        let layers = Store::trace(self, key).map_err(failure)?;
        let layers = layers.into_iter().map(answer).collect();
        Ok(Trace {
            layers,
            last_sequence: self.sequence(),
        })
    }

    fn events(&mut self) -> Events {
        events(&self.stats())
    }
}

/// Where what the key has could not be read nothing has happened, and the store has not stopped.
pub(super) fn swapped(store: &Store, outcome: crate::Result<bool>) -> Outcome<bool> {
    outcome.map_err(|error| {
        if store.has_stopped() {
            failure(error)
        } else {
            Failure::definite(error)
        }
    })
}

/// A delete of each key of a range. Where these cannot be read nothing has happened.
fn deletes(store: &Store, range: &Range) -> Outcome<Batch> {
    let mut batch = Batch::default();
    over(store.scan(), range)
        .each(|key, _| batch.delete(key))
        .map_err(Failure::definite)?;
    Ok(batch)
}

/// The engine's batch of these changes.
pub(crate) fn batch(changes: &[Change]) -> Batch {
    let mut batch = Batch::default();
    for change in changes {
        match change {
            Change::Put { key, value } => batch.put(key, value),
            Change::Delete { key } => batch.delete(key),
        }
    }
    batch
}

pub(super) fn count(scan: crate::Scan<'_>) -> Outcome<u64> {
    let mut live = 0;
    scan.each(|_, _| live += 1).map_err(failure)?;
    Ok(live)
}

/// The engine's scan narrowed to one of the specification.
pub(super) fn whole<'a>(run: crate::Scan<'a>, scan: &Scan) -> crate::Scan<'a> {
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
        tombstones_kept: stats.tombstones_kept,
        versions_dropped: stats.versions_dropped,
        ..Events::default()
    }
}
