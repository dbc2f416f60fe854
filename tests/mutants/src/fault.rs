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
        /// Operations of the shortest case that shows it, the one that fails included. Where that
        /// depends on the kind of operation that fails, it is the greatest of these numbers.
        minimum: usize,
        /// Whether every seed must come to exactly that, at default options.
        exact: bool,
        /// The options that the shortest case may need.
        options: &'static [&'static str],
    },
    /// `etalon explore --crash` and `etalon check --crash`: it shows only when the process dies, the
    /// power goes or the disk fails.
    Crash {
        /// Why nothing finds it, if so.
        survives: Option<&'static str>,
    },
    /// A scenario of `tests/loom`: it shows only in some interleaving of threads.
    Loom {
        /// The scenario's test.
        test: &'static str,
    },
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

impl Checker {
    /// Found by `check`, and shrunk to exactly this at default options.
    pub(crate) const fn exactly(minimum: usize) -> Checker {
        Checker::Check {
            minimum,
            exact: true,
            options: &[],
        }
    }

    /// Found by `check`, and shrunk to no more than this, with no options but these.
    pub(crate) const fn at_most(minimum: usize, options: &'static [&'static str]) -> Checker {
        Checker::Check {
            minimum,
            exact: false,
            options,
        }
    }

    /// Found by the scenario of this test of `tests/loom`.
    pub(crate) const fn loom(test: &'static str) -> Checker {
        Checker::Loom { test }
    }

    /// Found by something that crashes the store or fails its disk.
    pub(crate) const CRASH: Checker = Checker::Crash { survives: None };

    /// The name in the kill table.
    pub fn name(self) -> &'static str {
        match self {
            Checker::Check { .. } => "check",
            Checker::Crash { .. } => "crash",
            Checker::Loom { .. } => "loom",
        }
    }
}
