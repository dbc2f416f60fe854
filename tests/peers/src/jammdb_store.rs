//! jammdb: BoltDB once more, a B+ tree in a memory map, one transaction an operation.
//!
//! It scans forwards only, and refuses the delete of an absent key, which is answered as a success
//! here: nothing is hidden by that.

use std::path::Path;

use etalon_spec::{
    Ability, Change, Entry, KeyValueStore, Options, Outcome, Profile, Scan, Survives,
};
use jammdb::{Bucket, DB, Error, OpenOptions};

use crate::adapt::{bounds, integer, length, limited, switch};

const BUCKET: &str = "entries";

/// What jammdb promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("jammdb")
        .can([
            Ability::Scan,
            Ability::Prefix,
            Ability::Write,
            Ability::Clear,
            Ability::Reopen,
        ])
        .option("page_bytes", [1_024, 4_096].map(Into::into))
        .option("pages", [4, 32].map(Into::into))
        .option("direct", [true, false].map(Into::into));
    profile.survives_kill = Survives::All;
    profile
}

/// An open database, with one bucket.
pub(crate) struct Store(DB);

/// Opens the database of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let mut opening = OpenOptions::new();
    if let Some(bytes) = integer(options, "page_bytes")? {
        opening = opening.pagesize(bytes);
    }
    if let Some(pages) = length(options, "pages")? {
        opening = opening.num_pages(pages);
    }
    if let Some(direct) = switch(options, "direct")? {
        opening = opening.direct_writes(direct);
    }
    let store = Store(opening.open(directory.join("store"))?);
    store.change(|_| Ok(()))?;
    Ok(store)
}

impl Store {
    fn change(&self, make: impl FnOnce(&Bucket<'_, '_>) -> Outcome<()>) -> Outcome<()> {
        let transaction = self.0.tx(true)?;
        make(&transaction.get_or_create_bucket(BUCKET)?)?;
        Ok(transaction.commit()?)
    }
}

fn delete(bucket: &Bucket<'_, '_>, key: &[u8]) -> Outcome<()> {
    match bucket.delete(key) {
        Ok(_) | Err(Error::KeyValueMissing) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let transaction = self.0.tx(false)?;
        let bucket = transaction.get_bucket(BUCKET)?;
        Ok(bucket.get_kv(key).map(|found| found.value().to_vec()))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(|bucket| {
            bucket.put(key.to_vec(), value.to_vec())?;
            Ok(())
        })
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(|bucket| delete(bucket, key))
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.change(|bucket| {
            for change in changes {
                match change {
                    Change::Put { key, value } => drop(bucket.put(key.clone(), value.clone())?),
                    Change::Delete { key } => delete(bucket, key)?,
                }
            }
            Ok(())
        })
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let transaction = self.0.tx(false)?;
        let bucket = transaction.get_bucket(BUCKET)?;
        let (from, to) = bounds(&scan.range);
        let bounds = (
            from.as_ref().map(Vec::as_slice),
            to.as_ref().map(Vec::as_slice),
        );
        let found = bucket.range(bounds).map(|found| {
            let found = found.kv();
            Ok((found.key().to_vec(), found.value().to_vec()))
        });
        limited(scan, found)
    }

    fn clear(&mut self) -> Outcome<()> {
        let transaction = self.0.tx(true)?;
        transaction.delete_bucket(BUCKET)?;
        transaction.create_bucket(BUCKET)?;
        Ok(transaction.commit()?)
    }
}
