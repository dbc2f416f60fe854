//! The engine under its own oracle: [`KeyValueStore`] for [`Store`], and two targets.
//!
//! What the engine has no native operation for is built here from what it has: `clear` and
//! `deleterange` are a scan and one batch of deletes, `length` counts a scan.

use std::path::{Path, PathBuf};

use etalon_spec::{
    Abilities, Ability, Answer, Change, Entry, Events, Failure, KeyValueStore, LayerAnswer,
    Outcome, Profile, Range, Scan, Setting, Target, Trace,
};

use crate::disk::MemoryDisk;
use crate::error::Error;
use crate::key::Kind;
use crate::sstable::Lookup;
use crate::store::{LayerLookup, LayerName, Stats};
use crate::{Batch, Compression, Options, Store};
use std::ops::Bound;

/// The engine's profile: all but syncs, snapshots and iterators, with tiny memtables, blocks and filters first.
///
/// ```
/// use etalon_spec::Ability;
///
/// assert!(etalon::oracle::profile().can.has(Ability::Reopen));
/// ```
pub fn profile() -> Profile {
    let integers = |values: [u64; 4]| values.map(Setting::Integer);
    Profile {
        can: Abilities::ALL
            .without(Ability::Sync)
            .without(Ability::Snapshot)
            .without(Ability::Iterator),
        version: env!("CARGO_PKG_VERSION").into(),
        ..Profile::new("etalon")
    }
    .option("memtable_bytes", integers([512, 2048, 16 << 10, 4 << 20]))
    .option("block_bytes", integers([32, 256, 1024, 4096]))
    .option("restart_interval", integers([1, 2, 4, 16]))
    .option("filter_bits", integers([0, 1, 4, 10]))
    .option("compression", ["none", "snappy"].map(Setting::from))
}

/// The engine's options out of a case's; a name or value that it does not know is refused.
///
/// ```
/// use etalon_spec::Setting;
///
/// let mut options = etalon_spec::Options::default();
/// options.set("memtable_bytes", Setting::Integer(256));
/// assert_eq!(etalon::oracle::options(&options).unwrap().memtable_bytes, 256);
/// ```
pub fn options(case: &etalon_spec::Options) -> Outcome<Options> {
    let mut options = Options::default();
    for (name, setting) in case.iter() {
        match (name, setting) {
            ("memtable_bytes", Setting::Integer(n)) => options.memtable_bytes = to(*n)?,
            ("block_bytes", Setting::Integer(n)) => options.block_bytes = to(*n)?,
            ("restart_interval", Setting::Integer(n)) => options.restart_interval = to(*n)?,
            ("filter_bits", Setting::Integer(n)) => options.filter_bits = to(*n)?,
            ("compression", Setting::Text(text)) => options.compression = compression(text)?,
            _ => {
                return Err(Failure::definite(format!(
                    "no option {name} with {setting:?}"
                )));
            }
        }
    }
    Ok(options)
}

fn to<T: TryFrom<u64>>(value: u64) -> Outcome<T> {
    T::try_from(value).map_err(|_| Failure::definite(format!("{value} is too large")))
}

fn compression(name: &[u8]) -> Outcome<Compression> {
    match name {
        b"none" => Ok(Compression::None),
        b"snappy" => Ok(Compression::Snappy),
        _ => Err(Failure::definite("compression is \"none\" or \"snappy\"")),
    }
}

/// Stores in memory, a new disk each.
///
/// ```
/// use etalon_spec::{Case, Op, check_case};
///
/// let key = || b"k".to_vec();
/// let put = Op::put(key(), vec![]);
/// let case = Case::new(vec![put, Op::Flush, Op::Reopen, Op::get(key())]);
/// check_case(&mut etalon::oracle::Memory::default(), &case).expect("agreement");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Memory {
    disk: MemoryDisk,
}

impl Target for Memory {
    type Store = Store;

    fn profile(&self) -> Profile {
        profile()
    }

    fn create(&mut self, case: &etalon_spec::Options) -> Outcome<Store> {
        self.disk = MemoryDisk::default();
        self.reopen(case)
    }

    fn reopen(&mut self, case: &etalon_spec::Options) -> Outcome<Store> {
        Store::open_on(self.disk.clone(), "store", options(case)?).map_err(failure)
    }
}

/// Stores on real files, a new directory each, below one that the caller gives.
///
/// ```
/// # let scratch = tempfile::tempdir().unwrap();
/// use etalon_spec::{Case, Op, check_case};
///
/// let mut target = etalon::oracle::OnFiles::new(scratch.path());
/// check_case(&mut target, &Case::new(vec![Op::Flush, Op::Reopen])).expect("agreement");
/// ```
#[derive(Debug)]
pub struct OnFiles {
    base: PathBuf,
    directory: Option<PathBuf>,
}

/// A clone makes stores of its own below the same base.
impl Clone for OnFiles {
    fn clone(&self) -> Self {
        OnFiles::new(&self.base)
    }
}

impl OnFiles {
    /// Stores below `base`, which exists; of each value only the newest store is kept.
    pub fn new(base: impl AsRef<Path>) -> Self {
        OnFiles {
            base: base.as_ref().to_path_buf(),
            directory: None,
        }
    }

    /// The directory of the newest store.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// A directory that nobody else has.
    fn new_directory(&self) -> std::io::Result<PathBuf> {
        for number in 0_u64.. {
            let directory = self.base.join(format!("store-{number}"));
            match std::fs::create_dir(&directory) {
                Ok(()) => return Ok(directory),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        unreachable!("there are always more numbers")
    }
}

impl Drop for OnFiles {
    fn drop(&mut self) {
        if let Some(directory) = self.directory.take() {
            // Whoever gave the base directory removes it anyway.
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

impl Target for OnFiles {
    type Store = Store;

    fn profile(&self) -> Profile {
        profile()
    }

    fn create(&mut self, case: &etalon_spec::Options) -> Outcome<Store> {
        if let Some(directory) = self.directory.take() {
            std::fs::remove_dir_all(directory)?;
        }
        self.directory = Some(self.new_directory()?);
        self.reopen(case)
    }

    fn reopen(&mut self, case: &etalon_spec::Options) -> Outcome<Store> {
        let directory = self
            .directory
            .as_ref()
            .ok_or_else(|| Failure::definite("no store yet"))?;
        Store::open(directory, options(case)?).map_err(failure)
    }
}

/// Refusals that leave everything as it was are definite.
pub(crate) fn failure(error: Error) -> Failure {
    match error {
        Error::TooLarge { .. } | Error::InvalidOption { .. } | Error::ReadOnly { .. } => {
            Failure::definite(error)
        }
        _ => Failure::from(error),
    }
}

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
        let mut run = over(self, &scan.range);
        if scan.reverse {
            run = run.reverse();
        }
        if let Some(limit) = scan.limit {
            run = run.limit(limit as usize);
        }
        run.collect().map_err(failure)
    }

    fn length(&mut self) -> Outcome<u64> {
        let mut live = 0;
        Store::scan(self).each(|_, _| live += 1).map_err(failure)?;
        Ok(live)
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        let mut batch = Batch::default();
        for change in changes {
            match change {
                Change::Put { key, value } => batch.put(key, value),
                Change::Delete { key } => batch.delete(key),
            }
        }
        Store::write(self, &batch).map_err(failure)
    }

    fn clear(&mut self) -> Outcome<()> {
        self.delete_range(&Range::ALL)
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        Store::write(self, &deletes(self, range)?).map_err(failure)
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

/// A batch that deletes every key of a range.
pub(crate) fn deletes(store: &Store, range: &Range) -> Outcome<Batch> {
    let mut batch = Batch::default();
    let scan = over(store, range).each(|key, _| batch.delete(key));
    scan.map_err(failure)?;
    Ok(batch)
}

/// The engine's scan of a range of the specification.
fn over<'a>(store: &'a Store, range: &Range) -> crate::Scan<'a> {
    let scan = store.scan();
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
        ..Events::default()
    }
}
