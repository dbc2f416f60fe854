//! Every operation string up to a length over a small alphabet, up to renaming.
//!
//! A small scope, whole: most faults of a store need few operations to show, and where every
//! string is tried none of them hides behind a seed. Nothing is drawn at random, so the counts of
//! a run are exact and can be pinned.

mod configurations;
mod letter;
mod plain;
mod strings;
mod symbol;
mod views;

pub use configurations::{ends, pairs};
pub use letter::{Letter, Letters, name};
pub use plain::{PlainCounts, Plan, explore};
pub use strings::each_string;
pub use symbol::{Symbol, words};
pub use views::ViewLetter;
