//! The planted bugs, by the part of the engine that they are in.

mod compaction;
mod reads;
mod recovery;
mod scans;
mod segments;
mod writes;

use crate::fault::Fault;

/// All of them, in the order of the kill table.
pub fn all() -> Vec<Fault> {
    let parts: [&[Fault]; 6] = [
        &writes::FAULTS,
        &reads::FAULTS,
        &segments::FAULTS,
        &compaction::FAULTS,
        &scans::FAULTS,
        &recovery::FAULTS,
    ];
    parts.concat()
}
