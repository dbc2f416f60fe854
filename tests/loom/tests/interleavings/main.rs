//! The engine under loom: every interleaving of a few small scenarios, run on the production
//! sources with `src/sync.rs` switched to loom's locks.
//!
//! ```text
//!   scenario --loom, each interleaving--> outcome     seen == intended, in both directions
//!   (threads)                             (what the threads read)
//!                                         executions == executions.txt
//! ```
//!
//! What holds for every run of this test:
//! 1. No limit is set: no preemption bound, no number of permutations, no duration. That loom
//!    came to the end of its search is not inferred from its return: it is heard to say so.
//! 2. Every outcome seen is intended, and every outcome intended is seen, so a scenario that lost
//!    its concurrency fails as well.
//! 3. The numbers of executions are pinned. To accept new ones, and see how they differ:
//!    `ETALON_BLESS=1 cargo test -p etalon-loom`.
//!
//! "Complete" is meant within loom's model: every order of the locks' acquisitions that can make
//! a difference. It has no load buffering, takes `SeqCst` for acquire and release, remembers at
//! most 7 stores to an atomic, wakes condition variables first in, first out and never
//! spuriously. The engine has no instrumented atomic and no condition variable yet, so only the
//! locks count here. Operations of the disk are no points of interleaving (its locks are leaf
//! locks), and nothing here crashes.

mod completed;
mod explore;
mod pinned;
mod scenarios;

use scenarios::{BATCH, COMPACT, FLUSH, WRITERS};

#[test]
fn a_reader_misses_no_key_that_moves_to_a_segment_and_never_goes_back() {
    FLUSH.assert_outcomes();
}

#[test]
fn a_deleted_key_stays_away_while_its_tombstone_moves_and_goes() {
    COMPACT.assert_outcomes();
}

#[test]
fn a_scan_sees_a_batch_whole_or_not_at_all() {
    BATCH.assert_outcomes();
}

#[test]
fn two_writers_take_turns_and_the_log_agrees_with_what_was_read() {
    WRITERS.assert_outcomes();
}

#[test]
fn executions_are_as_pinned() {
    pinned::check(&[&FLUSH, &COMPACT, &BATCH, &WRITERS]);
}
