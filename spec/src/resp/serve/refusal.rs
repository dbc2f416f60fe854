//! Why a request is answered with an error. The connection goes on.

use std::fmt;

use crate::outcome::Failure;

/// The text of an error, with its code before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal(String);

impl Refusal {
    /// One of the general code, `ERR`.
    pub(super) fn new(text: impl fmt::Display) -> Refusal {
        Refusal(format!("ERR {text}"))
    }

    /// One of a code of its own.
    pub(super) fn of(code: &str, text: &str) -> Refusal {
        Refusal(format!("{code} {text}"))
    }

    /// A word where it should not be.
    pub(super) fn syntax(word: &[u8], expected: &str) -> Refusal {
        let word: String = word.escape_ascii().take(100).map(char::from).collect();
        Refusal::new(format_args!("syntax error at '{word}': {expected}"))
    }
}

/// What the store said.
impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Refusal {
        match failure {
            Failure::Unsupported => Refusal::new("the store does not offer that"),
            other => Refusal::new(other),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
