//! Every string of letters, the shortest first, up to renaming of keys.

use super::symbol::Symbol;

/// Hands over every string of exactly `length` letters of the alphabet, in its order, until
/// `visit` says to stop. Of strings that differ only in the names of their keys there is one: the
/// keys appear in their order. Strings in which a letter does nothing are left out
/// ([`Symbol::follows`]).
///
/// ```
/// use etalon_spec::explore::{Letter, each_string};
///
/// let alphabet = [Letter::Put(0), Letter::Put(1), Letter::Flush];
/// let mut strings = Vec::new();
/// each_string(&alphabet, 2, &mut |letters| {
///     strings.push(letters.to_vec());
///     true
/// });
/// // Nine strings of two letters; those that begin with key 1, or flush and go on with it, are
/// // named otherwise.
/// assert_eq!(strings.len(), 5);
/// ```
pub fn each_string<S: Symbol>(
    alphabet: &[S],
    length: usize,
    visit: &mut dyn FnMut(&[S]) -> bool,
) -> bool {
    let mut string = Vec::with_capacity(length);
    extend(alphabet, length, 0, &mut string, visit)
}

fn extend<S: Symbol>(
    alphabet: &[S],
    length: usize,
    keys_used: u8,
    string: &mut Vec<S>,
    visit: &mut dyn FnMut(&[S]) -> bool,
) -> bool {
    if string.len() == length {
        return visit(string);
    }
    for &letter in alphabet {
        let key = letter.key();
        if key.is_some_and(|key| key > keys_used) || !letter.follows(string) {
            continue;
        }
        let used = key.map_or(keys_used, |key| keys_used.max(key + 1));
        string.push(letter);
        let go_on = extend(alphabet, length, used, string, visit);
        string.pop();
        if !go_on {
            return false;
        }
    }
    true
}
