//! LMDB, through heed: pages in a memory map, one transaction an operation.
//!
//! LMDB takes keys of 1 to 511 bytes, and prefixes too, so the scan by an empty prefix is that of
//! everything here. A snapshot is a read transaction that stays open.
#![expect(unsafe_code, reason = "a memory map is unsafe to open")]

use std::ops::Bound;
use std::path::Path;

use etalon_spec::{
    Ability, Change, Entry, KeyValueStore, Name, Options, Outcome, Profile, Range, Scan, Survives,
};
use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, EnvFlags, EnvOpenOptions, RoTxn, RwTxn, WithoutTls};

use crate::adapt::{Asked, Bounds, Named, asked, bounds, length, limited, unknown, word};

type Entries = Database<'static, Bytes, Bytes>;

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
        ])
        .keys(1..=511)
        .option("map_bytes", [64 << 20, 1 << 30].map(Into::into))
        .option(
            "durability",
            ["each", "meta-later", "later", "map-later"].map(Into::into),
        );
    profile.survives_kill = Survives::All;
    profile
}

/// An open environment, with one database.
pub(crate) struct Store {
    environment: Env<WithoutTls>,
    entries: Entries,
    snapshots: Named<RoTxn<'static, WithoutTls>>,
}

/// Opens the environment of a directory.
pub(crate) fn open(directory: &Path, options: &Options) -> Outcome<Store> {
    let flags = match word(options, "durability")? {
        None | Some("later") => EnvFlags::NO_SYNC,
        Some("each") => EnvFlags::empty(),
        Some("meta-later") => EnvFlags::NO_META_SYNC,
        Some("map-later") => EnvFlags::WRITE_MAP | EnvFlags::MAP_ASYNC,
        Some(other) => return Err(unknown("durability", other)),
    };
    let mut opening = EnvOpenOptions::new().read_txn_without_tls();
    opening
        .map_size(length(options, "map_bytes")?.unwrap_or(256 << 20))
        .max_dbs(1);
    // SAFETY: the directory is this case's alone, so nobody else changes the map's file, and the
    // flags weaken nothing but what a crash of the machine leaves.
    let environment = unsafe { opening.flags(flags).open(directory)? };
    let transaction = environment.write_txn()?;
    let created = environment.create_databases_and_commit(transaction, |opener, transaction| {
        let entries = opener.create_database::<Bytes, Bytes>(transaction, Some("entries"))?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(entries))
    })?;
    let entries = created.unwrap_commit();
    Ok(Store {
        environment,
        entries,
        snapshots: Named::default(),
    })
}

fn entry(found: heed::Result<(&[u8], &[u8])>) -> Outcome<Entry> {
    let (key, value) = found?;
    Ok((key.to_vec(), value.to_vec()))
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
    fn change(&self, make: impl FnOnce(&mut RwTxn<'_>) -> Outcome<()>) -> Outcome<()> {
        let mut transaction = self.environment.write_txn()?;
        make(&mut transaction)?;
        Ok(transaction.commit()?)
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let transaction = self.environment.read_txn()?;
        Ok(self.entries.get(&transaction, key)?.map(<[u8]>::to_vec))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(|transaction| Ok(self.entries.put(transaction, key, value)?))
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(|transaction| {
            self.entries.delete(transaction, key)?;
            Ok(())
        })
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.change(|transaction| {
            for change in changes {
                match change {
                    Change::Put { key, value } => self.entries.put(transaction, key, value)?,
                    Change::Delete { key } => drop(self.entries.delete(transaction, key)?),
                }
            }
            Ok(())
        })
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        scanned(self.entries, &self.environment.read_txn()?, scan)
    }

    fn length(&mut self) -> Outcome<u64> {
        let transaction = self.environment.read_txn()?;
        Ok(self.entries.len(&transaction)?)
    }

    fn clear(&mut self) -> Outcome<()> {
        self.change(|transaction| Ok(self.entries.clear(transaction)?))
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let (from, to) = bounds(range);
        let bounds: Bounds<'_> = (
            from.as_ref().map(Vec::as_slice),
            to.as_ref().map(Vec::as_slice),
        );
        self.change(|transaction| {
            self.entries.delete_range(transaction, &bounds)?;
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

    /// Waits until the map is gone: LMDB must not have a file open twice.
    fn close(self) -> Outcome<()> {
        drop(self.snapshots);
        self.environment.prepare_for_closing().wait();
        Ok(())
    }
}
