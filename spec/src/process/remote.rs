//! The store at the far end: each method is one request.

use super::program::{Slot, lock};
use crate::name::Name;
use crate::op::{Change, Entry, Op, Reply};
use crate::outcome::{Failure, Outcome};
use crate::range::{Range, Scan};
use crate::scope::{Inside, OpScope};
use crate::sorted_run::SortedRun;
use crate::store::KeyValueStore;

/// The store that a [`Program`](super::Program) has open.
#[derive(Debug)]
pub struct RemoteStore {
    connection: Slot,
    /// Where the operations that come take place.
    scope: OpScope,
}

impl RemoteStore {
    pub(super) fn of(connection: Slot) -> RemoteStore {
        let scope = OpScope::PLAIN;
        RemoteStore { connection, scope }
    }

    fn ask(&mut self, op: &Op) -> Outcome<Reply> {
        let placed;
        let op = if self.scope.is_plain() {
            op
        } else {
            placed = Inside::of(self.scope, op.clone()).ok_or(Failure::Unsupported)?;
            &placed
        };
        match lock(&self.connection).as_mut() {
            Some(connection) => connection.ask(op),
            None => Err(Failure::definite("its process was ended")),
        }
    }

    fn done(&mut self, op: &Op) -> Outcome<()> {
        self.ask(op).map(drop)
    }

    fn value(&mut self, op: &Op) -> Outcome<Option<Vec<u8>>> {
        self.ask(op).map(|reply| match reply {
            Reply::Value(value) => Some(value),
            _ => None,
        })
    }

    fn entries(&mut self, op: &Op) -> Outcome<Vec<Entry>> {
        self.ask(op).map(|reply| match reply {
            Reply::Entries(entries) => entries,
            _ => Vec::new(),
        })
    }

    fn count(&mut self, op: &Op) -> Outcome<u64> {
        self.ask(op).map(|reply| match reply {
            Reply::Count(count) => count,
            _ => 0,
        })
    }

    fn swap(
        &mut self,
        key: &[u8],
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
        sync: bool,
    ) -> Outcome<bool> {
        let op = Op::Cas {
            key: key.to_vec(),
            expected: expected.map(<[u8]>::to_vec),
            new: new.map(<[u8]>::to_vec),
            sync,
        };
        Ok(self.ask(&op)? == Reply::Swapped(true))
    }

    fn step(&mut self, op: &Op) -> Outcome<Option<Entry>> {
        Ok(self.entries(op)?.pop())
    }
}

/// Each method is one request: the protocol's reader gives the reply that belongs to it.
impl KeyValueStore for RemoteStore {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.value(&Op::get(key))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.done(&Op::put(key, value))
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.done(&Op::delete(key))
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.entries(&Op::scan(scan.clone()))
    }

    fn length(&mut self) -> Outcome<u64> {
        self.count(&Op::LENGTH)
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.done(&Op::write(changes.to_vec()))
    }

    fn clear(&mut self) -> Outcome<()> {
        self.done(&Op::CLEAR)
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        self.done(&Op::delete_range(range.clone()))
    }

    fn flush(&mut self) -> Outcome<()> {
        self.done(&Op::Flush)
    }

    fn compact(&mut self) -> Outcome<()> {
        self.done(&Op::Compact)
    }

    fn sync(&mut self) -> Outcome<()> {
        self.done(&Op::Sync)
    }

    fn put_synced(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        let (key, value, sync) = (key.to_vec(), value.to_vec(), true);
        self.done(&Op::Put { key, value, sync })
    }

    fn delete_synced(&mut self, key: &[u8]) -> Outcome<()> {
        let (key, sync) = (key.to_vec(), true);
        self.done(&Op::Delete { key, sync })
    }

    fn write_synced(&mut self, changes: &[Change]) -> Outcome<()> {
        let (changes, sync) = (changes.to_vec(), true);
        self.done(&Op::Write { changes, sync })
    }

    fn clear_synced(&mut self) -> Outcome<()> {
        self.done(&Op::Clear { sync: true })
    }

    fn delete_range_synced(&mut self, range: &Range) -> Outcome<()> {
        let (range, sync) = (range.clone(), true);
        self.done(&Op::DeleteRange { range, sync })
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        self.done(&Op::Snapshot(name))
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.done(&Op::Release(name))
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        let (key, at) = (key.to_vec(), Some(at));
        self.value(&Op::Get { key, at })
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        let (scan, at) = (scan.clone(), Some(at));
        self.entries(&Op::Scan { scan, at })
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        self.count(&Op::Length { at: Some(at) })
    }

    fn iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        self.done(&Op::Iterator { name, at })
    }

    fn seek(&mut self, name: Name, key: &[u8]) -> Outcome<Option<Entry>> {
        let key = key.to_vec();
        self.step(&Op::Seek { name, key })
    }

    fn seek_to_first(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.step(&Op::SeekFirst(name))
    }

    fn seek_to_last(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.step(&Op::SeekLast(name))
    }

    fn next(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.step(&Op::Next(name))
    }

    fn prev(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.step(&Op::Prev(name))
    }

    fn close_iterator(&mut self, name: Name) -> Outcome<()> {
        self.done(&Op::Close(name))
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        self.step(&Op::First { at: None })
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.step(&Op::Last { at: None })
    }

    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        self.step(&Op::First { at: Some(at) })
    }

    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        self.step(&Op::Last { at: Some(at) })
    }

    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) -> Outcome<bool> {
        self.swap(key, expected, new, false)
    }

    fn cas_synced(
        &mut self,
        key: &[u8],
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Outcome<bool> {
        self.swap(key, expected, new, true)
    }

    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        let (run, sync) = (run.clone(), false);
        self.done(&Op::Ingest { run, sync })
    }

    fn ingest_synced(&mut self, run: &SortedRun) -> Outcome<()> {
        let (run, sync) = (run.clone(), true);
        self.done(&Op::Ingest { run, sync })
    }

    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        Ok(())
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        self.done(&Op::Begin(transaction))
    }

    fn savepoint(&mut self, transaction: Name, name: Name) -> Outcome<()> {
        self.done(&Op::Savepoint { transaction, name })
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        self.done(&Op::Rollback { transaction, to })
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        self.done(&Op::Commit(transaction))
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.done(&Op::Create(name))
    }

    fn rename_space(&mut self, from: Name, to: Name) -> Outcome<()> {
        self.done(&Op::Rename { from, to })
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.done(&Op::Drop(name))
    }
}
