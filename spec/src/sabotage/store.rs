//! The liar's answers: the store's own, but for the lie.

use super::Lie;
use super::liar::Liar;
use crate::name::Name;
use crate::op::{Change, Entry};
use crate::range::{Range, Scan};
use crate::scope::OpScope;
use crate::sorted_run::SortedRun;
use crate::store::{KeyValueStore, Outcome};

impl<S: KeyValueStore> KeyValueStore for Liar<S> {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let found = self.store.get(key)?;
        Ok(self.lied_about(found))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        if self.lies(Lie::IgnoredPut) {
            return Ok(());
        }
        self.store.put(key, value)?;
        self.memory().newest = Some(key.to_vec());
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        if self.lies(Lie::IgnoredDelete) {
            return Ok(());
        }
        self.store.delete(key)?;
        self.memory().deleted = Some(key.to_vec());
        Ok(())
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let entries = self.store.scan(scan)?;
        Ok(self.scanned(scan, entries))
    }

    fn length(&mut self) -> Outcome<u64> {
        let length = self.store.length()?;
        Ok(length + u64::from(self.lies(Lie::WrongLength)))
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        let torn = changes.len() > 1 && self.lies(Lie::TornBatch);
        let done = &changes[..changes.len() - usize::from(torn)];
        self.store.write(done)?;
        for change in done {
            self.note(change);
        }
        Ok(())
    }

    fn clear(&mut self) -> Outcome<()> {
        let newest = self.memory().newest.clone();
        let Some(key) = newest else {
            return self.store.clear();
        };
        match self.store.get(&key)? {
            Some(value) if self.lies(Lie::IncompleteClear) => {
                self.store.clear()?;
                self.store.put(&key, &value)
            }
            _ => self.store.clear(),
        }
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        if self.lies(Lie::IgnoredRange) {
            return Ok(());
        }
        self.store.delete_range(range)
    }

    fn flush(&mut self) -> Outcome<()> {
        self.store.flush()?;
        if self.lies(Lie::LostAfterFlush) {
            self.forget_newest()?;
        }
        Ok(())
    }

    fn compact(&mut self) -> Outcome<()> {
        self.store.compact()?;
        let deleted = self.memory().deleted.clone();
        match deleted {
            Some(key) if self.lies(Lie::Resurrected) => self.store.put(&key, b"risen"),
            _ => Ok(()),
        }
    }

    fn sync(&mut self) -> Outcome<()> {
        self.store.sync()
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        self.store.snapshot(name)
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.store.release(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        if self.lie == Lie::MovingSnapshot {
            return self.store.get(key);
        }
        let found = self.store.get_at(key, at)?;
        Ok(self.lied_about(found))
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        let entries = self.store.scan_at(scan, at)?;
        Ok(self.scanned(scan, entries))
    }

    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        self.store.length_at(at)
    }

    fn iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        self.store.iterator(name, at)
    }

    fn seek(&mut self, name: Name, key: &[u8]) -> Outcome<Option<Entry>> {
        self.store.seek(name, key)
    }

    fn seek_to_first(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.store.seek_to_first(name)
    }

    fn seek_to_last(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.store.seek_to_last(name)
    }

    fn next(&mut self, name: Name) -> Outcome<Option<Entry>> {
        if self.lies(Lie::SkippedEntry) {
            self.store.next(name)?;
        }
        self.store.next(name)
    }

    fn prev(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.store.prev(name)
    }

    fn close_iterator(&mut self, name: Name) -> Outcome<()> {
        self.store.close_iterator(name)
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        if self.lies(Lie::WrongFirst) {
            return self.store.last();
        }
        self.store.first()
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.store.last()
    }

    fn first_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        self.store.first_at(at)
    }

    fn last_at(&mut self, at: Name) -> Outcome<Option<Entry>> {
        self.store.last_at(at)
    }

    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) -> Outcome<bool> {
        let held = self.store.cas(key, expected, new)?;
        if !held && self.lies(Lie::CarelessSwap) {
            match new {
                Some(value) => self.store.put(key, value)?,
                None => self.store.delete(key)?,
            }
            return Ok(true);
        }
        Ok(held)
    }

    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        let entries = run.entries();
        if entries.len() > 1 && self.lies(Lie::LostIngest) {
            let fewer = SortedRun::new(entries[..entries.len() - 1].to_vec());
            return self.store.ingest(&fewer.expect("a part of a run is one"));
        }
        self.store.ingest(run)
    }

    fn enter(&mut self, mut scope: OpScope) -> Outcome<()> {
        if self.lie == Lie::MixedSpaces {
            scope.space = None;
        }
        self.store.enter(scope)
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        self.store.begin(transaction)
    }

    fn savepoint(&mut self, transaction: Name, name: Name) -> Outcome<()> {
        self.store.savepoint(transaction, name)
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        match to {
            None if self.lies(Lie::LeakingRollback) => self.store.commit(transaction),
            Some(_) if self.lies(Lie::IgnoredSavepoint) => Ok(()),
            _ => self.store.rollback(transaction, to),
        }
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        if self.lies(Lie::LostCommit) {
            return self.store.rollback(transaction, None);
        }
        self.store.commit(transaction)
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.store.create_space(name)
    }

    fn rename_space(&mut self, from: Name, to: Name) -> Outcome<()> {
        if self.lies(Lie::LostRename) {
            self.store.drop_space(from)?;
            return self.store.create_space(to);
        }
        self.store.rename_space(from, to)
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.store.drop_space(name)
    }

    fn close(self) -> Outcome<()> {
        self.store.close()
    }
}
