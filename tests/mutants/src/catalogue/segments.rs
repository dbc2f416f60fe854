//! Bugs in the files: blocks, index, filter.

use crate::fault::{Checker, Edit, Fault};

pub(super) const FAULTS: [Fault; 6] = [
    Fault {
        id: "filter-bit-wrong",
        what: "filter bit computed wrongly",
        met: None,
        checker: Checker::exactly(3),
        edits: &[Edit {
            file: "src/sstable/bloom.rs",
            find: "array[bit / 8] |= 1 << (bit % 8);",
            replace: "array[bit / 8] |= 1 << (bit % 7);",
        }],
    },
    Fault {
        id: "filter-of-the-wrong-block",
        what: "filter of one block taken for the next one's",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/sstable/filter_block.rs",
            find: "(self.offsets.len() as u64) < offset >> BASE_LOG",
            replace: "self.offsets.len() as u64 <= offset >> BASE_LOG",
        }],
    },
    Fault {
        id: "last-key-of-block-unreachable",
        what: "last key of a block unreachable",
        met: None,
        checker: Checker::exactly(3),
        edits: &[Edit {
            file: "src/sstable/seek.rs",
            find: "Some(_) => return Ok(Walk::At(entry)),",
            replace: "Some(_) if PLANTED && entry.end == bytes.len() => return Ok(Walk::End),
                Some(_) => return Ok(Walk::At(entry)),",
        }],
    },
    Fault {
        id: "restart-point-too-late",
        what: "search in a block begins one restart point too late",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/sstable/seek.rs",
            find: "self.restart(low)",
            replace: "self.restart((low + 1).min(self.restarts - 1))",
        }],
    },
    Fault {
        id: "separator-too-short",
        what: "index key shorter than the last key of its block, and before it",
        met: None,
        checker: Checker::at_most(4, &[]),
        edits: &[Edit {
            file: "src/key.rs",
            find: "out.push(low + 1);",
            replace: "out.push(low);",
        }],
    },
    Fault {
        id: "previous-block-from-its-start",
        what: "going back into the block before begins at its first entry",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/sstable/cursor.rs",
            find: "Direction::Backward => self.walk(BlockCursor::seek_to_last)?,",
            replace: "Direction::Backward if PLANTED => self.walk(BlockCursor::seek_to_first)?,
                Direction::Backward => self.walk(BlockCursor::seek_to_last)?,",
        }],
    },
];
