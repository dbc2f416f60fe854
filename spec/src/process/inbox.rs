//! Where the reader leaves what a child says until somebody takes it.
//!
//! ```text
//!   reader --push--> | whole lines, half a line | --take--> connection
//! ```
//!
//! Invariants:
//! 1. Only whole lines are taken; half a line only when nothing comes after it.
//! 2. The reader begins to read only while somebody waits for more lines than there are: until
//!    then what a child says wakes nobody, and a flood waits in the pipe. Whoever waits is woken
//!    once, not by each line.
//! 3. Bounded: the reader stops at a mebibyte, whatever is wanted, once there is a line to take;
//!    a line that grows without an end is the end.
//! 4. When nobody listens any more, what comes is read and dropped, so that the child can end.

use std::io::Read;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest line that a child may write.
pub(super) const LONGEST_LINE: usize = 64 << 20;
/// Whole lines of more than this together wait for someone to take them.
const MOST: usize = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Inbox {
    state: Mutex<State>,
    /// What is wanted has come, or nothing more comes.
    heard: Condvar,
    /// More lines are wanted, or nobody listens any more.
    wish: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    lines: usize,
    /// Of the bytes, those behind the last whole line.
    half: usize,
    /// By whoever waits; 0 while nobody does.
    wanted: usize,
    end: Option<End>,
    /// Nobody listens any more.
    closed: bool,
}

impl State {
    /// Whether more is wanted, and there is room for it.
    fn is_short(&self) -> bool {
        let is_full = self.lines > 0 && self.bytes.len() > MOST;
        self.lines < self.wanted && !is_full && self.end.is_none()
    }
}

/// Why nothing more comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Output,
    TooLong,
}

impl Inbox {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves what comes here, as it is wanted, until the output ends or a line is too long.
    pub(super) fn fill(&self, mut from: impl Read) {
        let mut piece = vec![0; 64 << 10];
        loop {
            self.wait_for_a_wish();
            // An error is the end as well: the process is gone.
            let Ok(read @ 1..) = from.read(&mut piece) else {
                return self.ends(End::Output);
            };
            if !self.push(&piece[..read]) {
                return;
            }
        }
    }

    /// Waits until somebody waits for more, or nobody ever will.
    fn wait_for_a_wish(&self) {
        let mut state = self.state();
        while !state.closed && !state.is_short() {
            let woken = self.wish.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Leaves a piece; whether there can be another.
    fn push(&self, piece: &[u8]) -> bool {
        let mut state = self.state();
        if state.closed {
            return true;
        }
        state.bytes.extend(piece);
        state.lines += piece.split(|byte| *byte == b'\n').count() - 1;
        state.half = match piece.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => piece.len() - last - 1,
            None => state.half + piece.len(),
        };
        let too_long = state.half > LONGEST_LINE;
        if !state.is_short() {
            self.heard.notify_one();
        }
        drop(state);
        if too_long {
            self.ends(End::TooLong);
        }
        !too_long
    }

    fn ends(&self, end: End) {
        self.state().end = Some(end);
        self.heard.notify_one();
    }

    /// Nobody listens any more: what comes from now on is dropped.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.wish.notify_one();
    }

    /// Takes what is there of whole lines, with their ends, into `lines`, as soon as there are
    /// `wanted`; after `patience` as many as there are, which may be none.
    pub(super) fn take(
        &self,
        lines: &mut Vec<u8>,
        wanted: usize,
        patience: Duration,
    ) -> Result<(), End> {
        lines.clear();
        let begun = Instant::now();
        let mut state = self.state();
        state.wanted = wanted;
        if state.is_short() {
            self.wish.notify_one();
        }
        while state.is_short() {
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                break;
            }
            let woken = self.heard.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        // Until somebody waits again, nobody needs to read.
        state.wanted = 0;
        match state.end {
            Some(End::TooLong) => return Err(End::TooLong),
            Some(End::Output) if state.bytes.is_empty() => return Err(End::Output),
            // Half an answer, and the last.
            Some(End::Output) => state.half = 0,
            None if state.lines == 0 => return Ok(()),
            None => {}
        }
        std::mem::swap(&mut state.bytes, lines);
        let whole = lines.len() - state.half;
        state.bytes.extend(&lines[whole..]);
        lines.truncate(whole);
        state.lines = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::atomic::{AtomicUsize, Ordering};

    const SOON: Duration = Duration::from_millis(1);

    fn taken(inbox: &Inbox) -> Result<Vec<u8>, End> {
        let mut lines = Vec::new();
        inbox.take(&mut lines, 1, SOON).map(|()| lines)
    }

    #[test]
    fn whole_lines_are_taken_and_half_a_line_only_at_the_end() {
        let inbox = Inbox::default();
        assert!(inbox.push(b"a\nb"));
        assert_eq!(taken(&inbox), Ok(b"a\n".to_vec()));
        assert_eq!(taken(&inbox), Ok(vec![]));
        assert!(inbox.push(b"c\n\nd"));
        assert_eq!(taken(&inbox), Ok(b"bc\n\n".to_vec()));
        inbox.ends(End::Output);
        assert_eq!(taken(&inbox), Ok(b"d".to_vec()));
        assert_eq!(taken(&inbox), Err(End::Output));
    }

    /// Something that goes on without an end, and counts what was read of it.
    struct Counted<'a>(&'a [u8], &'a AtomicUsize);

    impl Read for Counted<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(into)?;
            self.1.fetch_add(read, Ordering::SeqCst);
            Ok(read)
        }
    }

    #[test]
    fn a_line_that_does_not_end_is_the_end() {
        let inbox = Inbox::default();
        let mut lines = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(|| inbox.fill(std::io::repeat(b'x')));
            let patience = Duration::from_secs(60);
            assert_eq!(inbox.take(&mut lines, 1, patience), Err(End::TooLong));
        });
    }

    #[test]
    fn nothing_is_read_that_nobody_waits_for_and_a_flood_is_dropped_at_the_end() {
        let inbox = Inbox::default();
        let line = [[b'x'; 1023].as_slice(), b"\n"].concat();
        let flood = line.repeat(4 * MOST / line.len());
        let read = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| inbox.fill(Counted(&flood, &read)));
            let mut lines = Vec::new();
            let most = MOST + (64 << 10);
            let mut taken = 0;
            for wanted in [1, usize::MAX, usize::MAX] {
                assert_eq!(read.load(Ordering::SeqCst), taken, "before it is wanted");
                let patience = Duration::from_secs(60);
                assert_eq!(inbox.take(&mut lines, wanted, patience), Ok(()));
                assert!(lines.len() <= most, "{}", lines.len());
                assert!(wanted == 1 || lines.len() > MOST, "{}", lines.len());
                taken += lines.len();
            }
            inbox.close();
        });
        assert_eq!(read.load(Ordering::SeqCst), flood.len());
        let state = inbox.state();
        assert_eq!((state.bytes.len(), state.end), (0, Some(End::Output)));
    }
}
