//! The engine under loom: every interleaving of small scenarios, run on the production sources
//! with `src/sync.rs` switched to loom's locks and atomics.
//!
//! ```text
//!   program --loom, each interleaving--> outcome      seen == allowed, in both directions
//!      |      (threads)                  (what the threads read)
//!      '--reference, each order of the operations, over a map--> outcomes allowed
//!                                        executions == executions.txt
//! ```
//!
//! What holds for every run of this test:
//! 1. A scenario that is called complete has no limit: no preemption bound, no number of
//!    permutations, no duration. That loom came to the end of its search is not inferred from
//!    its return: it is heard to say so. The others name their preemption bound.
//! 2. Every outcome seen is allowed, and every outcome allowed is seen, so a scenario that lost
//!    its concurrency fails as well. What is allowed is computed from the specification
//!    (`linearize`), not listed, wherever the scenario is a program of reads and writes.
//! 3. The numbers of executions are pinned. To accept new ones, and see how they differ:
//!    `ETALON_BLESS=1 cargo test -p etalon-loom`.
//! 4. Each has a twin in `tests/mutants`: a planted fault that it must find (`LOOM.md` there).
//!
//! 5. Two limits of loom that it does not speak of are watched by the atomics of the engine
//!    (`src/sync/counted.rs`): how many stores a load can choose from, and loads that hide the
//!    loads of others. A complete search within which either was met fails.
//!
//! "Complete" is meant within loom's model: every order of the operations on locks and atomics
//! that can make a difference. It has no load buffering, takes `SeqCst` for acquire and release,
//! and wakes condition variables first in, first out and never by themselves: hence the threads
//! that wake for nothing. Of the disk, only the names are points of interleaving (`disk`), and
//! nothing here crashes.

mod completed;
mod disk;
mod explore;
mod failure;
mod groups;
mod linearize;
mod pinned;
mod program;
mod scenarios;

use explore::Scenario;
use failure::FAILED;
use groups::{FOUR, GROUP};
use scenarios::{
    BACKGROUND, BATCH, DROPPED, FLUSH, FLUSH_TWO, HANDLE, INGEST, INSERT, MERGED, OVERWRITE, SCAN,
    SHARED, SNAPSHOT, SWAP, TOMBSTONE, WALK, WORKERS, WRITERS,
};

/// All of them.
const ALL: [&Scenario; 21] = [
    &INSERT,
    &WALK,
    &FLUSH,
    &FLUSH_TWO,
    &HANDLE,
    &SCAN,
    &BATCH,
    &OVERWRITE,
    &TOMBSTONE,
    &MERGED,
    &SHARED,
    &SNAPSHOT,
    &WRITERS,
    &SWAP,
    &INGEST,
    &BACKGROUND,
    &DROPPED,
    &WORKERS,
    &FAILED,
    &GROUP,
    &FOUR,
];

#[test]
fn a_get_finds_an_insert_whole_or_not_at_all() {
    INSERT.assert_outcomes();
}

#[test]
fn an_iterator_stays_at_its_moment_while_the_memtable_grows() {
    WALK.assert_outcomes();
}

#[test]
fn a_reader_misses_no_key_that_moves_to_a_segment_and_never_goes_back() {
    FLUSH.assert_outcomes();
}

#[test]
fn two_readers_beside_a_flush_miss_nothing() {
    FLUSH_TWO.assert_outcomes();
}

#[test]
fn a_reader_handle_sees_what_was_acknowledged_and_never_goes_back() {
    HANDLE.assert_outcomes();
}

#[test]
fn a_scan_is_of_one_moment_while_the_memtable_moves() {
    SCAN.assert_outcomes();
}

#[test]
fn a_scan_sees_a_batch_whole_or_not_at_all() {
    BATCH.assert_outcomes();
}

#[test]
fn a_get_finds_a_key_whose_older_version_a_compaction_drops() {
    OVERWRITE.assert_outcomes();
}

#[test]
fn a_deleted_key_stays_away_while_its_tombstone_moves_and_goes() {
    TOMBSTONE.assert_outcomes();
}

#[test]
fn a_reader_reads_segments_that_a_compaction_replaces() {
    MERGED.assert_outcomes();
}

#[test]
fn a_segment_that_two_readers_share_goes_when_both_have_let_go() {
    SHARED.assert_outcomes();
}

#[test]
fn a_snapshot_taken_beside_a_write_stays_through_flush_and_compaction() {
    SNAPSHOT.assert_outcomes();
}

#[test]
fn two_writers_take_turns_and_the_log_agrees_with_what_was_read() {
    WRITERS.assert_outcomes();
}

#[test]
fn of_two_swaps_that_expect_the_same_one_is_made() {
    SWAP.assert_outcomes();
}

#[test]
fn a_run_is_seen_whole_and_before_what_comes_after_it() {
    INGEST.assert_outcomes();
}

#[test]
fn a_get_finds_what_the_background_flushes() {
    BACKGROUND.assert_outcomes();
}

#[test]
fn a_store_dropped_while_the_background_works_loses_nothing() {
    DROPPED.assert_outcomes();
}

#[test]
fn one_thread_at_a_time_works_on_the_structure_whoever_is_woken() {
    WORKERS.assert_outcomes();
}

#[test]
fn a_failure_in_the_background_reaches_the_caller() {
    FAILED.assert_outcomes();
}

#[test]
fn three_writers_form_groups_and_none_is_forgotten() {
    GROUP.assert_outcomes();
}

#[test]
fn four_writers_form_groups_and_none_is_forgotten() {
    FOUR.assert_outcomes();
}

#[test]
fn executions_are_as_pinned() {
    pinned::check(&ALL);
}
