//! Which replies agree, and what a profile lets a store refuse.

use std::collections::HashSet;

use crate::hash::FixedState;
use crate::model::Model;
use crate::op::{Change, Op, Reply};
use crate::profile::{Conflict, LengthKind, Order, Profile, Taken};
use crate::range::Range;
use crate::store::KeyValueStore;

/// Whether `got` is a right reply to `op` where the specification answers `expected`.
pub(super) fn agrees(profile: &Profile, op: &Op, expected: &Reply, got: &Reply) -> bool {
    expected == got || agrees_by_profile(profile, op, expected, got)
}

/// Whether the profile lets these replies differ.
#[cold]
fn agrees_by_profile(profile: &Profile, op: &Op, expected: &Reply, got: &Reply) -> bool {
    match (op.scoped().1, expected, got) {
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
    if profile.transaction_conflict == Conflict::Refused && may_conflict(model, op) {
        return true;
    }
    let change_refused =
        |change: &Change| key_refused(change.key()) || change.value().is_some_and(value_refused);
    let range_refused = |range: &Range| {
        (profile.range_inverted == Taken::Refused && range.is_inverted())
            || !profile.takes_bounds(range)
    };
    match op.scoped().1 {
        Op::Get { key, .. } => key_refused(key),
        Op::Put { key, value, .. } => key_refused(key) || value_refused(value),
        Op::Delete { key, .. } => {
            key_refused(key)
                || (profile.delete_absent == Taken::Refused && model.get(key) == Ok(None))
        }
        Op::Write { changes, .. } => {
            changes.len() > profile.batch_max
                || (profile.batch_repeats == Taken::Refused && repeats_a_key(changes))
                || changes.iter().any(change_refused)
        }
        // A transaction may look at what it was told when it is to carry it out.
        Op::Commit(name) => {
            let pending = model.pending_everywhere(*name);
            pending.iter().any(|(_, change)| change_refused(change))
        }
        Op::Cas {
            key, expected, new, ..
        } => {
            let values = || expected.iter().chain(new);
            key_refused(key) || values().any(|value| value_refused(value))
        }
        Op::Ingest { run, .. } => {
            let mut entries = run.entries().iter();
            entries.any(|(key, value)| key_refused(key) || value_refused(value))
        }
        Op::Scan { scan, .. } => range_refused(&scan.range) || !profile.takes_direction(scan),
        Op::DeleteRange { range, .. } => range_refused(range),
        _ => false,
    }
}

/// Whether two that change the same may be in each other's way: a transaction that was overtaken,
/// or a change beside one that writes.
fn may_conflict(model: &Model, op: &Op) -> bool {
    match (op, op.scoped().0.transaction) {
        (Op::Commit(name), _) => model.is_overtaken(*name),
        (_, Some(name)) => op.kind().is_change() && model.is_overtaken(name),
        (_, None) => op.kind().is_change() && model.has_writing_transaction(),
    }
}

fn repeats_a_key(changes: &[Change]) -> bool {
    let mut seen: HashSet<&[u8], FixedState> = HashSet::default();
    changes.iter().any(|change| !seen.insert(change.key()))
}
