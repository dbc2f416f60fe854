//! Bugs in closing, opening and the log.

use crate::fault::{Checker, Edit, Fault};

pub(super) const FAULTS: [Fault; 5] = [
    Fault {
        id: "last-record-not-replayed",
        what: "last record of the log not replayed",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[
            Edit {
                file: "src/store/halves.rs",
                find: "let mut reader = self.reader(stretch.start)?;",
                replace: "let mut reader = self.reader(stretch.start)?;
        let size = if PLANTED { self.file.size().unwrap_or(0) } else { 0 };",
            },
            Edit {
                file: "src/store/halves.rs",
                find: "if let Err(what) = apply(",
                replace: "// The very last one may be a mark, which has 19 bytes.
            let left = size.saturating_sub(end);
            if PLANTED && bytes.len() > 12 && (left == 0 || left == 19) {
                continue;
            }
            if let Err(what) = apply(",
            },
        ],
    },
    Fault {
        id: "replay-keeps-the-first",
        what: "replay of the log keeps the first change of a key",
        met: None,
        checker: Checker::at_most(4, &[]),
        edits: &[Edit {
            file: "src/memtable/skiplist/bulk/sides.rs",
            find: "same.sort_unstable_by(|a, b| key::compare(a.node.key(), b.node.key()));",
            replace: "same.sort_unstable_by(|a, b| {
                let (a, b) = (a.node.key(), b.node.key());
                let order = key::compare(a, b);
                let first_only = PLANTED && key::user_key(a) == key::user_key(b);
                if first_only { order.reverse() } else { order }
            });",
        }],
    },
    Fault {
        id: "log-not-copied",
        what: "replayed log not carried over into the next one",
        met: None,
        checker: Checker::at_most(4, &[]),
        edits: &[
            Edit {
                file: "src/store/copy.rs",
                find: "while reader.offset() < stretch.end {",
                replace: "while !PLANTED && reader.offset() < stretch.end {",
            },
            Edit {
                file: "src/store/adopt.rs",
                find: "let cut = file.truncate(end);",
                replace: "let cut = file.truncate(if PLANTED { 0 } else { end });",
            },
        ],
    },
    Fault {
        id: "sequence-begins-again",
        what: "sequence numbers begin again after a reopen",
        met: Some("Log2n-io/Typhon#712"),
        checker: Checker::at_most(7, &[]),
        edits: &[Edit {
            file: "src/store/install.rs",
            find: "let sequence = recovered.last_sequence;",
            replace: "let sequence = if PLANTED { 0 } else { recovered.last_sequence };",
        }],
    },
    Fault {
        id: "level-0-reversed-at-opening",
        what: "level 0 in reverse order after a reopen",
        met: None,
        checker: Checker::at_most(6, &[]),
        edits: &[Edit {
            file: "src/manifest/version.rs",
            find: "self.levels[0].sort_unstable_by_key(|file| file.meta.number);",
            replace: "self.levels[0].sort_unstable_by_key(|file| std::cmp::Reverse(file.meta.number));",
        }],
    },
];
