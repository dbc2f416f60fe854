//! A case without something: other keys or values in its place, or the operations taken out.

use crate::check::keys_named;
use crate::model::Model;
use crate::op::{Case, Change, Op};
use crate::open::drop_orphans;
use crate::profile::Ability;
use crate::range::Range;
use crate::shrink::renamed;
use crate::store::KeyValueStore;

pub(super) fn longest_value(case: &Case) -> usize {
    let length = |op: &Op| match op {
        Op::Put { value, .. } => value.len(),
        Op::Fill(fill) => usize::from(fill.size),
        Op::Write { changes, .. } => {
            let values = changes.iter().filter_map(Change::value);
            values.map(<[u8]>::len).max().unwrap_or(0)
        }
        _ => 0,
    };
    case.ops.iter().map(length).max().unwrap_or(0)
}

pub(super) fn with_values(case: &Case, change: &dyn Fn(&mut Vec<u8>)) -> Case {
    let mut case = case.clone();
    for op in &mut case.ops {
        match op {
            Op::Put { value, .. } => change(value),
            Op::Write { changes, .. } => {
                for one in changes {
                    if let Change::Put { value, .. } = one {
                        change(value);
                    }
                }
            }
            Op::Fill(fill) => {
                let mut value = fill.value(0);
                change(&mut value);
                fill.size = value.len() as u16;
            }
            _ => {}
        }
    }
    case
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

pub(super) fn range_of(op: &Op) -> Option<&Range> {
    match op {
        Op::Scan { scan, .. } => Some(&scan.range),
        Op::DeleteRange { range, .. } => Some(range),
        _ => None,
    }
}

pub(super) fn uses(op: &Op, ability: Ability) -> bool {
    match ability {
        Ability::Prefix => matches!(range_of(op), Some(Range::Prefix(_))),
        Ability::Reverse => matches!(op, Op::Scan { scan, .. } if scan.reverse),
        _ => false,
    }
}

pub(super) fn without_repeats(case: &Case) -> Case {
    let mut case = case.clone();
    for op in &mut case.ops {
        if let Op::Write { changes, .. } = op {
            let mut seen: Vec<Vec<u8>> = Vec::new();
            changes.retain(|change| {
                let is_new = !seen.iter().any(|key| key == change.key());
                seen.push(change.key().to_vec());
                is_new
            });
        }
    }
    case
}

/// Followed on the model; what a crash took may be there all the same, and its delete stays.
pub(super) fn without_absent_deletes(case: &Case) -> Case {
    let mut case = case.clone();
    let mut model = Model::default();
    case.ops.retain(|op| {
        let is_absent = matches!(op, Op::Delete { key, .. } if model.get(key) == Ok(None));
        if !is_absent {
            crate::replay::specified(&mut model, op);
        }
        !is_absent
    });
    case
}
