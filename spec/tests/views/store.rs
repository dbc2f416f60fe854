//! A store of versions that is right, and the same store wrong in each way that engines are.

use std::collections::BTreeMap;

use etalon_spec::{
    Ability, Entry, Failure, KeyValueStore, Name, Options, Outcome, Profile, Scan, Target, View,
};

/// What a store does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// A compaction keeps the newest version of each key and no other.
    CompactDropsVersions,
    /// A get at a snapshot sees the present.
    GetAtSeesThePresent,
    /// A scan at a snapshot sees the present.
    ScanAtSeesThePresent,
    /// A snapshot that is taken again stays what it was.
    TakenAgainStays,
    /// Iterators see what is written after them.
    IteratorsAreLive,
    /// A prev after a next stays where it is.
    TurnsOnTheSpot,
    /// What has gone past the last entry does not come back.
    LostPastTheEnd,
    /// A seek to a key that is there goes to the next one.
    SeeksPast,
    /// A release of a snapshot lets compactions take what its iterators see.
    ReleaseForgetsIterators,
    /// A synced put syncs, and puts nothing.
    SyncedPutIsLost,
    /// A sync is refused.
    RefusesSync,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Before,
    At,
    After,
}

#[derive(Clone, Debug)]
struct Cursor {
    sees: u64,
    place: Place,
    key: Vec<u8>,
    of: Option<Name>,
    last_was_next: bool,
}

/// Versions of a key: the sequence number of each, and its value unless it is a tombstone.
type Versions = BTreeMap<u64, Option<Vec<u8>>>;

pub(crate) struct Store {
    fault: Fault,
    keys: BTreeMap<Vec<u8>, Versions>,
    now: u64,
    snapshots: BTreeMap<Name, u64>,
    cursors: BTreeMap<Name, Cursor>,
}

impl Store {
    fn write(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.now += 1;
        let versions = self.keys.entry(key.to_vec()).or_default();
        versions.insert(self.now, value.map(<[u8]>::to_vec));
    }

    fn entries(&self, sees: u64) -> Vec<Entry> {
        let visible = |(key, versions): (&Vec<u8>, &Versions)| {
            let (_, value) = versions.range(..=sees).next_back()?;
            Some((key.clone(), value.clone()?))
        };
        self.keys.iter().filter_map(visible).collect()
    }

    fn sequence_of(&self, at: Name) -> u64 {
        self.snapshots[&at]
    }

    fn go_to(&mut self, name: Name, found: Option<Entry>, else_at: Place) -> Option<Entry> {
        let cursor = self.cursors.get_mut(&name).unwrap();
        cursor.place = found.as_ref().map_or(else_at, |_| Place::At);
        if let Some((key, _)) = &found {
            cursor.key.clone_from(key);
        }
        found
    }

    fn seen_by(&self, name: Name) -> (Cursor, Vec<Entry>) {
        let cursor = self.cursors[&name].clone();
        let live = self.fault == Fault::IteratorsAreLive && cursor.of.is_none();
        let entries = self.entries(if live { self.now } else { cursor.sees });
        (cursor, entries)
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let newest = self
            .keys
            .get(key)
            .and_then(|versions| versions.values().next_back());
        Ok(newest.cloned().flatten())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        Store::write(self, key, Some(value));
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        Store::write(self, key, None);
        Ok(())
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        Ok(scan.collect(self.entries(self.now)))
    }

    fn compact(&mut self) -> Outcome<()> {
        let mut live: Vec<u64> = vec![self.now];
        if self.fault != Fault::CompactDropsVersions {
            live.extend(self.snapshots.values());
            live.extend(self.cursors.values().map(|cursor| cursor.sees));
        }
        for versions in self.keys.values_mut() {
            let newest = |sees: &u64| versions.range(..=*sees).next_back().map(|(at, _)| *at);
            let needed: Vec<u64> = live.iter().filter_map(newest).collect();
            versions.retain(|at, _| needed.contains(at));
        }
        Ok(())
    }

    fn sync(&mut self) -> Outcome<()> {
        match self.fault {
            Fault::RefusesSync => Err(Failure::definite("not now")),
            _ => Ok(()),
        }
    }

    fn put_synced(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        if self.fault != Fault::SyncedPutIsLost {
            self.put(key, value)?;
        }
        self.sync()
    }

    fn snapshot(&mut self, name: Name) -> Outcome<()> {
        let now = self.now;
        let taken = self.snapshots.entry(name).or_insert(now);
        if self.fault != Fault::TakenAgainStays {
            *taken = now;
        }
        Ok(())
    }

    fn release(&mut self, name: Name) -> Outcome<()> {
        self.snapshots.remove(&name);
        if self.fault == Fault::ReleaseForgetsIterators {
            let of = self
                .cursors
                .values_mut()
                .filter(|cursor| cursor.of == Some(name));
            of.for_each(|cursor| cursor.sees = self.now);
        }
        Ok(())
    }

    fn get_at(&mut self, key: &[u8], at: Name) -> Outcome<Option<Vec<u8>>> {
        if self.fault == Fault::GetAtSeesThePresent {
            return self.get(key);
        }
        let entries = self.entries(self.sequence_of(at));
        let found = entries.into_iter().find(|(other, _)| other == key);
        Ok(found.map(|(_, value)| value))
    }

    fn scan_at(&mut self, scan: &Scan, at: Name) -> Outcome<Vec<Entry>> {
        if self.fault == Fault::ScanAtSeesThePresent {
            return self.scan(scan);
        }
        Ok(scan.collect(self.entries(self.sequence_of(at))))
    }

    fn iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        let cursor = Cursor {
            sees: at.map_or(self.now, |at| self.sequence_of(at)),
            place: Place::Before,
            key: Vec::new(),
            of: at,
            last_was_next: false,
        };
        self.cursors.insert(name, cursor);
        Ok(())
    }

    fn seek(&mut self, name: Name, key: &[u8]) -> Outcome<Option<Entry>> {
        let (_, entries) = self.seen_by(name);
        let past = self.fault == Fault::SeeksPast;
        let not_below = |other: &[u8]| other > key || (other == key && !past);
        let found = entries.into_iter().find(|(other, _)| not_below(other));
        Ok(self.go_to(name, found, Place::After))
    }

    fn seek_to_first(&mut self, name: Name) -> Outcome<Option<Entry>> {
        let (_, entries) = self.seen_by(name);
        Ok(self.go_to(name, entries.into_iter().next(), Place::After))
    }

    fn seek_to_last(&mut self, name: Name) -> Outcome<Option<Entry>> {
        let (_, entries) = self.seen_by(name);
        Ok(self.go_to(name, entries.into_iter().next_back(), Place::Before))
    }

    fn next(&mut self, name: Name) -> Outcome<Option<Entry>> {
        let (cursor, entries) = self.seen_by(name);
        let found = entries.into_iter().find(|(key, _)| match cursor.place {
            Place::Before => true,
            Place::At => *key > cursor.key,
            Place::After => false,
        });
        self.cursors.get_mut(&name).unwrap().last_was_next = true;
        Ok(self.go_to(name, found, Place::After))
    }

    fn prev(&mut self, name: Name) -> Outcome<Option<Entry>> {
        let (cursor, entries) = self.seen_by(name);
        let on_the_spot = self.fault == Fault::TurnsOnTheSpot && cursor.last_was_next;
        let found = entries.into_iter().rfind(|(key, _)| match cursor.place {
            Place::Before => false,
            Place::At => *key < cursor.key || (on_the_spot && *key == cursor.key),
            Place::After => self.fault != Fault::LostPastTheEnd,
        });
        self.cursors.get_mut(&name).unwrap().last_was_next = false;
        Ok(self.go_to(name, found, Place::Before))
    }

    fn close_iterator(&mut self, name: Name) -> Outcome<()> {
        self.cursors.remove(&name);
        Ok(())
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Stores {
    pub(crate) fault: Fault,
    pub(crate) view: View,
}

impl Target for Stores {
    type Store = Store;

    fn profile(&self) -> Profile {
        use Ability::{Compact, Iterator, Reverse, Scan, Snapshot, Sync};
        Profile {
            iterator_view: self.view,
            ..Profile::new("versions").can([Scan, Reverse, Compact, Sync, Snapshot, Iterator])
        }
    }

    fn create(&mut self, _: &Options) -> Outcome<Store> {
        Ok(Store {
            fault: self.fault,
            keys: BTreeMap::new(),
            now: 0,
            snapshots: BTreeMap::new(),
            cursors: BTreeMap::new(),
        })
    }
}
