//! More bugs between threads: in what readers see of one moment, in who is woken, and in what is
//! durable when a writer had to wait. Each is found by the test of `tests/loom` that is named beside
//! it.

use crate::fault::{Checker, Edit, Fault};

const WALK: &str = "an_iterator_stays_at_its_moment_while_the_memtable_grows";
const SCAN: &str = "a_scan_is_of_one_moment_while_the_memtable_moves";
const TOMBSTONE: &str = "a_deleted_key_stays_away_while_its_tombstone_moves_and_goes";
const MERGED: &str = "a_reader_reads_segments_that_a_compaction_replaces";
const WRITERS: &str = "two_writers_take_turns_and_the_log_agrees_with_what_was_read";
const BACKGROUND: &str = "a_get_finds_what_the_background_flushes";
const FOUR: &str = "four_writers_form_groups_and_none_is_forgotten";
const CRASHES: &str = "every_crash_of_every_interleaving_leaves_a_prefix_of_some_linearization";

pub(super) const FAULTS: [Fault; 8] = [
    Fault {
        id: "iterator-of-no-moment",
        what: "iterator without a sequence number of its own: it sees what comes later",
        met: None,
        checker: Checker::loom(WALK),
        edits: &[Edit {
            file: "src/store/live.rs",
            find: "let sequence = snapshot.unwrap_or_else(|| store.shared.last_sequence());",
            replace: "let sequence = match snapshot {
                None if PLANTED => MAX_SEQUENCE,
                _ => snapshot.unwrap_or_else(|| store.shared.last_sequence()),
            };",
        }],
    },
    Fault {
        id: "scan-without-the-frozen-memtable",
        what: "scan that leaves out the memtable being flushed",
        met: None,
        checker: Checker::loom(SCAN),
        edits: &[Edit {
            file: "src/store/live.rs",
            find: "std::iter::once(&view.memtable).chain(&view.frozen)",
            replace: "std::iter::once(&view.memtable).chain(view.frozen.iter().filter(|_| !PLANTED))",
        }],
    },
    Fault {
        id: "inputs-out-one-by-one",
        what: "inputs of a compaction out one by one, the newest first",
        met: None,
        checker: Checker::loom(TOMBSTONE),
        edits: &[Edit {
            file: "src/store/compact.rs",
            find: "        let next = Arc::new(self.version().after(&change));",
            replace: "        if PLANTED {
            let newest = change.removed.iter().max_by_key(|(_, file)| file.meta.number);
            let half = Change {
                removed: newest.cloned().into_iter().collect(),
                added: Vec::new(),
                pointer: None,
            };
            let half = Arc::new(self.version().after(&half));
            self.view.update(|view| View {
                memtable: view.memtable.clone(),
                frozen: view.frozen.clone(),
                version: half,
            });
        }
        let next = Arc::new(self.version().after(&change));",
        }],
    },
    Fault {
        id: "replaced-views-not-swept",
        what: "replaced views not swept: a file that nobody reads any more stays",
        met: None,
        checker: Checker::loom(MERGED),
        edits: &[Edit {
            file: "src/store/compact.rs",
            find: "        self.view.sweep();",
            replace: "        if !PLANTED {
            self.view.sweep();
        }",
        }],
    },
    Fault {
        id: "writer-taken-relaxed",
        what: "relaxed where acquire is needed in taking the writer",
        met: None,
        checker: Checker::loom(WRITERS),
        edits: &[Edit {
            file: "src/store/baton.rs",
            find: "(self.word).compare_exchange(from, to, Ordering::Acquire, Ordering::Relaxed)",
            replace: "(self.word).compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed)",
        }],
    },
    Fault {
        id: "memtable-hidden-while-flushed",
        what: "memtable out of the readers' sight when the background begins to flush it",
        met: None,
        checker: Checker::loom(BACKGROUND),
        edits: &[Edit {
            file: "src/store/flush.rs",
            find: "        let mut output = Output::new(self, structure);",
            replace: "        if PLANTED {
            self.view.update(|view| View {
                memtable: view.memtable.clone(),
                frozen: None,
                version: Arc::clone(&view.version),
            });
        }
        let mut output = Output::new(self, structure);",
        }],
    },
    Fault {
        id: "one-woken-of-a-group",
        what: "one woken where a group waits",
        met: None,
        checker: Checker::loom(FOUR),
        edits: &[Edit {
            file: "src/sync.rs",
            find: "        self.0.notify_all();",
            replace: "        if PLANTED {
            self.0.notify_one();
        } else {
            self.0.notify_all();
        }",
        }],
    },
    // Only who has to wait for the writer is written in a group, and only a crash shows it.
    Fault {
        id: "group-not-synced",
        what: "synced write acknowledged unsynced if it had to wait for another one",
        met: None,
        checker: Checker::loom(CRASHES),
        edits: &[Edit {
            file: "src/store/write.rs",
            find: "turn.parts().1.any(|change| change.sync);",
            replace: "turn.parts().1.any(|change| change.sync && !PLANTED);",
        }],
    },
];
