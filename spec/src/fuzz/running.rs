//! The case that is running, for whoever panics outside the checker's reach: another thread of
//! the store, or the checker itself.
//!
//! libFuzzer's Rust glue has a panic hook that aborts. Panics of the store on the checking thread
//! never come that far: the checker catches them and they become divergences. For the others a
//! hook of our own stands in front and prints the case first.

use std::panic::{set_hook, take_hook};
use std::sync::{Arc, Mutex, PoisonError};

use super::report;
use crate::check;
use crate::op::Case;
use crate::profile::Profile;

static RUNNING: Mutex<Option<(Arc<Case>, String)>> = Mutex::new(None);

/// Puts the hook in front of the one that is there.
pub(super) fn install_hook() {
    let before = take_hook();
    set_hook(Box::new(move |info| {
        if !check::is_catching() {
            announce(&info.to_string());
        }
        before(info);
    }));
}

pub(super) fn set(case: &Arc<Case>, profile: &Profile) {
    let running = Some((Arc::clone(case), profile.name.to_string()));
    *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = running;
}

pub(super) fn clear() {
    *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// Prints the running case, once.
fn announce(panic: &str) {
    let running = match RUNNING.try_lock() {
        Ok(mut running) => running.take(),
        Err(_) => None,
    };
    if let Some((case, target)) = running {
        report::panicked(&case, panic, &target);
    }
}
