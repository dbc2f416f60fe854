//! A case without something: other keys or values in its place, or the operations taken out.

use std::ops::Bound;

use crate::check::keys_named;
use crate::model::Model;
use crate::op::{Case, Change, Op, Reply};
use crate::open::drop_orphans;
use crate::profile::Ability;
use crate::range::Range;
use crate::replay::specified;
use crate::scope::Inside;
use crate::shrink::{change_values, renamed};

pub(super) fn longest_value(case: &Case) -> usize {
    case.ops.iter().map(longest_value_in).max().unwrap_or(0)
}

fn longest_value_in(op: &Op) -> usize {
    if let Some(within) = op.within() {
        return longest_value_in(within);
    }
    let longest = |values: &mut dyn Iterator<Item = &[u8]>| values.map(<[u8]>::len).max();
    let found = match op.scoped().1 {
        Op::Put { value, .. } => Some(value.len()),
        Op::Fill(fill) => Some(usize::from(fill.size)),
        Op::Write { changes, .. } => longest(&mut changes.iter().filter_map(Change::value)),
        Op::Cas { expected, new, .. } => {
            longest(&mut expected.iter().chain(new).map(Vec::as_slice))
        }
        Op::Ingest { run, .. } => {
            longest(&mut run.entries().iter().map(|(_, value)| value.as_slice()))
        }
        _ => None,
    };
    found.unwrap_or(0)
}

/// The case with each value changed: what a swap expects as well, so that it still matches.
pub(super) fn with_values(case: &Case, change: &dyn Fn(&mut Vec<u8>)) -> Case {
    let mut case = case.clone();
    for op in &mut case.ops {
        with_values_in(op, change);
    }
    case
}

fn with_values_in(op: &mut Op, change: &dyn Fn(&mut Vec<u8>)) {
    match op {
        Op::Fill(fill) => {
            let mut value = fill.value(0);
            change(&mut value);
            fill.size = value.len() as u16;
        }
        Op::Crash(crash) => {
            if let Some(within) = &mut crash.within {
                within.change(|op| with_values_in(op, change));
            }
        }
        Op::Fail(fault) => fault.within.change(|op| with_values_in(op, change)),
        op => change_values(op, change),
    }
}

/// The case with a plain key in the place of each that is `bad`, and of no other.
pub(super) fn with_other_keys(case: &Case, bad: &dyn Fn(&[u8]) -> bool) -> Case {
    let keys = keys_named(&case.ops);
    let mut free = (b'a'..=b'z')
        .map(|letter| vec![letter])
        .filter(|name| !keys.contains(name));
    let names: Vec<(&Vec<u8>, Vec<u8>)> = keys
        .iter()
        .filter(|key| bad(key))
        .filter_map(|key| Some((key, free.next()?)))
        .collect();
    renamed(case, &|key| {
        let found = names.iter().find(|(bad, _)| bad.as_slice() == key);
        found.map(|(_, name)| name.clone())
    })
}

pub(super) fn without(case: &Case, goes: &dyn Fn(&Op) -> bool) -> Case {
    let mut case = case.clone();
    case.ops.retain(|op| !goes(op));
    drop_orphans(&mut case.ops);
    case
}

/// The range of an operation, wherever that takes place.
pub(super) fn range_of(op: &Op) -> Option<&Range> {
    match innermost(op) {
        Op::Scan { scan, .. } => Some(&scan.range),
        Op::DeleteRange { range, .. } => Some(range),
        _ => None,
    }
}

pub(super) fn begins_behind(op: &Op) -> bool {
    matches!(range_of(op), Some(Range::Between(Bound::Excluded(_), _)))
}

pub(super) fn ends_with(op: &Op) -> bool {
    matches!(range_of(op), Some(Range::Between(_, Bound::Included(_))))
}

fn innermost(op: &Op) -> &Op {
    op.within().unwrap_or(op).scoped().1
}

pub(super) fn uses(op: &Op, ability: Ability) -> bool {
    match ability {
        Ability::Prefix => matches!(range_of(op), Some(Range::Prefix(_))),
        Ability::Reverse => matches!(innermost(op), Op::Scan { scan, .. } if scan.reverse),
        _ => false,
    }
}

pub(super) fn without_repeats(case: &Case) -> Case {
    let mut case = case.clone();
    for op in &mut case.ops {
        in_batches(op, &mut |changes| {
            let mut seen: Vec<Vec<u8>> = Vec::new();
            changes.retain(|change| {
                let is_new = !seen.iter().any(|key| key == change.key());
                seen.push(change.key().to_vec());
                is_new
            });
        });
    }
    case
}

fn in_batches(op: &mut Op, change: &mut dyn FnMut(&mut Vec<Change>)) {
    match op {
        Op::Write { changes, .. } => change(changes),
        Op::In(inside) => inside.change(|_, op| in_batches(op, change)),
        _ => {}
    }
}

/// Followed on the model, in each key space and transaction; what a crash took may be there all
/// the same, and its delete stays.
pub(super) fn without_absent_deletes(case: &Case) -> Case {
    let mut case = case.clone();
    let mut model = Model::default();
    case.ops.retain_mut(|op| {
        let scope = op.scoped().0;
        let mut is_absent = |key: &[u8]| {
            let get = Inside::of(scope, Op::get(key));
            get.is_some_and(|get| specified(&mut model, &get) == Reply::Absent)
        };
        let goes = match op.scoped().1 {
            Op::Delete { key, .. } => is_absent(key),
            _ => false,
        };
        in_batches(op, &mut |changes| {
            let mut put: Vec<Vec<u8>> = Vec::new();
            changes.retain(|change| {
                let key = change.key();
                let is_put = change.value().is_some();
                let stays = is_put || put.iter().any(|there| there == key) || !is_absent(key);
                put.retain(|there| there != key);
                put.extend(is_put.then(|| key.to_vec()));
                stays
            });
        });
        if !goes {
            specified(&mut model, op);
        }
        !goes
    });
    case
}
