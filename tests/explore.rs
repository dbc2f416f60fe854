//! Exploration without crashes: complete here, longer in `etalon explore`, its counts pinned.
//!
//! A count that moves says that the alphabet, the renaming or the configurations have changed, or
//! that replies are not compared any more that were.

use etalon::oracle::Memory;
use etalon_spec::explore::{Letter, PlainCounts, Plan, Symbol, ViewLetter, ends, explore, pairs};
use etalon_spec::{Options, Target};

/// Strings, operations and replies, up to a length.
fn explored<S: Symbol>(alphabet: &[S], configurations: &[Options], longest: usize) -> [u64; 3] {
    let plan = Plan {
        alphabet,
        keys: 2,
        configurations,
    };
    let mut counts = PlainCounts::default();
    for length in 0..=longest {
        let whole = explore(
            &mut Memory::default(),
            &plan,
            length,
            &mut counts,
            &mut || true,
        );
        let whole = whole.unwrap_or_else(|diverged| panic!("{}\n{}", diverged.0, diverged.1));
        assert!(whole, "not interrupted");
    }
    [counts.strings, counts.operations, counts.replies]
}

#[test]
fn every_string_of_four_operations_at_both_ends_of_the_options() {
    let ends = ends(&Memory::default().profile());
    let counts = explored(&Letter::plain(2), &ends, 4);
    assert_eq!(counts, [3_751, 29_028, 92_052]);
}

#[test]
fn every_string_of_four_operations_with_snapshots_and_iterators() {
    let ends = ends(&Memory::default().profile());
    let counts = explored(&ViewLetter::all(2), &ends, 4);
    assert_eq!(counts, [8_617, 67_330, 181_864]);
}

#[test]
fn every_string_of_two_operations_at_every_two_values_of_every_two_options() {
    let pairs = pairs(&Memory::default().profile());
    assert_eq!(pairs.len(), 532);
    let counts = explored(&Letter::plain(2), &pairs, 2);
    assert_eq!(counts, [52, 51_072, 193_116]);
}

#[test]
fn every_string_of_two_views_at_every_two_values_of_every_two_options() {
    let pairs = pairs(&Memory::default().profile());
    let counts = explored(&ViewLetter::all(2), &pairs, 2);
    assert_eq!(counts, [70, 69_692, 240_464]);
}
