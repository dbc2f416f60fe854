//! redb 4.5, on its backend in memory: one transaction an operation, not made durable.
//!
//! Its reads are transactions of their own, so it is shared by threads as it is, and a snapshot is
//! a read transaction that stays open.

use std::borrow::Borrow;

use etalon_spec::{
    Ability, Change, ConcurrentStore, Entry, Failure, KeyValueStore, Name, Options, Outcome,
    Profile, Scan, Target,
};
use redb::backends::InMemoryBackend;
use redb::{
    Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition,
    WriteTransaction,
};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");

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
    snapshots: Vec<(Name, ReadTransaction)>,
}

impl<D> From<D> for Handle<D> {
    fn from(database: D) -> Self {
        Handle {
            database,
            snapshots: Vec::new(),
        }
    }
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
        store.change(|transaction| {
            transaction
                .open_table(TABLE)
                .map(drop)
                .map_err(Failure::from)
        })?;
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

impl<D: Borrow<Database>> Handle<D> {
    fn change(&self, work: impl FnOnce(&WriteTransaction) -> Outcome<()>) -> Outcome<()> {
        let mut transaction = self.database.borrow().begin_write()?;
        transaction.set_durability(Durability::None)?;
        work(&transaction)?;
        Ok(transaction.commit()?)
    }

    fn at(&self, name: Name) -> Outcome<&ReadTransaction> {
        let found = self.snapshots.iter().find(|(other, _)| *other == name);
        let (_, snapshot) = found.ok_or_else(|| Failure::definite("no such snapshot"))?;
        Ok(snapshot)
    }
}

fn get(transaction: &ReadTransaction, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
    let table = transaction.open_table(TABLE)?;
    Ok(table.get(key)?.map(|value| value.value().to_vec()))
}

fn scanned(transaction: &ReadTransaction, scan: &Scan) -> Outcome<Vec<Entry>> {
    let table = transaction.open_table(TABLE)?;
    let mut entries = Vec::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        entries.push((key.value().to_vec(), value.value().to_vec()));
    }
    Ok(scan.collect(entries))
}

impl<D: Borrow<Database>> KeyValueStore for Handle<D> {
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

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        let snapshot = self.database.borrow().begin_read()?;
        self.snapshots.retain(|(other, _)| *other != name);
        self.snapshots.push((name, snapshot));
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.at(name)?;
        self.snapshots.retain(|(other, _)| *other != name);
        Ok(())
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        get(self.at(at)?, key)
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        scanned(self.at(at)?, scan)
    }
}
