//! The planted bugs, by the part of the engine that they are in.

mod compaction;
mod crashes;
mod durability;
mod reads;
mod recovery;
mod scans;
mod segments;
mod writes;

use crate::fault::Fault;

/// All of them, in the order of the kill table.
pub fn all() -> Vec<Fault> {
    let parts: [&[Fault]; 8] = [
        &writes::FAULTS,
        &reads::FAULTS,
        &segments::FAULTS,
        &compaction::FAULTS,
        &scans::FAULTS,
        &recovery::FAULTS,
        &durability::FAULTS,
        &crashes::FAULTS,
    ];
    parts.concat()
}
