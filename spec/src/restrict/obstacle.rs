//! What can stand in the way of an operation.

use std::fmt;
use std::ops::Bound;

use super::live::Live;
use crate::op::{Change, Op, OpKind};
use crate::open::Open;
use crate::profile::{Ability, Alphabet, Order, Profile, Taken, View};
use crate::range::{Fill, Range, Scan};

/// Why a store of a profile cannot be sent an operation.
///
/// ```
/// use etalon_spec::Obstacle;
///
/// assert_eq!(Obstacle::Key.to_string(), "the target does not take such a key");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Obstacle {
    /// The profile does not declare the operation.
    NotDeclared,
    /// A key's length or bytes are outside the profile.
    Key,
    /// A value's length is outside the profile.
    Value,
    /// A range by prefix, not declared.
    Prefix,
    /// A scan backwards, not declared, or the store has no order.
    Reverse,
    /// A limit, where the store has no order.
    Limit,
    /// Bounds out of order, refused.
    Inverted,
    /// A batch longer than the profile allows.
    BatchLength,
    /// A key more than once in a batch, refused.
    BatchRepeats,
    /// A delete of an absent key, refused.
    AbsentDelete,
    /// A snapshot or an iterator that is not open here.
    NotOpen,
    /// One snapshot or iterator more than the profile allows.
    TooMany,
    /// A change while an iterator is open, which would see it.
    LiveIterator,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Obstacle::NotDeclared => "the target does not declare it",
            Obstacle::Key => "the target does not take such a key",
            Obstacle::Value => "the target does not take a value of this length",
            Obstacle::Prefix => "the target does not declare ranges by prefix",
            Obstacle::Reverse => "the target does not scan backwards",
            Obstacle::Limit => "the target has no order, so a limit means nothing",
            Obstacle::Inverted => "the target refuses bounds out of order",
            Obstacle::BatchLength => "the target does not take a batch of this length",
            Obstacle::BatchRepeats => "the target refuses a key twice in a batch",
            Obstacle::AbsentDelete => "the target refuses a delete of an absent key",
            Obstacle::NotOpen => "no snapshot or iterator of this name is open here",
            Obstacle::TooMany => "the target does not take so many at once",
            Obstacle::LiveIterator => "an iterator is open, and the target's see later changes",
        })
    }
}

impl Obstacle {
    /// What stands in the way of `op`, if anything does.
    pub(super) fn of(op: &Op, profile: &Profile, live: &Live, open: &Open) -> Option<Obstacle> {
        if !profile.sends(op.kind()) {
            return Some(Obstacle::NotDeclared);
        }
        let of_arguments = match op {
            Op::Get { key, .. } | Op::Seek { key, .. } => of_key(key, profile),
            Op::Put { key, value, .. } => of_key(key, profile).or(of_value(value.len(), profile)),
            Op::Delete { key, .. } => of_key(key, profile).or(of_delete(key, profile, live)),
            Op::Scan { scan, .. } => of_scan(scan, profile),
            Op::DeleteRange { range, .. } => of_range(range, profile),
            Op::Write { changes, .. } => of_batch(changes, profile, live),
            Op::Fill(fill) => of_fill(fill, profile),
            Op::Crash(crash) => crash
                .within
                .as_ref()
                .and_then(|within| Obstacle::of(within.op(), profile, live, open)),
            Op::Fail(fault) => Obstacle::of(fault.within.op(), profile, live, open),
            // Recoveries are crashed on a simulated disk only.
            Op::Kill { then } if !then.is_empty() && !profile.sends(OpKind::Crash) => {
                Some(Obstacle::NotDeclared)
            }
            _ => None,
        };
        of_arguments.or_else(|| of_names(op, profile, open))
    }

    /// What stands in the way of one change of a batch.
    pub(super) fn of_change(change: &Change, profile: &Profile, live: &Live) -> Option<Obstacle> {
        of_key(change.key(), profile).or_else(|| match change {
            Change::Put { value, .. } => of_value(value.len(), profile),
            Change::Delete { key } => of_delete(key, profile, live),
        })
    }
}

fn of_names(op: &Op, profile: &Profile, open: &Open) -> Option<Obstacle> {
    if op.snapshot_read().is_some() && !profile.can.has(Ability::Snapshot) {
        return Some(Obstacle::NotDeclared);
    }
    if !open.has_names_of(op) {
        return Some(Obstacle::NotOpen);
    }
    let too_many = match op {
        Op::Snapshot(name) => {
            open.snapshots.len() >= profile.snapshot_max && !open.snapshots.contains(name)
        }
        Op::Iterator { name, .. } => {
            open.iterators.len() >= profile.iterator_max && !open.iterators.contains(name)
        }
        _ => false,
    };
    if too_many {
        return Some(Obstacle::TooMany);
    }
    let seen =
        profile.iterator_view == View::Live && op.kind().is_change() && !open.iterators.is_empty();
    seen.then_some(Obstacle::LiveIterator)
}

fn of_key(key: &[u8], profile: &Profile) -> Option<Obstacle> {
    (!profile.takes_key(key)).then_some(Obstacle::Key)
}

fn of_value(length: usize, profile: &Profile) -> Option<Obstacle> {
    (!profile.values.has(length)).then_some(Obstacle::Value)
}

fn of_delete(key: &[u8], profile: &Profile, live: &Live) -> Option<Obstacle> {
    let refused = profile.delete_absent == Taken::Refused && !live.has(key);
    refused.then_some(Obstacle::AbsentDelete)
}

fn of_scan(scan: &Scan, profile: &Profile) -> Option<Obstacle> {
    let ordered = profile.order == Order::Bytes;
    if scan.reverse && !(ordered && profile.can.has(Ability::Reverse)) {
        return Some(Obstacle::Reverse);
    }
    if scan.limit.is_some() && !ordered {
        return Some(Obstacle::Limit);
    }
    of_range(&scan.range, profile)
}

fn of_range(range: &Range, profile: &Profile) -> Option<Obstacle> {
    if range.is_inverted() && profile.range_inverted == Taken::Refused {
        return Some(Obstacle::Inverted);
    }
    let of_bound = |bound: &Bound<Vec<u8>>| match bound {
        Bound::Included(key) | Bound::Excluded(key) => of_key(key, profile),
        Bound::Unbounded => None,
    };
    match range {
        Range::Prefix(_) if !profile.can.has(Ability::Prefix) => Some(Obstacle::Prefix),
        // Shorter than any key is fine; longer than every key is not.
        Range::Prefix(prefix) => {
            let fits = prefix.len() <= profile.keys.max
                && prefix.iter().all(|byte| profile.alphabet.has(*byte));
            (!fits).then_some(Obstacle::Key)
        }
        Range::Between(from, to) => of_bound(from).or(of_bound(to)),
    }
}

fn of_batch(changes: &[Change], profile: &Profile, live: &Live) -> Option<Obstacle> {
    if changes.len() > profile.batch_max {
        return Some(Obstacle::BatchLength);
    }
    let mut live = live.clone();
    let mut seen = Live::new(profile.batch_repeats == Taken::Refused);
    for change in changes {
        let obstacle = Obstacle::of_change(change, profile, &live);
        if obstacle.is_some() {
            return obstacle;
        }
        if seen.has(change.key()) {
            return Some(Obstacle::BatchRepeats);
        }
        seen.insert(change.key());
        live.change(change);
    }
    None
}

/// A fill numbers its keys with four bytes, zeros among them.
fn of_fill(fill: &Fill, profile: &Profile) -> Option<Obstacle> {
    let fits =
        profile.alphabet == Alphabet::Bytes && profile.keys.has(super::fill_key_length(fill));
    if !fits {
        return Some(Obstacle::Key);
    }
    of_value(usize::from(fill.size), profile)
}
