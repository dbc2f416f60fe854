//! sled 0.34: a lock-free tree over a log.
//!
//! Its `flush` makes durable and turns nothing into a segment, so it is a sync here. Reads through
//! an iterator see changes made meanwhile; a scan here is made in one go. A thread of its own may
//! hold the lock of the directory for a moment after the database is dropped, so opening waits for
//! it. Compression wants its C library and is not switched on.

use std::path::Path;
use std::thread::yield_now;
use std::time::{Duration, Instant};

use etalon_spec::{
    Ability, Change, Entry, KeyValueStore, Options, Outcome, Profile, Scan, Survives,
};
use sled::{Batch, Config, Db, Mode};

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

/// An open database.
pub(crate) struct Store(Db);

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
            opened => return Ok(Store(opened?)),
        }
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.get(key)?.map(|value| value.to_vec()))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.0.insert(key, value)?;
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.0.remove(key)?;
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
        Ok(self.0.apply_batch(batch)?)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let found = match asked(&scan.range) {
            Asked::Prefix(prefix) => self.0.scan_prefix(prefix),
            Asked::Between(bounds) => self.0.range::<&[u8], _>(bounds),
        };
        let entry = |found: sled::Result<(sled::IVec, sled::IVec)>| {
            let (key, value) = found?;
            Ok((key.to_vec(), value.to_vec()))
        };
        entries(scan, found.map(entry))
    }

    fn length(&mut self) -> Outcome<u64> {
        Ok(self.0.len() as u64)
    }

    fn clear(&mut self) -> Outcome<()> {
        Ok(self.0.clear()?)
    }

    fn sync(&mut self) -> Outcome<()> {
        self.0.flush()?;
        Ok(())
    }
}
