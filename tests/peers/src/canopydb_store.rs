//! canopydb: a B+ tree with transactions and a write-ahead log, one transaction an operation.
//!
//! A checkpoint writes what is in memory into the data file, so it is the flush here. Its
//! `compact` waits, as documented, until no read transaction is open: with a snapshot it would
//! wait for ever, and is a checkpoint then. A key space is a tree. It has no savepoints.

use std::path::Path;

use canopydb::{
    Database, DbOptions, EnvOptions, ReadTransaction, Transaction, Tree, TreeOptions,
    WriteTransaction,
};
use etalon_spec::{
    Ability, Change, Entry, Failure, KeyValueStore, Name, OpScope, Options, Outcome, Profile,
    Range, Scan, Survives,
};

use crate::adapt::{Asked, Named, asked, bounds, entries, integer, length, switch};

/// The tree of the default key space. No name of another has a space in it.
const TREE: &str = "the entries";

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
            Ability::FirstLast,
            Ability::Transaction,
            Ability::Spaces,
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

/// An open database. It waits for its transactions when it is dropped, so they come first.
pub(crate) struct Store {
    snapshots: Named<ReadTransaction>,
    transactions: Named<WriteTransaction>,
    database: Database,
    tree: TreeOptions,
    scope: OpScope,
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
        transactions: Named::default(),
        scope: OpScope::PLAIN,
        is_concurrent: switch(options, "concurrent")?.unwrap_or(false),
        has_log,
    };
    store.committed(|transaction| store.make_tree(transaction, None))?;
    Ok(store)
}

fn entry<E>(found: Result<(canopydb::Bytes, canopydb::Bytes), E>) -> Outcome<Entry>
where
    Failure: From<E>,
{
    let (key, value) = found?;
    Ok((key.to_vec(), value.to_vec()))
}

/// The name of a key space's tree.
fn named(space: Option<&Name>) -> &[u8] {
    space.map_or(TREE, Name::as_str).as_bytes()
}

/// Reads a tree, which is made with the store or its key space.
fn read<T>(
    transaction: &Transaction,
    space: Option<&Name>,
    look: impl FnOnce(&Tree<'_>) -> Outcome<T>,
) -> Outcome<T> {
    look(&existing(transaction, space)?)
}

fn existing<'a>(transaction: &'a Transaction, space: Option<&Name>) -> Outcome<Tree<'a>> {
    let tree = transaction.get_tree(named(space))?;
    tree.ok_or_else(|| Failure::Indefinite("the tree is gone".to_owned()))
}

fn get(tree: &Tree<'_>, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
    Ok(tree.get(key)?.map(|value| value.to_vec()))
}

fn scanned(tree: &Tree<'_>, scan: &Scan) -> Outcome<Vec<Entry>> {
    let found = match asked(&scan.range) {
        Asked::Prefix(prefix) => tree.prefix(&prefix)?,
        Asked::Between(bounds) => tree.range::<&[u8]>(bounds)?,
    };
    entries(scan, found.map(entry))
}

fn pair(found: Option<(canopydb::Bytes, canopydb::Bytes)>) -> Option<Entry> {
    found.map(|(key, value)| (key.to_vec(), value.to_vec()))
}

impl Store {
    fn make_tree(&self, transaction: &WriteTransaction, space: Option<&Name>) -> Outcome<()> {
        transaction.get_or_create_tree_with(named(space), self.tree.clone())?;
        Ok(())
    }

    fn committed(&self, make: impl FnOnce(&WriteTransaction) -> Outcome<()>) -> Outcome<()> {
        let transaction = self.database.begin_write_with(self.is_concurrent)?;
        make(&transaction)?;
        transaction.commit()?;
        Ok(())
    }

    /// Changes the tree of the scope, in its transaction or in one of its own.
    fn change(&self, make: impl FnOnce(&mut Tree<'_>) -> Outcome<()>) -> Outcome<()> {
        let OpScope { space, transaction } = self.scope;
        let work =
            |transaction: &WriteTransaction| make(&mut existing(transaction, space.as_ref())?);
        match transaction {
            Some(name) => work(self.transactions.get(name)?),
            None => self.committed(work),
        }
    }

    /// Reads the tree of the scope, in its transaction or in one of its own.
    fn read<T>(&self, look: impl FnOnce(&Tree<'_>) -> Outcome<T>) -> Outcome<T> {
        let OpScope { space, transaction } = self.scope;
        if let Some(name) = transaction {
            return read(self.transactions.get(name)?, space.as_ref(), look);
        }
        let transaction = self.database.begin_read()?;
        read(&transaction, space.as_ref(), look)
    }

    fn read_at<T>(&self, at: Name, look: impl FnOnce(&Tree<'_>) -> Outcome<T>) -> Outcome<T> {
        read(self.snapshots.get(at)?, None, look)
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.read(|tree| get(tree, key))
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
        self.read(|tree| scanned(tree, scan))
    }

    fn length(&mut self) -> Outcome<u64> {
        self.read(|tree| Ok(tree.len()))
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        self.read(|tree| Ok(pair(tree.first()?)))
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.read(|tree| Ok(pair(tree.last()?)))
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
        self.read_at(at, |tree| get(tree, key))
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        self.read_at(at, |tree| scanned(tree, scan))
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        self.read_at(at, |tree| Ok(tree.len()))
    }

    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        self.read_at(at, |tree| Ok(pair(tree.first()?)))
    }

    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        self.read_at(at, |tree| Ok(pair(tree.last()?)))
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        Ok(())
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        let begun = self.database.begin_write_with(self.is_concurrent)?;
        self.transactions.set(transaction, begun);
        Ok(())
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        match to {
            None => Ok(self.transactions.take(transaction)?.rollback()?),
            Some(_) => Err(Failure::Unsupported),
        }
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        self.transactions.take(transaction)?.commit()?;
        Ok(())
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.committed(|transaction| self.make_tree(transaction, Some(&name)))
    }

    fn rename_space(&mut self, from: Name, to: Name) -> Outcome<()> {
        self.committed(|transaction| {
            transaction.rename_tree(named(Some(&from)), named(Some(&to)))?;
            Ok(())
        })
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.committed(|transaction| {
            transaction.delete_tree(named(Some(&name)))?;
            Ok(())
        })
    }

    /// Without a log only a checkpoint keeps anything.
    fn close(self) -> Outcome<()> {
        drop(self.snapshots);
        drop(self.transactions);
        if self.has_log {
            Ok(())
        } else {
            Ok(self.database.checkpoint()?)
        }
    }
}
