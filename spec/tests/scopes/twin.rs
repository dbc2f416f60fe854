//! A store that is the model but for one fault in what only some stores have.

use etalon_spec::{
    Abilities, Ability, Change, Conflict, Entry, KeyValueStore, Model, Name, OpScope, Options,
    Outcome, Profile, Range, Scan, SortedRun, Target,
};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// A first does not see the empty key.
    FirstSkipsEmpty,
    /// A last is the greatest key by length, then by bytes.
    LastByLength,
    /// A swap is always made, and says that it matched.
    SwapsAlways,
    /// A swap that matches is not made.
    SwapsNever,
    /// An ingestion loses its last entry.
    IngestLosesLast,
    /// An ingestion leaves keys alone that are there.
    IngestKeepsOld,
    /// A rollback carries the transaction out.
    RollbackLeaks,
    /// A rollback to a savepoint does nothing.
    SavepointIgnored,
    /// A rollback to a savepoint undoes all that the transaction did.
    SavepointForgotten,
    /// What a transaction does is seen by everybody at once.
    DirtyReads,
    /// A transaction does not see what it put itself.
    Blind,
    /// A commit does nothing.
    CommitLoses,
    /// A commit never sees that it is too late.
    LostUpdate,
    /// A deleterange in a transaction does nothing.
    RangeForgotten,
    /// What is in a key space is gone when it was renamed.
    RenameLoses,
    /// A key space that is dropped is only hidden, and there again when one of its name is made.
    DropHides,
    /// All key spaces are one.
    SpacesShared,
    /// A clear of the default key space clears the others, too.
    ClearEverywhere,
}

impl Fault {
    pub(crate) const WRONG: [Fault; 18] = [
        Fault::FirstSkipsEmpty,
        Fault::LastByLength,
        Fault::SwapsAlways,
        Fault::SwapsNever,
        Fault::IngestLosesLast,
        Fault::IngestKeepsOld,
        Fault::RollbackLeaks,
        Fault::SavepointIgnored,
        Fault::SavepointForgotten,
        Fault::DirtyReads,
        Fault::Blind,
        Fault::CommitLoses,
        Fault::LostUpdate,
        Fault::RangeForgotten,
        Fault::RenameLoses,
        Fault::DropHides,
        Fault::SpacesShared,
        Fault::ClearEverywhere,
    ];
}

/// Makes twins.
#[derive(Clone, Debug)]
pub(crate) struct Twins(pub(crate) Fault);

#[derive(Debug)]
pub(crate) struct Twin {
    model: Model,
    fault: Fault,
    scope: OpScope,
    /// Key spaces that were dropped and are still there, under another name.
    hidden: Vec<(Name, Vec<Entry>)>,
    /// A commit that was too late is made all the same.
    late: Vec<(Name, Vec<Change>)>,
}

impl Target for Twins {
    type Store = Twin;

    fn profile(&self) -> Profile {
        let conflict = match self.0 {
            Fault::LostUpdate => Conflict::Refused,
            _ => Conflict::OneAtATime,
        };
        Profile {
            can: Abilities::ALL
                .without(Ability::Reopen)
                .without(Ability::Layers),
            transaction_conflict: conflict,
            ..Profile::new("twin")
        }
    }

    fn create(&mut self, _options: &Options) -> Outcome<Twin> {
        Ok(Twin {
            model: Model::default(),
            fault: self.0,
            scope: OpScope::PLAIN,
            hidden: Vec::new(),
            late: Vec::new(),
        })
    }
}

impl Twin {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// Whether a transaction is entered.
    fn is_inside(&self) -> bool {
        self.scope.transaction.is_some()
    }

    /// Does something outside of all scopes.
    fn outside<R>(&mut self, what: impl FnOnce(&mut Model) -> Outcome<R>) -> Outcome<R> {
        self.model.enter(OpScope::PLAIN)?;
        let done = what(&mut self.model);
        self.model.enter(self.scope)?;
        done
    }

    fn note(&mut self, change: &Change) {
        let open = self.scope.transaction;
        for (name, changes) in &mut self.late {
            if Some(*name) == open && self.scope.space.is_none() {
                changes.push(change.clone());
            }
        }
    }
}

impl KeyValueStore for Twin {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        if self.is(Fault::DirtyReads)
            && self.scope.is_plain()
            && let Some((open, _)) = self.late.last()
        {
            self.model.enter(OpScope::of_transaction(*open))?;
            let found = self.model.get(key);
            self.model.enter(OpScope::PLAIN)?;
            return found;
        }
        if self.is(Fault::Blind) && self.is_inside() && self.scope.space.is_none() {
            return self.outside(|model| model.get(key));
        }
        self.model.get(key)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        let (at, to) = (key.to_vec(), value.to_vec());
        self.note(&Change::Put { key: at, value: to });
        self.model.put(key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.note(&Change::Delete { key: key.to_vec() });
        self.model.delete(key)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.model.scan(scan)
    }

    fn length(&mut self) -> Outcome<u64> {
        self.model.length()
    }

    fn first(&mut self) -> Outcome<Option<Entry>> {
        if self.is(Fault::FirstSkipsEmpty) {
            let mut all = self.model.scan(&Scan::ALL)?.into_iter();
            return Ok(all.find(|(key, _)| !key.is_empty()));
        }
        self.model.first()
    }

    fn last(&mut self) -> Outcome<Option<Entry>> {
        if self.is(Fault::LastByLength) {
            let all = self.model.scan(&Scan::ALL)?;
            return Ok(all
                .into_iter()
                .max_by_key(|(key, _)| (key.len(), key.clone())));
        }
        self.model.last()
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        for change in changes {
            self.note(change);
        }
        self.model.write(changes)
    }

    fn clear(&mut self) -> Outcome<()> {
        if self.is(Fault::ClearEverywhere) && self.scope.is_plain() {
            let spaces: Vec<Name> = self.model.spaces().collect();
            for space in spaces {
                self.model.enter(OpScope::of_space(space))?;
                self.model.clear()?;
            }
            self.model.enter(OpScope::PLAIN)?;
        }
        self.model.clear()
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        if self.is(Fault::RangeForgotten) && self.is_inside() {
            return Ok(());
        }
        self.model.delete_range(range)
    }

    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) -> Outcome<bool> {
        if self.is(Fault::SwapsAlways) {
            match new {
                Some(value) => self.model.put(key, value)?,
                None => self.model.delete(key)?,
            }
            return Ok(true);
        }
        if self.is(Fault::SwapsNever) {
            return Ok(self.model.get(key)?.as_deref() == expected);
        }
        self.model.cas(key, expected, new)
    }

    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        let mut entries = run.entries().to_vec();
        if self.is(Fault::IngestLosesLast) {
            entries.pop();
        }
        for (key, value) in entries {
            if !self.is(Fault::IngestKeepsOld) || self.model.get(&key)?.is_none() {
                self.model.put(&key, &value)?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Outcome<()> {
        self.model.flush()
    }

    fn compact(&mut self) -> Outcome<()> {
        self.model.compact()
    }

    fn sync(&mut self) -> Outcome<()> {
        self.model.sync()
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        self.model.snapshot(name)
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.model.release(name)
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        self.model.get_at(key, at)
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        self.model.scan_at(scan, at)
    }

    fn iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        self.model.iterator(name, at)
    }

    fn seek(&mut self, name: Name, key: &[u8]) -> Outcome<Option<Entry>> {
        self.model.seek(name, key)
    }

    fn seek_to_first(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.model.seek_to_first(name)
    }

    fn seek_to_last(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.model.seek_to_last(name)
    }

    fn next(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.model.next(name)
    }

    fn prev(&mut self, name: Name) -> Outcome<Option<Entry>> {
        self.model.prev(name)
    }

    fn close_iterator(&mut self, name: Name) -> Outcome<()> {
        self.model.close_iterator(name)
    }

    fn enter(&mut self, mut scope: OpScope) -> Outcome<()> {
        if self.is(Fault::SpacesShared) {
            scope.space = None;
        }
        self.scope = scope;
        self.model.enter(scope)
    }

    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        self.late.push((transaction, Vec::new()));
        self.model.begin(transaction)
    }

    fn savepoint(&mut self, transaction: Name, name: Name) -> Outcome<()> {
        self.model.savepoint(transaction, name)
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        if to.is_none() {
            self.late.retain(|(name, _)| *name != transaction);
        }
        match (to, self.fault) {
            (None, Fault::RollbackLeaks) => return self.model.commit(transaction),
            (Some(_), Fault::SavepointIgnored) => return Ok(()),
            (Some(_), Fault::SavepointForgotten) => {
                self.model.rollback(transaction, None)?;
                return self.model.begin(transaction);
            }
            _ => {}
        }
        self.model.rollback(transaction, to)
    }

    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        let at = self.late.iter().position(|(name, _)| *name == transaction);
        let late = at.map(|at| self.late.swap_remove(at));
        if self.is(Fault::CommitLoses) {
            return self.model.rollback(transaction, None);
        }
        let committed = self.model.commit(transaction);
        match (committed, late) {
            (Err(_), Some((_, changes))) if self.is(Fault::LostUpdate) => {
                self.model.write(&changes)
            }
            (committed, _) => committed,
        }
    }

    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.model.create_space(name)?;
        if let Some(at) = self.hidden.iter().position(|(hidden, _)| *hidden == name) {
            let (_, entries) = self.hidden.swap_remove(at);
            self.model.enter(OpScope::of_space(name))?;
            for (key, value) in entries {
                self.model.put(&key, &value)?;
            }
            self.model.enter(OpScope::PLAIN)?;
        }
        Ok(())
    }

    fn rename_space(&mut self, from: Name, to: Name) -> Outcome<()> {
        if self.is(Fault::RenameLoses) {
            self.model.drop_space(from)?;
            return self.model.create_space(to);
        }
        self.model.rename_space(from, to)
    }

    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        if self.is(Fault::DropHides) {
            self.model.enter(OpScope::of_space(name))?;
            let entries = self.model.scan(&Scan::ALL)?;
            self.model.enter(OpScope::PLAIN)?;
            self.hidden.push((name, entries));
        }
        self.model.drop_space(name)
    }
}
