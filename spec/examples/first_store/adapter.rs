//! The store as the oracle sees it: all that its author writes to be told of the bug.

use etalon_spec::{Entry, KeyValueStore, Outcome, Scan};

use super::store::FirstStore;

impl KeyValueStore for FirstStore {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(FirstStore::get(self, key))
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        Ok(FirstStore::set(self, key, value)?)
    }
    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        Ok(FirstStore::remove(self, key)?)
    }
    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        Ok(scan.collect(self.iter()))
    }
}
