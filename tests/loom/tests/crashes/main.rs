//! Concurrent and crashing together: two threads, a crash at any disk operation, every order of
//! disk operations, calls and returns, every state that the disk may be left in.
//!
//! ```text
//!   plan --loom, each interleaving--> trace: disk operations, calls and returns in their order
//!                                       |  distinct ones
//!   allowed: what may be there <--calls-+--disk operations, once more--> simulated disk
//!              |                          each crash point, each model, each state: image
//!              '------------ in? <-- contents <--recovered by the engine built on std--'
//! ```
//!
//! The engine that writes is the production code under loom (`etalon_loom`); the one that
//! recovers is the same code over `std` (`etalon`), for a recovery runs alone.
//!
//! What holds for every run of this test:
//! 1. Every disk operation that changes anything, every call and every return touches one object
//!    of loom's, so that loom tries every order of them; else it would take an acknowledgement and
//!    another thread's disk operation for independent.
//! 2. The condition is buffered durable linearizability: what is recovered is the state after a
//!    prefix of some linearization of the calls made before the crash, which agrees with every
//!    reply, and the prefix contains every call that was acknowledged as durable (G5, G7, G9).
//! 3. Threads are switched around the marks of 1 (`switches`). A full run (`ETALON_LOOM_FULL=1`)
//!    has more plans, and in some of them switches everywhere, too: whatever the larger search
//!    finds, the smaller one found. Of the smallest plan that is checked every day.
//! 4. The counts are pinned in `crashes.txt`; `ETALON_BLESS=1 cargo test -p etalon-loom` accepts
//!    new ones.
//!
//! Of the crash models, torn bytes are tried at two places of a write; the others are complete as
//! far as `Limits` says. The recovery itself is not crashed here: `etalon explore --crash` does
//! that, and a recovery is a function of the image alone.

mod allowed;
#[path = "../interleavings/completed.rs"]
mod completed;
mod judge;
mod observed;
mod pinned;
mod plan;
mod switches;
mod weave;

use plan::{Call, Plan};
use switches::Switches::{AroundMarks, Everywhere};

const PLANS: [Plan; 10] = [
    Plan {
        name: "two synced",
        before: &[],
        threads: [
            &[Call::PutSynced("k", "1")],
            &[Call::PutSynced("l", "2"), Call::Get("k")],
        ],
        daily: &[AroundMarks],
        full: &[AroundMarks, Everywhere],
    },
    Plan {
        name: "two synced, read",
        before: &[],
        threads: [
            &[Call::PutSynced("k", "1"), Call::Get("l")],
            &[Call::PutSynced("l", "2"), Call::Get("k")],
        ],
        daily: &[AroundMarks],
        full: &[AroundMarks],
    },
    Plan {
        name: "one synced",
        before: &[Call::Put("k", "0")],
        threads: [
            &[Call::Put("k", "1"), Call::Put("l", "1")],
            &[Call::PutSynced("m", "2")],
        ],
        daily: &[AroundMarks],
        full: &[AroundMarks, Everywhere],
    },
    Plan {
        name: "one synced, read",
        before: &[Call::Put("k", "0")],
        threads: [
            &[Call::Put("k", "1"), Call::Put("l", "1")],
            &[Call::PutSynced("m", "2"), Call::Get("l")],
        ],
        daily: &[AroundMarks],
        full: &[AroundMarks],
    },
    Plan {
        name: "flush between",
        before: &[Call::Put("k", "0")],
        threads: [&[Call::Put("k", "1")], &[Call::Flush, Call::Put("l", "2")]],
        daily: &[AroundMarks],
        full: &[AroundMarks, Everywhere],
    },
    Plan {
        name: "flush between, read",
        before: &[Call::Put("k", "0")],
        threads: [
            &[Call::Put("k", "1"), Call::Get("l")],
            &[Call::Flush, Call::Put("l", "2")],
        ],
        daily: &[],
        full: &[AroundMarks],
    },
    Plan {
        name: "batch and flush",
        before: &[Call::Put("k", "0")],
        threads: [
            &[Call::Write(&[("k", None), ("l", Some("1"))])],
            &[Call::Flush, Call::Sync],
        ],
        daily: &[AroundMarks],
        full: &[AroundMarks, Everywhere],
    },
    Plan {
        name: "batch and flush, read",
        before: &[Call::Put("k", "0")],
        threads: [
            &[
                Call::Write(&[("k", None), ("l", Some("1"))]),
                Call::Get("k"),
            ],
            &[Call::Flush, Call::Sync],
        ],
        daily: &[],
        full: &[AroundMarks],
    },
    Plan {
        name: "compact",
        before: &[Call::Put("k", "0"), Call::Flush, Call::Delete("k")],
        threads: [&[Call::Put("l", "1")], &[Call::Compact]],
        daily: &[AroundMarks, Everywhere],
        full: &[AroundMarks, Everywhere],
    },
    Plan {
        name: "compact, read",
        before: &[Call::Put("k", "0"), Call::Flush, Call::Delete("k")],
        threads: [
            &[Call::Put("l", "1"), Call::Get("k")],
            &[Call::Compact, Call::Get("l")],
        ],
        daily: &[],
        full: &[AroundMarks],
    },
];

#[test]
fn every_crash_of_every_interleaving_leaves_a_prefix_of_some_linearization() {
    let is_full = std::env::var_os("ETALON_LOOM_FULL").is_some();
    let mut lines = Vec::new();
    for plan in &PLANS {
        let mut known = None;
        for switches in if is_full { plan.full } else { plan.daily } {
            let woven = weave::weave(plan, *switches);
            let found = known.get_or_insert_with(|| judge::judge(plan, &woven));
            assert_eq!(
                found.traces, woven.traces,
                "{}: other traces {switches}",
                plan.name
            );
            lines.push(pinned::line(plan, *switches, woven.executions, found));
        }
    }
    pinned::check(&PLANS, &lines);
}
