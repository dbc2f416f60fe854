//! Static test vectors: short cases with every reply that is right, for whoever wants no Rust at
//! all, and for `etalon vectors run`.
//!
//! ```text
//!   spec/vectors/model/...   each model-side situation, by its shortest sequence
//!   spec/vectors/engine/...  each that the reference engine reports of itself
//!   spec/vectors/trap/...    what stores are known to stumble over
//!   vectors.json             all of them in one file, schema.json its form
//! ```
//!
//! Invariants:
//! 1. An identifier is the path below `spec/vectors/` without its suffix, and keeps its meaning.
//! 2. Every operation has its right replies, and each vector reads at least once.
//! 3. None has options: what a store calls them is its own.
//!
//! They are written by `ETALON_BLESS=1 cargo test --test vectors`, which searches for them, and
//! fails when they are not what it finds.

mod table;

use crate::op::{Case, Op};
use crate::text::Script;
use crate::worlds::Worlds;

pub use table::ALL;

/// A test vector.
///
/// ```
/// use etalon_spec::{ModelTarget, replay_case, vectors};
///
/// let vector = vectors::ALL.iter().find(|vector| vector.id == "trap/empty-value").unwrap();
/// let replayed = replay_case(&mut ModelTarget, &vector.script().case).unwrap();
/// assert!(replayed.divergence.is_none() && replayed.compared > 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vector {
    /// Its identifier, such as `trap/empty-value`.
    pub id: &'static str,
    /// Its `.ops` text.
    pub text: &'static str,
}

impl Vector {
    /// The vector as a script.
    ///
    /// # Panics
    /// If its text is no script: a test reads them all.
    pub fn script(&self) -> Script {
        Script::parse(self.text).unwrap_or_else(|error| panic!("{}.ops:{error}", self.id))
    }

    /// The value of a line `# name: ...` at its head: `why` and `tags`.
    pub fn note(&self, name: &str) -> &'static str {
        let head = self.text.lines().filter_map(|line| line.strip_prefix("# "));
        let mut values = head.filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        values.next().map_or("", str::trim)
    }

    /// Words to choose by: its family, the operations that it has.
    pub fn tags(&self) -> impl Iterator<Item = &'static str> {
        self.note("tags").split_whitespace()
    }
}

/// The case with all replies that the specification allows for each operation; none where these
/// are too many to follow.
///
/// ```
/// use etalon_spec::{Case, Op, vectors};
///
/// let case = Case::new(vec![Op::put(b"k", b"v"), Op::get(b"k")]);
/// let script = vectors::answered(case).unwrap();
/// assert!(script.print().ends_with("put \"k\" \"v\" -> ok\nget \"k\" -> \"v\"\n"));
/// ```
pub fn answered(case: Case) -> Option<Script> {
    let mut worlds = Worlds::default();
    let mut script = Script::from(case);
    let steps = script.case.ops.iter().map(|op: &Op| worlds.step(op));
    script.expected = steps.collect::<Option<_>>()?;
    Some(script)
}
