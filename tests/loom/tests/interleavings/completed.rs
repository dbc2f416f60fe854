//! Hearing loom say that its search has ended.
//!
//! `Builder::check` returns alike at the end of its search and at a limit, but only at the end it
//! logs "Completed in N iterations". This subscriber listens for that and nothing else.
//!
//! A limit alone would prove nothing either way: loom looks at limits every 20,000 iterations
//! only, so a small search ends complete under the smallest of them.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Runs `search`; the number of iterations in which loom says to have completed it.
pub(crate) fn iterations_completed(search: impl FnOnce()) -> Option<usize> {
    let heard = Arc::new(AtomicUsize::new(0));
    let listener = Listener {
        heard: Arc::clone(&heard),
    };
    tracing::subscriber::with_default(listener, search);
    Some(heard.load(Ordering::Relaxed)).filter(|iterations| *iterations > 0)
}

struct Listener {
    heard: Arc<AtomicUsize>,
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target() == "loom::model"
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Message(&self.heard));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Message<'a>(&'a AtomicUsize);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        let iterations = text
            .strip_prefix("Completed in ")
            .and_then(|rest| rest.strip_suffix(" iterations"))
            .and_then(|number| number.parse().ok());
        if let ("message", Some(iterations)) = (field.name(), iterations) {
            self.0.store(iterations, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::iterations_completed;

    /// Two threads that take one lock in turn; the limit is looked at after every iteration.
    fn search(limit: Option<usize>) -> (Option<usize>, usize) {
        let counted = Arc::new(AtomicUsize::new(0));
        let completed = iterations_completed(|| {
            let mut builder = loom::model::Builder::new();
            (builder.max_permutations, builder.checkpoint_interval) = (limit, 1);
            let counted = Arc::clone(&counted);
            builder.check(move || {
                counted.fetch_add(1, Ordering::Relaxed);
                let lock = Arc::new(loom::sync::Mutex::new(()));
                let other = Arc::clone(&lock);
                loom::thread::spawn(move || drop(other.lock()));
                drop(lock.lock());
            });
        });
        (completed, counted.load(Ordering::Relaxed))
    }

    #[test]
    fn a_search_that_a_limit_cuts_short_is_not_heard_to_be_complete() {
        let (completed, all) = search(None);
        assert_eq!(completed, Some(all));
        assert!(all > 1);
        assert_eq!(search(Some(2)), (None, 1));
    }
}
