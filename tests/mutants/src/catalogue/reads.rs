//! Bugs in get, and in the choice of segments to search.

use crate::fault::{Checker, Edit, Fault};

pub(super) const FAULTS: [Fault; 7] = [
    Fault {
        id: "segments-oldest-first",
        what: "segments searched oldest first",
        met: Some("fjall-rs/lsm-tree#315"),
        checker: Checker::exactly(5),
        edits: &[Edit {
            file: "src/store/view.rs",
            find: "for (level, file) in self.version.candidates(key) {",
            replace: "let mut candidates: Vec<_> = self.version.candidates(key).collect();
        if PLANTED {
            candidates.reverse();
        }
        for (level, file) in candidates {",
        }],
    },
    Fault {
        id: "empty-value-read-as-absent",
        what: "empty value read as absent from a segment",
        met: None,
        checker: Checker::exactly(3),
        edits: &[Edit {
            file: "src/store/view.rs",
            find: "(kind == Kind::Put).then_some(value)",
            replace: "(kind == Kind::Put && !value.is_empty()).then_some(value)",
        }],
    },
    Fault {
        id: "memtable-tombstone-passed-over",
        what: "tombstone in the memtable does not end a get",
        met: None,
        checker: Checker::at_most(4, &[]),
        edits: &[Edit {
            file: "src/store/view.rs",
            find: "if let Some(slot) = self.memtable.get(key, sequence) {",
            replace: "let in_memtable = self.memtable.get(key, sequence);
        if let Some(slot) = in_memtable.filter(|slot| slot.value.is_some() || !PLANTED) {",
        }],
    },
    Fault {
        id: "miss-ends-the-search",
        what: "get gives up at the first segment that was read in vain",
        met: None,
        checker: Checker::at_most(12, &["filter_bits", "memtable_bytes"]),
        edits: &[Edit {
            file: "src/store/view.rs",
            find: "met.blocks_in_vain += 1;",
            replace: "met.blocks_in_vain += 1;
                    if PLANTED {
                        return Ok(None);
                    }",
        }],
    },
    Fault {
        id: "newest-segment-ignored",
        what: "newest segment of level 0 not searched",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/manifest/version.rs",
            find: "self.levels[0].iter().rev().map(|file| (0, file))",
            replace: "self.levels[0].iter().rev().skip(usize::from(PLANTED)).map(|file| (0, file))",
        }],
    },
    Fault {
        id: "deeper-level-first",
        what: "deeper levels searched before level 0",
        met: Some("google/leveldb#376"),
        // Five with a compaction by hand; where the case found first compacts by itself, four
        // flushes stand for it.
        checker: Checker::at_most(11, &["compaction"]),
        edits: &[Edit {
            file: "src/manifest/version.rs",
            find: "        newest_first
            .chain(deeper)
            .filter",
            replace: "        let mut files: Vec<_> = newest_first.chain(deeper).collect();
        if PLANTED {
            files.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
        }
        files.into_iter().filter",
        }],
    },
    Fault {
        id: "largest-key-outside",
        what: "segment not searched for its own largest key",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/manifest/version.rs",
            find: "key <= user_key(&self.meta.largest)",
            replace: "key < user_key(&self.meta.largest)",
        }],
    },
];
