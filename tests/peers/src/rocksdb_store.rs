//! RocksDB, through the crate rocksdb, linked with the library that the system has.
//!
//! Its iterators know no place before the first entry and none behind the last: [`Cursor`] does.
//! Its delete of a range wants both ends, the lower one first: an open end is that of what is
//! there, and bounds out of order are not asked of it. What is ingested is written to a table
//! beside the database first, which it then takes; a table without entries cannot be written, so
//! nothing is ingested then. Its transactions are of other kinds of databases, whose bindings lack
//! the delete of a range: they are not asked for.
//!
//! A key space is a column family, which cannot be renamed. All of them have one log, and are to
//! be named when the database is opened. A flush and a compaction are of one family: here of each,
//! one after another.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use etalon_spec::{
    Change, Entry, KeyValueStore, Name, OpScope, Options, Outcome, Range, Scan, SortedRun,
};
use rocksdb::{
    BoundColumnFamily, ColumnFamilyDescriptor, DEFAULT_COLUMN_FAMILY_NAME,
    IngestExternalFileOptions, ReadOptions, SstFileWriter, WriteBatch, WriteOptions,
};

use crate::adapt::{Named, half_open};
use crate::rocksdb_cursor::{Cursor, Database, Taken, family};
use crate::rocksdb_options::opening;

pub(crate) use crate::rocksdb_options::profile;

/// An open database, with its key spaces.
pub(crate) struct Store {
    database: Rc<Database>,
    /// Of the database, and of every family.
    options: rocksdb::Options,
    /// Where the next run to be ingested is written.
    run: PathBuf,
    spaces: BTreeSet<Name>,
    snapshots: Named<Rc<Taken>>,
    iterators: Named<Cursor>,
    scope: OpScope,
}

/// What the family of a key space is called: of one by the name `default`, too, which is not that
/// of the default key space.
const SPACE: &str = "space ";

fn family_name(space: Option<Name>) -> String {
    match space {
        None => DEFAULT_COLUMN_FAMILY_NAME.to_owned(),
        Some(name) => format!("{SPACE}{name}"),
    }
}

/// Opens the database of a directory, with all families that it has.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let options = opening(options)?;
    let path = directory.join("store");
    // Only a database has this file, and only of one can the families be listed.
    let names = if path.join("CURRENT").exists() {
        Database::list_cf(&options, &path)?
    } else {
        vec![family_name(None)]
    };
    let spaces = names.iter().filter_map(|name| name.strip_prefix(SPACE));
    let spaces = spaces.filter_map(Name::new).collect();
    let families = names
        .into_iter()
        .map(|name| ColumnFamilyDescriptor::new(name, options.clone()));
    let database = Database::open_cf_descriptors(&options, path, families)?;
    Ok(Store {
        database: Rc::new(database),
        options,
        run: directory.join("run.sst"),
        spaces,
        snapshots: Named::default(),
        iterators: Named::default(),
        scope: OpScope::PLAIN,
    })
}

impl Store {
    /// The name of the scope's family.
    fn family_name(&self) -> String {
        family_name(self.scope.space)
    }

    /// The scope's family.
    fn family(&self) -> Outcome<Arc<BoundColumnFamily<'_>>> {
        family(&self.database, &self.family_name())
    }

    /// Every family, the default one first.
    fn families(&self) -> Outcome<Vec<Arc<BoundColumnFamily<'_>>>> {
        let named = self.spaces.iter().copied().map(Some);
        [None]
            .into_iter()
            .chain(named)
            .map(|space| family(&self.database, &family_name(space)))
            .collect()
    }

    fn scanned(&self, scan: &Scan, at: Option<&Rc<Taken>>) -> Outcome<Vec<Entry>> {
        if scan.range.is_inverted() {
            return Ok(Vec::new());
        }
        let (from, to) = half_open(&scan.range);
        let mut reading = ReadOptions::default();
        if let Some(from) = from {
            reading.set_iterate_lower_bound(from);
        }
        if let Some(to) = to {
            reading.set_iterate_upper_bound(to);
        }
        let mut cursor = Cursor::new(&self.database, &self.family_name(), at, reading)?;
        let limit = scan.limit.map_or(usize::MAX, |limit| limit as usize);
        let mut entries = Vec::new();
        let mut at = if scan.reverse {
            cursor.last()?
        } else {
            cursor.first()?
        };
        while entries.len() < limit
            && let Some(entry) = at
        {
            entries.push(entry);
            at = if scan.reverse {
                cursor.prev()?
            } else {
                cursor.next()?
            };
        }
        Ok(entries)
    }

    fn everything(&self) -> Outcome<Cursor> {
        let name = self.family_name();
        Cursor::new(&self.database, &name, None, ReadOptions::default())
    }

    fn batch(&self, changes: &[Change], sync: bool) -> Outcome<()> {
        let family = self.family()?;
        let mut batch = WriteBatch::default();
        for change in changes {
            match change {
                Change::Put { key, value } => batch.put_cf(&family, key, value),
                Change::Delete { key } => batch.delete_cf(&family, key),
            }
        }
        self.committed(batch, sync)
    }

    fn committed(&self, batch: WriteBatch, sync: bool) -> Outcome<()> {
        let mut writing = WriteOptions::default();
        writing.set_sync(sync);
        Ok(self.database.write_opt(batch, &writing)?)
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.database.get_cf(&self.family()?, key)?)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        Ok(self.database.put_cf(&self.family()?, key, value)?)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        Ok(self.database.delete_cf(&self.family()?, key)?)
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.batch(changes, false)
    }

    fn write_synced(&mut self, changes: &[Change]) -> Outcome<()> {
        self.batch(changes, true)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.scanned(scan, None)
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        self.everything()?.first()
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.everything()?.last()
    }

    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        if run.entries().is_empty() {
            return Ok(());
        }
        let mut writer = SstFileWriter::create(&self.options);
        writer.open(&self.run)?;
        for (key, value) in run.entries() {
            writer.put(key, value)?;
        }
        writer.finish()?;
        let mut taking = IngestExternalFileOptions::default();
        taking.set_move_files(true);
        let (family, run) = (self.family()?, vec![&self.run]);
        let taken = self
            .database
            .ingest_external_file_cf_opts(&family, &taking, run);
        Ok(taken?)
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let (from, to) = half_open(range);
        let Some((last, _)) = self.everything()?.last()? else {
            return Ok(());
        };
        let from = from.unwrap_or_default();
        let to = to.unwrap_or_else(|| [&last[..], b"\0"].concat());
        if from >= to {
            return Ok(());
        }
        let mut batch = WriteBatch::default();
        batch.delete_range_cf(&self.family()?, from, to);
        self.committed(batch, false)
    }

    fn flush(&mut self) -> Outcome<()> {
        for family in self.families()? {
            self.database.flush_cf(&family)?;
        }
        Ok(())
    }

    fn compact(&mut self) -> Outcome<()> {
        for family in self.families()? {
            self.database
                .compact_range_cf::<&[u8], &[u8]>(&family, None, None);
        }
        Ok(())
    }

    fn sync(&mut self) -> Outcome<()> {
        Ok(self.database.flush_wal(true)?)
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        let taken = Taken::new(Rc::clone(&self.database), |database| database.snapshot());
        self.snapshots.set(name, Rc::new(taken));
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.end(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        Ok(self.snapshots.get(at)?.borrow_dependent().get(key)?)
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        self.scanned(scan, Some(self.snapshots.get(at)?))
    }

    fn iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        let snapshot = at.map(|at| self.snapshots.get(at)).transpose()?;
        let (family, reading) = (self.family_name(), ReadOptions::default());
        let cursor = Cursor::new(&self.database, &family, snapshot, reading)?;
        self.iterators.set(name, cursor);
        Ok(())
    }

    fn seek(&mut self, name: Name, key: &[u8]) -> Outcome<Option<Entry>> {
        self.iterators.get_mut(name)?.seek(key)
    }

    fn seek_to_first(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.iterators.get_mut(name)?.first()
    }

    fn seek_to_last(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.iterators.get_mut(name)?.last()
    }

    fn next(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.iterators.get_mut(name)?.next()
    }

    fn prev(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.iterators.get_mut(name)?.prev()
    }

    fn close_iterator(&mut self, name: Name) -> Outcome<()> {
        self.iterators.end(name)
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        Ok(())
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.database
            .create_cf(family_name(Some(name)), &self.options)?;
        self.spaces.insert(name);
        Ok(())
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.spaces.remove(&name);
        Ok(self.database.drop_cf(&family_name(Some(name)))?)
    }
}
