//! Breakages: kills, power losses and failing disks, strewn into a case.
//!
//! They draw from random numbers of their own, so that the operations around them are those of
//! the case without them.
//!
//! Half of the cases have kills, half power losses, half failures: each kind in its cases at one
//! place of 12 or of 40. A power loss comes in the course of the operation at its place five times
//! out of eight, a failure always; where that is none that has to do with the disk, there is no
//! failure, and where it changes nothing there, a power loss comes before it. A failing read is
//! an I/O error among the first six, and one time out of eight the disk cannot be read from then
//! on: more often, little would be compared. Places in an operation lean to its beginning. Of
//! what is pending a power loss keeps nothing, all, the first few or some others, equally often,
//! and one of four tears a write. A recovery is crashed in one of four, and again in one of four
//! of these.

use crate::breakage::{Crash, Fault, FaultKind, Keep, Pending, Places, Rest, Then, Torn, Within};
use crate::kinds::Kinds;
use crate::op::{Op, OpKind};
use crate::random::Random;

/// What this strews.
pub(super) const KINDS: [OpKind; 3] = [OpKind::Kill, OpKind::Crash, OpKind::Fail];

/// Most disk operations of an operation, about: a reopening has some twenty.
const OPERATIONS: usize = 24;
/// Most disk operations of a read, about.
const READS: usize = 6;
/// Most effects that are pending, about.
const PENDING: usize = 8;

/// Strews breakages of these kinds into the operations.
pub(super) fn strew(mut random: Random, kinds: Kinds, ops: &mut [Op]) {
    let mut rate = |kind| {
        let (is_on, is_often) = (random.chance(1, 2), random.chance(1, 2));
        match (kinds.has(kind) && is_on, is_often) {
            (false, _) => 0,
            (true, true) => 40,
            (true, false) => 12,
        }
    };
    // Out of 480 places.
    let rates = KINDS.map(&mut rate);
    for op in ops {
        let mut drawn = random.below(480);
        let mut kind = None;
        for (rate, breakage) in rates.iter().zip(KINDS) {
            if drawn < *rate {
                kind = Some(breakage);
                break;
            }
            drawn -= *rate;
        }
        match kind {
            Some(OpKind::Kill) => {
                let then = thens(&mut random);
                // Recoveries are crashed on a simulated disk only.
                let then = if kinds.has(OpKind::Crash) {
                    then
                } else {
                    Vec::new()
                };
                *op = Op::Kill { then };
            }
            Some(OpKind::Crash) => *op = crash(&mut random, op),
            Some(_) => {
                if let Some(fault) = fault(&mut random, op) {
                    *op = fault;
                }
            }
            None => {}
        }
    }
}

fn crash(random: &mut Random, op: &Op) -> Op {
    let at = random.small(OPERATIONS) as u32;
    let is_within = random.chance(5, 8);
    let within = Within::new(op.clone(), at);
    let within = within.filter(|within| is_within && !within.op().kind().only_reads());
    let keep = keep(random);
    let then = thens(random);
    Op::Crash(Box::new(Crash { within, keep, then }))
}

fn fault(random: &mut Random, op: &Op) -> Option<Op> {
    let (at, with, forever) = if op.kind().only_reads() {
        (random.small(READS), FaultKind::Eio, random.chance(1, 8))
    } else {
        let at = random.small(OPERATIONS);
        let (_, with) = *random.pick(&FaultKind::WORDS);
        (at, with, random.chance(1, 4))
    };
    let within = Within::new(op.clone(), at as u32)?;
    Some(Op::Fail(Box::new(Fault {
        within,
        with,
        forever,
    })))
}

fn thens(random: &mut Random) -> Vec<Then> {
    let mut thens = Vec::new();
    while thens.len() < 2 && random.chance(1, 4) {
        let at = random.small(OPERATIONS) as u32;
        let keep = random.chance(3, 4).then(|| keep(random));
        thens.push(Then { at, keep });
    }
    thens
}

fn keep(random: &mut Random) -> Keep {
    let pending = match random.below(4) {
        0 => Pending::None,
        1 => Pending::All,
        2 => Pending::First(random.small(PENDING) as u32),
        _ => {
            let places = (0..PENDING as u32).filter(|_| random.chance(1, 2));
            Places::new(places).map_or(Pending::None, Pending::Only)
        }
    };
    let torn = random.chance(1, 4).then(|| {
        let (_, rest) = *random.pick(&Rest::WORDS);
        let bytes = random.small(64) as u32;
        Torn { bytes, rest }
    });
    Keep { pending, torn }
}
