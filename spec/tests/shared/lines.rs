//! Operations on one line.

use etalon_spec::Op;

/// Operations as in a file, between semicolons.
pub(crate) fn ops(text: &str) -> Vec<Op> {
    let lines = text.split("; ");
    lines
        .map(|line| {
            line.parse()
                .unwrap_or_else(|error| panic!("{line}: {error}"))
        })
        .collect()
}
