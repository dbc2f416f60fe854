//! persy: copy on write in one file, with a write-ahead log; an index is its ordered map.
//!
//! Every commit makes durable, so there is no sync. A key space is an index, which cannot be
//! renamed. It has no savepoints, no clear and no delete of a range. It refuses keys and values of
//! more than 512 KiB by an error of their own.

use std::ops::Bound;
use std::path::Path;

use etalon_spec::{
    Ability, Change, Entry, Failure, KeyValueStore, Name, OpScope, Options, Outcome, Profile, Scan,
    Survives,
};
use persy::{ByteVec, Config, Persy, Snapshot, Transaction, TxStrategy, ValueIter, ValueMode};

use crate::adapt::{Named, bounds, entries, integer, unknown, word};

/// The index of the default key space. No name of another has a space in it.
const INDEX: &str = "the entries";

/// What persy promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("persy")
        .can([
            Ability::Scan,
            Ability::Reverse,
            Ability::Prefix,
            Ability::Write,
            Ability::Reopen,
            Ability::Snapshot,
            Ability::Transaction,
            Ability::Spaces,
        ])
        .values(0..=524_288)
        .option("cache_bytes", [0, 4_096, 32 << 20].map(Into::into))
        .option(
            "strategy",
            ["last-win", "version-on-write", "version-on-read"].map(Into::into),
        );
    profile.survives_kill = Survives::All;
    profile
}

/// An open database.
pub(crate) struct Store {
    database: Persy,
    snapshots: Named<Snapshot>,
    transactions: Named<Transaction>,
    scope: OpScope,
}

/// Opens the database of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let mut config = Config::new();
    if let Some(bytes) = integer(options, "cache_bytes")? {
        config.change_cache_size(bytes);
    }
    config.change_tx_strategy(match word(options, "strategy")? {
        None | Some("last-win") => TxStrategy::LastWin,
        Some("version-on-write") => TxStrategy::VersionOnWrite,
        Some("version-on-read") => TxStrategy::VersionOnRead,
        Some(other) => return Err(unknown("strategy", other)),
    });
    let database = Persy::open_or_create_with(directory.join("store"), config, |created| {
        let mut transaction = created.begin()?;
        transaction.create_index::<ByteVec, ByteVec>(INDEX, ValueMode::Replace)?;
        Ok(transaction.commit()?)
    })?;
    Ok(Store {
        database,
        snapshots: Named::default(),
        transactions: Named::default(),
        scope: OpScope::PLAIN,
    })
}

fn put(transaction: &mut Transaction, index: &str, key: &[u8], value: &[u8]) -> Outcome<()> {
    let (key, value) = (ByteVec::from(key), ByteVec::from(value));
    Ok(transaction.put::<ByteVec, ByteVec>(index, key, value)?)
}

fn delete(transaction: &mut Transaction, index: &str, key: &[u8]) -> Outcome<()> {
    Ok(transaction.remove::<ByteVec, ByteVec>(index, ByteVec::from(key), None)?)
}

type Ends = (Bound<ByteVec>, Bound<ByteVec>);

/// The ends of a scan's range; none if nothing is between them, which it is not asked for.
fn ends(scan: &Scan) -> Option<Ends> {
    let (from, to) = bounds(&scan.range);
    (!scan.range.is_inverted()).then(|| (from.map(ByteVec::from), to.map(ByteVec::from)))
}

/// An index that replaces has one value of a key.
fn entry((key, values): (ByteVec, ValueIter<ByteVec>)) -> Outcome<Entry> {
    let mut values = values.into_iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok((key.to_vec(), value.to_vec())),
        _ => Err(Failure::Indefinite("a key without one value".to_owned())),
    }
}

fn value(found: Option<ByteVec>) -> Option<Vec<u8>> {
    found.map(|value| value.to_vec())
}

impl Store {
    /// The name of the scope's index.
    fn index(&self) -> String {
        let name = self.scope.space.map(|name| name.to_string());
        name.unwrap_or_else(|| INDEX.to_owned())
    }

    /// Changes the index of the scope, in its transaction or in one of its own.
    fn change(&mut self, make: impl FnOnce(&mut Transaction, &str) -> Outcome<()>) -> Outcome<()> {
        let index = self.index();
        match self.scope.transaction {
            Some(name) => make(self.transactions.get_mut(name)?, &index),
            None => self.committed(|transaction| make(transaction, &index)),
        }
    }

    fn committed(&self, make: impl FnOnce(&mut Transaction) -> Outcome<()>) -> Outcome<()> {
        let mut transaction = self.database.begin()?;
        make(&mut transaction)?;
        Ok(transaction.commit()?)
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let (index, key) = (self.index(), ByteVec::from(key));
        Ok(value(match self.scope.transaction {
            Some(name) => self.transactions.get_mut(name)?.one(&index, &key)?,
            None => self.database.one(&index, &key)?,
        }))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(|transaction, index| put(transaction, index, key, value))
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(|transaction, index| delete(transaction, index, key))
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.change(|transaction, index| {
            changes.iter().try_for_each(|change| match change {
                Change::Put { key, value } => put(transaction, index, key, value),
                Change::Delete { key } => delete(transaction, index, key),
            })
        })
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let Some(ends) = ends(scan) else {
            return Ok(Vec::new());
        };
        let index = self.index();
        if let Some(name) = self.scope.transaction {
            let transaction = self.transactions.get_mut(name)?;
            let found = transaction.range::<ByteVec, ByteVec, _>(&index, ends)?;
            return entries(scan, found.map(entry));
        }
        let found = self.database.range::<ByteVec, ByteVec, _>(&index, ends)?;
        entries(scan, found.map(entry))
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.set(name, self.database.snapshot()?);
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.end(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        let found = self.snapshots.get(at)?.one(INDEX, &ByteVec::from(key))?;
        Ok(value(found))
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        let snapshot = self.snapshots.get(at)?;
        let Some(ends) = ends(scan) else {
            return Ok(Vec::new());
        };
        let found = snapshot.range::<ByteVec, ByteVec, _>(INDEX, ends)?;
        entries(scan, found.map(entry))
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        Ok(())
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        self.transactions.set(transaction, self.database.begin()?);
        Ok(())
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        match to {
            None => Ok(self.transactions.take(transaction)?.rollback()?),
            Some(_) => Err(Failure::Unsupported),
        }
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        Ok(self.transactions.take(transaction)?.commit()?)
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.committed(|transaction| {
            let mode = ValueMode::Replace;
            Ok(transaction.create_index::<ByteVec, ByteVec>(name.as_str(), mode)?)
        })
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.committed(|transaction| Ok(transaction.drop_index(name.as_str())?))
    }
}
