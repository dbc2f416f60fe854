//! What a store under test has to offer: two traits.
//!
//! [`KeyValueStore`] is the store; [`Target`] makes it, and makes it again on the same data.
//! Only `get`, `put` and `delete` are required. Everything else answers
//! [`Failure::Unsupported`] until it is written, and is sent only if the
//! [`Profile`](crate::Profile) declares it.

use crate::name::Name;
use crate::op::{Change, Entry};
use crate::profile::Profile;
use crate::range::{Range, Scan};
use crate::scope::OpScope;
use crate::sorted_run::SortedRun;

pub use crate::layers::{Answer, Events, LayerAnswer, Trace};
pub use crate::outcome::{Breach, Failure, Outcome};
pub use crate::target::Target;

/// A key-value store as the oracle sees it. The model implements it, and so does every store
/// under test.
///
/// ```
/// use etalon_spec::{KeyValueStore, Outcome};
/// use std::collections::BTreeMap;
///
/// struct Toy(BTreeMap<Vec<u8>, Vec<u8>>);
///
/// impl KeyValueStore for Toy {
///     fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
///         Ok(self.0.get(key).cloned())
///     }
///     fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
///         self.0.insert(key.to_vec(), value.to_vec());
///         Ok(())
///     }
///     fn delete(&mut self, key: &[u8]) -> Outcome<()> {
///         self.0.remove(key);
///         Ok(())
///     }
/// }
///
/// let mut toy = Toy(BTreeMap::new());
/// toy.put(b"k", b"").unwrap();
/// assert_eq!(toy.get(b"k"), Ok(Some(Vec::new())));
/// assert!(toy.flush().is_err(), "unsupported until written");
/// ```
pub trait KeyValueStore {
    /// The value of the latest put of `key`, unless a later delete removed it (G1).
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>>;

    /// Sets `key` to `value`.
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()>;

    /// Removes `key`; an absent key is no error.
    fn delete(&mut self, key: &[u8]) -> Outcome<()>;

    /// The live entries of a range (G4). Ability `scan`.
    fn scan(&mut self, _scan: &Scan) -> Outcome<Vec<Entry>> {
        Err(Failure::Unsupported)
    }

    /// The number of live keys. Ability `length`.
    fn length(&mut self) -> Outcome<u64> {
        Err(Failure::Unsupported)
    }

    /// Applies all changes atomically and in order (G5). Ability `write`.
    fn write(&mut self, _changes: &[Change]) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Removes every key. Ability `clear`.
    fn clear(&mut self) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Removes every key of a range. Ability `deleterange`.
    fn delete_range(&mut self, _range: &Range) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// The entry of the least key. Ability `first_last`.
    fn first(&mut self) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// The entry of the greatest key. Ability `first_last`.
    fn last(&mut self) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// If `key` has the expected value, or is absent where none is expected, gives it the new one,
    /// or removes it where there is none. Whether it did. Ability `cas`.
    fn cas(&mut self, _key: &[u8], _expected: Option<&[u8]>, _new: Option<&[u8]>) -> Outcome<bool> {
        Err(Failure::Unsupported)
    }

    /// Puts all entries of a run that is in order, atomically. Ability `ingest`.
    fn ingest(&mut self, _run: &SortedRun) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Turns what is in memory into a segment (G2). Ability `flush`.
    fn flush(&mut self) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Merges all segments (G2). Ability `compact`.
    fn compact(&mut self) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Makes every change before it durable (G7). Ability `sync`.
    fn sync(&mut self) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// A put that is durable when it returns. Ability `sync`; so are the others like it.
    ///
    /// Each of these makes the change and then calls [`sync`](KeyValueStore::sync), which is
    /// right for every store. A store that has a synced write of its own overrides them.
    fn put_synced(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.put(key, value)?;
        self.sync()
    }

    /// A delete that is durable when it returns.
    fn delete_synced(&mut self, key: &[u8]) -> Outcome<()> {
        self.delete(key)?;
        self.sync()
    }

    /// A batch that is durable when it returns.
    fn write_synced(&mut self, changes: &[Change]) -> Outcome<()> {
        self.write(changes)?;
        self.sync()
    }

    /// A clear that is durable when it returns.
    fn clear_synced(&mut self) -> Outcome<()> {
        self.clear()?;
        self.sync()
    }

    /// A delete of a range that is durable when it returns.
    fn delete_range_synced(&mut self, range: &Range) -> Outcome<()> {
        self.delete_range(range)?;
        self.sync()
    }

    /// A compare-and-swap that is durable when it returns.
    fn cas_synced(
        &mut self,
        key: &[u8],
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Outcome<bool> {
        let held = self.cas(key, expected, new)?;
        self.sync()?;
        Ok(held)
    }

    /// An ingestion that is durable when it returns.
    fn ingest_synced(&mut self, run: &SortedRun) -> Outcome<()> {
        self.ingest(run)?;
        self.sync()
    }

    /// Takes a snapshot (G6). If one of this name is open, the new one takes its place. Ability
    /// `snapshot`, for all that read at one, too.
    fn snapshot(&mut self, _name: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Releases a snapshot; only of names that are open. Iterators made at it go on.
    fn release(&mut self, _name: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// As [`get`](KeyValueStore::get), at a snapshot; only of names that are open.
    fn get_at(&mut self, _key: &[u8], _at: Name) -> Outcome<Option<Vec<u8>>> {
        Err(Failure::Unsupported)
    }

    /// As [`scan`](KeyValueStore::scan), at a snapshot. Ability `scan`, too.
    fn scan_at(&mut self, _scan: &Scan, _at: Name) -> Outcome<Vec<Entry>> {
        Err(Failure::Unsupported)
    }

    /// As [`length`](KeyValueStore::length), at a snapshot: counts a scan, until written.
    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        Ok(self.scan_at(&Scan::ALL, at)?.len() as u64)
    }

    /// As [`first`](KeyValueStore::first), at a snapshot: the start of a scan, until written.
    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        let limit = Some(1);
        let scan = Scan { limit, ..Scan::ALL };
        Ok(self.scan_at(&scan, at)?.pop())
    }

    /// As [`last`](KeyValueStore::last), at a snapshot: the end of a scan, until written.
    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        Ok(self.scan_at(&Scan::ALL, at)?.pop())
    }

    /// Makes an iterator, before the first entry, of the present or of a snapshot that is open;
    /// it sees that for ever. If one of this name is open, the new one takes its place. Ability
    /// `iterator`, for all that move one, too.
    fn iterator(&mut self, _name: Name, _at: Option<Name>) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Moves an iterator to the first key that is not below `key`, and says where it then is:
    /// none before the first entry and after the last. Only of names that are open.
    fn seek(&mut self, _name: Name, _key: &[u8]) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// Moves an iterator to the first entry.
    fn seek_to_first(&mut self, _name: Name) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// Moves an iterator to the last entry.
    fn seek_to_last(&mut self, _name: Name) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// Moves an iterator one entry on: from before the first to the first, from the last to
    /// after it, where it stays.
    fn next(&mut self, _name: Name) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// Moves an iterator one entry back: from after the last to the last, from the first to
    /// before it, where it stays.
    fn prev(&mut self, _name: Name) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// Closes an iterator.
    fn close_iterator(&mut self, _name: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Where the operations that follow take place: in a transaction that is open, in a key space
    /// that was created, or both; until it is called again, with [`OpScope::PLAIN`]. Only reads of the
    /// present and changes come while a scope is entered. Abilities `transaction` and `spaces`.
    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        if scope.is_plain() {
            Ok(())
        } else {
            Err(Failure::Unsupported)
        }
    }

    /// Begins a transaction: it sees the store as it is now, and its own changes, which nobody
    /// else sees before the commit. Only of names that are not open. Ability `transaction`, for
    /// commit and rollback, too.
    fn begin(&mut self, _transaction: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Notes a point to which an open transaction can be rolled back. Ability `savepoint`.
    fn savepoint(&mut self, _transaction: Name, _name: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Undoes an open transaction and ends it; or undoes what it did after a savepoint, which
    /// stays, while those made after it go.
    fn rollback(&mut self, _transaction: Name, _to: Option<Name>) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Carries out all changes of an open transaction, atomically, and ends it; also where it is
    /// refused, which undoes it.
    fn commit(&mut self, _transaction: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Makes a key space, empty. Only of names that are not taken. It outlives a reopen. Ability
    /// `spaces`, for the others, too.
    fn create_space(&mut self, _name: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Gives a key space another name, which is not taken.
    fn rename_space(&mut self, _from: Name, _to: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Removes a key space and all that is in it.
    fn drop_space(&mut self, _name: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Closes the store cleanly, keeping its data, and reports what went wrong. Snapshots and
    /// iterators may still be open, and end; a transaction that is open is rolled back.
    ///
    /// The default only drops it. Called before [`Target::reopen`].
    fn close(self) -> Outcome<()>
    where
        Self: Sized,
    {
        Ok(())
    }

    /// What the store promises beyond its abilities: limits, options, what survives. Asked once,
    /// by whatever makes its target out of a closure ([`Factory`](crate::Factory)); a [`Target`]
    /// written by hand says it itself.
    fn profile(&self) -> Profile
    where
        Self: Sized,
    {
        Profile::default()
    }

    /// What each layer of the store holds for `key`, newest layer first, whether or not a get
    /// would have stopped before it. For explanations and engine-side situations. Ability
    /// `layers`.
    fn trace(&mut self, _key: &[u8]) -> Outcome<Trace> {
        Err(Failure::Unsupported)
    }

    /// How often each engine-side event has happened since the store was created; events that
    /// the store does not report are zero. Ability `layers`.
    fn events(&mut self) -> Events {
        Events::default()
    }
}
