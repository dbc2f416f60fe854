//! Snapshots, iterators and syncs under the checker: a store of versions that is right, and the
//! same store wrong in each way that engines are. What is wrong is found and made short.

use std::collections::BTreeMap;
use std::time::Duration;

use etalon_spec::explore::{PlainCounts, Plan, Symbol, ViewLetter, explore};
use etalon_spec::{
    Ability, Case, Class, Entry, Failed, Failure, KeyValueStore, Model, Moment, Name, Op, OpKind,
    Options, Outcome, Profile, Reply, Scan, Settings, Target, Verdict, View, apply, check,
    check_case, replay,
};

/// What a store does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
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

struct Store {
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
struct Stores {
    fault: Fault,
    view: View,
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

fn run(fault: Fault, view: View) -> etalon_spec::Report {
    let settings = Settings {
        time: None,
        operations: Some(100_000),
        shrink_time: Duration::from_secs(20),
        ..Settings::default()
    };
    check(Stores { fault, view }, &settings)
}

fn failure(fault: Fault) -> Failed {
    let report = run(fault, View::Snapshot);
    assert_eq!(*report.verdict(), Verdict::Fail, "{fault:?}");
    let failed = *report.failure.expect("a failure");
    assert_eq!(failed.reproduced, 3, "{fault:?}: {}", failed.script);
    failed
}

#[test]
fn a_store_of_versions_that_is_right_passes() {
    let report = run(Fault::None, View::Snapshot);
    assert_eq!(*report.verdict(), Verdict::Pass, "{}", report.verdict());
}

/// Each with the kinds of the shortest case.
#[test]
fn each_way_to_be_wrong_is_found_and_made_short() {
    use OpKind::{Compact, Delete, Get, Iterator, Next, Prev, Put, Release, Scan, Seek, Snapshot};
    let rows: [(Fault, &[OpKind]); 8] = [
        (Fault::GetAtSeesThePresent, &[Snapshot, Put, Get]),
        (Fault::ScanAtSeesThePresent, &[Snapshot, Put, Scan]),
        (Fault::TakenAgainStays, &[Snapshot, Put, Snapshot, Scan]),
        (Fault::IteratorsAreLive, &[Iterator, Put, Next]),
        (Fault::TurnsOnTheSpot, &[Put, Iterator, Next, Prev]),
        (Fault::LostPastTheEnd, &[Put, Iterator, Next, Next, Prev]),
        (Fault::SeeksPast, &[Put, Iterator, Seek]),
        (Fault::SyncedPutIsLost, &[Put, Get]),
    ];
    for (fault, kinds) in rows {
        let failed = failure(fault);
        let case = &failed.script.case;
        assert_eq!(failed.shrunk.divergence.class, Class::WrongAnswer);
        let found: Vec<OpKind> = case.ops.iter().map(Op::kind).collect();
        assert_eq!(found, kinds, "{fault:?}: {}", failed.script);
        assert!(failed.shrunk.one_minimal, "{fault:?}: {}", failed.script);
    }
    let dropped = failure(Fault::CompactDropsVersions).script.case;
    let text = dropped.to_string();
    assert!(dropped.ops.len() <= 5, "{text}");
    assert!(dropped.ops.iter().any(|op| op.kind() == Compact), "{text}");
    let forgotten = failure(Fault::ReleaseForgetsIterators).script.case;
    let has = |kind| forgotten.ops.iter().any(|op| op.kind() == kind);
    assert!(has(Release) && has(Iterator), "{forgotten}");
    assert!(!has(Delete) || forgotten.ops.len() <= 6, "{forgotten}");
    let refused = failure(Fault::RefusesSync);
    assert_eq!(refused.shrunk.divergence.class, Class::Refused);
    assert_eq!(refused.script.case.ops.len(), 1, "{}", refused.script);
}

/// Each with the length of the shortest string of the alphabet that shows it.
#[test]
fn exploration_finds_what_can_be_wrong_with_views_in_the_shortest_string() {
    for (fault, shortest) in [
        (Fault::CompactDropsVersions, 4),
        (Fault::GetAtSeesThePresent, 3),
        (Fault::IteratorsAreLive, 3),
        (Fault::TurnsOnTheSpot, 4),
        (Fault::LostPastTheEnd, 4),
        (Fault::SeeksPast, 3),
    ] {
        let mut target = stores(fault);
        let mut alphabet = ViewLetter::all(2);
        let profile = target.profile();
        alphabet.retain(|letter| profile.sends(letter.op(0, 2).kind()));
        let configurations = [Options::default()];
        let plan = Plan {
            alphabet: &alphabet,
            keys: 2,
            configurations: &configurations,
        };
        let mut finds = |length| {
            let counts = &mut PlainCounts::default();
            explore(&mut target, &plan, length, counts, &mut || true).is_err()
        };
        let found = (0..=5).find(|length| finds(*length));
        assert_eq!(found, Some(shortest), "{fault:?}");
    }
}

/// Nothing is written under an iterator then, so it cannot be told from one that is right.
#[test]
fn iterators_that_see_later_changes_pass_where_the_profile_says_so() {
    let report = run(Fault::IteratorsAreLive, View::Live);
    assert_eq!(*report.verdict(), Verdict::Pass, "{}", report.verdict());
}

fn case(text: &str) -> Case {
    let ops = text.split("; ").map(|line| line.parse().expect(line));
    Case::new(ops.collect())
}

fn stores(fault: Fault) -> Stores {
    let view = View::Snapshot;
    Stores { fault, view }
}

/// Without a read at the snapshot in the case: leaving open snapshots out of the comparison of the
/// whole contents fails here.
#[test]
fn the_contents_of_an_open_snapshot_are_compared_after_structure() {
    let lost = case(r#"put "k" "1"; snapshot s; put "k" "2"; compact"#);
    let divergence = check_case(&mut stores(Fault::CompactDropsVersions), &lost).unwrap_err();
    assert_eq!(divergence.moment, Moment::Contents(3));
    assert_eq!(divergence.read.to_string(), "scan .. at s");
    let released = case(r#"put "k" "1"; snapshot s; put "k" "2"; release s; compact"#);
    assert_eq!(
        check_case(&mut stores(Fault::CompactDropsVersions), &released),
        Ok(())
    );
}

/// The store of this file panics when it is asked for a name that is not open.
#[test]
fn operations_on_names_that_are_not_open_are_not_sent() {
    let orphans = case(
        r#"get "k" at s; scan .. at s; length at s; release s; iterator i at s; next i; prev i; seek i "k"; seekfirst i; seeklast i; close i; snapshot s; release s; get "k" at s"#,
    );
    assert_eq!(check_case(&mut stores(Fault::None), &orphans), Ok(()));
}

#[test]
fn an_iterator_of_nothing_is_at_an_end_wherever_it_goes() {
    let text = "ops 1\niterator i\nnext i -> end\nprev i -> end\nnext i -> end\nseeklast i -> end\n\
                seekfirst i -> end\nseek i \"\" -> end\nprev i -> end\n";
    replay(&mut stores(Fault::None), text);
}

/// The default of a synced change is the change, then a sync.
#[test]
fn a_store_with_a_sync_and_no_synced_writes_has_them() {
    struct Syncs(Model, u32);
    impl KeyValueStore for Syncs {
        fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
            self.0.get(key)
        }
        fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
            self.0.put(key, value)
        }
        fn delete(&mut self, key: &[u8]) -> Outcome<()> {
            self.0.delete(key)
        }
        fn sync(&mut self) -> Outcome<()> {
            self.1 += 1;
            Ok(())
        }
    }
    let mut store = Syncs(Model::default(), 0);
    for line in [
        "put \"k\" \"1\" sync",
        "put \"k\" \"2\"",
        "sync",
        "delete \"k\" sync",
    ] {
        let op: Op = line.parse().unwrap();
        assert_eq!(apply(&mut store, &op), Ok(Reply::Done), "{line}");
    }
    assert_eq!((store.get(b"k"), store.1), (Ok(None), 3));
    let write: Op = "write put \"k\" \"1\" sync".parse().unwrap();
    assert_eq!(apply(&mut store, &write), Err(Failure::Unsupported));
    assert_eq!(store.1, 3, "nothing was written, so nothing is synced");
}
