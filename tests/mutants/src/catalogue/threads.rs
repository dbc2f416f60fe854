//! Bugs between threads: each shows only in some interleaving, and is found by the scenario of
//! `tests/loom` that is named beside it.

use crate::fault::{Checker, Edit, Fault};

const FLUSH: &str = "a_reader_misses_no_key_that_moves_to_a_segment_and_never_goes_back";

pub(super) const FAULTS: [Fault; 1] = [Fault {
    id: "memtable-cleared-before-publishing",
    what: "memtable cleared before its segment is published",
    met: None,
    checker: Checker::loom(FLUSH),
    edits: &[Edit {
        file: "src/store/flush.rs",
        find: "view.frozen = Some(frozen.clone());",
        replace: "",
    }],
}];
