//! Situations: labels for what a run really reached. A green run that reached nothing is no pass.
//!
//! ```text
//!   (operation, reply) ---> Tracker --------------------.
//!   Trace after a get ----> engine_side_from_trace -----+--> Situations: a count for each
//!   Events before, after -> engine_side_from_events ----'
//! ```
//!
//! Invariants:
//! 1. The model's side is decided from operations and replies alone, hence for every store.
//! 2. The list is closed; the rule of each situation is the documentation of its variant, and
//!    `tests/situations/` holds a case that meets it exactly once and a neighbour that does not.

mod changes;
mod engine;
mod key;
mod list;
mod names;
mod reads;
mod scopes;
mod table;
mod tracker;
mod views;

pub use engine::{engine_side_from_events, engine_side_from_trace};
pub use list::Situation;
pub use tracker::Tracker;

/// How often each situation was met.
///
/// ```
/// use etalon_spec::{Situation, Situations};
///
/// let mut met = Situations::default();
/// met.count(Situation::CompactTwice);
/// assert_eq!(met.get(Situation::CompactTwice), 1);
/// assert_eq!(met.iter().count(), 1, "those that were met");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situations([u64; Situation::ALL.len()]);

impl Default for Situations {
    fn default() -> Self {
        Situations([0; Situation::ALL.len()])
    }
}

impl Situations {
    /// Counts one occurrence.
    #[inline]
    pub fn count(&mut self, situation: Situation) {
        self.0[situation as usize] += 1;
    }

    /// Counts `times` occurrences.
    pub fn count_times(&mut self, situation: Situation, times: u64) {
        self.0[situation as usize] += times;
    }

    /// How often it was met.
    pub fn get(&self, situation: Situation) -> u64 {
        self.0[situation as usize]
    }

    /// Adds other counts to these.
    pub fn add(&mut self, other: &Situations) {
        for (sum, count) in self.0.iter_mut().zip(other.0) {
            *sum += count;
        }
    }

    /// Those that were met, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (Situation, u64)> {
        let all = Situation::ALL.iter().copied().zip(self.0);
        all.filter(|(_, count)| *count > 0)
    }
}
