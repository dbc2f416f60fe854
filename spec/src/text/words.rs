//! The words of the grammar: those of this version, and those kept for later ones.

use super::suggest::nearest;
use crate::op::OpKind;

/// Operations that the grammar keeps for later versions.
const LATER_OPERATIONS: [&str; 2] = ["then", "layers"];

/// What may follow an operation in later versions.
const LATER_MODIFIERS: [&str; 1] = ["with"];

/// The replies that are words.
pub(super) const REPLIES: [&str; 8] = [
    "ok",
    "none",
    "empty",
    "end",
    "true",
    "false",
    "error",
    "unsupported",
];

/// What other systems call our operations.
const SYNONYMS: [(&str, &str); 26] = [
    ("set", "put"),
    ("insert", "put"),
    ("add", "put"),
    ("read", "get"),
    ("del", "delete"),
    ("remove", "delete"),
    ("rm", "delete"),
    ("erase", "delete"),
    ("len", "length"),
    ("size", "length"),
    ("count", "length"),
    ("range", "scan"),
    ("batch", "write"),
    ("delrange", "deleterange"),
    ("restart", "reopen"),
    ("fsync", "sync"),
    ("iter", "iterator"),
    ("cursor", "iterator"),
    ("previous", "prev"),
    ("powerloss", "crash"),
    ("fault", "fail"),
    ("options", "option"),
    ("min", "first"),
    ("max", "last"),
    ("abort", "rollback"),
    ("swap", "cas"),
];

/// The operation that a line's first word names.
pub(super) fn operation(word: &str) -> Option<OpKind> {
    OpKind::ALL.into_iter().find(|kind| kind.word() == word)
}

/// The known word nearest to a line's unknown first word.
pub(super) fn nearest_operation(word: &str) -> Option<&'static str> {
    let synonym = SYNONYMS
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(word));
    let known = OpKind::ALL.into_iter().map(OpKind::word).chain(["option"]);
    synonym
        .map(|(_, ours)| *ours)
        .or_else(|| nearest(word, known))
}

/// Whether a later version has an operation of this name.
pub(super) fn is_later_operation(word: &str) -> bool {
    LATER_OPERATIONS.contains(&word)
}

/// Whether a later version has a modifier of this name.
pub(super) fn is_later_modifier(word: &str) -> bool {
    LATER_MODIFIERS.contains(&word)
}
