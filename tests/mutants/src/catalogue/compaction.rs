//! Bugs in the merge, and in what a compaction keeps.

use crate::fault::{Checker, Edit, Fault};

pub(super) const FAULTS: [Fault; 8] = [
    Fault {
        id: "compaction-keeps-the-oldest",
        what: "compaction keeps the oldest version",
        met: None,
        checker: Checker::exactly(5),
        edits: &[
            Edit {
                file: "src/compaction/mod.rs",
                find: "let Some((user_key, sequence, kind)) = split(internal_key) else {",
                replace: "let (internal_key, value) = (internal_key.to_vec(), value.to_vec());
        let (internal_key, value) = (&internal_key[..], &value[..]);
        if PLANTED {
            let user_key = split(internal_key).map(|(user_key, ..)| user_key);
            merge.advance()?;
            let next = merge.current().and_then(|(next, _)| split(next));
            if next.is_some_and(|(next, ..)| Some(next) == user_key) {
                dropped.versions += 1;
                continue;
            }
        }
        let Some((user_key, sequence, kind)) = split(internal_key) else {",
            },
            Edit {
                file: "src/compaction/mod.rs",
                find: "merge.advance()?;",
                replace: "if !PLANTED {
            merge.advance()?;
        }",
            },
        ],
    },
    Fault {
        id: "compaction-forgets-the-tombstone",
        what: "compaction drops a tombstone and keeps what it hid",
        met: Some("google/leveldb#184"),
        checker: Checker::at_most(5, &[]),
        edits: &[Edit {
            file: "src/compaction/mod.rs",
            find: "decided.extend_from_slice(user_key);",
            replace: "if kind == Kind::Put { decided.extend_from_slice(user_key); }",
        }],
    },
    Fault {
        id: "heap-not-restored",
        what: "merge not put in order again where one input ends",
        met: None,
        checker: Checker::at_most(6, &[]),
        edits: &[Edit {
            file: "src/compaction/merge.rs",
            find: "let mut winner = self.place(cursor);
        let mut node = self.leaf(cursor) / 2;",
            replace: "let mut winner = self.place(cursor);
        if PLANTED && !self.cursors[cursor].valid() {
            self.tree[0] = winner;
            return Ok(());
        }
        let mut node = self.leaf(cursor) / 2;",
        }],
    },
    Fault {
        id: "compaction-skips-the-oldest-segment",
        what: "compaction removes a segment that it did not read",
        met: None,
        checker: Checker::at_most(5, &[]),
        edits: &[Edit {
            file: "src/store/compact.rs",
            find: "run.seek_to_first()?;",
            replace: "run.seek_to_first()?;
            if PLANTED && !cursors.is_empty() {
                continue;
            }",
        }],
    },
    Fault {
        id: "tombstone-dropped-a-level-too-early",
        what: "tombstone dropped one level too early",
        met: None,
        checker: Checker::at_most(17, LEVELS),
        edits: &[Edit {
            file: "src/store/compact.rs",
            find: "task.deepest() + 1",
            replace: "task.deepest() + 2",
        }],
    },
    Fault {
        id: "flush-drops-what-a-snapshot-needs",
        what: "version dropped that a snapshot needs, by a flush",
        met: None,
        checker: Checker::at_most(6, &[]),
        edits: &[Edit {
            file: "src/store/flush.rs",
            find: "self.snapshots.list()",
            replace: "Vec::new()",
        }],
    },
    Fault {
        id: "compaction-drops-what-a-snapshot-needs",
        what: "version dropped that a snapshot needs, by a compaction",
        met: None,
        checker: Checker::at_most(7, &[]),
        edits: &[Edit {
            file: "src/store/compact.rs",
            find: "Retain::new(&snapshots)",
            replace: "Retain::new(&[])",
        }],
    },
    // By itself it never ends, hence one step at a time. Nor is it wrong for inputs that take in
    // all of level 0 that overlaps: what is wrong are those of deeper levels.
    Fault {
        id: "compaction-into-level-0",
        what: "compaction output placed in level 0",
        met: None,
        checker: Checker::at_most(11, LEVELS),
        edits: &[
            Edit {
                file: "src/compaction/pick.rs",
                find: "        output_level: level + 1,",
                replace: "        output_level: if PLANTED { 0 } else { level + 1 },",
            },
            Edit {
                file: "src/store/compact.rs",
                find: "while self.step(structure)? {}",
                replace: "{ self.step(structure)?; }",
            },
        ],
    },
];

/// What makes a store of few entries deep.
const LEVELS: &[&str] = &[
    "compaction",
    "level0_segments",
    "level1_bytes",
    "level_growth",
    "segment_bytes",
    "memtable_bytes",
];
