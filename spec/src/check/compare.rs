//! Which replies agree, and what a profile lets a store refuse.

use std::collections::HashSet;

use crate::hash::FixedState;
use crate::model::Model;
use crate::op::{Change, Op, Reply};
use crate::profile::{LengthKind, Order, Profile, Taken};
use crate::store::KeyValueStore;

/// Whether `got` is a right reply to `op` where the specification answers `expected`.
pub(super) fn agrees(profile: &Profile, op: &Op, expected: &Reply, got: &Reply) -> bool {
    expected == got || agrees_by_profile(profile, op, expected, got)
}

/// Whether the profile lets these replies differ.
#[cold]
fn agrees_by_profile(profile: &Profile, op: &Op, expected: &Reply, got: &Reply) -> bool {
    match (op, expected, got) {
        (Op::Length { .. }, _, Reply::Count(_)) => profile.length == LengthKind::Estimate,
        (Op::Scan { .. }, Reply::Entries(expected), Reply::Entries(got))
            if profile.order == Order::None =>
        {
            // Each key once is part of the answer, so sorted lists are compared, not sets.
            let (mut expected, mut got) = (expected.clone(), got.clone());
            expected.sort_unstable();
            got.sort_unstable();
            expected == got
        }
        _ => false,
    }
}

/// Whether the profile lets the store refuse `op`, as long as it does so definitely.
pub(super) fn may_refuse(profile: &Profile, model: &mut Model, op: &Op) -> bool {
    let key_refused = |key: &[u8]| !profile.takes_key(key);
    let value_refused = |value: &[u8]| !profile.values.has(value.len());
    match op {
        Op::Get { key, .. } => key_refused(key),
        Op::Put { key, value, .. } => key_refused(key) || value_refused(value),
        Op::Delete { key, .. } => {
            key_refused(key)
                || (profile.delete_absent == Taken::Refused && model.get(key) == Ok(None))
        }
        Op::Write { changes, .. } => {
            changes.len() > profile.batch_max
                || (profile.batch_repeats == Taken::Refused && repeats_a_key(changes))
                || changes.iter().any(|change| {
                    key_refused(change.key()) || change.value().is_some_and(value_refused)
                })
        }
        Op::Scan { scan, .. } => {
            profile.range_inverted == Taken::Refused && scan.range.is_inverted()
        }
        Op::DeleteRange { range, .. } => {
            profile.range_inverted == Taken::Refused && range.is_inverted()
        }
        _ => false,
    }
}

fn repeats_a_key(changes: &[Change]) -> bool {
    let mut seen: HashSet<&[u8], FixedState> = HashSet::default();
    changes.iter().any(|change| !seen.insert(change.key()))
}
