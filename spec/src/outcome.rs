//! What an operation on a store returns, and why one was not carried out.

use std::fmt;
use std::time::Duration;

/// Why a store did not do what it was asked.
///
/// Any `std` error converts to [`Failure::Indefinite`], so `?` works in an adapter.
/// Texts are shown, never compared.
///
/// ```
/// use etalon_spec::{Failure, Outcome};
///
/// fn read(path: &str) -> Outcome<Vec<u8>> {
///     Ok(std::fs::read(path)?)
/// }
/// assert!(matches!(read("/no such file"), Err(Failure::Indefinite(_))));
/// assert!(matches!(Failure::definite("key too long"), Failure::Definite(_)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The store never does this.
    Unsupported,
    /// It did not happen and never will: a refusal, after which nothing has changed.
    Definite(String),
    /// It may or may not have happened. Without an injected fault this is a failed check.
    Indefinite(String),
    /// The store itself is broken, whatever the operation was. Of targets that see this from
    /// outside, such as those of [`process`](crate::process).
    Breach(Box<Breach>),
}

/// How a store broke that is seen from outside; see [`Failure::Breach`]. Each is a
/// [`Class`](crate::Class) of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// Its process ended: how, in words.
    Died(String),
    /// It gave no answer for this long, and was killed.
    Hung(Duration),
    /// What it wrote is no answer to what it was asked.
    Protocol(String),
    /// It wrote more than anybody can keep.
    Flood(String),
    /// It answers, but something that looked inside found a rule of its structure broken.
    Structure {
        /// The rule's name: failures that break the same rule are the same failure.
        rule: String,
        /// What was found.
        text: String,
    },
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Breach::Died(text) | Breach::Protocol(text) | Breach::Flood(text) => f.write_str(text),
            Breach::Hung(silence) => write!(f, "no answer within {} ms", silence.as_millis()),
            Breach::Structure { rule, text } => write!(f, "{rule}: {text}"),
        }
    }
}

impl Failure {
    /// A refusal: it did not happen and never will.
    pub fn definite(reason: impl fmt::Display) -> Self {
        Failure::Definite(reason.to_string())
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Failure::Indefinite(text)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Unsupported => f.write_str("unsupported"),
            Failure::Definite(text) => write!(f, "refused: {text}"),
            Failure::Indefinite(text) => write!(f, "failed: {text}"),
            Failure::Breach(breach) => breach.fmt(f),
        }
    }
}

/// What an operation on a store returns.
pub type Outcome<T> = Result<T, Failure>;
