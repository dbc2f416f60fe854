//! sled 0.34: a lock-free tree over a log.
//!
//! Its `flush` makes durable and turns nothing into a segment, so it is a sync here. Reads through
//! an iterator see changes made meanwhile; a scan here is made in one go. A thread of its own may
//! hold the lock of the directory for a moment after the database is dropped, so opening waits for
//! it. Compression wants its C library and is not switched on. A key space is a tree, which cannot
//! be renamed. Its transactions are closures, run again where they are in each other's way: none
//! stays open, so they are not asked for.

use std::path::Path;
use std::thread::yield_now;
use std::time::{Duration, Instant};

use etalon_spec::{
    Ability, Change, Entry, KeyValueStore, Name, OpScope, Options, Outcome, Profile, Scan, Survives,
};
use sled::{Batch, Config, Db, IVec, Mode, Tree};

use crate::adapt::{Asked, asked, entries, integer, length, unknown, word};

/// How long the lock of a directory may be held after a drop.
const PATIENCE: Duration = Duration::from_secs(2);

/// What sled promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("sled")
        .can([
            Ability::Scan,
            Ability::Reverse,
            Ability::Prefix,
            Ability::Length,
            Ability::Write,
            Ability::Clear,
            Ability::Reopen,
            Ability::Sync,
            Ability::FirstLast,
            Ability::Cas,
            Ability::Spaces,
        ])
        .option(
            "segment_bytes",
            [256, 1_024, 8_192, 524_288].map(Into::into),
        )
        .option("cache_bytes", [1_024, 65_536, 1 << 30].map(Into::into))
        .option("mode", ["low-space", "high-throughput"].map(Into::into))
        .option("flush_milliseconds", [1, 500].map(Into::into));
    profile.survives_kill = Survives::Synced;
    profile
}

/// An open database, and the tree that is in use: its own or that of a key space.
pub(crate) struct Store {
    database: Db,
    tree: Tree,
}

/// Opens the database of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let mut config = Config::new()
        .path(directory.join("store"))
        .cache_capacity(16 << 20);
    if let Some(bytes) = length(options, "segment_bytes")? {
        config = config.segment_size(bytes);
    }
    if let Some(bytes) = integer(options, "cache_bytes")? {
        config = config.cache_capacity(bytes);
    }
    match word(options, "mode")? {
        None => {}
        Some("low-space") => config = config.mode(Mode::LowSpace),
        Some("high-throughput") => config = config.mode(Mode::HighThroughput),
        Some(other) => return Err(unknown("mode", other)),
    }
    config = config.flush_every_ms(integer(options, "flush_milliseconds")?);
    opened(&config)
}

fn opened(config: &Config) -> Outcome<Store> {
    let begun = Instant::now();
    loop {
        match config.open() {
            Err(sled::Error::Io(error))
                if error.to_string().contains("lock") && begun.elapsed() < PATIENCE =>
            {
                yield_now();
            }
            opened => {
                let database = opened?;
                let tree = Tree::clone(&database);
                return Ok(Store { database, tree });
            }
        }
    }
}

fn entry((key, value): (IVec, IVec)) -> Entry {
    (key.to_vec(), value.to_vec())
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.tree.get(key)?.map(|value| value.to_vec()))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.tree.insert(key, value)?;
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.tree.remove(key)?;
        Ok(())
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        let mut batch = Batch::default();
        for change in changes {
            match change {
                Change::Put { key, value } => batch.insert(key.as_slice(), value.as_slice()),
                Change::Delete { key } => batch.remove(key.as_slice()),
            }
        }
        Ok(self.tree.apply_batch(batch)?)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let found = match asked(&scan.range) {
            Asked::Prefix(prefix) => self.tree.scan_prefix(prefix),
            Asked::Between(bounds) => self.tree.range::<&[u8], _>(bounds),
        };
        entries(scan, found.map(|found| Ok(entry(found?))))
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        Ok(self.tree.first()?.map(entry))
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        Ok(self.tree.last()?.map(entry))
    }

    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) -> Outcome<bool> {
        Ok(self.tree.compare_and_swap(key, expected, new)?.is_ok())
    }

    fn length(&mut self) -> Outcome<u64> {
        Ok(self.tree.len() as u64)
    }

    fn clear(&mut self) -> Outcome<()> {
        Ok(self.tree.clear()?)
    }

    fn sync(&mut self) -> Outcome<()> {
        self.database.flush()?;
        Ok(())
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.tree = match scope.space {
            None => Tree::clone(&self.database),
            Some(name) => self.database.open_tree(name.as_str())?,
        };
        Ok(())
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.database.open_tree(name.as_str())?;
        Ok(())
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.database.drop_tree(name.as_str())?;
        Ok(())
    }
}
