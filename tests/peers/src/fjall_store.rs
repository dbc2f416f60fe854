//! fjall: an LSM engine with a journal, one tree a key space.
//!
//! Flushes and compactions on demand are there for its own tests (`doc(hidden)`); a small memtable
//! makes them come by themselves, too. Its iterators go to both ends and seek nowhere, so they
//! serve scans. The documentation of 3.1 says that keys have up to 65536 bytes and nothing of
//! empty ones.
//!
//! The database is the one with transactions of a single writer; outside of a transaction its
//! plain inner one is used (`doc(hidden)`, too). A transaction has no clear: there every entry is
//! removed. It has no savepoints, key spaces cannot be renamed, and a dropped one is made anew by
//! its name.

use std::path::Path;
use std::sync::Arc;
use std::thread::yield_now;

use etalon_spec::{
    Ability, Change, Entry, Failure, KeyValueStore, Name, OpScope, Options, Outcome, Profile, Scan,
    SortedRun, Survives,
};
use fjall::compaction::Leveled;
use fjall::config::{
    BlockSizePolicy, BloomConstructionPolicy, CompressionPolicy, FilterPolicy, FilterPolicyEntry,
    HashRatioPolicy, PartitioningPolicy, RestartIntervalPolicy,
};
use fjall::{
    CompressionType, Database, Guard, Keyspace, KeyspaceCreateOptions, KvSeparationOptions,
    PersistMode, Readable, SingleWriterTxDatabase, SingleWriterTxKeyspace, SingleWriterWriteTx,
    Snapshot,
};
use self_cell::self_cell;

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
            Ability::FirstLast,
            Ability::Ingest,
            Ability::Transaction,
            Ability::Spaces,
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

type Working<'a> = Option<SingleWriterWriteTx<'a>>;

self_cell! {
    /// A transaction, with the database that it is of; none when it was committed.
    struct Transaction {
        owner: SingleWriterTxDatabase,
        #[not_covariant]
        dependent: Working,
    }
}

/// An open database, with its key spaces.
pub(crate) struct Store {
    transactional: SingleWriterTxDatabase,
    options: Options,
    entries: SingleWriterTxKeyspace,
    spaces: Named<SingleWriterTxKeyspace>,
    snapshots: Named<Snapshot>,
    transactions: Named<Transaction>,
    scope: OpScope,
}

/// The default key space. No name of another has a space in it.
const ENTRIES: &str = "the entries";

/// Opens the database of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let workers = integer(options, "workers")?.unwrap_or(1);
    let mut builder =
        SingleWriterTxDatabase::builder(directory.join("store")).worker_threads(workers as usize);
    if let Some(name) = word(options, "journal_compression")? {
        builder = builder.journal_compression(compression(name)?);
    }
    let transactional = builder.open()?;
    let entries = space(&transactional, ENTRIES, options)?;
    let mut spaces = Named::default();
    for there in transactional.list_keyspace_names() {
        if let Some(name) = Name::new(&there) {
            spaces.set(name, space(&transactional, &there, options)?);
        }
    }
    Ok(Store {
        transactional,
        options: options.clone(),
        entries,
        spaces,
        snapshots: Named::default(),
        transactions: Named::default(),
        scope: OpScope::PLAIN,
    })
}

fn space(
    database: &SingleWriterTxDatabase,
    name: &str,
    options: &Options,
) -> Outcome<SingleWriterTxKeyspace> {
    let keyspace = keyspace(options)?;
    Ok(database.keyspace(name, || keyspace)?)
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

fn found<R: Readable>(view: &R, keyspace: &Keyspace, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
    Ok(view.get(keyspace, key)?.map(|value| value.to_vec()))
}

fn scanned<R: Readable>(view: &R, keyspace: &Keyspace, scan: &Scan) -> Outcome<Vec<Entry>> {
    let found = match asked(&scan.range) {
        Asked::Prefix(prefix) => view.prefix(keyspace, prefix),
        Asked::Between(bounds) => view.range::<&[u8], _>(keyspace, bounds),
    };
    entries(scan, found.map(entry))
}

impl Store {
    fn database(&self) -> &Database {
        self.transactional.inner()
    }

    /// The key space of the scope.
    fn space(&self) -> Outcome<&SingleWriterTxKeyspace> {
        match self.scope.space {
            None => Ok(&self.entries),
            Some(name) => self.spaces.get(name),
        }
    }

    fn plain(&self) -> Outcome<&Keyspace> {
        Ok(self.space()?.inner())
    }

    /// What the transaction of the scope answers; none outside of all.
    fn inside<T>(
        &self,
        look: impl FnOnce(&SingleWriterWriteTx<'_>, &Keyspace) -> Outcome<T>,
    ) -> Outcome<Option<T>> {
        let Some(name) = self.scope.transaction else {
            return Ok(None);
        };
        let keyspace = self.plain()?;
        let open = self.transactions.get(name)?;
        open.with_dependent(|_, working| Ok(Some(look(working.as_ref().expect(OPEN), keyspace)?)))
    }

    /// Changes what the transaction of the scope sees; whether there is one.
    fn changed_inside(
        &mut self,
        make: impl FnOnce(&mut SingleWriterWriteTx<'_>, &SingleWriterTxKeyspace) -> Outcome<()>,
    ) -> Outcome<bool> {
        let Some(name) = self.scope.transaction else {
            return Ok(false);
        };
        let keyspace = self.space()?.clone();
        let open = self.transactions.get_mut(name)?;
        open.with_dependent_mut(|_, working| make(working.as_mut().expect(OPEN), &keyspace))?;
        Ok(true)
    }
}

const OPEN: &str = "a transaction is open until it is given away";

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        if let Some(value) = self.inside(|view, keyspace| found(view, keyspace, key))? {
            return Ok(value);
        }
        Ok(self.plain()?.get(key)?.map(|value| value.to_vec()))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        if self.changed_inside(|transaction, space| {
            transaction.insert(space, key, value);
            Ok(())
        })? {
            return Ok(());
        }
        Ok(self.plain()?.insert(key, value)?)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        if self.changed_inside(|transaction, space| {
            transaction.remove(space, key);
            Ok(())
        })? {
            return Ok(());
        }
        Ok(self.plain()?.remove(key)?)
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        if self.changed_inside(|transaction, space| {
            for change in changes {
                match change {
                    Change::Put { key, value } => transaction.insert(space, &key[..], &value[..]),
                    Change::Delete { key } => transaction.remove(space, &key[..]),
                }
            }
            Ok(())
        })? {
            return Ok(());
        }
        let space = self.plain()?;
        let mut batch = self.database().batch();
        for change in changes {
            match change {
                Change::Put { key, value } => batch.insert(space, &key[..], &value[..]),
                Change::Delete { key } => batch.remove(space, &key[..]),
            }
        }
        Ok(batch.commit()?)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        if let Some(entries) = self.inside(|view, keyspace| scanned(view, keyspace, scan))? {
            return Ok(entries);
        }
        let found = match asked(&scan.range) {
            Asked::Prefix(prefix) => self.plain()?.prefix(prefix),
            Asked::Between(bounds) => self.plain()?.range::<&[u8], _>(bounds),
        };
        entries(scan, found.map(entry))
    }

    fn length(&mut self) -> Outcome<u64> {
        if let Some(length) = self.inside(|view, keyspace| Ok(view.len(keyspace)?))? {
            return Ok(length as u64);
        }
        Ok(self.plain()?.len()? as u64)
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        let inside = self.inside(|view, keyspace| Ok(view.first_key_value(keyspace)))?;
        let found = match inside {
            Some(found) => found,
            None => self.plain()?.first_key_value(),
        };
        found.map(entry).transpose()
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        let inside = self.inside(|view, keyspace| Ok(view.last_key_value(keyspace)))?;
        let found = match inside {
            Some(found) => found,
            None => self.plain()?.last_key_value(),
        };
        found.map(entry).transpose()
    }

    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        let mut ingestion = self.plain()?.start_ingestion()?;
        for (key, value) in run.entries() {
            ingestion.write(key.as_slice(), value.as_slice())?;
        }
        Ok(ingestion.finish()?)
    }

    fn clear(&mut self) -> Outcome<()> {
        if self.changed_inside(|transaction, space| {
            for (key, _) in scanned(transaction, space.inner(), &Scan::ALL)? {
                transaction.remove(space, key);
            }
            Ok(())
        })? {
            return Ok(());
        }
        Ok(self.plain()?.clear()?)
    }

    fn flush(&mut self) -> Outcome<()> {
        let entries = self.entries.inner();
        entries.rotate_memtable()?;
        while entries.sealed_memtable_count() > 0 {
            yield_now();
        }
        Ok(())
    }

    fn compact(&mut self) -> Outcome<()> {
        Ok(self.entries.inner().major_compact()?)
    }

    fn sync(&mut self) -> Outcome<()> {
        Ok(self.database().persist(PersistMode::SyncAll)?)
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        let snapshot = self.database().snapshot();
        self.snapshots.set(name, snapshot);
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.end(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        found(self.snapshots.get(at)?, self.entries.inner(), key)
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        scanned(self.snapshots.get(at)?, self.entries.inner(), scan)
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        Ok(self.snapshots.get(at)?.len(self.entries.inner())? as u64)
    }

    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        let found = self
            .snapshots
            .get(at)?
            .first_key_value(self.entries.inner());
        found.map(entry).transpose()
    }

    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        let found = self.snapshots.get(at)?.last_key_value(self.entries.inner());
        found.map(entry).transpose()
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        Ok(())
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        let begun = Transaction::new(self.transactional.clone(), |database| {
            Some(database.write_tx())
        });
        self.transactions.set(transaction, begun);
        Ok(())
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        if to.is_some() {
            return Err(Failure::Unsupported);
        }
        let mut open = self.transactions.take(transaction)?;
        open.with_dependent_mut(|_, working| working.take().expect(OPEN).rollback());
        Ok(())
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        let mut open = self.transactions.take(transaction)?;
        open.with_dependent_mut(|_, working| Ok(working.take().expect(OPEN).commit()?))
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        let made = space(&self.transactional, name.as_str(), &self.options)?;
        self.spaces.set(name, made);
        Ok(())
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        let gone = self.spaces.take(name)?;
        Ok(self.database().delete_keyspace(gone.inner().clone())?)
    }

    fn close(self) -> Outcome<()> {
        self.transactional
            .persist(PersistMode::Buffer)
            .map_err(Failure::from)
    }
}
