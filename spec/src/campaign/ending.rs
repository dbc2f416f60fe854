//! How the file of a failure ends: with the read that diverged, and the replies that are right.
//!
//! ```text
//!   put "k" "1" sync          the shrunk case
//!   put "k" "2"
//!   crash                     behind which everything is read, and is not what it may be
//!   scan .. -> "k"="2" or "k"="1"
//!   '---- that read, which is no operation of the shrunk case
//! ```
//!
//! Invariants:
//! 1. What is written is right by the profile of the store that failed: a store that keeps its
//!    promises answers one of these replies. Where more than [`REPLIES_MOST`] are right, a
//!    comment says how many.
//! 2. The reply that the store gave is not among them.
//!
//! A store without scans is read key by key: the file then ends with a get of each key that it
//! holds, or would hold after all changes.

use std::collections::BTreeSet;

use crate::check::{Divergence, Got, Moment};
use crate::op::{Op, Reply};
use crate::profile::Profile;
use crate::range::Scan;
use crate::text::Script;
use crate::worlds::{MOST, Worlds};

/// So many right replies are written down at most, that after all changes first. A change that is not
/// durable adds one, and a shrunk case has few.
const REPLIES_MOST: usize = 8;

/// Adds what is expected at the end of a case that ends in its divergence; and the read itself,
/// where that is no operation of the case.
pub(super) fn end_with_the_read(script: &mut Script, divergence: &Divergence, profile: &Profile) {
    let Some(last) = script.case.ops.last() else {
        return;
    };
    let at_the_end = match divergence.moment {
        Moment::Operation(at) => at + 1 == script.case.ops.len(),
        Moment::Contents(_) => *last == divergence.read,
        Moment::Create | Moment::Close => false,
    };
    if !at_the_end {
        return;
    }
    let reads = reads_behind(last, divergence, profile);
    let first = match reads.len() {
        0 => script.case.ops.len() - 1,
        _ => script.case.ops.len(),
    };
    script.case.ops.extend(reads);
    script.expected.resize(script.case.ops.len(), Vec::new());
    let mut worlds = Worlds::of(profile);
    for (at, op) in script.case.ops.iter().enumerate() {
        let Some(right) = worlds.step(op) else {
            let says = format!("more than {MOST} states are right, none is written down");
            script.set_note("expected", &says);
            return;
        };
        if at >= first {
            script.expected[at] = right;
        }
    }
    for at in first..script.case.ops.len() {
        written(script, at, divergence);
    }
}

/// The read of everything behind an opening, if that is what diverged.
fn reads_behind(last: &Op, divergence: &Divergence, profile: &Profile) -> Vec<Op> {
    let is_opening = match last {
        Op::Reopen | Op::Kill { .. } | Op::Crash(_) => true,
        Op::Fail(fault) => *fault.within.op() == Op::Reopen,
        _ => false,
    };
    let everything = Op::scan(Scan::ALL);
    if !is_opening || divergence.read != everything {
        return Vec::new();
    }
    if profile.sends(everything.kind()) {
        return vec![everything];
    }
    let (Reply::Entries(expected), Got::Reply(Reply::Entries(got))) =
        (&divergence.expected, &divergence.got)
    else {
        return Vec::new();
    };
    let entries = expected.iter().chain(got);
    let keys: BTreeSet<&[u8]> = entries.map(|(key, _)| key.as_slice()).collect();
    keys.into_iter().map(Op::get).collect()
}

/// Cuts the right replies to those that are written down.
fn written(script: &mut Script, at: usize, divergence: &Divergence) {
    let right = &mut script.expected[at];
    if script.case.ops[at] == divergence.read {
        // A store that contradicts what it answered behind the crash gives a reply that another
        // store may give.
        let got = matches!(&divergence.got, Got::Reply(got) if right.contains(got));
        if got {
            right.clear();
            right.push(divergence.expected.clone());
        }
        right.sort_by_key(|reply| *reply != divergence.expected);
    }
    let all = right.len();
    if all > REPLIES_MOST {
        right.truncate(REPLIES_MOST);
        let says = format!("{REPLIES_MOST} of the {all} replies that are right");
        script.set_note("expected", &says);
    }
}
