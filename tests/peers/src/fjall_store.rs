//! fjall: an LSM engine with a journal, one tree a key space.
//!
//! Flushes and compactions on demand are there for its own tests (`doc(hidden)`); a small memtable
//! makes them come by themselves, too. Its iterators go to both ends and seek nowhere, so they
//! serve scans. The documentation of 3.1 says that keys have up to 65536 bytes and nothing of
//! empty ones.

use std::path::Path;
use std::sync::Arc;
use std::thread::yield_now;

use etalon_spec::{
    Ability, Change, Entry, Failure, KeyValueStore, Name, Options, Outcome, Profile, Scan, Survives,
};
use fjall::compaction::Leveled;
use fjall::config::{
    BlockSizePolicy, BloomConstructionPolicy, CompressionPolicy, FilterPolicy, FilterPolicyEntry,
    HashRatioPolicy, PartitioningPolicy, RestartIntervalPolicy,
};
use fjall::{
    CompressionType, Database, Guard, Keyspace, KeyspaceCreateOptions, KvSeparationOptions,
    PersistMode, Readable, Snapshot,
};

use crate::adapt::{Asked, Named, asked, entries, integer, switch, unknown, word};

/// What fjall promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("fjall")
        .can([
            Ability::Scan,
            Ability::Reverse,
            Ability::Prefix,
            Ability::Length,
            Ability::Write,
            Ability::Clear,
            Ability::Flush,
            Ability::Compact,
            Ability::Reopen,
            Ability::Sync,
            Ability::Snapshot,
        ])
        .keys(0..=65_536)
        .option("memtable_bytes", [1, 256, 4_096, 64 << 20].map(Into::into))
        .option("table_bytes", [1_024, 65_536, 64 << 20].map(Into::into))
        .option("level0_tables", [1, 2, 4].map(Into::into))
        .option("block_bytes", [1_024, 4_096, 65_536].map(Into::into))
        .option("restart_interval", [1, 2, 16].map(Into::into))
        .option("hash_index", [false, true].map(Into::into))
        .option("partitions", [true, false].map(Into::into))
        .option("filter", ["none", "bits", "rate"].map(Into::into))
        .option("compression", ["none", "lz4"].map(Into::into))
        .option("journal_compression", ["none", "lz4"].map(Into::into))
        .option("separated_bytes", [1, 16, 1_024].map(Into::into))
        .option("blob_file_bytes", [64, 4_096, 64 << 20].map(Into::into))
        .option("workers", [1, 2, 4].map(Into::into));
    profile.survives_kill = Survives::All;
    profile
}

/// An open database, with one key space.
pub(crate) struct Store {
    database: Database,
    entries: Keyspace,
    snapshots: Named<Snapshot>,
}

/// Opens the database of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let workers = integer(options, "workers")?.unwrap_or(1);
    let mut builder = Database::builder(directory.join("store")).worker_threads(workers as usize);
    if let Some(name) = word(options, "journal_compression")? {
        builder = builder.journal_compression(compression(name)?);
    }
    let database = builder.open()?;
    let keyspace = keyspace(options)?;
    let entries = database.keyspace("entries", || keyspace)?;
    Ok(Store {
        database,
        entries,
        snapshots: Named::default(),
    })
}

fn compression(name: &str) -> Outcome<CompressionType> {
    match name {
        "none" => Ok(CompressionType::None),
        "lz4" => Ok(CompressionType::Lz4),
        other => Err(unknown("compression", other)),
    }
}

fn keyspace(options: &Options) -> Outcome<KeyspaceCreateOptions> {
    let mut keyspace = KeyspaceCreateOptions::default().compaction_strategy(strategy(options)?);
    if let Some(bytes) = integer(options, "memtable_bytes")? {
        keyspace = keyspace.max_memtable_size(bytes);
    }
    if let Some(bytes) = integer(options, "block_bytes")? {
        keyspace = keyspace.data_block_size_policy(BlockSizePolicy::all(u32::try_from(bytes)?));
    }
    if let Some(interval) = integer(options, "restart_interval")? {
        let policy = RestartIntervalPolicy::all(u8::try_from(interval)?);
        keyspace = keyspace.data_block_restart_interval_policy(policy);
    }
    if switch(options, "hash_index")? == Some(true) {
        keyspace = keyspace.data_block_hash_ratio_policy(HashRatioPolicy::all(8.0));
    }
    if let Some(partitions) = switch(options, "partitions")? {
        let policy = PartitioningPolicy::all(partitions);
        keyspace = keyspace.index_block_partitioning_policy(policy.clone());
        keyspace = keyspace.filter_block_partitioning_policy(policy);
    }
    if let Some(name) = word(options, "filter")? {
        keyspace = keyspace.filter_policy(filter(name)?);
    }
    if let Some(name) = word(options, "compression")? {
        let policy = CompressionPolicy::all(compression(name)?);
        keyspace = keyspace.data_block_compression_policy(policy.clone());
        keyspace = keyspace.index_block_compression_policy(policy);
    }
    Ok(keyspace.with_kv_separation(separation(options)?))
}

fn strategy(options: &Options) -> Outcome<Arc<Leveled>> {
    let mut strategy = Leveled::default();
    if let Some(bytes) = integer(options, "table_bytes")? {
        strategy = strategy.with_table_target_size(bytes);
    }
    if let Some(tables) = integer(options, "level0_tables")? {
        strategy = strategy.with_l0_threshold(u8::try_from(tables)?);
    }
    Ok(Arc::new(strategy))
}

fn filter(name: &str) -> Outcome<FilterPolicy> {
    let bloom = |policy| FilterPolicy::all(FilterPolicyEntry::Bloom(policy));
    match name {
        "none" => Ok(FilterPolicy::disabled()),
        "bits" => Ok(bloom(BloomConstructionPolicy::BitsPerKey(10.0))),
        "rate" => Ok(bloom(BloomConstructionPolicy::FalsePositiveRate(0.01))),
        other => Err(unknown("filter", other)),
    }
}

/// Values of so many bytes and more lie in files of their own.
fn separation(options: &Options) -> Outcome<Option<KvSeparationOptions>> {
    let Some(bytes) = integer(options, "separated_bytes")? else {
        return Ok(None);
    };
    let mut separation = KvSeparationOptions::default().separation_threshold(u32::try_from(bytes)?);
    if let Some(bytes) = integer(options, "blob_file_bytes")? {
        separation = separation.file_target_size(bytes);
    }
    if let Some(name) = word(options, "compression")? {
        separation = separation.compression(compression(name)?);
    }
    Ok(Some(separation))
}

fn entry(guard: Guard) -> Outcome<Entry> {
    let (key, value) = guard.into_inner()?;
    Ok((key.to_vec(), value.to_vec()))
}

fn scanned(store: &Store, snapshot: &Snapshot, scan: &Scan) -> Outcome<Vec<Entry>> {
    let found = match asked(&scan.range) {
        Asked::Prefix(prefix) => snapshot.prefix(&store.entries, prefix),
        Asked::Between(bounds) => snapshot.range::<&[u8], _>(&store.entries, bounds),
    };
    entries(scan, found.map(entry))
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.entries.get(key)?.map(|value| value.to_vec()))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        Ok(self.entries.insert(key, value)?)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        Ok(self.entries.remove(key)?)
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        let mut batch = self.database.batch();
        for change in changes {
            match change {
                Change::Put { key, value } => {
                    batch.insert(&self.entries, key.as_slice(), value.as_slice());
                }
                Change::Delete { key } => batch.remove(&self.entries, key.as_slice()),
            }
        }
        Ok(batch.commit()?)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let found = match asked(&scan.range) {
            Asked::Prefix(prefix) => self.entries.prefix(prefix),
            Asked::Between(bounds) => self.entries.range::<&[u8], _>(bounds),
        };
        entries(scan, found.map(entry))
    }

    fn length(&mut self) -> Outcome<u64> {
        Ok(self.entries.len()? as u64)
    }

    fn clear(&mut self) -> Outcome<()> {
        Ok(self.entries.clear()?)
    }

    fn flush(&mut self) -> Outcome<()> {
        self.entries.rotate_memtable()?;
        while self.entries.sealed_memtable_count() > 0 {
            yield_now();
        }
        Ok(())
    }

    fn compact(&mut self) -> Outcome<()> {
        Ok(self.entries.major_compact()?)
    }

    fn sync(&mut self) -> Outcome<()> {
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.set(name, self.database.snapshot());
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.end(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        let found = self.snapshots.get(at)?.get(&self.entries, key)?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        scanned(self, self.snapshots.get(at)?, scan)
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        Ok(self.snapshots.get(at)?.len(&self.entries)? as u64)
    }

    fn close(self) -> Outcome<()> {
        self.database
            .persist(PersistMode::Buffer)
            .map_err(Failure::from)
    }
}
