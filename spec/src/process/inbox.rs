//! Where the reader leaves what a child says until somebody takes it.
//!
//! ```text
//!   reader --push--> | whole lines, half a line | --take--> connection
//! ```
//!
//! Invariants:
//! 1. Only whole lines are taken; half a line only when nothing comes after it.
//! 2. Whoever waits for several lines is woken once, not by each.
//! 3. Bounded: when nobody takes lines the reader stops reading, so that a flood waits in the
//!    pipe; a line that grows without an end is the end.

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
    /// Lines were taken, or nobody listens any more.
    room: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    lines: usize,
    /// Of the bytes, those behind the last whole line.
    half: usize,
    wanted: usize,
    end: Option<End>,
    /// Nobody listens any more.
    closed: bool,
}

impl State {
    /// Whether the reader waits until lines are taken.
    fn is_full(&self) -> bool {
        self.lines > 0 && self.bytes.len() > MOST
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

    /// Leaves all that comes here, until the output ends, a line is too long or nobody listens.
    pub(super) fn fill(&self, mut from: impl Read) {
        let mut piece = vec![0; 64 << 10];
        // An error is the end as well: the process is gone.
        while let Ok(read @ 1..) = from.read(&mut piece) {
            if !self.push(&piece[..read]) {
                return;
            }
        }
        self.ends(End::Output);
    }

    /// Leaves a piece; whether there can be another.
    fn push(&self, piece: &[u8]) -> bool {
        let mut state = self.state();
        while !state.closed && state.is_full() {
            // Whoever waits for more than fits takes these.
            self.heard.notify_one();
            let woken = self.room.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return false;
        }
        state.bytes.extend(piece);
        state.lines += piece.split(|byte| *byte == b'\n').count() - 1;
        state.half = match piece.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => piece.len() - last - 1,
            None => state.half + piece.len(),
        };
        let too_long = state.half > LONGEST_LINE;
        if state.lines >= state.wanted {
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

    /// Nobody listens any more.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.room.notify_one();
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
        while state.lines < state.wanted && !state.is_full() && state.end.is_none() {
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                break;
            }
            let woken = self.heard.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        // Until somebody waits again, nobody needs to be woken.
        state.wanted = usize::MAX;
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
        drop(state);
        self.room.notify_one();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_line_that_does_not_end_is_the_end() {
        let inbox = Inbox::default();
        inbox.fill(std::io::repeat(b'x'));
        assert_eq!(taken(&inbox), Err(End::TooLong));
    }

    #[test]
    fn a_flood_waits_until_lines_are_taken_and_goes_when_nobody_listens() {
        let inbox = Inbox::default();
        let line = [[b'x'; 1023].as_slice(), b"\n"].concat();
        let flood = line.repeat(4 * MOST / line.len());
        std::thread::scope(|scope| {
            scope.spawn(|| inbox.fill(&flood[..]));
            let mut lines = Vec::new();
            let most = MOST + (64 << 10);
            let all = Duration::from_secs(60);
            let begun = Instant::now();
            // Once before the reader is full, most likely, and once after.
            for _ in 0..2 {
                assert_eq!(inbox.take(&mut lines, usize::MAX, all), Ok(()));
                assert!((MOST..=most).contains(&lines.len()), "{}", lines.len());
                while !inbox.state().is_full() {
                    std::thread::yield_now();
                }
            }
            assert!(begun.elapsed() < all, "it waited for more than fits");
            inbox.close();
        });
        assert_eq!(inbox.state().end, None, "it stopped before the end");
    }
}
