//! The single steps of a mutation.

use std::hash::BuildHasher;

use super::draw::Draw;
use super::keys::each_key_mut;
use crate::generate::Generator;
use crate::hash::FixedState;
use crate::op::{Case, Change, Op};
use crate::profile::{Abilities, Profile};
use crate::random::Random;

type Step = fn(&mut Case, &mut Draw<'_>);

/// Each as likely as its places in the list.
const STEPS: [Step; 24] = [
    insert,
    insert,
    insert,
    insert_structure,
    insert_structure,
    insert_structure,
    remove,
    remove,
    duplicate,
    duplicate,
    swap,
    replace,
    change_key,
    change_key,
    change_argument,
    change_argument,
    turn,
    more,
    more,
    look_back,
    walk,
    read,
    change_option,
    generate,
];

/// Structural operations, as they come in a row.
const STRUCTURES: [&[Op]; 8] = [
    &[Op::Flush],
    &[Op::Flush, Op::Flush],
    &[Op::Compact],
    &[Op::Compact, Op::Compact],
    &[Op::Reopen],
    &[Op::Reopen, Op::Reopen],
    &[Op::Flush, Op::Compact],
    &[Op::Flush, Op::Reopen],
];

/// The longest stretch that is removed or copied at once.
const STRETCH: usize = 8;

pub(super) fn step(case: &mut Case, random: &mut Random) {
    let step = *random.pick(&STEPS);
    step(case, &mut Draw::new(case, random));
}

/// A place in front of an operation, or at the end.
fn gap(case: &Case, draw: &mut Draw<'_>) -> usize {
    draw.random.below(case.ops.len() + 1)
}

fn splice(case: &mut Case, at: usize, ops: impl IntoIterator<Item = Op>) {
    case.ops.splice(at..at, ops);
}

/// The place of an operation, if there is one.
fn some_place(case: &Case, draw: &mut Draw<'_>) -> Option<usize> {
    (!case.ops.is_empty()).then(|| draw.random.below(case.ops.len()))
}

fn stretch(case: &Case, draw: &mut Draw<'_>) -> std::ops::Range<usize> {
    let at = gap(case, draw);
    let length = 1 + draw.random.small(STRETCH);
    at..(at + length).min(case.ops.len())
}

fn insert(case: &mut Case, draw: &mut Draw<'_>) {
    let at = gap(case, draw);
    let count = 1 + draw.random.small(3);
    let ops: Vec<Op> = (0..count).map(|_| draw.op()).collect();
    splice(case, at, ops);
}

fn insert_structure(case: &mut Case, draw: &mut Draw<'_>) {
    let at = gap(case, draw);
    splice(case, at, draw.random.pick(&STRUCTURES).iter().cloned());
}

fn remove(case: &mut Case, draw: &mut Draw<'_>) {
    let stretch = stretch(case, draw);
    case.ops.drain(stretch);
}

fn duplicate(case: &mut Case, draw: &mut Draw<'_>) {
    let copy = case.ops[stretch(case, draw)].to_vec();
    let at = gap(case, draw);
    splice(case, at, copy);
}

fn swap(case: &mut Case, draw: &mut Draw<'_>) {
    if let (Some(a), Some(b)) = (some_place(case, draw), some_place(case, draw)) {
        case.ops.swap(a, b);
    }
}

fn replace(case: &mut Case, draw: &mut Draw<'_>) {
    if let Some(at) = some_place(case, draw) {
        case.ops[at] = draw.op();
    }
}

fn change_key(case: &mut Case, draw: &mut Draw<'_>) {
    if let Some(at) = some_place(case, draw) {
        each_key_mut(&mut case.ops[at], &mut |key| match draw.random.below(4) {
            0 => {}
            1 => draw.neighbour(key),
            _ => *key = draw.key(),
        });
    }
}

fn change_argument(case: &mut Case, draw: &mut Draw<'_>) {
    let Some(at) = some_place(case, draw) else {
        return;
    };
    match &mut case.ops[at] {
        Op::Put { value, .. } => *value = draw.value(),
        Op::Scan { scan, .. } => match draw.random.below(4) {
            0 => scan.reverse = !scan.reverse,
            1 => scan.limit = draw.scan().limit,
            2 => scan.range = draw.range(),
            _ => *scan = draw.scan(),
        },
        Op::DeleteRange { range, .. } => *range = draw.range(),
        Op::Fill(fill) => {
            fill.count = draw.random.small(100) as u16;
            fill.size = draw.random.small(300) as u16;
        }
        Op::Write { changes, .. } => change_batch(changes, draw),
        Op::Seek { key, .. } => *key = draw.key(),
        other => *other = draw.op(),
    }
}

fn change_batch(changes: &mut Vec<Change>, draw: &mut Draw<'_>) {
    let at = draw.random.below(changes.len() + 1);
    if draw.random.chance(1, 2) || at == changes.len() {
        changes.insert(at, draw.change());
    } else {
        changes.remove(at);
    }
}

/// Makes a put of a key a delete or a get of it, and so on round.
fn turn(case: &mut Case, draw: &mut Draw<'_>) {
    let Some(at) = some_place(case, draw) else {
        return;
    };
    let op = &mut case.ops[at];
    if let Op::Get { key, .. } | Op::Put { key, .. } | Op::Delete { key, .. } = op {
        let key = std::mem::take(key);
        *op = match draw.random.below(3) {
            0 => Op::get(key),
            1 => Op::delete(key),
            _ => Op::Put {
                key,
                value: draw.value(),
                sync: false,
            },
        };
    }
}

/// Syncs a change or moves a read to a snapshot, or the other way round.
fn more(case: &mut Case, draw: &mut Draw<'_>) {
    let Some(at) = some_place(case, draw) else {
        return;
    };
    let op = &mut case.ops[at];
    if op.is_synced() || op.snapshot_read().is_some() {
        op.sync_flag_mut().map(std::mem::take);
        op.snapshot_read_mut().map(Option::take);
    } else {
        draw.add_more(op);
    }
}

/// Takes a snapshot, and lets some of the reads after it be at it.
fn look_back(case: &mut Case, draw: &mut Draw<'_>) {
    let place = gap(case, draw);
    let name = draw.snapshot();
    for op in &mut case.ops[place..] {
        if let Some(at) = op.snapshot_read_mut() {
            if draw.random.chance(1, 2) {
                *at = Some(name);
            }
        }
    }
    splice(case, place, [Op::Snapshot(name)]);
    let (key, at) = (draw.key(), Some(name));
    case.ops.push(Op::Get { key, at });
}

/// Makes an iterator, and moves it in several places after that.
fn walk(case: &mut Case, draw: &mut Draw<'_>) {
    let first = gap(case, draw);
    let name = draw.iterator();
    splice(case, first, [Op::Iterator { name, at: None }]);
    for _ in 0..2 + draw.random.small(6) {
        let place = first + 1 + draw.random.below(case.ops.len() - first);
        let step = match draw.random.below(6) {
            0 => Op::Seek {
                name,
                key: draw.key(),
            },
            1 => Op::SeekLast(name),
            2 | 3 => Op::Prev(name),
            _ => Op::Next(name),
        };
        splice(case, place, [step]);
    }
}

/// Puts a read at the end, where it sees everything.
fn read(case: &mut Case, draw: &mut Draw<'_>) {
    let read = match draw.random.below(4) {
        0 => Op::scan(draw.scan()),
        1 => Op::LENGTH,
        _ => Op::get(draw.key()),
    };
    case.ops.push(read);
}

fn change_option(case: &mut Case, draw: &mut Draw<'_>) {
    let (name, setting) = draw.option();
    if draw.random.chance(1, 4) {
        case.options.remove(name);
    } else {
        case.options.set(name, setting);
    }
}

/// Takes some operations of the generator, with keys of this case in place of most of theirs.
fn generate(case: &mut Case, draw: &mut Draw<'_>) {
    let seed = draw.random.next();
    // What only some stores have is dropped for the others: it comes less often.
    let can = if seed % 2 == 0 {
        Abilities::ALL
    } else {
        Abilities::PLAIN
    };
    let profile = Profile {
        can,
        ..Profile::default()
    };
    let length = 1 + draw.random.small(12);
    let mut ops = Generator::new(seed, &profile).case(0, length).ops;
    for op in &mut ops {
        each_key_mut(op, &mut |key| {
            let hash = FixedState::default().hash_one(&*key);
            if let Some(stand_in) = draw.stand_in(hash) {
                key.clone_from(stand_in);
            }
        });
    }
    let at = gap(case, draw);
    splice(case, at, ops);
}
