//! Renaming snapshots, iterators, transactions, savepoints and key spaces: s, t, .. and i, j, .., t,
//! a and x; and two of them to one.

use super::Search;
use crate::name::Name;
use crate::op::{Case, Op};
use crate::scope::Inside;

/// The plainest names, in the order in which they are given.
const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";

/// The first letter of each sort.
pub(super) const FIRST: [u8; 5] = [b's', b'i', b't', b'a', b'x'];

/// Which sort of name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Snapshot,
    Iterator,
    Transaction,
    Savepoint,
    Space,
}

impl Sort {
    /// Every sort.
    pub(super) const ALL: [Sort; 5] = [
        Sort::Snapshot,
        Sort::Iterator,
        Sort::Transaction,
        Sort::Savepoint,
        Sort::Space,
    ];
}

impl Search<'_> {
    pub(super) fn simplify_names(&mut self) {
        for sort in Sort::ALL {
            let names = names(&self.best, sort);
            let plain = |name: Name| {
                let place = names.iter().position(|named| *named == name)?;
                letter(sort, place)
            };
            let in_order = renamed(&self.best, sort, &plain);
            self.try_case(in_order);
            self.merge_names(sort);
        }
        for sort in [Sort::Transaction, Sort::Space] {
            for name in names(&self.best, sort) {
                let without = without_scope(&self.best, sort, name);
                self.try_case(without);
            }
        }
    }

    /// One name in the place of two: what is taken again under a name ends what had it.
    fn merge_names(&mut self, sort: Sort) {
        for name in names(&self.best, sort) {
            for other in names(&self.best, sort) {
                let merged = |named: Name| (named == name).then_some(other);
                let candidate = renamed(&self.best, sort, &merged);
                if name != other && self.try_case(candidate) {
                    break;
                }
            }
        }
    }
}

/// How strange a name is: how far from the first of its sort.
pub(super) fn strangeness(sort: Sort, name: Name) -> u64 {
    match name.as_str().as_bytes() {
        [byte @ b'a'..=b'z'] => u64::from((26 + byte - FIRST[sort as usize]) % 26),
        longer => 40 * longer.len() as u64,
    }
}

fn letter(sort: Sort, place: usize) -> Option<Name> {
    let first = usize::from(FIRST[sort as usize] - b'a');
    let letter = LETTERS[(first + place) % LETTERS.len()];
    Name::from_bytes(&[letter])
}

/// The case without a transaction or a key space: what took place there takes place outside.
fn without_scope(case: &Case, sort: Sort, name: Name) -> Case {
    let mut case = case.clone();
    let is_of_scope = |op: &Op| {
        let mut names = Vec::new();
        each_name(op, sort, &mut |other| names.push(other));
        names.contains(&name) && !matches!(op, Op::In(_))
    };
    case.ops.retain(|op| !is_of_scope(op));
    for op in &mut case.ops {
        let (mut scope, inner) = op.scoped();
        let named = match sort {
            Sort::Transaction => &mut scope.transaction,
            _ => &mut scope.space,
        };
        if *named == Some(name) {
            *named = None;
            let outside = Inside::of(scope, inner.clone());
            *op = outside.expect("what can be in two scopes can be in one");
        }
    }
    case
}

/// In the order in which they come.
fn names(case: &Case, sort: Sort) -> Vec<Name> {
    let mut names = Vec::new();
    for op in &case.ops {
        each_name(op, sort, &mut |name| {
            if !names.contains(&name) {
                names.push(name);
            }
        });
    }
    names
}

fn renamed(case: &Case, sort: Sort, rename: &dyn Fn(Name) -> Option<Name>) -> Case {
    let mut case = case.clone();
    for op in &mut case.ops {
        each_name_mut(op, sort, &mut |name| *name = rename(*name).unwrap_or(*name));
    }
    case
}

/// Shows every name of a sort in an operation.
pub(super) fn each_name(op: &Op, sort: Sort, see: &mut dyn FnMut(Name)) {
    if let Op::In(inside) = op {
        let scope = inside.scope();
        let name = match sort {
            Sort::Transaction => scope.transaction,
            Sort::Space => scope.space,
            _ => None,
        };
        return name.into_iter().for_each(see);
    }
    if let Some(within) = op.within() {
        return each_name(within, sort, see);
    }
    let (one, other) = match (sort, op) {
        (Sort::Snapshot, Op::Snapshot(name) | Op::Release(name))
        | (Sort::Iterator, Op::Iterator { name, .. })
        | (
            Sort::Transaction,
            Op::Begin(name)
            | Op::Commit(name)
            | Op::Savepoint {
                transaction: name, ..
            }
            | Op::Rollback {
                transaction: name, ..
            },
        )
        | (Sort::Savepoint, Op::Savepoint { name, .. })
        | (Sort::Space, Op::Create(name) | Op::Drop(name)) => (Some(*name), None),
        (Sort::Savepoint, Op::Rollback { to, .. }) => (*to, None),
        (Sort::Space, Op::Rename { from, to }) => (Some(*from), Some(*to)),
        (Sort::Snapshot, op) => (op.snapshot_read(), None),
        (Sort::Iterator, op) => (op.iterator_used(), None),
        _ => (None, None),
    };
    one.into_iter().chain(other).for_each(see);
}

/// Lets every name of a sort in an operation be changed.
fn each_name_mut(op: &mut Op, sort: Sort, see: &mut dyn FnMut(&mut Name)) {
    let within = match op {
        Op::In(inside) => {
            return inside.change(|scope, _| {
                let name = match sort {
                    Sort::Transaction => scope.transaction.as_mut(),
                    Sort::Space => scope.space.as_mut(),
                    _ => None,
                };
                name.into_iter().for_each(see);
            });
        }
        Op::Crash(crash) => crash.within.as_mut(),
        Op::Fail(fault) => Some(&mut fault.within),
        _ => None,
    };
    if let Some(within) = within {
        return within.change(|op| each_name_mut(op, sort, see));
    }
    let (one, other) = match (sort, op) {
        (Sort::Snapshot, Op::Snapshot(name) | Op::Release(name))
        | (
            Sort::Iterator,
            Op::Iterator { name, .. }
            | Op::Next(name)
            | Op::Prev(name)
            | Op::SeekFirst(name)
            | Op::SeekLast(name)
            | Op::Seek { name, .. }
            | Op::Close(name),
        )
        | (
            Sort::Transaction,
            Op::Begin(name)
            | Op::Commit(name)
            | Op::Savepoint {
                transaction: name, ..
            }
            | Op::Rollback {
                transaction: name, ..
            },
        )
        | (Sort::Savepoint, Op::Savepoint { name, .. })
        | (Sort::Space, Op::Create(name) | Op::Drop(name)) => (Some(name), None),
        (Sort::Savepoint, Op::Rollback { to, .. }) => (to.as_mut(), None),
        (Sort::Space, Op::Rename { from, to }) => (Some(from), Some(to)),
        (Sort::Snapshot, op) => (op.snapshot_read_mut().and_then(Option::as_mut), None),
        _ => (None, None),
    };
    one.into_iter().chain(other).for_each(see);
}
