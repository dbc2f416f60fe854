//! The last resort: every shorter case made of the operations that are left.
//!
//! Single removals stop where two operations hold each other: a put that only matters because of
//! a delete, and the other way round. A case that is small by then has few different operations,
//! so all strings of them can be tried, the shortest first:
//!
//! ```text
//!   put "a"  flush  delete "b"  put "b"  get "a"     4 different ones before the read: 4 strings
//!                                                    of one, 16 of two, 64 of three
//! ```
//!
//! What it finds is the shortest of all of these, not merely one that no removal makes shorter.

use super::Search;
use super::options::{LARGE, with_large_values};
use crate::check::keys_named;
use crate::op::{Case, Op};

/// Strings that are tried, at most: only lengths that can be tried whole are begun.
const STRINGS: usize = 20_000;

/// Keys of which one is added, so that the rebuilt case may use one key more.
const FRESH: [&[u8]; 3] = [b"a", b"b", b"c"];

impl Search<'_> {
    /// Whether a shorter case was found.
    pub(super) fn rebuild(&mut self) -> bool {
        let Some((_, before)) = self.best.ops.split_last() else {
            return false;
        };
        let letters = Case::new(alphabet(&self.best, before));
        let mut left = STRINGS;
        self.rebuild_from(&letters.ops, &mut left)
            || LARGE.into_iter().any(|length| {
                let large = with_large_values(&letters, length);
                self.rebuild_from(&large.ops, &mut left)
            })
    }

    /// Tries the strings of an alphabet; `left` more may be tried.
    fn rebuild_from(&mut self, alphabet: &[Op], left: &mut usize) -> bool {
        let Some(read) = self.best.ops.last().cloned() else {
            return false;
        };
        for length in 0..self.best.ops.len() - 1 {
            let Some(strings) = alphabet
                .len()
                .checked_pow(length as u32)
                .filter(|strings| strings <= left)
            else {
                return false;
            };
            *left -= strings;
            for number in 0..strings {
                let mut candidate = Case {
                    options: self.best.options.clone(),
                    ops: string(alphabet, number, length),
                };
                candidate.ops.push(read.clone());
                if self.try_case(candidate) {
                    return true;
                }
                if self.out_of_budget {
                    return false;
                }
            }
        }
        false
    }
}

/// The different operations before the read, a delete of every key that is put, and a put of a
/// key that the case does not name.
fn alphabet(case: &Case, before: &[Op]) -> Vec<Op> {
    let mut alphabet: Vec<Op> = Vec::new();
    for op in before {
        if !alphabet.contains(op) {
            alphabet.push(op.clone());
        }
    }
    for op in before {
        if let Op::Put { key, .. } = op {
            let delete = Op::delete(key.clone());
            if !alphabet.contains(&delete) {
                alphabet.push(delete);
            }
        }
    }
    let named = keys_named(&case.ops);
    let fresh = FRESH.into_iter().find(|key| !named.contains(*key));
    alphabet.extend(fresh.map(|key| Op::put(key.to_vec(), Vec::new())));
    alphabet
}

/// The string of that number, among all of one length.
fn string(alphabet: &[Op], mut number: usize, length: usize) -> Vec<Op> {
    let mut ops = Vec::with_capacity(length + 1);
    for _ in 0..length {
        ops.push(alphabet[number % alphabet.len()].clone());
        number /= alphabet.len();
    }
    ops
}
