//! LMDB, through heed: pages in a memory map, one transaction an operation.
//!
//! LMDB takes keys of 1 to 511 bytes, and prefixes too, so the scan by an empty prefix is that of
//! everything here. A snapshot is a read transaction that stays open; a key space is a named
//! database, which cannot be renamed; a savepoint is a nested transaction
//! ([`heed_nested`](crate::heed_nested)). A map that is written to (`WRITE_MAP`) has no nested
//! transactions, so it is not among the options.
#![expect(
    unsafe_code,
    reason = "a memory map is unsafe to open, a database to remove"
)]

use std::ops::Bound;
use std::path::Path;

use etalon_spec::{
    Ability, Change, Entry, KeyValueStore, Name, OpScope, Options, Outcome, Profile, Range, Scan,
    Survives,
};
use heed::types::{Bytes, DecodeIgnore, Str};
use heed::{CommitOrAbort, Database, Env, EnvFlags, EnvOpenOptions, RoTxn, RwTxn, WithoutTls};

use crate::adapt::{Asked, Bounds, Named, asked, bounds, length, limited, unknown, word};
use crate::heed_nested::Nested;

type Entries = Database<'static, Bytes, Bytes>;

/// The database of the default key space. No name of another has a space in it.
const ENTRIES: &str = "the entries";

/// What LMDB promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("heed")
        .can([
            Ability::Scan,
            Ability::Reverse,
            Ability::Prefix,
            Ability::Length,
            Ability::Write,
            Ability::Clear,
            Ability::DeleteRange,
            Ability::Reopen,
            Ability::Sync,
            Ability::Snapshot,
            Ability::FirstLast,
            Ability::Transaction,
            Ability::Savepoint,
            Ability::Spaces,
        ])
        .keys(1..=511)
        .option("map_bytes", [64 << 20, 1 << 30].map(Into::into))
        .option(
            "durability",
            ["each", "meta-later", "later"].map(Into::into),
        );
    profile.survives_kill = Survives::All;
    profile
}

/// An open environment, with its databases.
pub(crate) struct Store {
    environment: Env<WithoutTls>,
    entries: Entries,
    spaces: Named<Entries>,
    snapshots: Named<RoTxn<'static, WithoutTls>>,
    transactions: Named<Nested>,
    scope: OpScope,
}

/// Opens the environment of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let flags = match word(options, "durability")? {
        None | Some("later") => EnvFlags::NO_SYNC,
        Some("each") => EnvFlags::empty(),
        Some("meta-later") => EnvFlags::NO_META_SYNC,
        Some(other) => return Err(unknown("durability", other)),
    };
    let mut opening = EnvOpenOptions::new().read_txn_without_tls();
    opening
        .map_size(length(options, "map_bytes")?.unwrap_or(256 << 20))
        .max_dbs(8);
    // SAFETY: the directory is this case's alone, so nobody else changes the map's file, and the
    // flags weaken nothing but what a crash of the machine leaves.
    let environment = unsafe { opening.flags(flags).open(directory)? };
    let entries = created(&environment, ENTRIES)?;
    let spaces = spaces(&environment)?;
    Ok(Store {
        environment,
        entries,
        spaces,
        snapshots: Named::default(),
        transactions: Named::default(),
        scope: OpScope::PLAIN,
    })
}

/// A database that is made where there is none of this name.
fn created(environment: &Env<WithoutTls>, name: &str) -> Outcome<Entries> {
    let transaction = environment.write_txn()?;
    let created = environment.create_databases_and_commit(transaction, |opener, transaction| {
        let entries = opener.create_database::<Bytes, Bytes>(transaction, Some(name))?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(entries))
    })?;
    Ok(created.unwrap_commit())
}

/// The key spaces that are there: the unnamed database holds the names of the others.
fn spaces(environment: &Env<WithoutTls>) -> Outcome<Named<Entries>> {
    let mut names = Vec::new();
    let transaction = environment.read_txn()?;
    environment.open_databases_and_commit(transaction, |opener, transaction| {
        if let Some(all) = opener.open_database::<Str, DecodeIgnore>(transaction, None)? {
            for found in all.iter(transaction)? {
                names.extend(Name::new(found?.0));
            }
        }
        Ok::<_, heed::Error>(CommitOrAbort::<(), ()>::Abort(()))
    })?;
    let mut spaces = Named::default();
    for name in names {
        spaces.set(name, created(environment, name.as_str())?);
    }
    Ok(spaces)
}

fn entry(found: heed::Result<(&[u8], &[u8])>) -> Outcome<Entry> {
    let (key, value) = found?;
    Ok((key.to_vec(), value.to_vec()))
}

fn owned((key, value): (&[u8], &[u8])) -> Entry {
    (key.to_vec(), value.to_vec())
}

fn scanned(
    entries: Entries,
    transaction: &RoTxn<'_, WithoutTls>,
    scan: &Scan,
) -> Outcome<Vec<Entry>> {
    let all = (Bound::Unbounded, Bound::Unbounded);
    let asked = match asked(&scan.range) {
        Asked::Prefix([]) => Asked::Between(all),
        asked => asked,
    };
    match (asked, scan.reverse) {
        (Asked::Prefix(prefix), false) => {
            limited(scan, entries.prefix_iter(transaction, prefix)?.map(entry))
        }
        (Asked::Prefix(prefix), true) => limited(
            scan,
            entries.rev_prefix_iter(transaction, prefix)?.map(entry),
        ),
        (Asked::Between(bounds), false) => {
            limited(scan, entries.range(transaction, &bounds)?.map(entry))
        }
        (Asked::Between(bounds), true) => {
            limited(scan, entries.rev_range(transaction, &bounds)?.map(entry))
        }
    }
}

impl Store {
    fn entries(&self) -> Outcome<Entries> {
        match self.scope.space {
            None => Ok(self.entries),
            Some(name) => Ok(*self.spaces.get(name)?),
        }
    }

    /// Changes the database of the scope, in its transaction or in one of its own.
    fn change(&mut self, make: impl FnOnce(Entries, &mut RwTxn<'_>) -> Outcome<()>) -> Outcome<()> {
        let entries = self.entries()?;
        match self.scope.transaction {
            Some(name) => {
                let open = self.transactions.get_mut(name)?;
                open.change(|transaction| make(entries, transaction))
            }
            None => self.committed(|transaction| make(entries, transaction)),
        }
    }

    fn committed(&self, make: impl FnOnce(&mut RwTxn<'_>) -> Outcome<()>) -> Outcome<()> {
        let mut transaction = self.environment.write_txn()?;
        make(&mut transaction)?;
        Ok(transaction.commit()?)
    }

    /// Reads the database of the scope, in its transaction or in one of its own.
    fn read<T>(
        &self,
        look: impl FnOnce(Entries, &RoTxn<'_, WithoutTls>) -> Outcome<T>,
    ) -> Outcome<T> {
        let entries = self.entries()?;
        match self.scope.transaction {
            Some(name) => {
                let open = self.transactions.get(name)?;
                open.read(|transaction| look(entries, transaction))
            }
            None => look(entries, &self.environment.read_txn()?),
        }
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.read(|entries, transaction| Ok(entries.get(transaction, key)?.map(<[u8]>::to_vec)))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(|entries, transaction| Ok(entries.put(transaction, key, value)?))
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(|entries, transaction| {
            entries.delete(transaction, key)?;
            Ok(())
        })
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.change(|entries, transaction| {
            for change in changes {
                match change {
                    Change::Put { key, value } => entries.put(transaction, key, value)?,
                    Change::Delete { key } => drop(entries.delete(transaction, key)?),
                }
            }
            Ok(())
        })
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.read(|entries, transaction| scanned(entries, transaction, scan))
    }

    fn length(&mut self) -> Outcome<u64> {
        self.read(|entries, transaction| Ok(entries.len(transaction)?))
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        self.read(|entries, transaction| Ok(entries.first(transaction)?.map(owned)))
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.read(|entries, transaction| Ok(entries.last(transaction)?.map(owned)))
    }

    fn clear(&mut self) -> Outcome<()> {
        self.change(|entries, transaction| Ok(entries.clear(transaction)?))
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let (from, to) = bounds(range);
        let bounds: Bounds<'_> = (
            from.as_ref().map(Vec::as_slice),
            to.as_ref().map(Vec::as_slice),
        );
        self.change(|entries, transaction| {
            entries.delete_range(transaction, &bounds)?;
            Ok(())
        })
    }

    fn sync(&mut self) -> Outcome<()> {
        Ok(self.environment.force_sync()?)
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        let snapshot = self.environment.clone().static_read_txn()?;
        self.snapshots.set(name, snapshot);
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.end(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        let found = self.entries.get(self.snapshots.get(at)?, key)?;
        Ok(found.map(<[u8]>::to_vec))
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        scanned(self.entries, self.snapshots.get(at)?, scan)
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        Ok(self.entries.len(self.snapshots.get(at)?)?)
    }

    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        Ok(self.entries.first(self.snapshots.get(at)?)?.map(owned))
    }

    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        Ok(self.entries.last(self.snapshots.get(at)?)?.map(owned))
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        Ok(())
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        let begun = Nested::begin(self.environment.clone())?;
        self.transactions.set(transaction, begun);
        Ok(())
    }

    fn savepoint(&mut self, transaction: Name, name: Name) -> Outcome<()> {
        let open = self.transactions.take(transaction)?;
        self.transactions.set(transaction, open.savepoint(name)?);
        Ok(())
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        let open = self.transactions.take(transaction)?;
        if let Some(savepoint) = to {
            self.transactions
                .set(transaction, open.rolled_back(savepoint)?);
        }
        Ok(())
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        self.transactions.take(transaction)?.commit()
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        let entries = created(&self.environment, name.as_str())?;
        self.spaces.set(name, entries);
        Ok(())
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        let entries = self.spaces.take(name)?;
        self.committed(|transaction| {
            // SAFETY: this was the only handle of the database, and no snapshot reads it.
            unsafe { entries.remove(transaction)? };
            Ok(())
        })
    }

    /// Waits until the map is gone: LMDB must not have a file open twice.
    fn close(self) -> Outcome<()> {
        drop(self.snapshots);
        drop(self.transactions);
        self.environment.prepare_for_closing().wait();
        Ok(())
    }
}
