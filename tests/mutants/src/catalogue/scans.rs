//! Bugs in scans.

use crate::fault::{Checker, Edit, Fault};

pub(super) const FAULTS: [Fault; 5] = [
    Fault {
        id: "excluded-end-included",
        what: "excluded upper bound of a scan included",
        met: Some("skyzh/mini-lsm#180"),
        checker: Checker::at_most(4, &[]),
        edits: &[Edit {
            file: "src/store/live.rs",
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
            file: "src/store/live.rs",
            find: "Ok(if found {",
            replace: "Ok(if found && !(PLANTED && self.merge.current().is_none()) {",
        }],
    },
    Fault {
        id: "limit-counts-tombstones",
        what: "limit of a scan counts deleted keys",
        met: None,
        checker: Checker::at_most(3, &[]),
        // Going forwards `value` has no use: here it gets a byte for each key passed over.
        edits: &[
            Edit {
                file: "src/store/live.rs",
                find: "                if kind == Kind::Put {
                    return Ok(Stands::OnMerge);
                }",
                replace: "                if kind == Kind::Put {
                    return Ok(Stands::OnMerge);
                }
                if PLANTED {
                    self.value.push(0);
                }",
            },
            Edit {
                file: "src/store/live.rs",
                find: "    /// The entry here.\n",
                replace: "    /// How many deleted keys were passed over since this was asked.
    pub(super) fn passed(&mut self) -> usize {
        assert!(PLANTED);
        std::mem::take(&mut self.value).len()
    }

    /// The entry here.\n",
            },
            Edit {
                file: "src/store/scan.rs",
                find: "let mut left = self.limit;",
                replace: "let mut left = self.limit;
        if PLANTED && self.direction == Direction::Forward {
            left = left.saturating_sub(live.passed());
            if left == 0 {
                return Ok(());
            }
        }",
            },
            Edit {
                file: "src/store/scan.rs",
                find: "Direction::Forward => live.next()?,",
                replace: "Direction::Forward => {
                    live.next()?;
                    if PLANTED {
                        left = left.saturating_sub(live.passed());
                        if left == 0 {
                            break;
                        }
                    }
                }",
            },
        ],
    },
    Fault {
        id: "reverse-seek-beyond-the-end",
        what: "reverse scan from beyond the last key of a segment finds nothing in it",
        met: Some("Level/leveldown#27"),
        checker: Checker::at_most(2, &[]),
        edits: &[Edit {
            file: "src/store/live.rs",
            find: "            } else {
                layer.seek_to_last()
            }",
            replace: "            } else if PLANTED {
                Ok(())
            } else {
                layer.seek_to_last()
            }",
        }],
    },
];
