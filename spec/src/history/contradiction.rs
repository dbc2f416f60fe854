//! What cannot be ordered, made small.
//!
//! Calls are left out as long as what remains still has no order, and as long as that proves that
//! the whole has none:
//!
//! 1. A read may always go: an order of more calls is an order of fewer reads.
//! 2. A change may go if no read that stays requires what it wrote: in an order of all, the
//!    reads that stay then read from others, and do so without it, too. Not while a length stays,
//!    which depends on every change.
//! 3. What came after the first moment that shows the contradiction may go: the answers of calls
//!    that are open then, and the calls that began later.
//! 4. A scan may be narrowed, and a change of a batch may go as in 2 (see `narrow`).
//! 5. A view's creation goes with everything that was read through it, and a move of an iterator
//!    with the moves after it: where they began depends on it.
//!
//! So the window that is shown is evidence by itself: `decide` of it says impossible, and no
//! single call can go.

use std::fmt;

use super::call::History;
use super::decide::Effort;
use super::facts::{Facts, Pair};
use super::narrow::narrow;
use super::picture::picture;
use super::shorten::shortened;
use super::views::Views;

/// Calls that cannot be ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The smallest such calls that were found, with their times counted anew.
    pub window: History,
    /// How many calls the whole history had.
    pub calls: u64,
    /// If the window's values are cut short, as they are where they are long: to how many bytes.
    /// They differ from each other as the recorded ones do.
    pub cut: Option<usize>,
}

impl Contradiction {
    /// Makes a history that has no order small.
    pub(super) fn of(history: &History, effort: Effort) -> Contradiction {
        let calls = history.calls().len() as u64;
        let mut window = fewest(first_moments(history, effort), effort);
        loop {
            let before = window.clone();
            window = fewest(narrow(window, effort), effort);
            if window == before {
                break;
            }
        }
        let short = shortened(&window);
        let cut = short.as_ref().map(|(_, bytes)| *bytes);
        let window = short.map_or(window, |(history, _)| history);
        Contradiction { window, calls, cut }
    }

    /// The picture of the window: a lane each client, time from left to right.
    pub fn picture(&self) -> String {
        picture(&self.window)
    }
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = self.window.calls().len();
        writeln!(
            f,
            "not linearizable: these {calls} of {} calls cannot be put in one order\n",
            self.calls
        )?;
        if let Some(bytes) = self.cut {
            writeln!(f, "values are cut to their first {bytes} bytes\n")?;
        }
        writeln!(f, "{}\n{}", self.picture(), self.window)
    }
}

pub(super) fn is_impossible(history: &History, effort: Effort) -> bool {
    history.is_linearizable(effort) == Some(false)
}

/// The shortest beginning of a history that has no order: whatever has one still has it when its
/// end is forgotten.
fn first_moments(history: &History, effort: Effort) -> History {
    let (mut possible, mut impossible) = (0, history.moments().len() as u64);
    while impossible - possible > 1 {
        let middle = possible.midpoint(impossible);
        if is_impossible(&history.first(middle), effort) {
            impossible = middle;
        } else {
            possible = middle;
        }
    }
    history.first(impossible)
}

/// Leaves out calls: half of them at a time, then a quarter, and in the end single ones, until
/// not one can go.
fn fewest(history: History, effort: Effort) -> History {
    let mut window = history;
    let mut chunk = window.calls().len().div_ceil(2).max(1);
    loop {
        let before = window.calls().len();
        window = without_chunks(window, chunk, effort);
        let after = window.calls().len();
        if chunk == 1 && after == before {
            return window;
        }
        chunk = chunk.div_ceil(2).min(after.max(1));
    }
}

/// Tries to leave out each run of `chunk` calls, from the last to the first.
fn without_chunks(history: History, chunk: usize, effort: Effort) -> History {
    let mut window = history;
    let mut end = window.calls().len();
    while end > 0 {
        let start = end.saturating_sub(chunk);
        if let Some(smaller) = without(&window, start..end) {
            if is_impossible(&smaller, effort) {
                window = smaller;
            }
        }
        end = start.min(window.calls().len());
    }
    window
}

/// The history without these calls, as far as they may go; none if none may.
fn without(history: &History, range: std::ops::Range<usize>) -> Option<History> {
    let calls = history.calls();
    let mut keep: Vec<bool> = (0..calls.len()).map(|at| !range.contains(&at)).collect();
    let views = Views::of(history).expect("a history was checked when it was made");
    for at in 0..calls.len() {
        // Both come before what needs them, so this reaches all in one pass.
        let needs = [views.made_by(at), views.moved_by(at)];
        keep[at] &= needs.into_iter().flatten().all(|other| keep[other]);
    }
    put_back_what_is_read(history, &mut keep);
    if keep.iter().all(|kept| *kept) {
        return None;
    }
    history.only(|at| keep[at])
}

/// Puts back the changes that a read which stays may need; see rule 2.
fn put_back_what_is_read(history: &History, keep: &mut [bool]) {
    let facts = Facts::of_reads(history, |at| keep[at]);
    let needs = facts.needs();
    for fact in facts.list.iter().filter(|fact| !fact.effects.is_empty()) {
        let is_needed = |pair: &Pair| needs.as_ref().is_none_or(|needs| needs.contains(pair));
        keep[fact.call] |= fact.effects.iter().any(is_needed);
    }
}
