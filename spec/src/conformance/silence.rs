//! Work that a store may never come back from, given up after a silence.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{Builder, park_timeout};
use std::time::{Duration, Instant};

/// How often it is looked for signs of life.
const TICK: Duration = Duration::from_millis(20);

/// Does the work in a thread of its own, which is left behind when it has shown no sign of life
/// for `silence`. The work gives one by calling what it is given.
///
/// # Panics
/// As the work does, or after the silence, with `what` it was.
pub(super) fn within<R: Send + 'static>(
    silence: Duration,
    what: &str,
    work: impl FnOnce(&dyn Fn()) -> R + Send + 'static,
) -> R {
    let beats = Arc::new(AtomicU64::new(0));
    let beating = Arc::clone(&beats);
    let beat = move || {
        beating.fetch_add(1, Ordering::Relaxed);
    };
    let thread = Builder::new().name("store".into());
    let thread = thread.spawn(move || work(&beat));
    let thread = thread.expect("a thread can be started");
    let mut last = (0, Instant::now());
    while !thread.is_finished() {
        park_timeout(TICK);
        let now = beats.load(Ordering::Relaxed);
        if now != last.0 {
            last = (now, Instant::now());
        }
        assert!(
            last.1.elapsed() < silence,
            "{what}: no sign of life for {silence:?}: the store hangs. `differential` shrinks such \
             a failure"
        );
    }
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn work_ends_with_its_result_however_long_it_takes_with_signs_of_life() {
        let silence = Duration::from_millis(500);
        let sum = within(silence, "adding", move |beat| {
            let begun = Instant::now();
            while begun.elapsed() < 2 * silence {
                beat();
                park_timeout(TICK);
            }
            7
        });
        assert_eq!(sum, 7);
    }

    #[test]
    #[should_panic(expected = "waiting: no sign of life for 50ms")]
    fn work_without_a_sign_of_life_is_left_behind() {
        within(Duration::from_millis(50), "waiting", |_| {
            let (_held, nothing_comes) = channel::<()>();
            // Not for ever: or this test would not fail, but hang.
            nothing_comes.recv_timeout(Duration::from_secs(10))
        })
        .expect("never");
    }
}
