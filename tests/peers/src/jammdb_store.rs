//! jammdb: `BoltDB` once more, a B+ tree in a memory map, one transaction an operation.
//!
//! It scans forwards only, and refuses the delete of an absent key, which is answered as a success
//! here: nothing is hidden by that. A key space is a bucket, which cannot be renamed. It has no
//! savepoints.

use std::path::Path;

use etalon_spec::{
    Ability, Change, Entry, Failure, KeyValueStore, Name, OpScope, Options, Outcome, Profile, Scan,
    Survives,
};
use jammdb::{Bucket, DB, Error, OpenOptions, Tx};
use self_cell::self_cell;

use crate::adapt::{Named, bounds, integer, length, limited, switch};

/// The bucket of the default key space. No name of another has a space in it.
const BUCKET: &str = "the entries";

/// What jammdb promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("jammdb")
        .can([
            Ability::Scan,
            Ability::Prefix,
            Ability::Write,
            Ability::Clear,
            Ability::Reopen,
            Ability::Transaction,
            Ability::Spaces,
        ])
        .option("page_bytes", [1_024, 4_096].map(Into::into))
        .option("pages", [4, 32].map(Into::into))
        .option("direct", [true, false].map(Into::into));
    profile.survives_kill = Survives::All;
    profile
}

type Working<'a> = Option<Tx<'a>>;

self_cell! {
    /// A transaction, with the database that it is of; none when it was committed.
    struct Transaction {
        owner: DB,
        #[not_covariant]
        dependent: Working,
    }
}

/// An open database.
pub(crate) struct Store {
    database: DB,
    transactions: Named<Transaction>,
    scope: OpScope,
}

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
    let store = Store {
        database: opening.open(directory.join("store"))?,
        transactions: Named::default(),
        scope: OpScope::PLAIN,
    };
    store.committed(|transaction| {
        transaction.get_or_create_bucket(BUCKET)?;
        Ok(())
    })?;
    Ok(store)
}

const OPEN: &str = "a transaction is open until it is given away";

impl Store {
    /// The name of the scope's bucket.
    fn bucket(&self) -> String {
        let name = self.scope.space.map(|name| name.to_string());
        name.unwrap_or_else(|| BUCKET.to_owned())
    }

    fn committed(&self, make: impl FnOnce(&Tx<'_>) -> Outcome<()>) -> Outcome<()> {
        let transaction = self.database.tx(true)?;
        make(&transaction)?;
        Ok(transaction.commit()?)
    }

    /// Does something in the transaction of the scope, or in one of its own.
    fn transact(&self, make: impl FnOnce(&Tx<'_>) -> Outcome<()>) -> Outcome<()> {
        match self.scope.transaction {
            Some(name) => {
                let open = self.transactions.get(name)?;
                open.with_dependent(|_, working| make(working.as_ref().expect(OPEN)))
            }
            None => self.committed(make),
        }
    }

    fn change(&self, make: impl FnOnce(&Bucket<'_, '_>) -> Outcome<()>) -> Outcome<()> {
        self.transact(|transaction| make(&transaction.get_bucket(self.bucket())?))
    }

    /// Reads the bucket of the scope, in its transaction or in one of its own.
    fn read<T>(&self, look: impl FnOnce(&Bucket<'_, '_>) -> Outcome<T>) -> Outcome<T> {
        if let Some(name) = self.scope.transaction {
            let open = self.transactions.get(name)?;
            return open.with_dependent(|_, working| {
                look(&working.as_ref().expect(OPEN).get_bucket(self.bucket())?)
            });
        }
        let transaction = self.database.tx(false)?;
        look(&transaction.get_bucket(self.bucket())?)
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
        self.read(|bucket| Ok(bucket.get_kv(key).map(|found| found.value().to_vec())))
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
        let (from, to) = bounds(&scan.range);
        let bounds = (
            from.as_ref().map(Vec::as_slice),
            to.as_ref().map(Vec::as_slice),
        );
        self.read(|bucket| {
            let found = bucket.range(bounds).map(|found| {
                let found = found.kv();
                Ok((found.key().to_vec(), found.value().to_vec()))
            });
            limited(scan, found)
        })
    }

    fn clear(&mut self) -> Outcome<()> {
        self.transact(|transaction| {
            transaction.delete_bucket(self.bucket())?;
            transaction.create_bucket(self.bucket())?;
            Ok(())
        })
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        Ok(())
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        let begun = Transaction::try_new(self.database.clone(), |database| {
            Ok::<_, Error>(Some(database.tx(true)?))
        })?;
        self.transactions.set(transaction, begun);
        Ok(())
    }

    /// A transaction that is dropped is undone.
    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        match to {
            None => self.transactions.end(transaction),
            Some(_) => Err(Failure::Unsupported),
        }
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        let mut open = self.transactions.take(transaction)?;
        open.with_dependent_mut(|_, working| Ok(working.take().expect(OPEN).commit()?))
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.committed(|transaction| {
            transaction.create_bucket(name.to_string())?;
            Ok(())
        })
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.committed(|transaction| Ok(transaction.delete_bucket(name.to_string())?))
    }
}
