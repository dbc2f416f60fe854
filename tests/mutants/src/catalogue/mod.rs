//! The planted bugs, by the part of the engine that they are in.

mod compaction;
mod crashes;
mod durability;
mod moments;
mod reads;
mod recovery;
mod scans;
mod segments;
mod swaps;
mod threads;
mod writes;

use crate::fault::Fault;

/// Bugs in what a flush or a compaction keeps and where it goes: the table of crash models says
/// that they need no crash.
pub const WITHOUT_CRASH: [&str; 4] = [
    "tombstone-dropped-a-level-too-early",
    "flush-drops-what-a-snapshot-needs",
    "compaction-drops-what-a-snapshot-needs",
    "compaction-into-level-0",
];

/// All of them, in the order of the tables.
pub fn all() -> Vec<Fault> {
    let parts: [&[Fault]; 11] = [
        &writes::FAULTS,
        &reads::FAULTS,
        &segments::FAULTS,
        &compaction::FAULTS,
        &scans::FAULTS,
        &swaps::FAULTS,
        &recovery::FAULTS,
        &durability::FAULTS,
        &crashes::FAULTS,
        &threads::FAULTS,
        &moments::FAULTS,
    ];
    parts.concat()
}
