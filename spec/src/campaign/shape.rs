//! The shape of a failure: what two failures have in common that are one bug, in all likelihood.

use std::fmt;

use super::failure::Failed;
use crate::check::Identity;
use crate::kinds::Kinds;
use crate::op::{Op, OpKind};

/// Class, operation and place of a panic, and what the shrunk case is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureShape {
    identity: Identity,
    kinds: Kinds,
    options: Vec<String>,
}

impl FailureShape {
    /// The shape of a failure that was shrunk.
    pub fn of(failed: &Failed) -> FailureShape {
        let case = &failed.shrunk.case;
        FailureShape {
            identity: failed.shrunk.divergence.identity(),
            kinds: case.ops.iter().map(Op::kind).collect(),
            options: case
                .options
                .iter()
                .map(|(name, _)| name.to_owned())
                .collect(),
        }
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }
}

impl fmt::Display for FailureShape {
    /// `wrong answer in get; of get, put, delete`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.kinds.iter().map(OpKind::word).collect();
        write!(f, "{}; of {}", self.identity, words.join(", "))?;
        match &self.options[..] {
            [] => Ok(()),
            options => write!(f, "; with {}", options.join(", ")),
        }
    }
}
