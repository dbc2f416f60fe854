//! rusty-leveldb 4.0.2, on its own disk in memory.
//!
//! Its batches cannot be made from outside the crate, so the profile has none.

use etalon_spec::{
    Ability, Entry, Failure, KeyValueStore, Options, Outcome, Profile, Scan, Target,
};
use rusty_leveldb::{DB, LdbIterator};

/// A new database in memory each time.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustyLeveldb;

/// An open database.
pub struct Database(DB);

impl Target for RustyLeveldb {
    type Store = Database;

    fn profile(&self) -> Profile {
        Profile::new("rusty-leveldb").can([Ability::Scan, Ability::Flush, Ability::Compact])
    }

    fn create(&mut self, _: &Options) -> Outcome<Database> {
        DB::open("store", rusty_leveldb::in_memory())
            .map(Database)
            .map_err(Failure::from)
    }
}

impl KeyValueStore for Database {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.get(key).map(|value| value.to_vec()))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        Ok(self.0.put(key, value)?)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        Ok(self.0.delete(key)?)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let mut iterator = self.0.new_iter()?;
        let entries = std::iter::from_fn(move || {
            let entry = iterator.advance().then(|| iterator.current()).flatten();
            entry.map(|(key, value)| (key.to_vec(), value.to_vec()))
        });
        Ok(scan.collect(entries))
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(self.0.flush()?)
    }

    fn compact(&mut self) -> Outcome<()> {
        Ok(self.0.compact_range(b"", &[0xff; 64])?)
    }
}
