//! Bugs in scans.

use crate::fault::{Checker, Edit, Fault};

pub(super) const FAULTS: [Fault; 5] = [
    Fault {
        id: "excluded-end-included",
        what: "excluded upper bound of a scan included",
        met: Some("skyzh/mini-lsm#180"),
        checker: Checker::at_most(4, &[]),
        edits: &[Edit {
            file: "src/store/scan.rs",
            find: "Bound::Excluded(to) => key >= to.as_slice(),",
            replace: "Bound::Excluded(to) if PLANTED => key > to.as_slice(),
        Bound::Excluded(to) => key >= to.as_slice(),",
        }],
    },
    Fault {
        id: "prefix-end-of-ff",
        what: "end of a prefix that ends in ff computed wrongly",
        met: Some("pingcap/tidb#12598"),
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/store/scan.rs",
            find: "prefix.iter().rposition(|byte| *byte != 0xff)?",
            replace: "prefix.len().checked_sub(1)?",
        }],
    },
    Fault {
        id: "reverse-scan-loses-the-last",
        what: "reverse scan loses the last entry",
        met: Some("fusesource/leveldbjni#50"),
        checker: Checker::at_most(2, &[]),
        edits: &[Edit {
            file: "src/store/scan.rs",
            find: "alive && (!goes_on || next_key != Some(&key))",
            replace: "alive && goes_on && next_key != Some(&key)",
        }],
    },
    Fault {
        id: "limit-counts-tombstones",
        what: "limit of a scan counts deleted keys",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/store/scan.rs",
            find: "if kind == Kind::Put {",
            replace: "if PLANTED && kind == Kind::Delete {
                    left -= 1;
                    if left == 0 {
                        return Ok(());
                    }
                }
                if kind == Kind::Put {",
        }],
    },
    Fault {
        id: "reverse-seek-beyond-the-end",
        what: "reverse scan from beyond the last key of a segment finds nothing in it",
        met: Some("Level/leveldown#27"),
        checker: Checker::at_most(2, &[]),
        edits: &[Edit {
            file: "src/store/scan.rs",
            find: "                    cursor.seek_to_last()
                }",
            replace: "                    if PLANTED { Ok(()) } else { cursor.seek_to_last() }
                }",
        }],
    },
];
