//! What the catalogue is made of.

/// A bug that can be planted.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// What switches it on: `ETALON_PLANTED=id`.
    pub id: &'static str,
    /// What is wrong, in words.
    pub what: &'static str,
    /// Where the world has met it: a public issue, where there is one that is certain.
    pub met: Option<&'static str>,
    /// What the checker must come to.
    pub checker: Checker,
    /// The texts to replace.
    pub edits: &'static [Edit],
}

/// Who finds a fault, and how small it must get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checker {
    /// `etalon check`.
    Check {
        /// Operations of the shortest case that shows it in the kind of operation in which it is
        /// found, that operation included.
        minimum: usize,
        /// The options without which it cannot be seen, or only in a longer case. Empty: it shows
        /// at the defaults.
        options: &'static [&'static str],
    },
    /// The scenarios of `tests/loom`: it shows only in some interleaving of threads.
    Loom,
}

/// One replacement.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    /// The file, from the top of the repository.
    pub file: &'static str,
    /// The text to replace, to the space; it stands exactly once in the file.
    pub find: &'static str,
    /// What takes its place while the fault is on: an expression or statements. Where that does
    /// not fit, the text for both, with [`PLANTED`](crate::SWITCH) for the condition.
    pub replace: &'static str,
}

/// The faults whose smallest case must be the true minimum.
const MUST_BE_MINIMAL: [&str; 6] = [
    "tombstone-dropped-at-flush",
    "segments-oldest-first",
    "compaction-keeps-the-oldest",
    "filter-bit-wrong",
    "last-key-of-block-unreachable",
    "empty-value-read-as-absent",
];

impl Fault {
    /// Whether its smallest case must be the true minimum; for the others a few operations more
    /// are taken, and the kill table shows them.
    pub fn must_be_minimal(&self) -> bool {
        MUST_BE_MINIMAL.contains(&self.id)
    }
}

impl Checker {
    /// Found by `check` at default options.
    pub(crate) const fn check(minimum: usize) -> Checker {
        Checker::Check {
            minimum,
            options: &[],
        }
    }

    /// The name in the kill table.
    pub fn name(self) -> &'static str {
        match self {
            Checker::Check { .. } => "check",
            Checker::Loom => "loom",
        }
    }
}
