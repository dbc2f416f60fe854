//! What an opening does about damage: refuse it, or, where the caller asks for salvage, leave it
//! out and say so.
//!
//! Invariant: after a loss no bytes of the directory go. What is removed has got a second name in
//! `lost/`, which no opening looks into.

use super::Notice;
use crate::error::{Error, Result};

/// What an opening has to say, and whether it may go on where something is damaged.
#[derive(Debug)]
pub(super) struct Losses {
    salvage: bool,
    pub(super) any: bool,
    pub(super) notices: Vec<Notice>,
}

impl Losses {
    pub(super) fn new(salvage: bool) -> Self {
        Losses {
            salvage,
            any: false,
            notices: Vec::new(),
        }
    }

    /// Goes on without what the error is about, if that is asked for.
    pub(super) fn leave_out(&mut self, error: Error) -> Result<()> {
        let notice = match &error {
            Error::Damaged { path, offset, what } => Notice::LeftOut {
                path: path.clone(),
                offset: *offset,
                what: what.clone(),
            },
            Error::Io {
                path,
                action,
                source,
            } => Notice::LeftOut {
                path: path.clone(),
                offset: 0,
                what: format!("cannot {action}: {source}"),
            },
            _ => return Err(error),
        };
        if !self.salvage {
            return Err(error);
        }
        self.any = true;
        self.notices.push(notice);
        Ok(())
    }
}
