//! canopydb: a B+ tree with transactions and a write-ahead log, one transaction an operation.
//!
//! A checkpoint writes what is in memory into the data file, so it is the flush here. Its `compact`
//! waits, as documented, until no read transaction is open: with a snapshot it would wait for ever,
//! and is a checkpoint then.

use std::path::Path;

use canopydb::{Database, DbOptions, EnvOptions, ReadTransaction, Tree, TreeOptions};
use etalon_spec::{
    Ability, Change, Entry, Failure, KeyValueStore, Name, Options, Outcome, Profile, Range, Scan,
    Survives,
};

use crate::adapt::{Asked, Named, asked, bounds, entries, integer, length, switch};

const TREE: &[u8] = b"entries";

/// What canopydb promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("canopydb")
        .can([
            Ability::Scan,
            Ability::Reverse,
            Ability::Prefix,
            Ability::Length,
            Ability::Write,
            Ability::Clear,
            Ability::DeleteRange,
            Ability::Flush,
            Ability::Compact,
            Ability::Reopen,
            Ability::Sync,
            Ability::Snapshot,
        ])
        .option(
            "checkpoint_bytes",
            [4_096, 65_536, 64 << 20].map(Into::into),
        )
        .option(
            "transaction_bytes",
            [4_096, 65_536, 64 << 20].map(Into::into),
        )
        .option("batch_bytes", [1, 4_096, 8 << 20].map(Into::into))
        .option("log_bytes", [1, 4_096, 256 << 20].map(Into::into))
        .option("cache_bytes", [1, 65_536, 1 << 30].map(Into::into))
        .option("compressed_bytes", [4_097, 12_288].map(Into::into))
        .option("checksums", [true, false].map(Into::into))
        .option("log", [true, false].map(Into::into))
        .option("checkpoint_on_drop", [true, false].map(Into::into))
        .option("concurrent", [true, false].map(Into::into));
    profile.survives_close = Survives::Synced;
    profile
}

/// An open database, with one tree.
pub(crate) struct Store {
    database: Database,
    tree: TreeOptions,
    snapshots: Named<ReadTransaction>,
    is_concurrent: bool,
    has_log: bool,
}

/// Opens the database of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let mut environment = EnvOptions::new(directory.join("store"));
    environment.page_cache_size = length(options, "cache_bytes")?.unwrap_or(16 << 20);
    environment.use_checksums = switch(options, "checksums")?.unwrap_or(false);
    if let Some(bytes) = length(options, "batch_bytes")? {
        environment.wal_write_batch_memory_limit = bytes;
    }
    if let Some(bytes) = integer(options, "log_bytes")? {
        environment.max_wal_size = bytes;
    }
    let mut database = DbOptions::new();
    database.use_wal = switch(options, "log")?.unwrap_or(true);
    database.checkpoint_db_on_drop = switch(options, "checkpoint_on_drop")?.unwrap_or(false);
    if let Some(bytes) = length(options, "checkpoint_bytes")? {
        database.checkpoint_target_size = bytes;
    }
    if let Some(bytes) = length(options, "transaction_bytes")? {
        database.write_txn_memory_limit = bytes;
    }
    let mut tree = TreeOptions::new();
    if let Some(bytes) = integer(options, "compressed_bytes")? {
        tree.compress_overflow_values = Some(u32::try_from(bytes)?);
    }
    let has_log = database.use_wal;
    std::fs::create_dir_all(directory.join("store"))?;
    let store = Store {
        database: Database::with_options(environment, database)?,
        tree,
        snapshots: Named::default(),
        is_concurrent: switch(options, "concurrent")?.unwrap_or(false),
        has_log,
    };
    store.change(|_| Ok(()))?;
    Ok(store)
}

fn entry<E>(found: Result<(canopydb::Bytes, canopydb::Bytes), E>) -> Outcome<Entry>
where
    Failure: From<E>,
{
    let (key, value) = found?;
    Ok((key.to_vec(), value.to_vec()))
}

/// Reads the tree of a transaction, which is made with the store.
fn read<T>(
    transaction: &ReadTransaction,
    look: impl FnOnce(&Tree<'_>) -> Outcome<T>,
) -> Outcome<T> {
    let tree = transaction.get_tree(TREE)?;
    let tree = tree.ok_or_else(|| Failure::Indefinite("the tree is gone".to_owned()))?;
    look(&tree)
}

fn get(transaction: &ReadTransaction, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
    read(transaction, |tree| {
        Ok(tree.get(key)?.map(|value| value.to_vec()))
    })
}

fn scanned(transaction: &ReadTransaction, scan: &Scan) -> Outcome<Vec<Entry>> {
    read(transaction, |tree| {
        let found = match asked(&scan.range) {
            Asked::Prefix(prefix) => tree.prefix(&prefix)?,
            Asked::Between(bounds) => tree.range::<&[u8]>(bounds)?,
        };
        entries(scan, found.map(entry))
    })
}

impl Store {
    fn change(&self, make: impl FnOnce(&mut Tree<'_>) -> Outcome<()>) -> Outcome<()> {
        let transaction = self.database.begin_write_with(self.is_concurrent)?;
        let mut tree = transaction.get_or_create_tree_with(TREE, self.tree.clone())?;
        make(&mut tree)?;
        drop(tree);
        transaction.commit()?;
        Ok(())
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        get(&self.database.begin_read()?, key)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(|tree| Ok(tree.insert(key, value)?))
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(|tree| {
            tree.delete(key)?;
            Ok(())
        })
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.change(|tree| {
            for change in changes {
                match change {
                    Change::Put { key, value } => tree.insert(key, value)?,
                    Change::Delete { key } => drop(tree.delete(key)?),
                }
            }
            Ok(())
        })
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        scanned(&self.database.begin_read()?, scan)
    }

    fn length(&mut self) -> Outcome<u64> {
        read(&self.database.begin_read()?, |tree| Ok(tree.len()))
    }

    fn clear(&mut self) -> Outcome<()> {
        self.change(|tree| Ok(tree.clear()?))
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        self.change(|tree| Ok(tree.delete_range(bounds(range))?))
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(self.database.checkpoint()?)
    }

    fn compact(&mut self) -> Outcome<()> {
        if self.snapshots.is_empty() {
            Ok(self.database.compact()?)
        } else {
            self.flush()
        }
    }

    fn sync(&mut self) -> Outcome<()> {
        Ok(self.database.sync()?)
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.set(name, self.database.begin_read()?);
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.end(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        get(self.snapshots.get(at)?, key)
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        scanned(self.snapshots.get(at)?, scan)
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        read(self.snapshots.get(at)?, |tree| Ok(tree.len()))
    }

    /// Without a log only a checkpoint keeps anything.
    fn close(self) -> Outcome<()> {
        drop(self.snapshots);
        if self.has_log {
            Ok(())
        } else {
            Ok(self.database.checkpoint()?)
        }
    }
}
