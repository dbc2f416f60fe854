//! surrealkv: an LSM engine whose commits are asynchronous, one transaction an operation.
//!
//! Its runtime lives beside the store and ends with it. A flush is its compaction of everything
//! down to level 0, which flushes first. Its delete of a range wants both ends: an open one is
//! that of what is there. It refuses empty keys, as documented.
//!
//! Its transactions stay open beside others, and the commit of one is refused where a key that it
//! has written was changed since it began. Its savepoints are a stack without names: a rollback to
//! one of them sets it anew.

use std::path::Path;

use etalon_spec::{
    Ability, Change, Conflict, Entry, Failure, KeyValueStore, Name, OpScope, Options, Outcome,
    Profile, Range, Scan, Survives,
};
use surrealkv::{
    CompactRangeOptions, CompressionType, Error, LSMIterator, Mode, ReadOptions, Transaction, Tree,
    TreeBuilder,
};
use tokio::runtime::{Builder, Runtime};

use crate::adapt::{Named, half_open, integer, length, switch, unknown, word};

/// What surrealkv promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("surrealkv")
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
            Ability::FirstLast,
            Ability::Transaction,
            Ability::Savepoint,
        ])
        .keys(1..=65_535)
        .option(
            "memtable_bytes",
            [65_536, 1 << 20, 100 << 20].map(Into::into),
        )
        .option("block_bytes", [64, 4_096, 65_536].map(Into::into))
        .option("restart_interval", [1, 2, 16].map(Into::into))
        .option("index_partition_bytes", [64, 16_384].map(Into::into))
        .option("levels", [2, 7].map(Into::into))
        .option("compression", ["none", "snappy", "zstd"].map(Into::into))
        .option("separated_bytes", [1, 16, 1_024].map(Into::into))
        .option(
            "separated_file_bytes",
            [64, 4_096, 256 << 20].map(Into::into),
        )
        .option("versions", [true, false].map(Into::into))
        .option("flush_on_close", [true, false].map(Into::into));
    profile.survives_kill = Survives::All;
    profile.transaction_max = 3;
    profile.transaction_conflict = Conflict::Refused;
    profile
}

/// An open tree.
pub(crate) struct Store {
    snapshots: Named<Transaction>,
    transactions: Named<Begun>,
    scope: OpScope,
    tree: Tree,
    runtime: Runtime,
}

/// A transaction, and its savepoints, the oldest first.
struct Begun {
    transaction: Transaction,
    savepoints: Vec<Name>,
}

/// Opens the tree of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let mut opening = surrealkv::Options::new().with_path(directory.join("store"));
    if let Some(name) = word(options, "compression")? {
        opening = opening.with_compression_per_level(vec![match name {
            "none" => CompressionType::None,
            "snappy" => CompressionType::SnappyCompression,
            "zstd" => CompressionType::ZstdCompression,
            other => return Err(unknown("compression", other)),
        }]);
    }
    let builder = configured(TreeBuilder::with_options(opening), options)?;
    let tree = runtime.block_on(async { builder.build() })?;
    Ok(Store {
        snapshots: Named::default(),
        transactions: Named::default(),
        scope: OpScope::PLAIN,
        tree,
        runtime,
    })
}

fn configured(mut builder: TreeBuilder, options: &Options) -> Outcome<TreeBuilder> {
    builder = builder.with_block_cache_capacity(1 << 20);
    builder = builder.with_max_memtable_size(length(options, "memtable_bytes")?.unwrap_or(1 << 20));
    if let Some(bytes) = length(options, "block_bytes")? {
        builder = builder.with_block_size(bytes);
    }
    if let Some(entries) = length(options, "restart_interval")? {
        builder = builder.with_block_restart_interval(entries);
    }
    if let Some(bytes) = length(options, "index_partition_bytes")? {
        builder = builder.with_index_partition_size(bytes);
    }
    if let Some(levels) = integer(options, "levels")? {
        builder = builder.with_level_count(u8::try_from(levels)?);
    }
    if let Some(bytes) = length(options, "separated_bytes")? {
        builder = builder
            .with_enable_vlog(true)
            .with_vlog_value_threshold(bytes);
    }
    if let Some(bytes) = integer(options, "separated_file_bytes")? {
        builder = builder.with_vlog_max_file_size(bytes);
    }
    if let Some(versions) = switch(options, "versions")? {
        builder = builder.with_versioning(versions, 0);
    }
    if let Some(flush) = switch(options, "flush_on_close")? {
        builder = builder.with_flush_on_close(flush);
    }
    Ok(builder)
}

fn scanned(transaction: &Transaction, scan: &Scan) -> Outcome<Vec<Entry>> {
    if scan.range.is_inverted() {
        return Ok(Vec::new());
    }
    let (from, to) = half_open(&scan.range);
    let mut reading = ReadOptions::new();
    reading.set_iterate_lower_bound(from.filter(|from| !from.is_empty()));
    reading.set_iterate_upper_bound(to);
    let mut iterator = transaction.range_with_options(&reading)?;
    let limit = scan.limit.map_or(usize::MAX, |limit| limit as usize);
    let mut entries = Vec::new();
    let mut is_at = if scan.reverse {
        iterator.seek_last()?
    } else {
        iterator.seek_first()?
    };
    while is_at && entries.len() < limit {
        entries.push((iterator.key().user_key().to_vec(), iterator.value()?));
        is_at = if scan.reverse {
            iterator.prev()?
        } else {
            iterator.next()?
        };
    }
    Ok(entries)
}

/// The first or the last entry of what a transaction sees.
fn end(transaction: &Transaction, reverse: bool) -> Outcome<Option<Entry>> {
    let mut iterator = transaction.range_with_options(&ReadOptions::new())?;
    let is_there = if reverse {
        iterator.seek_last()?
    } else {
        iterator.seek_first()?
    };
    if is_there {
        let key = iterator.key().user_key().to_vec();
        Ok(Some((key, iterator.value()?)))
    } else {
        Ok(None)
    }
}

/// A transaction that came too late is refused; everything else that fails is a failure.
fn refusal(error: Error) -> Failure {
    match error {
        Error::TransactionWriteConflict | Error::TransactionRetry => Failure::definite(error),
        error => error.into(),
    }
}

impl Store {
    fn reading(&self) -> Outcome<Transaction> {
        Ok(self.tree.begin_with_mode(Mode::ReadOnly)?)
    }

    /// What is seen in the transaction of the scope, or in one of its own.
    fn read<T>(&self, look: impl FnOnce(&Transaction) -> Outcome<T>) -> Outcome<T> {
        match self.scope.transaction {
            Some(name) => look(&self.transactions.get(name)?.transaction),
            None => look(&self.reading()?),
        }
    }

    /// Changes something in the transaction of the scope, or in one of its own.
    fn change(&mut self, make: impl FnOnce(&mut Transaction) -> Outcome<()>) -> Outcome<()> {
        if let Some(name) = self.scope.transaction {
            return make(&mut self.transactions.get_mut(name)?.transaction);
        }
        let mut transaction = self.tree.begin()?;
        make(&mut transaction)?;
        self.committed(transaction)
    }

    fn committed(&self, mut transaction: Transaction) -> Outcome<()> {
        let committed = self.runtime.block_on(transaction.commit());
        committed.map_err(refusal)
    }

    fn compacted(&self, options: CompactRangeOptions) -> Outcome<()> {
        let _inside = self.runtime.enter();
        Ok(self.tree.compact_range(None, None, &options)?)
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.read(|transaction| Ok(transaction.get(key)?))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(|transaction| Ok(transaction.set(key, value)?))
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(|transaction| Ok(transaction.delete(key)?))
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.change(|transaction| {
            for change in changes {
                match change {
                    Change::Put { key, value } => transaction.set(&key[..], &value[..])?,
                    Change::Delete { key } => transaction.delete(&key[..])?,
                }
            }
            Ok(())
        })
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.read(|transaction| scanned(transaction, scan))
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        self.read(|transaction| end(transaction, false))
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.read(|transaction| end(transaction, true))
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let (from, to) = half_open(range);
        self.change(|transaction| {
            let first = end(transaction, false)?.map(|(key, _)| key);
            let last = end(transaction, true)?.map(|(key, _)| [&key[..], b"\0"].concat());
            let from = from.filter(|from| !from.is_empty()).or(first);
            if let (Some(from), Some(to)) = (from, to.or(last)) {
                transaction.delete_range(from, to)?;
            }
            Ok(())
        })
    }

    fn flush(&mut self) -> Outcome<()> {
        self.compacted(CompactRangeOptions {
            flush_memtable: true,
            target_level: Some(0),
            rewrite_bottommost: false,
        })
    }

    fn compact(&mut self) -> Outcome<()> {
        self.compacted(CompactRangeOptions::default())
    }

    fn sync(&mut self) -> Outcome<()> {
        Ok(self.tree.flush_wal(true)?)
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        let snapshot = self.reading()?;
        self.snapshots.set(name, snapshot);
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.end(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        Ok(self.snapshots.get(at)?.get(key)?)
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        scanned(self.snapshots.get(at)?, scan)
    }

    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        end(self.snapshots.get(at)?, false)
    }

    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        end(self.snapshots.get(at)?, true)
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        Ok(())
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        let begun = Begun {
            transaction: self.tree.begin()?,
            savepoints: Vec::new(),
        };
        self.transactions.set(transaction, begun);
        Ok(())
    }

    fn savepoint(&mut self, transaction: Name, name: Name) -> Outcome<()> {
        let open = self.transactions.get_mut(transaction)?;
        open.transaction.set_savepoint()?;
        open.savepoints.push(name);
        Ok(())
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        let Some(to) = to else {
            self.transactions.take(transaction)?.transaction.rollback();
            return Ok(());
        };
        let open = self.transactions.get_mut(transaction)?;
        let found = open.savepoints.iter().position(|name| *name == to);
        let at = found.ok_or_else(|| Failure::definite(format!("there is no savepoint {to}")))?;
        for _ in at..open.savepoints.len() {
            open.transaction.rollback_to_savepoint()?;
        }
        open.savepoints.truncate(at + 1);
        Ok(open.transaction.set_savepoint()?)
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        let open = self.transactions.take(transaction)?;
        self.committed(open.transaction)
    }

    fn close(self) -> Outcome<()> {
        drop(self.snapshots);
        drop(self.transactions);
        Ok(self.runtime.block_on(self.tree.close())?)
    }
}
