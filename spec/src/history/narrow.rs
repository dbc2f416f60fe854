//! Making single calls of a contradiction smaller: scans over fewer keys, batches of fewer
//! changes.
//!
//! A scan of a part of a range, answered with what the whole scan found there, follows from the
//! whole scan; a change of a batch may go where a put of its own might (see `contradiction`). So
//! if what is left has no order, neither had the whole.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::call::{Call, History};
use super::contradiction::is_impossible;
use super::decide::Effort;
use super::facts::Facts;
use crate::op::{Change, Op, Reply};
use crate::range::Range;

/// Makes the calls of a history that has no order as small as they go.
pub(super) fn narrow(history: History, effort: Effort) -> History {
    let mut window = history;
    // A reply that is wrong by itself says nothing about the keys that it names.
    if Facts::of(&window)
        .list
        .iter()
        .any(|fact| fact.is_impossible)
    {
        return window;
    }
    for at in 0..window.calls().len() {
        window = narrow_scan(window, at, effort);
        window = narrow_batch(window, at, effort);
    }
    window
}

/// The history with one call in the place of another.
fn with(history: &History, at: usize, change: impl FnOnce(&mut Call)) -> History {
    let mut calls = history.calls().to_vec();
    change(&mut calls[at]);
    History::new(calls).expect("times and names stay as they are")
}

/// The keys that a history names.
fn keys(history: &History) -> BTreeSet<Vec<u8>> {
    let mut keys = BTreeSet::new();
    for call in history.calls() {
        match &call.op {
            Op::Get { key, .. }
            | Op::Put { key, .. }
            | Op::Delete { key, .. }
            | Op::Cas { key, .. } => {
                keys.insert(key.clone());
            }
            Op::Ingest { run, .. } => {
                keys.extend(run.entries().iter().map(|(key, _)| key.clone()));
            }
            Op::Write { changes, .. } => {
                keys.extend(changes.iter().map(|change| change.key().to_vec()));
            }
            _ => {}
        }
        if let Some(Reply::Entries(entries)) = call.reply() {
            keys.extend(entries.iter().map(|(key, _)| key.clone()));
        }
    }
    keys
}

/// Leaves out keys at both ends of a scan that saw its whole range: half of them, a quarter, ...
fn narrow_scan(history: History, at: usize, effort: Effort) -> History {
    let mut window = history;
    let call = &window.calls()[at];
    let (Op::Scan { scan, .. }, Some(Reply::Entries(entries))) = (&call.op, call.reply()) else {
        return window;
    };
    if scan
        .limit
        .is_some_and(|limit| entries.len() >= limit as usize)
    {
        return window;
    }
    let mut within = keys(&window);
    within.retain(|key| scan.range.contains(key));
    let mut within: Vec<Vec<u8>> = within.into_iter().collect();
    let mut step = within.len() / 2;
    while step > 0 {
        let parts = [
            within[step..].to_vec(),
            within[..within.len() - step].to_vec(),
        ];
        let smaller = parts.into_iter().find_map(|part| {
            let smaller = with(&window, at, |call| cut(call, &part));
            is_impossible(&smaller, effort).then_some((smaller, part))
        });
        match smaller {
            Some(smaller) => {
                (window, within) = smaller;
                step = step.min(within.len() / 2);
            }
            None => step /= 2,
        }
    }
    window
}

/// Narrows a scan to the keys from the first of these to the last.
fn cut(call: &mut Call, keys: &[Vec<u8>]) {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else {
        return;
    };
    let (first, last) = (
        Bound::Included(first.clone()),
        Bound::Included(last.clone()),
    );
    let range = Range::Between(first, last);
    if let Some(Reply::Entries(entries)) = call.answer.as_mut().map(|answer| &mut answer.reply) {
        entries.retain(|(key, _)| range.contains(key));
    }
    if let Op::Scan { scan, .. } = &mut call.op {
        scan.range = range;
        scan.limit = None;
    }
}

/// Leaves out changes of a batch that no read requires.
fn narrow_batch(history: History, at: usize, effort: Effort) -> History {
    let mut window = history;
    let Op::Write { changes, .. } = &window.calls()[at].op else {
        return window;
    };
    for place in (0..changes.len()).rev() {
        if is_free(&window, at, place) {
            let smaller = with(&window, at, |call| {
                if let Op::Write { changes, .. } = &mut call.op {
                    changes.remove(place);
                }
            });
            if is_impossible(&smaller, effort) {
                window = smaller;
            }
        }
    }
    window
}

/// Whether no read requires what a change of a batch wrote. A batch that has a key twice stays
/// as it is.
fn is_free(window: &History, at: usize, place: usize) -> bool {
    let Op::Write { changes, .. } = &window.calls()[at].op else {
        return false;
    };
    let key = changes[place].key();
    let before: BTreeSet<&[u8]> = changes
        .iter()
        .map(Change::key)
        .filter(|k| *k < key)
        .collect();
    let facts = Facts::of(window);
    let fact = facts.list.iter().find(|fact| fact.call == at);
    let effects = fact.map_or(&[][..], |fact| &fact.effects);
    let pair = effects
        .get(before.len())
        .filter(|_| effects.len() == changes.len());
    match (pair, facts.needs()) {
        (Some(pair), Some(needs)) => !needs.contains(pair),
        _ => false,
    }
}
