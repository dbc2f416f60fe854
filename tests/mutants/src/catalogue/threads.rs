//! Bugs between threads: each shows only in some interleaving, and is found by the scenario of
//! `tests/loom` that is named beside it.

use crate::fault::{Checker, Edit, Fault};

const INSERT: &str = "a_get_finds_an_insert_whole_or_not_at_all";
const FLUSH: &str = "a_reader_misses_no_key_that_moves_to_a_segment_and_never_goes_back";
const FLUSH_TWO: &str = "two_readers_beside_a_flush_miss_nothing";
const HANDLE: &str = "a_reader_handle_sees_what_was_acknowledged_and_never_goes_back";
const BATCH: &str = "a_scan_sees_a_batch_whole_or_not_at_all";
const OVERWRITE: &str = "a_get_finds_a_key_whose_older_version_a_compaction_drops";
const SHARED: &str = "a_segment_that_two_readers_share_goes_when_both_have_let_go";
const SNAPSHOT: &str = "a_snapshot_taken_beside_a_write_stays_through_flush_and_compaction";
const WORKERS: &str = "one_thread_at_a_time_works_on_the_structure_whoever_is_woken";
const FAILED: &str = "a_failure_in_the_background_reaches_the_caller";
const DROPPED: &str = "a_store_dropped_while_the_background_works_loses_nothing";
const GROUP: &str = "three_writers_form_groups_and_none_is_forgotten";

pub(super) const FAULTS: [Fault; 17] = [
    Fault {
        id: "memtable-cleared-before-publishing",
        what: "memtable cleared before its segment is published",
        met: None,
        checker: Checker::loom(FLUSH),
        edits: &[Edit {
            file: "src/store/flush.rs",
            find: "frozen: Some(full.clone()),",
            replace: "frozen: (!PLANTED).then(|| full.clone()),",
        }],
    },
    Fault {
        id: "view-swapped-in-two-steps",
        what: "view swapped in two steps: frozen memtable out, then segment in",
        met: None,
        checker: Checker::loom(FLUSH_TWO),
        edits: &[Edit {
            file: "src/store/flush.rs",
            find: "        self.view.update(|view| View {
            memtable: view.memtable.clone(),
            frozen: None,
            version: Arc::new(view.version.with_newest(Arc::new(file))),",
            replace: "        if PLANTED {
            self.view.update(|view| View {
                memtable: view.memtable.clone(),
                frozen: None,
                version: Arc::clone(&view.version),
            });
        }
        self.view.update(|view| View {
            memtable: view.memtable.clone(),
            frozen: None,
            version: Arc::new(view.version.with_newest(Arc::new(file))),",
        }],
    },
    Fault {
        id: "sequence-loaded-before-the-view",
        what: "sequence number loaded before the view",
        met: None,
        checker: Checker::loom(OVERWRITE),
        edits: &[Edit {
            file: "src/store/read.rs",
            find: "        let found = self.shared.view.read(|view| {",
            replace: "        let sequence = if PLANTED {
            sequence.or_else(|| Some(self.shared.last_sequence()))
        } else {
            sequence
        };
        let found = self.shared.view.read(|view| {",
        }],
    },
    Fault {
        id: "relaxed-in-the-skip-list",
        what: "relaxed where release is needed in the skip list",
        met: None,
        checker: Checker::loom(INSERT),
        edits: &[Edit {
            file: "src/memtable/nodes.rs",
            find: "self.pointer().store(pointer, Ordering::Release)",
            replace: "self.pointer().store(pointer, Ordering::Relaxed)",
        }],
    },
    Fault {
        id: "file-removed-while-a-reader-holds-it",
        what: "file removed while a reader holds it",
        met: None,
        checker: Checker::loom(SHARED),
        edits: &[Edit {
            file: "src/store/compact.rs",
            find: "            if is_free(file) {",
            replace: "            if is_free(file) || PLANTED {",
        }],
    },
    Fault {
        id: "snapshot-number-outside-the-lock",
        what: "snapshot's number taken outside the lock",
        met: None,
        checker: Checker::loom(SNAPSHOT),
        edits: &[Edit {
            file: "src/store/snapshot.rs",
            find: "        let mut numbers = self.shared.snapshots.numbers.lock();
        let sequence = self.shared.last_sequence();",
            replace: "        let early = self.shared.last_sequence();
        let mut numbers = self.shared.snapshots.numbers.lock();
        let sequence = if PLANTED { early } else { self.shared.last_sequence() };",
        }],
    },
    Fault {
        id: "slot-taken-while-read",
        what: "slot of a view taken for the next one while a reader is in it",
        met: None,
        checker: Checker::loom(FLUSH_TWO),
        edits: &[Edit {
            file: "src/store/published.rs",
            find: "            if slot.released.fetch_add(0, Ordering::Acquire) == swaps.acquired[at] {",
            replace: "            if slot.released.fetch_add(0, Ordering::Acquire) == swaps.acquired[at] || PLANTED {",
        }],
    },
    Fault {
        id: "view-swapped-relaxed",
        what: "relaxed where release is needed in the swap of the view",
        met: None,
        checker: Checker::loom(FLUSH),
        edits: &[Edit {
            file: "src/store/published.rs",
            find: "self.current.swap(word, Ordering::AcqRel)",
            replace: "self.current.swap(word, Ordering::Relaxed)",
        }],
    },
    Fault {
        id: "hold-ended-relaxed",
        what: "relaxed where release is needed at the end of a read",
        met: None,
        checker: Checker::loom(FLUSH_TWO),
        edits: &[Edit {
            file: "src/store/published.rs",
            find: "self.0.released.fetch_add(1, Ordering::Release)",
            replace: "self.0.released.fetch_add(1, Ordering::Relaxed)",
        }],
    },
    Fault {
        id: "generation-stored-before-the-view",
        what: "number of the view stored before the view is swapped",
        met: None,
        checker: Checker::loom(HANDLE),
        edits: &[
            Edit {
                file: "src/store/published.rs",
                find: "        swaps.filled |= 1 << slot;",
                replace: "        swaps.filled |= 1 << slot;
        if PLANTED {
            self.generation.store(swaps.generation + 1, Ordering::Release);
        }",
            },
            Edit {
                file: "src/store/published.rs",
                find: "        self.generation.store(swaps.generation, Ordering::Release);",
                replace: "        if !PLANTED {
            self.generation.store(swaps.generation, Ordering::Release);
        }",
            },
        ],
    },
    Fault {
        id: "if-for-while-around-a-wait",
        what: "`if` for `while` around the wait for the structure",
        met: None,
        checker: Checker::loom(WORKERS),
        edits: &[Edit {
            file: "src/store/work.rs",
            find: "        while state.structure.is_none() {
            state = self.work.wait(state);
        }",
            replace: "        if PLANTED {
            if state.structure.is_none() {
                state = self.work.wait(state);
            }
        } else {
            while state.structure.is_none() {
                state = self.work.wait(state);
            }
        }",
        }],
    },
    Fault {
        id: "background-error-dropped",
        what: "error in the background dropped",
        met: None,
        checker: Checker::loom(FAILED),
        edits: &[Edit {
            file: "src/store/background.rs",
            find: "            Ok(Err(error)) => error.to_string(),",
            replace: "            Ok(Err(_)) if PLANTED => {
                drop(structure);
                shared.work.forget_frozen();
                continue;
            }
            Ok(Err(error)) => error.to_string(),",
        }],
    },
    Fault {
        id: "background-outlives-the-store",
        what: "thread of the background not waited for when the store is dropped",
        met: None,
        checker: Checker::loom(DROPPED),
        edits: &[Edit {
            file: "src/store/background.rs",
            find: "        let thread = self.thread.take().expect(\"joined here alone\");",
            replace: "        let thread = self.thread.take().expect(\"joined here alone\");
        if PLANTED {
            return;
        }",
        }],
    },
    Fault {
        id: "sequence-published-before-the-entry",
        what: "sequence number published before the entries",
        met: None,
        checker: Checker::loom(BATCH),
        edits: &[Edit {
            file: "src/store/write.rs",
            find: "        match given {
            Given::One(key, value)",
            replace: "        if PLANTED {
            let last = writer.sequence + writer.batch.len() as u64;
            self.shared.show_up_to(last);
        }
        match given {
            Given::One(key, value)",
        }],
    },
    Fault {
        id: "batch-published-entry-by-entry",
        what: "batch published entry by entry",
        met: None,
        checker: Checker::loom(BATCH),
        edits: &[Edit {
            file: "src/store/write.rs",
            find: "            Given::Batch(batch) => insert_all(writer, batch),",
            replace: "            Given::Batch(batch) if PLANTED => {
                for change in batch.changes() {
                    let (key, value) = change.expect(\"encoded by Batch\");
                    insert(writer, key, value);
                    self.show(writer);
                }
            }
            Given::Batch(batch) => insert_all(writer, batch),",
        }],
    },
    Fault {
        id: "wake-up-lost-in-group-commit",
        what: "wake-up lost in group commit: nobody tells the group when the line is empty",
        met: None,
        checker: Checker::loom(GROUP),
        edits: &[Edit {
            file: "src/store/line.rs",
            find: "        drop(waiting);
        self.line.moved.notify_all();",
            replace: "        let any_waits = !waiting.is_empty();
        drop(waiting);
        if any_waits || !PLANTED {
            self.line.moved.notify_all();
        }",
        }],
    },
    Fault {
        id: "if-for-while-in-line",
        what: "`if` for `while` around the wait in the writers' line",
        met: None,
        checker: Checker::loom(GROUP),
        edits: &[Edit {
            file: "src/store/line.rs",
            find: "        while arrived.is_none() {",
            replace: "        let mut looked = 0;
        while arrived.is_none() && !(PLANTED && looked == 2) {
            looked += 1;",
        }],
    },
];
