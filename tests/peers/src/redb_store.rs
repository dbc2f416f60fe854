//! redb 4.5, on its backend in memory: one transaction an operation, not made durable.

use etalon_spec::{
    Ability, Change, Entry, Failure, KeyValueStore, Options, Outcome, Profile, Scan, Target,
};
use redb::backends::InMemoryBackend;
use redb::{
    Database, Durability, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");

/// A new database in memory each time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Redb;

/// An open database.
pub struct RedbStore(Database);

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
        let store = RedbStore(Database::builder().create_with_backend(InMemoryBackend::new())?);
        store.change(|transaction| {
            transaction
                .open_table(TABLE)
                .map(drop)
                .map_err(Failure::from)
        })?;
        Ok(store)
    }
}

impl RedbStore {
    fn change(&self, work: impl FnOnce(&WriteTransaction) -> Outcome<()>) -> Outcome<()> {
        let mut transaction = self.0.begin_write()?;
        transaction.set_durability(Durability::None)?;
        work(&transaction)?;
        Ok(transaction.commit()?)
    }
}

impl KeyValueStore for RedbStore {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let table = self.0.begin_read()?.open_table(TABLE)?;
        Ok(table.get(key)?.map(|value| value.value().to_vec()))
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
        let table = self.0.begin_read()?.open_table(TABLE)?;
        let mut entries = Vec::new();
        for entry in table.iter()? {
            let (key, value) = entry?;
            entries.push((key.value().to_vec(), value.value().to_vec()));
        }
        Ok(scan.collect(entries))
    }
}
