//! redb 4: a copy-on-write B tree, one transaction an operation.
//!
//! In a file, under its options, for the check ([`open`]); and on its backend in memory, commits
//! not made durable, for the benchmarks and for threads ([`Redb`], [`SharedRedb`]). Its reads are
//! transactions of their own, so it is shared by threads as it is, and a snapshot is a read
//! transaction that stays open. Its `compact` refuses, as documented, while one is open, and is a
//! sync then: what a compaction has written outlives a kill. A key space is a table. Its
//! savepoints are of databases: none can be made in a transaction that has opened a table, so
//! there are none here.

use std::borrow::Borrow;
use std::path::Path;

use etalon_spec::{
    Ability, Change, ConcurrentStore, Entry, Failure, KeyValueStore, Name, OpScope, Options,
    Outcome, Profile, Range, Scan, Survives, Target,
};
use redb::backends::InMemoryBackend;
use redb::{
    Builder, Database, Durability, ReadTransaction, ReadableDatabase, Table, TableDefinition,
    WriteTransaction,
};

use crate::adapt::{Named, bounds, length, switch, unknown, word};
use crate::redb_reads::{First, Get, Last, Length, Reads, borrowed};

type Definition<'a> = TableDefinition<'a, &'static [u8], &'static [u8]>;
type Entries<'a> = Table<'a, &'static [u8], &'static [u8]>;

/// The table of the default key space. No name of another has a space in it.
const TABLE: &str = "the entries";

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
            Ability::FirstLast,
            Ability::Transaction,
            Ability::Spaces,
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
    transactions: Named<WriteTransaction>,
    scope: OpScope,
}

impl<D> From<D> for Handle<D> {
    fn from(database: D) -> Self {
        Handle {
            database,
            commits: Commits::default(),
            snapshots: Named::default(),
            transactions: Named::default(),
            scope: OpScope::PLAIN,
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

/// The table of a key space.
fn definition(space: Option<&Name>) -> Definition<'_> {
    TableDefinition::new(space.map_or(TABLE, Name::as_str))
}

impl<D: Borrow<Database>> Handle<D> {
    fn make_table(&self) -> Outcome<()> {
        self.committed(self.commits.durability, |transaction| {
            transaction.open_table(definition(None))?;
            Ok(())
        })
    }

    /// Changes the table of the scope, in its transaction or in one of its own.
    fn change(&self, work: impl FnOnce(&mut Entries<'_>) -> Outcome<()>) -> Outcome<()> {
        let OpScope { space, transaction } = self.scope;
        let definition = definition(space.as_ref());
        let worked =
            |transaction: &WriteTransaction| work(&mut transaction.open_table(definition)?);
        match transaction {
            Some(name) => worked(self.transactions.get(name)?),
            None => self.committed(self.commits.durability, worked),
        }
    }

    fn begun(&self, durability: Durability) -> Outcome<WriteTransaction> {
        let mut transaction = self.database.borrow().begin_write()?;
        transaction.set_durability(durability)?;
        transaction.set_two_phase_commit(self.commits.two_phases);
        transaction.set_quick_repair(self.commits.quick_repair);
        Ok(transaction)
    }

    fn committed(
        &self,
        durability: Durability,
        work: impl FnOnce(&WriteTransaction) -> Outcome<()>,
    ) -> Outcome<()> {
        let transaction = self.begun(durability)?;
        work(&transaction)?;
        Ok(transaction.commit()?)
    }

    /// Reads the table of the scope, in its transaction or in one of its own.
    fn read<R: Reads>(&self, reading: R) -> Outcome<R::Found> {
        let OpScope { space, transaction } = self.scope;
        let definition = definition(space.as_ref());
        if let Some(name) = transaction {
            return reading.read(&self.transactions.get(name)?.open_table(definition)?);
        }
        let transaction = self.database.borrow().begin_read()?;
        reading.read(&transaction.open_table(definition)?)
    }

    fn read_at<R: Reads>(&self, at: Name, reading: R) -> Outcome<R::Found> {
        reading.read(&self.snapshots.get(at)?.open_table(definition(None))?)
    }
}

impl<D: Held> KeyValueStore for Handle<D> {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.read(Get(key))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(|table| {
            table.insert(key, value)?;
            Ok(())
        })
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(|table| {
            table.remove(key)?;
            Ok(())
        })
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.change(|table| {
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
        self.read(scan)
    }

    fn length(&mut self) -> Outcome<u64> {
        self.read(Length)
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        self.read(First)
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.read(Last)
    }

    fn clear(&mut self) -> Outcome<()> {
        let OpScope { space, transaction } = self.scope;
        let cleared = |transaction: &WriteTransaction| {
            transaction.delete_table(definition(space.as_ref()))?;
            transaction.open_table(definition(space.as_ref()))?;
            Ok(())
        };
        match transaction {
            Some(name) => cleared(self.transactions.get(name)?),
            None => self.committed(self.commits.durability, cleared),
        }
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let (from, to) = bounds(range);
        self.change(|table| Ok(table.retain_in::<&[u8], _>(borrowed(&from, &to), |_, _| false)?))
    }

    fn compact(&mut self) -> Outcome<()> {
        if self.snapshots.is_empty() {
            self.database.compact()
        } else {
            self.sync()
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
        self.read_at(at, Get(key))
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        self.read_at(at, scan)
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        self.read_at(at, Length)
    }

    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        self.read_at(at, First)
    }

    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        self.read_at(at, Last)
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        Ok(())
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        let begun = self.begun(self.commits.durability)?;
        self.transactions.set(transaction, begun);
        Ok(())
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        match to {
            None => Ok(self.transactions.take(transaction)?.abort()?),
            Some(_) => Err(Failure::Unsupported),
        }
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        Ok(self.transactions.take(transaction)?.commit()?)
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.committed(self.commits.durability, |transaction| {
            transaction.open_table(definition(Some(&name)))?;
            Ok(())
        })
    }

    fn rename_space(&mut self, from: Name, to: Name) -> Outcome<()> {
        self.committed(self.commits.durability, |transaction| {
            Ok(transaction.rename_table(definition(Some(&from)), definition(Some(&to)))?)
        })
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.committed(self.commits.durability, |transaction| {
            transaction.delete_table(definition(Some(&name)))?;
            Ok(())
        })
    }

    /// What was committed without durability is kept, as documented, by a later commit with it.
    fn close(mut self) -> Outcome<()> {
        self.snapshots = Named::default();
        self.transactions = Named::default();
        match self.commits.durability {
            Durability::None if self.commits.kept => self.sync(),
            _ => Ok(()),
        }
    }
}
