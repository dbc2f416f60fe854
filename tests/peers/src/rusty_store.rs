//! rusty-leveldb 4: LevelDB once more, in one thread.
//!
//! In a directory, under its options, for the check ([`open`]); and on its own disk in memory, for
//! the benchmarks ([`RustyLeveldb`]). Its `flush` makes the log durable and turns nothing into a
//! segment, so it is a sync here; a compaction flushes. Its iterators know neither the last entry
//! nor a place behind it: [`Cursor`] walks there.

use std::path::Path;

use etalon_spec::{
    Ability, Change, Entry, Failure, KeyValueStore, Name, Options, Outcome, Profile, Scan,
    Survives, Target,
};
use rusty_leveldb::compressor::{NoneCompressor, SnappyCompressor};
use rusty_leveldb::{BloomPolicy, CompressorId, DB, DBIterator, LdbIterator, WriteBatch};
use std::rc::Rc;

use crate::adapt::{Named, integer, length, switch, unknown, word};

/// What rusty-leveldb promises of a database in a directory.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("rusty-leveldb")
        .can([
            Ability::Scan,
            Ability::Reverse,
            Ability::Write,
            Ability::Compact,
            Ability::Reopen,
            Ability::Sync,
            Ability::Snapshot,
            Ability::Iterator,
        ])
        .option(
            "write_buffer_size",
            [1, 256, 4_096, 4 << 20].map(Into::into),
        )
        .option("max_file_size", [64, 1_024, 2 << 20].map(Into::into))
        .option("block_size", [64, 256, 4_096, 65_536].map(Into::into))
        .option("block_restart_interval", [1, 2, 16].map(Into::into))
        .option("max_open_files", [11, 1_024].map(Into::into))
        .option("compressor", ["none", "snappy"].map(Into::into))
        .option("filter_bits", [1, 10].map(Into::into))
        .option("reuse_logs", [true, false].map(Into::into))
        .option("reuse_manifest", [true, false].map(Into::into));
    profile.survives_kill = Survives::Synced;
    profile
}

/// A new database in memory each time.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustyLeveldb;

/// An open database.
pub struct Store {
    database: DB,
    snapshots: Named<Snapshot>,
    iterators: Named<Cursor>,
}

/// A snapshot, whose type has no public name: what can be asked at it.
struct Snapshot {
    get: Get,
    iterator: Iterate,
}

type Get = Box<dyn Fn(&mut DB, &[u8]) -> Outcome<Option<Vec<u8>>>>;
type Iterate = Box<dyn Fn(&mut DB) -> Outcome<DBIterator>>;

/// Opens the database of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let mut opening = rusty_leveldb::Options::default();
    if let Some(bytes) = length(options, "write_buffer_size")? {
        opening.write_buffer_size = bytes;
    }
    if let Some(bytes) = length(options, "max_file_size")? {
        opening.max_file_size = bytes;
    }
    if let Some(bytes) = length(options, "block_size")? {
        opening.block_size = bytes;
    }
    if let Some(entries) = length(options, "block_restart_interval")? {
        opening.block_restart_interval = entries;
    }
    if let Some(files) = length(options, "max_open_files")? {
        opening.max_open_files = files;
    }
    if let Some(bits) = integer(options, "filter_bits")? {
        opening.filter_policy = Rc::new(Box::new(BloomPolicy::new(u32::try_from(bits)?)));
    }
    match word(options, "compressor")? {
        None => {}
        Some("none") => opening.compressor = NoneCompressor::ID,
        Some("snappy") => opening.compressor = SnappyCompressor::ID,
        Some(other) => return Err(unknown("compressor", other)),
    }
    opening.reuse_logs = switch(options, "reuse_logs")?.unwrap_or(true);
    opening.reuse_manifest = switch(options, "reuse_manifest")?.unwrap_or(true);
    Ok(Store::from(DB::open(directory.join("store"), opening)?))
}

impl From<DB> for Store {
    fn from(database: DB) -> Self {
        Store {
            database,
            snapshots: Named::default(),
            iterators: Named::default(),
        }
    }
}

impl Target for RustyLeveldb {
    type Store = Store;

    fn profile(&self) -> Profile {
        Profile::new("rusty-leveldb").can([Ability::Scan, Ability::Flush, Ability::Compact])
    }

    fn create(&mut self, _: &Options) -> Outcome<Store> {
        let database = DB::open("store", rusty_leveldb::in_memory())?;
        Ok(Store::from(database))
    }
}

/// An iterator, and where it is: its own knows only that it is at no entry.
struct Cursor {
    iterator: DBIterator,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    At,
    After,
}

impl From<DBIterator> for Cursor {
    fn from(iterator: DBIterator) -> Self {
        Cursor {
            iterator,
            place: Place::Before,
        }
    }
}

impl Cursor {
    fn here(&mut self, otherwise: Place) -> Option<Entry> {
        let found = self.iterator.current();
        self.place = found.as_ref().map_or(otherwise, |_| Place::At);
        found.map(|(key, value)| (key.to_vec(), value.to_vec()))
    }

    fn seek(&mut self, key: &[u8]) -> Option<Entry> {
        self.iterator.seek(key);
        self.here(Place::After)
    }

    fn first(&mut self) -> Option<Entry> {
        self.iterator.seek_to_first();
        self.here(Place::After)
    }

    fn last(&mut self) -> Option<Entry> {
        let mut last = self.first();
        while let Some(entry) = self.next() {
            last = Some(entry);
        }
        let (key, _) = last.as_ref()?;
        self.seek(key)
    }

    fn next(&mut self) -> Option<Entry> {
        match self.place {
            Place::Before => self.first(),
            Place::After => None,
            Place::At => {
                self.iterator.advance();
                self.here(Place::After)
            }
        }
    }

    fn prev(&mut self) -> Option<Entry> {
        match self.place {
            Place::Before => None,
            Place::After => self.last(),
            Place::At => {
                self.iterator.prev();
                self.here(Place::Before)
            }
        }
    }
}

/// Forwards from the first key of the range; backwards from the last entry of all.
fn scanned(mut cursor: Cursor, scan: &Scan) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at = if scan.reverse {
        cursor.last()
    } else {
        cursor.first()
    };
    let limit = scan.limit.map_or(usize::MAX, |limit| limit as usize);
    while entries.len() < limit
        && let Some(entry) = at
    {
        at = if scan.reverse {
            cursor.prev()
        } else {
            cursor.next()
        };
        if scan.range.contains(&entry.0) {
            entries.push(entry);
        }
    }
    entries
}

impl Store {
    fn batch(&mut self, changes: &[Change], sync: bool) -> Outcome<()> {
        let mut batch = WriteBatch::default();
        for change in changes {
            match change {
                Change::Put { key, value } => batch.put(key, value),
                Change::Delete { key } => batch.delete(key),
            }
        }
        Ok(self.database.write(batch, sync)?)
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.database.get(key).map(|value| value.to_vec()))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        Ok(self.database.put(key, value)?)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        Ok(self.database.delete(key)?)
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.batch(changes, false)
    }

    fn write_synced(&mut self, changes: &[Change]) -> Outcome<()> {
        self.batch(changes, true)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        Ok(scanned(Cursor::from(self.database.new_iter()?), scan))
    }

    fn sync(&mut self) -> Outcome<()> {
        Ok(self.database.flush()?)
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(self.database.flush()?)
    }

    fn compact(&mut self) -> Outcome<()> {
        Ok(self.database.compact_range(b"", &[0xff; 64])?)
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        let snapshot = self.database.get_snapshot();
        let again = snapshot.clone();
        let taken = Snapshot {
            get: Box::new(move |database, key| {
                let found = database.get_at(&snapshot, key)?;
                Ok(found.map(|value| value.to_vec()))
            }),
            iterator: Box::new(move |database| Ok(database.new_iter_at(again.clone())?)),
        };
        self.snapshots.set(name, taken);
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.end(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        (self.snapshots.get(at)?.get)(&mut self.database, key)
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        let iterator = (self.snapshots.get(at)?.iterator)(&mut self.database)?;
        Ok(scanned(Cursor::from(iterator), scan))
    }

    fn iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        let iterator = match at {
            None => self.database.new_iter()?,
            Some(at) => (self.snapshots.get(at)?.iterator)(&mut self.database)?,
        };
        self.iterators.set(name, Cursor::from(iterator));
        Ok(())
    }

    fn seek(&mut self, name: Name, key: &[u8]) -> Outcome<Option<Entry>> {
        Ok(self.iterators.get_mut(name)?.seek(key))
    }

    fn seek_to_first(&mut self, name: Name) -> Outcome<Option<Entry>> {
        Ok(self.iterators.get_mut(name)?.first())
    }

    fn seek_to_last(&mut self, name: Name) -> Outcome<Option<Entry>> {
        Ok(self.iterators.get_mut(name)?.last())
    }

    fn next(&mut self, name: Name) -> Outcome<Option<Entry>> {
        Ok(self.iterators.get_mut(name)?.next())
    }

    fn prev(&mut self, name: Name) -> Outcome<Option<Entry>> {
        Ok(self.iterators.get_mut(name)?.prev())
    }

    fn close_iterator(&mut self, name: Name) -> Outcome<()> {
        self.iterators.end(name)
    }

    fn close(mut self) -> Outcome<()> {
        self.iterators = Named::default();
        self.snapshots = Named::default();
        self.database.close().map_err(Failure::from)
    }
}
