//! RocksDB, through the crate rocksdb, linked with the library that the system has.
//!
//! Its iterators know no place before the first entry and none behind the last: [`Cursor`] does.
//! Its delete of a range wants both ends, the lower one first: an open end is that of what is
//! there, and bounds out of order are not asked of it. What is ingested is written to a table
//! beside the database first, which it then takes; a table without entries cannot be written, so
//! nothing is ingested then. Its transactions are of other kinds of databases, whose bindings lack
//! the delete of a range, and its column families cannot be renamed: neither is asked for.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use etalon_spec::{
    Ability, Change, Entry, KeyValueStore, Name, Options, Outcome, Profile, Range, Scan, SortedRun,
    Survives,
};
use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, DB, DBCompressionType, DBRawIterator,
    DataBlockIndexType, IngestExternalFileOptions, ReadOptions, Snapshot, SstFileWriter,
    WriteBatch, WriteOptions,
};
use self_cell::self_cell;

use crate::adapt::{Named, half_open, integer, length, switch, unknown, word};

/// What RocksDB promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("rocksdb")
        .can([
            Ability::Scan,
            Ability::Reverse,
            Ability::Prefix,
            Ability::Write,
            Ability::DeleteRange,
            Ability::Flush,
            Ability::Compact,
            Ability::Reopen,
            Ability::Sync,
            Ability::Snapshot,
            Ability::Iterator,
            Ability::FirstLast,
            Ability::Ingest,
        ])
        .option("write_buffer_size", [65_536, 64 << 20].map(Into::into))
        .option("target_file_size", [1, 4_096, 64 << 20].map(Into::into))
        .option("level0_files", [1, 2, 4].map(Into::into))
        .option("block_size", [1, 256, 4_096].map(Into::into))
        .option("block_restart_interval", [1, 2, 16].map(Into::into))
        .option("hash_index", [false, true].map(Into::into))
        .option("partitions", [true, false].map(Into::into))
        .option("filter", ["none", "bloom", "ribbon"].map(Into::into))
        .option(
            "compression",
            ["none", "snappy", "lz4", "zstd"].map(Into::into),
        )
        .option("blob_bytes", [0, 16, 1_024].map(Into::into))
        .option("blob_file_size", [1, 4_096, 256 << 20].map(Into::into))
        .option("blob_collection", [true, false].map(Into::into))
        .option("pipelined", [true, false].map(Into::into));
    profile.survives_kill = Survives::All;
    profile
}

self_cell! {
    /// A snapshot, with the database that it is of.
    struct Taken {
        owner: Rc<DB>,
        #[covariant]
        dependent: Snapshot,
    }
}

/// What an iterator is of.
struct Source {
    database: Rc<DB>,
    snapshot: Option<Rc<Taken>>,
}

self_cell! {
    struct Iterating {
        owner: Source,
        #[not_covariant]
        dependent: DBRawIterator,
    }
}

/// An open database.
pub(crate) struct Store {
    database: Rc<DB>,
    options: rocksdb::Options,
    /// Where the next run to be ingested is written.
    run: PathBuf,
    snapshots: Named<Rc<Taken>>,
    iterators: Named<Cursor>,
}

/// Opens the database of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let mut opening = rocksdb::Options::default();
    opening.create_if_missing(true);
    if let Some(bytes) = length(options, "write_buffer_size")? {
        opening.set_write_buffer_size(bytes);
    }
    if let Some(bytes) = integer(options, "target_file_size")? {
        opening.set_target_file_size_base(bytes);
    }
    if let Some(files) = integer(options, "level0_files")? {
        opening.set_level_zero_file_num_compaction_trigger(i32::try_from(files)?);
    }
    if let Some(name) = word(options, "compression")? {
        opening.set_compression_type(match name {
            "none" => DBCompressionType::None,
            "snappy" => DBCompressionType::Snappy,
            "lz4" => DBCompressionType::Lz4,
            "zstd" => DBCompressionType::Zstd,
            other => return Err(unknown("compression", other)),
        });
    }
    if let Some(bytes) = integer(options, "blob_bytes")? {
        opening.set_enable_blob_files(true);
        opening.set_min_blob_size(bytes);
        opening.set_enable_blob_gc(switch(options, "blob_collection")?.unwrap_or(false));
    }
    if let Some(bytes) = integer(options, "blob_file_size")? {
        opening.set_blob_file_size(bytes);
    }
    opening.set_enable_pipelined_write(switch(options, "pipelined")?.unwrap_or(false));
    opening.set_block_based_table_factory(&tables(options)?);
    Ok(Store {
        database: Rc::new(DB::open(&opening, directory.join("store"))?),
        options: opening,
        run: directory.join("run.sst"),
        snapshots: Named::default(),
        iterators: Named::default(),
    })
}

fn tables(options: &Options) -> Outcome<BlockBasedOptions> {
    let mut tables = BlockBasedOptions::default();
    if let Some(bytes) = length(options, "block_size")? {
        tables.set_block_size(bytes);
    }
    if let Some(entries) = integer(options, "block_restart_interval")? {
        tables.set_block_restart_interval(i32::try_from(entries)?);
    }
    if switch(options, "hash_index")? == Some(true) {
        tables.set_data_block_index_type(DataBlockIndexType::BinaryAndHash);
    }
    if switch(options, "partitions")? == Some(true) {
        tables.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
        tables.set_partition_filters(true);
    }
    match word(options, "filter")? {
        None | Some("none") => {}
        Some("bloom") => tables.set_bloom_filter(10.0, false),
        Some("ribbon") => tables.set_ribbon_filter(10.0),
        Some(other) => return Err(unknown("filter", other)),
    }
    Ok(tables)
}

/// An iterator, and where it is.
struct Cursor {
    iterating: Iterating,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    At,
    After,
}

impl Cursor {
    fn new(
        database: &Rc<DB>,
        snapshot: Option<&Rc<Taken>>,
        bounds: impl Fn() -> ReadOptions,
    ) -> Self {
        let source = Source {
            database: Rc::clone(database),
            snapshot: snapshot.map(Rc::clone),
        };
        let iterating = Iterating::new(source, |source| match &source.snapshot {
            None => source.database.raw_iterator_opt(bounds()),
            Some(taken) => taken.borrow_dependent().raw_iterator_opt(bounds()),
        });
        Cursor {
            iterating,
            place: Place::Before,
        }
    }

    /// Moves, and says where that led; past the entries on this side where to none.
    fn moved(
        &mut self,
        otherwise: Place,
        by: impl FnOnce(&mut DBRawIterator<'_>),
    ) -> Outcome<Option<Entry>> {
        let found = self.iterating.with_dependent_mut(|_, iterator| {
            by(iterator);
            iterator.status()?;
            let found = iterator.item();
            Ok::<_, rocksdb::Error>(found.map(|(key, value)| (key.to_vec(), value.to_vec())))
        })?;
        self.place = found.as_ref().map_or(otherwise, |_| Place::At);
        Ok(found)
    }

    fn seek(&mut self, key: &[u8]) -> Outcome<Option<Entry>> {
        self.moved(Place::After, |iterator| iterator.seek(key))
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        self.moved(Place::After, |iterator| iterator.seek_to_first())
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.moved(Place::Before, |iterator| iterator.seek_to_last())
    }

    fn next(&mut self) -> Outcome<Option<Entry>> {
        match self.place {
            Place::Before => self.first(),
            Place::At => self.moved(Place::After, |iterator| iterator.next()),
            Place::After => Ok(None),
        }
    }

    fn prev(&mut self) -> Outcome<Option<Entry>> {
        match self.place {
            Place::Before => Ok(None),
            Place::At => self.moved(Place::Before, |iterator| iterator.prev()),
            Place::After => self.last(),
        }
    }
}

impl Store {
    fn scanned(&self, scan: &Scan, at: Option<&Rc<Taken>>) -> Outcome<Vec<Entry>> {
        if scan.range.is_inverted() {
            return Ok(Vec::new());
        }
        let (from, to) = half_open(&scan.range);
        let mut cursor = Cursor::new(&self.database, at, || {
            let mut reading = ReadOptions::default();
            if let Some(from) = &from {
                reading.set_iterate_lower_bound(from.clone());
            }
            if let Some(to) = &to {
                reading.set_iterate_upper_bound(to.clone());
            }
            reading
        });
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

    fn everything(&self) -> Cursor {
        Cursor::new(&self.database, None, ReadOptions::default)
    }

    fn batch(&self, changes: &[Change], sync: bool) -> Outcome<()> {
        let mut batch = WriteBatch::default();
        for change in changes {
            match change {
                Change::Put { key, value } => batch.put(key, value),
                Change::Delete { key } => batch.delete(key),
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
        Ok(self.database.get(key)?)
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
        self.scanned(scan, None)
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        self.everything().first()
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.everything().last()
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
        let run = vec![&self.run];
        Ok(self.database.ingest_external_file_opts(&taking, run)?)
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let (from, to) = half_open(range);
        let Some((last, _)) = self.everything().last()? else {
            return Ok(());
        };
        let from = from.unwrap_or_default();
        let to = to.unwrap_or_else(|| [&last[..], b"\0"].concat());
        if from >= to {
            return Ok(());
        }
        let mut batch = WriteBatch::default();
        batch.delete_range(from, to);
        self.committed(batch, false)
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(self.database.flush()?)
    }

    fn compact(&mut self) -> Outcome<()> {
        self.database.compact_range::<&[u8], &[u8]>(None, None);
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
        let cursor = Cursor::new(&self.database, snapshot, ReadOptions::default);
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
}
