//! What can stand in the way of an operation.

use std::fmt;
use std::ops::Bound;

use super::live::Live;
use crate::op::{Change, Op, OpKind};
use crate::open::Open;
use crate::profile::{Ability, Alphabet, Conflict, Order, Profile, Taken, View};
use crate::range::{Fill, Range, Scan};
use crate::scope::{Inside, OpScope};

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
    /// A scan backwards of a range by prefix, refused.
    PrefixReverse,
    /// A range that begins behind a key, or ends with one, refused.
    Bound,
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
    /// A snapshot, an iterator, a transaction, a savepoint or a key space that is not here, or one
    /// to be made that is.
    NotOpen,
    /// One snapshot, iterator or transaction more than the profile allows.
    TooMany,
    /// A change while an iterator is open, which would see it.
    LiveIterator,
    /// Something beside an open transaction that the target does not take then.
    OpenTransaction,
    /// A read in a transaction that has changed something, and does not see that.
    ReadsOwn,
    /// A breakage where there are key spaces: what survives of them is not specified.
    NamedSpaces,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Obstacle::NotDeclared => "the target does not declare it",
            Obstacle::Key => "the target does not take such a key",
            Obstacle::Value => "the target does not take a value of this length",
            Obstacle::Prefix => "the target does not declare ranges by prefix",
            Obstacle::Reverse => "the target does not scan backwards",
            Obstacle::PrefixReverse => "the target does not scan a range by prefix backwards",
            Obstacle::Bound => "the target takes no range that begins behind, or ends with, a key",
            Obstacle::Limit => "the target has no order, so a limit means nothing",
            Obstacle::Inverted => "the target refuses bounds out of order",
            Obstacle::BatchLength => "the target does not take a batch of this length",
            Obstacle::BatchRepeats => "the target refuses a key twice in a batch",
            Obstacle::AbsentDelete => "the target refuses a delete of an absent key",
            Obstacle::NotOpen => {
                "a snapshot, iterator, transaction, savepoint or key space of this name is not here, \
                 or it is here already"
            }
            Obstacle::TooMany => "the target does not take so many at once",
            Obstacle::LiveIterator => "an iterator is open, and the target's see later changes",
            Obstacle::OpenTransaction => "a transaction is open, and the target takes no other work",
            Obstacle::ReadsOwn => "the target's transactions do not see their own changes",
            Obstacle::NamedSpaces => "what survives of key spaces is not specified",
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
            Op::Cas {
                key, expected, new, ..
            } => of_key(key, profile).or_else(|| {
                let mut values = expected.iter().chain(new);
                values.find_map(|value| of_value(value.len(), profile))
            }),
            Op::Ingest { run, .. } => run
                .entries()
                .iter()
                .find_map(|(key, value)| of_key(key, profile).or(of_value(value.len(), profile))),
            Op::In(inside) => of_inside(inside, profile),
            // Recoveries are crashed on a simulated disk only.
            Op::Kill { then } if !then.is_empty() && !profile.sends(OpKind::Crash) => {
                Some(Obstacle::NotDeclared)
            }
            _ => None,
        };
        of_arguments
            .or_else(|| of_names(op, profile, open))
            .or_else(|| of_company(op, profile, open))
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
    let changes = op.kind().is_change() || op.kind() == OpKind::Commit;
    let seen = profile.iterator_view == View::Live && changes && !open.iterators.is_empty();
    seen.then_some(Obstacle::LiveIterator)
}

/// What stands in the way of an operation in a scope, and of the operation itself there. Which keys
/// a scope holds is not followed: where absent keys cannot be deleted, none is.
fn of_inside(inside: &Inside, profile: &Profile) -> Option<Obstacle> {
    let OpScope { space, transaction } = inside.scope();
    let lacks = |ability| !profile.can.has(ability);
    if transaction.is_some() && lacks(Ability::Transaction)
        || space.is_some() && lacks(Ability::Spaces)
    {
        return Some(Obstacle::NotDeclared);
    }
    Obstacle::of(inside.op(), profile, &Live::of(profile), &Open::default())
}

/// What stands in the way of an operation because of what else there is: a checker does not send it,
/// whatever the case says, for the store may wait for ever, or answer as it likes.
pub(crate) fn of_company(op: &Op, profile: &Profile, open: &Open) -> Option<Obstacle> {
    let kind = op.kind();
    let own = op.scoped().0.transaction;
    let own = own.and_then(|name| open.transaction(name));
    let sees_none = !profile.transaction_reads_own && own.is_some_and(|own| own.writes);
    if sees_none && (kind == OpKind::Cas || kind.is_read()) {
        return Some(Obstacle::ReadsOwn);
    }
    if kind.is_breakage() && !open.spaces.is_empty() {
        return Some(Obstacle::NamedSpaces);
    }
    let one_at_a_time = profile.transaction_conflict == Conflict::OneAtATime;
    let most = if one_at_a_time {
        1
    } else {
        profile.transaction_max
    };
    if kind == OpKind::Begin && open.transactions.len() >= most.min(profile.transaction_max) {
        return Some(Obstacle::TooMany);
    }
    let outside = op.scoped().0.transaction.is_none();
    let works = kind.is_change() || (kind.is_structural() && kind != OpKind::Reopen);
    let disturbs = one_at_a_time && outside && works && !open.transactions.is_empty();
    disturbs.then_some(Obstacle::OpenTransaction)
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
    if !profile.takes_direction(scan) {
        return Some(Obstacle::PrefixReverse);
    }
    of_range(&scan.range, profile)
}

fn of_range(range: &Range, profile: &Profile) -> Option<Obstacle> {
    if range.is_inverted() && profile.range_inverted == Taken::Refused {
        return Some(Obstacle::Inverted);
    }
    if !profile.takes_bounds(range) {
        return Some(Obstacle::Bound);
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
