//! The first failure that leaves the files in doubt: after it the handle takes no more changes.
//!
//! Invariants:
//! 1. The first one stays; what fails later is most likely its consequence.
//! 2. Whoever finds the store stopped finds the reason too.

#[cfg(feature = "oracle")]
use super::Store;
use super::shared::Shared;
use crate::error::{Error, Result};
use crate::sync::{AtomicBool, LeafOnce, Ordering};

/// See the module.
#[derive(Debug)]
pub(super) struct Stopped {
    is_stopped: AtomicBool,
    reason: LeafOnce<String>,
}

impl Default for Stopped {
    fn default() -> Self {
        Stopped {
            is_stopped: AtomicBool::new(false),
            reason: LeafOnce::new(),
        }
    }
}

impl Stopped {
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    pub(super) fn refuse(&self) -> Result<()> {
        if !self.is_stopped() {
            return Ok(());
        }
        let reason = self.reason.get().expect("invariant 2");
        Err(Error::Stopped {
            reason: reason.clone(),
        })
    }
}

#[cfg(feature = "oracle")]
impl Store {
    /// Whether it takes no more changes: whatever failed before that has changed nothing.
    pub(crate) fn has_stopped(&self) -> bool {
        self.shared.stopped.is_stopped()
    }
}

impl Shared {
    /// Remembers a failure that leaves the files in doubt.
    pub(super) fn stop_on_error<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            self.stop(&error.to_string());
        }
        result
    }

    /// Takes no more changes; whoever waits for work to be done hears of it.
    #[cold]
    pub(super) fn stop(&self, reason: &str) {
        // Refused if there is one already: invariant 1.
        let _ = self.stopped.reason.set(reason.to_owned());
        self.stopped.is_stopped.store(true, Ordering::Release);
        self.work.tell();
    }
}
