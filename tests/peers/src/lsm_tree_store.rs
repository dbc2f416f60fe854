//! lsm-tree: the tree below fjall, without journal and without background threads.
//!
//! Whoever calls it numbers the changes, says which numbers are still read, and flushes: what was
//! not flushed is not kept, so a clean close here flushes. It has batches only as changes with one
//! number, which nobody else sees half of, and nothing that makes them atomic on disk: none is
//! declared. The documentation of 3.1 says that keys have up to 65536 bytes and nothing of empty
//! ones.

use std::path::Path;

use etalon_spec::{
    Ability, Entry, KeyValueStore, Name, Options, Outcome, Profile, Scan, SortedRun, Survives,
};
use lsm_tree::config::{
    BlockSizePolicy, BloomConstructionPolicy, CompressionPolicy, FilterPolicy, FilterPolicyEntry,
    HashRatioPolicy, PinningPolicy, RestartIntervalPolicy,
};
use lsm_tree::{
    AbstractTree, AnyTree, CompressionType, Config, Guard, IterGuardImpl, KvSeparationOptions,
    SeqNo, SequenceNumberCounter,
};

use crate::adapt::{Asked, Named, asked, entries, integer, switch, unknown, word};

/// What lsm-tree promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("lsm-tree")
        .can([
            Ability::Scan,
            Ability::Reverse,
            Ability::Prefix,
            Ability::Length,
            Ability::Clear,
            Ability::Flush,
            Ability::Compact,
            Ability::Reopen,
            Ability::Snapshot,
            Ability::FirstLast,
            Ability::Ingest,
        ])
        .keys(0..=65_536)
        .option("memtable_bytes", [1, 256, 4_096, 64 << 20].map(Into::into))
        .option("table_bytes", [64, 1_024, 65_536, 64 << 20].map(Into::into))
        .option("block_bytes", [1_024, 4_096, 65_536].map(Into::into))
        .option("restart_interval", [1, 2, 16].map(Into::into))
        .option("hash_index", [false, true].map(Into::into))
        .option("partitions", [true, false].map(Into::into))
        .option("filter", ["none", "bits", "rate"].map(Into::into))
        .option("hits_expected", [false, true].map(Into::into))
        .option("compression", ["none", "lz4"].map(Into::into))
        .option("separated_bytes", [1, 16, 1_024].map(Into::into))
        .option("blob_file_bytes", [64, 4_096, 64 << 20].map(Into::into));
    profile.survives_close = Survives::Flushed;
    profile
}

/// An open tree.
pub(crate) struct Store {
    tree: AnyTree,
    next: SequenceNumberCounter,
    visible: SequenceNumberCounter,
    snapshots: Named<SeqNo>,
    memtable_bytes: u64,
    table_bytes: u64,
}

/// Opens the tree of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let (next, visible) = Default::default();
    let config = Config::new(
        directory.join("store"),
        Clone::clone(&next),
        Clone::clone(&visible),
    );
    let tree = configured(config, options)?.open()?;
    let after = tree.get_highest_seqno().map_or(0, |highest| highest + 1);
    SequenceNumberCounter::fetch_max(&next, after);
    SequenceNumberCounter::fetch_max(&visible, after);
    Ok(Store {
        tree,
        next,
        visible,
        snapshots: Named::default(),
        memtable_bytes: integer(options, "memtable_bytes")?.unwrap_or(64 << 20),
        table_bytes: integer(options, "table_bytes")?.unwrap_or(64 << 20),
    })
}

fn compression(name: &str) -> Outcome<CompressionType> {
    match name {
        "none" => Ok(CompressionType::None),
        "lz4" => Ok(CompressionType::Lz4),
        other => Err(unknown("compression", other)),
    }
}

fn configured(mut config: Config, options: &Options) -> Outcome<Config> {
    if let Some(bytes) = integer(options, "block_bytes")? {
        config = config.data_block_size_policy(BlockSizePolicy::all(u32::try_from(bytes)?));
    }
    if let Some(interval) = integer(options, "restart_interval")? {
        let policy = RestartIntervalPolicy::all(u8::try_from(interval)?);
        config = config.data_block_restart_interval_policy(policy);
    }
    if switch(options, "hash_index")? == Some(true) {
        config = config.data_block_hash_ratio_policy(HashRatioPolicy::all(8.0));
    }
    if let Some(partitions) = switch(options, "partitions")? {
        let policy = PinningPolicy::all(partitions);
        config = config.index_block_partitioning_policy(policy.clone());
        config = config.filter_block_partitioning_policy(policy);
    }
    if let Some(name) = word(options, "filter")? {
        config = config.filter_policy(filter(name)?);
    }
    if let Some(expected) = switch(options, "hits_expected")? {
        config = config.expect_point_read_hits(expected);
    }
    if let Some(name) = word(options, "compression")? {
        let policy = CompressionPolicy::all(compression(name)?);
        config = config.data_block_compression_policy(policy.clone());
        config = config.index_block_compression_policy(policy);
    }
    Ok(config.with_kv_separation(separation(options)?))
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

fn entry(guard: IterGuardImpl) -> Outcome<Entry> {
    let (key, value) = guard.into_inner()?;
    Ok((key.to_vec(), value.to_vec()))
}

impl Store {
    /// Versions that are older than the newest one below this number are read by nobody.
    fn unread(&self) -> SeqNo {
        let oldest = self.snapshots.iter().min().copied();
        oldest.unwrap_or_else(|| self.visible.get())
    }

    /// A change is seen when it has been made, and the memtable flushed when it is full.
    fn change(&mut self, make: impl FnOnce(&AnyTree, SeqNo) -> (u64, u64)) -> Outcome<()> {
        let number = self.next.next();
        let (_, memtable_bytes) = make(&self.tree, number);
        self.visible.fetch_max(number + 1);
        if memtable_bytes > self.memtable_bytes {
            self.flush()?;
        }
        Ok(())
    }

    fn scanned(&self, scan: &Scan, at: SeqNo) -> Outcome<Vec<Entry>> {
        let found = match asked(&scan.range) {
            Asked::Prefix(prefix) => self.tree.prefix(prefix, at, None),
            Asked::Between(bounds) => self.tree.range::<&[u8], _>(bounds, at, None),
        };
        entries(scan, found.map(entry))
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let found = self.tree.get(key, self.visible.get())?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(|tree, number| tree.insert(key, value, number))
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(|tree, number| tree.remove(key, number))
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.scanned(scan, self.visible.get())
    }

    fn length(&mut self) -> Outcome<u64> {
        Ok(self.tree.len(self.visible.get(), None)? as u64)
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        let found = self.tree.first_key_value(self.visible.get(), None);
        found.map(entry).transpose()
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        let found = self.tree.last_key_value(self.visible.get(), None);
        found.map(entry).transpose()
    }

    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        let mut ingestion = self.tree.ingestion()?;
        for (key, value) in run.entries() {
            ingestion.write(key.as_slice(), value.as_slice())?;
        }
        Ok(ingestion.finish()?)
    }

    fn clear(&mut self) -> Outcome<()> {
        Ok(self.tree.clear()?)
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(self.tree.flush_active_memtable(self.unread())?)
    }

    fn compact(&mut self) -> Outcome<()> {
        Ok(self.tree.major_compact(self.table_bytes, self.unread())?)
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.set(name, self.visible.get());
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.end(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        let found = self.tree.get(key, *self.snapshots.get(at)?)?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        self.scanned(scan, *self.snapshots.get(at)?)
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        Ok(self.tree.len(*self.snapshots.get(at)?, None)? as u64)
    }

    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        let found = self.tree.first_key_value(*self.snapshots.get(at)?, None);
        found.map(entry).transpose()
    }

    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        let found = self.tree.last_key_value(*self.snapshots.get(at)?, None);
        found.map(entry).transpose()
    }

    fn close(mut self) -> Outcome<()> {
        self.flush()
    }
}
