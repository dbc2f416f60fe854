//! What a child writes to its standard error: the end of it is kept, the amount is counted.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How much is kept.
const KEPT: usize = 64 << 10;

/// The end of what was written, by the child that runs now or ran last.
#[derive(Debug, Default)]
pub(super) struct Stderr {
    kept: Mutex<VecDeque<u8>>,
    /// Bytes written by it in all.
    pub(super) total: AtomicU64,
}

impl Stderr {
    fn kept(&self) -> MutexGuard<'_, VecDeque<u8>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another child begins.
    pub(super) fn begin(&self) {
        self.kept().clear();
    }

    /// Reads until the end.
    pub(super) fn drain(&self, mut from: impl Read) {
        let mut buffer = vec![0; 16 << 10];
        // An error is the end as well: the process is gone.
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            self.total.fetch_add(read as u64, Ordering::Relaxed);
            let mut kept = self.kept();
            kept.extend(&buffer[..read]);
            let excess = kept.len().saturating_sub(KEPT);
            kept.drain(..excess);
        }
    }

    /// The end of it, as text.
    pub(super) fn text(&self) -> String {
        let mut kept = self.kept();
        String::from_utf8_lossy(kept.make_contiguous()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        let stderr = Stderr::default();
        let mut text = vec![b'a'; 3 * KEPT];
        text.extend(b"the end");
        stderr.drain(&text[..]);
        assert!(stderr.text().len() == KEPT && stderr.text().ends_with("athe end"));
        assert_eq!(stderr.total.load(Ordering::Relaxed), text.len() as u64);
        stderr.begin();
        assert_eq!(stderr.text(), "");
    }
}
