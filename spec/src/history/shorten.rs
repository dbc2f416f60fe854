//! Long values cut short for people: whether a history has an order depends only on which values
//! are equal, so they are cut to the shortest length at which they still differ.

use std::collections::BTreeSet;

use super::call::History;
use crate::op::{Change, Op, Reply};

/// Values up to this length are shown as they are.
const SHORT: usize = 24;

/// The history with its values cut, and to how many bytes; none where that is not needed.
pub(super) fn shortened(history: &History) -> Option<(History, usize)> {
    let mut calls = history.calls().to_vec();
    let mut values = BTreeSet::new();
    for call in &mut calls {
        each_value(&mut call.op, &mut |value| {
            values.insert(value.clone());
        });
        if let Some(answer) = &mut call.answer {
            each_value_of(&mut answer.reply, &mut |value| {
                values.insert(value.clone());
            });
        }
    }
    let longest = values.iter().map(Vec::len).max()?;
    let sorted: Vec<&Vec<u8>> = values.iter().collect();
    let alike = sorted.windows(2).map(|pair| common(pair[0], pair[1]));
    let bytes = alike.max().unwrap_or(0) + 1;
    if longest <= SHORT || bytes >= longest {
        return None;
    }
    for call in &mut calls {
        each_value(&mut call.op, &mut |value| value.truncate(bytes));
        if let Some(answer) = &mut call.answer {
            each_value_of(&mut answer.reply, &mut |value| value.truncate(bytes));
        }
    }
    let history = History::new(calls).expect("the same calls");
    Some((history, bytes))
}

/// How many bytes both begin with.
fn common(one: &[u8], other: &[u8]) -> usize {
    let pairs = one.iter().zip(other);
    pairs.take_while(|(one, other)| one == other).count()
}

fn each_value(op: &mut Op, work: &mut dyn FnMut(&mut Vec<u8>)) {
    match op {
        Op::Put { value, .. } => work(value),
        Op::Write { changes, .. } => {
            for change in changes {
                if let Change::Put { value, .. } = change {
                    work(value);
                }
            }
        }
        _ => {}
    }
}

fn each_value_of(reply: &mut Reply, work: &mut dyn FnMut(&mut Vec<u8>)) {
    match reply {
        Reply::Value(value) => work(value),
        Reply::Entries(entries) => entries.iter_mut().for_each(|(_, value)| work(value)),
        _ => {}
    }
}
