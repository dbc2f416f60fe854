//! redb 4: a copy-on-write B tree, one transaction an operation.
//!
//! In a file, under its options, for the check ([`open`]); and on its backend in memory, commits
//! not made durable, for the benchmarks and for threads ([`Redb`], [`SharedRedb`]). Its reads are
//! transactions of their own, so it is shared by threads as it is, and a snapshot is a read
//! transaction that stays open. Its `compact` refuses, as documented, while one is open.

use std::borrow::Borrow;
use std::ops::Bound;
use std::path::Path;

use etalon_spec::{
    Ability, Change, ConcurrentStore, Entry, Failure, KeyValueStore, Name, Options, Outcome,
    Profile, Range, Scan, Survives, Target,
};
use redb::backends::InMemoryBackend;
use redb::{
    Builder, Database, Durability, ReadTransaction, ReadableDatabase, ReadableTableMetadata,
    TableDefinition, WriteTransaction,
};

use crate::adapt::{Bounds, Named, bounds, entries, length, switch, unknown, word};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");

/// What redb promises of a database in a file.
pub(crate) fn profile() -> Profile {
    let mut profile = Redb
        .profile()
        .can([
            Ability::Length,
            Ability::Clear,
            Ability::DeleteRange,
            Ability::Compact,
            Ability::Reopen,
            Ability::Sync,
            Ability::Snapshot,
        ])
        .option("cache_bytes", [0, 4_096, 1 << 20].map(Into::into))
        .option("durability", ["none", "immediate"].map(Into::into))
        .option("two_phases", [true, false].map(Into::into))
        .option("quick_repair", [true, false].map(Into::into))
        .option("check_on_open", [true, false].map(Into::into));
    profile.survives_kill = Survives::Synced;
    profile
}

/// How transactions are committed.
#[derive(Clone, Copy)]
struct Commits {
    durability: Durability,
    two_phases: bool,
    quick_repair: bool,
    /// Whether a clean close makes durable what is not yet.
    kept: bool,
}

impl Default for Commits {
    fn default() -> Self {
        Commits {
            durability: Durability::None,
            two_phases: false,
            quick_repair: false,
            kept: false,
        }
    }
}

/// A new database in memory each time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Redb;

/// The same, for threads: with snapshots.
#[derive(Clone, Copy, Debug, Default)]
pub struct SharedRedb;

/// An open database.
pub type RedbStore = Handle<Database>;

/// A database, or one of several clients of it, with the snapshots that it has taken.
pub struct Handle<D> {
    database: D,
    commits: Commits,
    snapshots: Named<ReadTransaction>,
}

impl<D> From<D> for Handle<D> {
    fn from(database: D) -> Self {
        Handle {
            database,
            commits: Commits::default(),
            snapshots: Named::default(),
        }
    }
}

/// Opens the database of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<RedbStore> {
    let mut builder = Builder::new();
    builder.set_cache_size(length(options, "cache_bytes")?.unwrap_or(16 << 20));
    builder.set_check_integrity_on_open(switch(options, "check_on_open")?.unwrap_or(false));
    let mut store = Handle::from(builder.create(directory.join("store.redb"))?);
    store.commits = Commits {
        durability: match word(options, "durability")? {
            None | Some("immediate") => Durability::Immediate,
            Some("none") => Durability::None,
            Some(other) => return Err(unknown("durability", other)),
        },
        two_phases: switch(options, "two_phases")?.unwrap_or(false),
        quick_repair: switch(options, "quick_repair")?.unwrap_or(false),
        kept: true,
    };
    store.make_table()?;
    Ok(store)
}

impl Target for Redb {
    type Store = RedbStore;

    fn profile(&self) -> Profile {
        Profile::new("redb").can([
            Ability::Scan,
            Ability::Reverse,
            Ability::Prefix,
            Ability::Write,
        ])
    }

    fn create(&mut self, _: &Options) -> Outcome<RedbStore> {
        let database = Database::builder().create_with_backend(InMemoryBackend::new())?;
        let store = Handle::from(database);
        store.make_table()?;
        Ok(store)
    }
}

impl Target for SharedRedb {
    type Store = RedbStore;

    fn profile(&self) -> Profile {
        Profile {
            threads: 64,
            ..Redb.profile().can([Ability::Snapshot])
        }
    }

    fn create(&mut self, options: &Options) -> Outcome<RedbStore> {
        Redb.create(options)
    }
}

impl ConcurrentStore for RedbStore {
    type Client<'a> = Handle<&'a Database>;

    fn client(&self) -> Handle<&Database> {
        Handle::from(&self.database)
    }
}

/// A database that one owns or shares: whoever shares it cannot compact it.
pub trait Held: Borrow<Database> {
    /// Moves pages into the holes of the file.
    fn compact(&mut self) -> Outcome<()> {
        Err(Failure::Unsupported)
    }
}

impl Held for &Database {}

impl Held for Database {
    fn compact(&mut self) -> Outcome<()> {
        Database::compact(self)?;
        Ok(())
    }
}

impl<D: Borrow<Database>> Handle<D> {
    fn make_table(&self) -> Outcome<()> {
        self.change(|transaction| {
            transaction.open_table(TABLE)?;
            Ok(())
        })
    }

    fn change(&self, work: impl FnOnce(&WriteTransaction) -> Outcome<()>) -> Outcome<()> {
        self.committed(self.commits.durability, work)
    }

    fn committed(
        &self,
        durability: Durability,
        work: impl FnOnce(&WriteTransaction) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut transaction = self.database.borrow().begin_write()?;
        transaction.set_durability(durability)?;
        transaction.set_two_phase_commit(self.commits.two_phases);
        transaction.set_quick_repair(self.commits.quick_repair);
        work(&transaction)?;
        Ok(transaction.commit()?)
    }
}

fn get(transaction: &ReadTransaction, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
    let table = transaction.open_table(TABLE)?;
    Ok(table.get(key)?.map(|value| value.value().to_vec()))
}

fn scanned(transaction: &ReadTransaction, scan: &Scan) -> Outcome<Vec<Entry>> {
    let table = transaction.open_table(TABLE)?;
    let (from, to) = bounds(&scan.range);
    let found = table.range::<&[u8]>(borrowed(&from, &to))?;
    let entry = found.map(|entry| {
        let (key, value) = entry?;
        Ok((key.value().to_vec(), value.value().to_vec()))
    });
    entries(scan, entry)
}

fn borrowed<'a>(from: &'a Bound<Vec<u8>>, to: &'a Bound<Vec<u8>>) -> Bounds<'a> {
    (
        from.as_ref().map(Vec::as_slice),
        to.as_ref().map(Vec::as_slice),
    )
}

impl<D: Held> KeyValueStore for Handle<D> {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        get(&self.database.borrow().begin_read()?, key)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(|transaction| {
            transaction.open_table(TABLE)?.insert(key, value)?;
            Ok(())
        })
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(|transaction| {
            transaction.open_table(TABLE)?.remove(key)?;
            Ok(())
        })
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.change(|transaction| {
            let mut table = transaction.open_table(TABLE)?;
            for change in changes {
                match change {
                    Change::Put { key, value } => drop(table.insert(&key[..], &value[..])?),
                    Change::Delete { key } => drop(table.remove(&key[..])?),
                }
            }
            Ok(())
        })
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        scanned(&self.database.borrow().begin_read()?, scan)
    }

    fn length(&mut self) -> Outcome<u64> {
        let transaction = self.database.borrow().begin_read()?;
        Ok(transaction.open_table(TABLE)?.len()?)
    }

    fn clear(&mut self) -> Outcome<()> {
        self.change(|transaction| {
            transaction.delete_table(TABLE)?;
            transaction.open_table(TABLE)?;
            Ok(())
        })
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let (from, to) = bounds(range);
        self.change(|transaction| {
            let mut table = transaction.open_table(TABLE)?;
            Ok(table.retain_in::<&[u8], _>(borrowed(&from, &to), |_, _| false)?)
        })
    }

    fn compact(&mut self) -> Outcome<()> {
        if self.snapshots.is_empty() {
            self.database.compact()
        } else {
            Ok(())
        }
    }

    fn sync(&mut self) -> Outcome<()> {
        self.committed(Durability::Immediate, |_| Ok(()))
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        let snapshot = self.database.borrow().begin_read()?;
        self.snapshots.set(name, snapshot);
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

    /// What was committed without durability is kept, as documented, by a later commit with it.
    fn close(mut self) -> Outcome<()> {
        self.snapshots = Named::default();
        match self.commits.durability {
            Durability::None if self.commits.kept => self.sync(),
            _ => Ok(()),
        }
    }
}
