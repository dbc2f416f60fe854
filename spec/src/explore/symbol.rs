//! What an alphabet is made of.

use crate::op::Op;

/// One operation of a small alphabet, in which keys are numbers, from 0 on.
///
/// ```
/// use etalon_spec::explore::{Letter, Symbol, ViewLetter, words};
///
/// fn count<S: Symbol>(alphabet: &[S]) -> usize {
///     alphabet.iter().filter(|letter| letter.follows(&[])).count()
/// }
/// assert_eq!(count(&Letter::plain(2)), 9, "all of them");
/// assert_eq!(count(&ViewLetter::all(2)), 9, "nothing is open at first");
/// assert_eq!(words(&[Letter::Flush, Letter::Reopen]), "flush, reopen");
/// ```
pub trait Symbol: Copy {
    /// The key that it names first.
    fn key(self) -> Option<u8>;

    /// The operation that it is at `place` of a string over so many keys.
    fn op(self, place: usize, keys: u8) -> Op;

    /// Whether it does anything behind this string: strings in which a letter does nothing are
    /// left out, since they are shorter strings in disguise.
    fn follows(self, _string: &[Self]) -> bool {
        true
    }
}

/// The operations that a string of symbols over so many keys stands for.
pub(super) fn ops<S: Symbol>(string: &[S], keys: u8) -> Vec<Op> {
    let placed = string.iter().enumerate();
    placed.map(|(at, symbol)| symbol.op(at, keys)).collect()
}

/// The alphabet in words, each once: `put, delete, write, flush`.
pub fn words<S: Symbol>(alphabet: &[S]) -> String {
    let mut words: Vec<String> = Vec::new();
    for symbol in alphabet {
        let op = symbol.op(0, 1);
        let sync = if op.is_synced() { " sync" } else { "" };
        let at = if op.snapshot_read().is_some() {
            " at"
        } else {
            ""
        };
        let word = format!("{}{sync}{at}", op.kind().word());
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(", ")
}
