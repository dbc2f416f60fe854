//! `--strict`: keys and values one byte longer than the profile says that the store takes.
//!
//! A store answers such an operation rightly, or refuses it definitely and changes nothing: both
//! are legal, and the next comparison of the whole contents shows which it was.

use crate::op::{Case, Change, Op};
use crate::profile::Profile;
use crate::random::Random;

/// One operation of so many is made to overstep, in one case of four.
const ONE_IN: u32 = 16;

/// Above this a case costs as much as a hundred others, so few have one.
const DEAR: usize = 64 * 1_024;

/// Above this there is no memory to spare: such a limit is none.
const LONGEST: usize = 16 << 20;

/// Makes some keys and values of a case one byte too long.
pub(super) fn overstep(mut random: Random, profile: &Profile, case: &mut Case) {
    if !random.chance(1, 4) {
        return;
    }
    let mut dear = random.chance(1, 64);
    for op in &mut case.ops {
        if !random.chance(1, ONE_IN) {
            continue;
        }
        let is_key = random.chance(1, 2);
        let limit = if is_key {
            profile.keys.max
        } else {
            profile.values.max
        };
        if limit > LONGEST || limit > DEAR && !std::mem::take(&mut dear) {
            continue;
        }
        grow_one(op, is_key, &|bytes: &mut Vec<u8>| {
            bytes.resize(limit + 1, b'k');
        });
    }
}

/// Grows one key, or one value, of an operation that has such, wherever it takes place.
fn grow_one(op: &mut Op, is_key: bool, grow: &dyn Fn(&mut Vec<u8>)) {
    match op {
        Op::Get { key, .. } | Op::Delete { key, .. } | Op::Cas { key, .. } if is_key => grow(key),
        Op::Put { key, .. } if is_key => grow(key),
        Op::Put { value, .. } => grow(value),
        Op::Write { changes, .. } => match changes.first_mut() {
            Some(Change::Put { key, .. } | Change::Delete { key }) if is_key => grow(key),
            Some(Change::Put { value, .. }) => grow(value),
            _ => {}
        },
        // What is expected is a value, too: nothing so long can be there.
        Op::Cas { expected, new, .. } => new
            .as_mut()
            .or(expected.as_mut())
            .into_iter()
            .for_each(grow),
        Op::Ingest { run, .. } => run.change(|entries| {
            let (key, value) = &mut entries[0];
            grow(if is_key { key } else { value });
        }),
        Op::In(inside) => inside.change(|_, op| grow_one(op, is_key, grow)),
        _ => {}
    }
}
