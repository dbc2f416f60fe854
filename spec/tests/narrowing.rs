//! A shallow failure in any of the operations does not hide a deep one elsewhere: what the shallow
//! one needs is found in swaps, runs, transactions and key spaces as in a put, and left out.
//!
//! Each test fails if the operations of its kind are passed over when a case is rewritten without
//! an empty value, a long one, a key, or the operation: then nothing is left out, or too much.

use std::collections::BTreeMap;
use std::ops::Bound;

use etalon_spec::{
    Ability, Class, Entry, Group, KeyValueStore, Model, Name, Need, OpKind, OpScope, Options,
    Outcome, Profile, Range, Report, Scan, Settings, SortedRun, Target, Verdict, check,
};

/// What a store is told, for a fault to look at.
enum Told<'a> {
    Put(OpScope, &'a [u8]),
    Cas(OpScope, Option<&'a [u8]>, Option<&'a [u8]>),
    Ingest(&'a [Entry]),
    First(OpScope),
    Scan(&'a Scan),
    Savepoint,
    Rename,
    Commit,
}

/// The model with two bugs. It dies where `dies` says so; and the third flush after a put brings
/// back what was deleted between the second and it.
struct Twin {
    model: Model,
    scope: OpScope,
    dies: fn(&Told<'_>) -> bool,
    /// Of each key in the default space: its value, and the flushes since.
    flushed: BTreeMap<Vec<u8>, (Vec<u8>, u32)>,
    deleted: Vec<Entry>,
}

impl Twin {
    fn hears(&self, told: &Told<'_>) {
        assert!(!(self.dies)(told), "shallow");
    }
}

impl KeyValueStore for Twin {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.model.get(key)
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.hears(&Told::Put(self.scope, value));
        if self.scope.is_plain() {
            self.deleted.retain(|(deleted, _)| deleted != key);
            self.flushed.insert(key.to_vec(), (value.to_vec(), 0));
        }
        self.model.put(key, value)
    }
    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        if self.scope.is_plain() {
            let found = self.flushed.remove(key);
            let deep = found.filter(|(_, flushes)| *flushes >= 2);
            self.deleted
                .extend(deep.map(|(value, _)| (key.to_vec(), value)));
        }
        self.model.delete(key)
    }
    fn flush(&mut self) -> Outcome<()> {
        for (_, flushes) in self.flushed.values_mut() {
            *flushes += 1;
        }
        for (key, value) in std::mem::take(&mut self.deleted) {
            self.model.put(&key, &value)?;
        }
        Ok(())
    }
    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.hears(&Told::Scan(scan));
        self.model.scan(scan)
    }
    fn first(&mut self) -> Outcome<Option<Entry>> {
        self.hears(&Told::First(self.scope));
        self.model.first()
    }
    fn last(&mut self) -> Outcome<Option<Entry>> {
        self.model.last()
    }
    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) -> Outcome<bool> {
        self.hears(&Told::Cas(self.scope, expected, new));
        self.model.cas(key, expected, new)
    }
    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        self.hears(&Told::Ingest(run.entries()));
        self.model.ingest(run)
    }
    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        self.model.enter(scope)
    }
    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        self.model.begin(transaction)
    }
    fn savepoint(&mut self, transaction: Name, name: Name) -> Outcome<()> {
        self.hears(&Told::Savepoint);
        self.model.savepoint(transaction, name)
    }
    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        self.model.rollback(transaction, to)
    }
    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        self.hears(&Told::Commit);
        self.model.commit(transaction)
    }
    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.model.create_space(name)
    }
    fn rename_space(&mut self, from: Name, to: Name) -> Outcome<()> {
        self.hears(&Told::Rename);
        self.model.rename_space(from, to)
    }
    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.model.drop_space(name)
    }
}

#[derive(Clone, Copy)]
struct TwinTarget(fn(&Told<'_>) -> bool);

impl Target for TwinTarget {
    type Store = Twin;

    fn profile(&self) -> Profile {
        let profile = Profile::new("twin").values(0..=300);
        profile.can([
            Ability::Scan,
            Ability::Prefix,
            Ability::Reverse,
            Ability::Flush,
            Ability::FirstLast,
            Ability::Cas,
            Ability::Ingest,
            Ability::Transaction,
            Ability::Savepoint,
            Ability::Spaces,
        ])
    }

    fn create(&mut self, _: &Options) -> Outcome<Twin> {
        Ok(Twin {
            model: Model::default(),
            scope: OpScope::PLAIN,
            dies: self.0,
            flushed: BTreeMap::new(),
            deleted: Vec::new(),
        })
    }
}

/// Both bugs are found, and of the shallow one this is left out, and nothing else.
fn both_are_found(dies: fn(&Told<'_>) -> bool, need: &Need) {
    let settings = Settings {
        time: None,
        operations: Some(60_000),
        keep_going: true,
        ..Settings::default()
    };
    let report: Report = check(TwinTarget(dies), &settings);
    assert_eq!(*report.verdict(), Verdict::Fail);
    let of = |class: Class| -> Vec<&Group> {
        let groups = report.groups.iter();
        let found = groups.filter(|group| group.shortest.shrunk.divergence.class == class);
        found.collect()
    };
    let left_out: Vec<&Need> = of(Class::Died)
        .into_iter()
        .flat_map(|group| &group.left_out)
        .collect();
    assert_eq!(left_out, [need], "{:?}", report.narrowings);
    assert!(!of(Class::WrongAnswer).is_empty(), "{:?}", report.groups);
}

fn is_empty(value: Option<&[u8]>) -> bool {
    value.is_some_and(<[u8]>::is_empty)
}

#[test]
fn an_empty_value_in_a_swap() {
    let dies = |told: &Told<'_>| match told {
        Told::Cas(_, expected, new) => is_empty(*expected) || is_empty(*new),
        _ => false,
    };
    both_are_found(dies, &Need::EmptyValue);
}

#[test]
fn a_swap_of_whatever() {
    let dies = |told: &Told<'_>| matches!(told, Told::Cas(..));
    both_are_found(dies, &Need::Kind(OpKind::Cas));
}

#[test]
fn the_empty_key_in_a_run() {
    let dies = |told: &Told<'_>| matches!(told, Told::Ingest(entries) if entries[0].0.is_empty());
    both_are_found(dies, &Need::EmptyKey);
}

#[test]
fn a_long_value_in_a_run() {
    let dies = |told: &Told<'_>| match told {
        Told::Ingest(entries) => entries.iter().any(|(_, value)| value.len() >= 40),
        _ => false,
    };
    both_are_found(dies, &Need::LongValue(40));
}

#[test]
fn an_empty_value_in_a_transaction() {
    let dies = |told: &Told<'_>| match told {
        Told::Put(scope, value) => scope.transaction.is_some() && value.is_empty(),
        _ => false,
    };
    both_are_found(dies, &Need::EmptyValue);
}

#[test]
fn a_swap_in_a_key_space() {
    let dies = |told: &Told<'_>| matches!(told, Told::Cas(scope, ..) if scope.space.is_some());
    // Either would do; the creation comes first, and with it all key spaces go.
    both_are_found(dies, &Need::Kind(OpKind::Create));
}

#[test]
fn the_first_entry_of_a_transaction() {
    let dies = |told: &Told<'_>| matches!(told, Told::First(scope) if scope.transaction.is_some());
    both_are_found(dies, &Need::Kind(OpKind::Begin));
}

/// Fails if all scans backwards, or all by prefix, go with them.
#[test]
fn a_prefix_backwards() {
    let dies = |told: &Told<'_>| match told {
        Told::Scan(scan) => scan.reverse && matches!(scan.range, Range::Prefix(_)),
        _ => false,
    };
    both_are_found(dies, &Need::PrefixReverse);
}

#[test]
fn a_bound_that_is_excluded_from_below() {
    let dies = |told: &Told<'_>| match told {
        Told::Scan(scan) => matches!(scan.range, Range::Between(Bound::Excluded(_), _)),
        _ => false,
    };
    both_are_found(dies, &Need::FromExcluded);
}

#[test]
fn a_bound_that_is_included_from_above() {
    let dies = |told: &Told<'_>| match told {
        Told::Scan(scan) => matches!(scan.range, Range::Between(_, Bound::Included(_))),
        _ => false,
    };
    both_are_found(dies, &Need::ToIncluded);
}

#[test]
fn a_savepoint_a_commit_and_another_name() {
    both_are_found(
        |told| matches!(told, Told::Savepoint),
        &Need::Kind(OpKind::Savepoint),
    );
    both_are_found(
        |told| matches!(told, Told::Commit),
        &Need::Kind(OpKind::Commit),
    );
    both_are_found(
        |told| matches!(told, Told::Rename),
        &Need::Kind(OpKind::Rename),
    );
}
