//! Shortening values: to nothing, to one character, to half, to a run of one byte.

use std::collections::BTreeSet;

use super::Search;
use crate::op::{Case, Change, Op};

impl Search<'_> {
    /// Replaces one value at a time, everywhere that it stands.
    pub(super) fn simplify_values(&mut self) {
        for value in values(&self.best) {
            if self.out_of_budget {
                return;
            }
            let mut current = value;
            while let Some(next) = plainer(&current).into_iter().find(|plainer| {
                let candidate = revalued(&self.best, &current, plainer);
                self.try_case(candidate)
            }) {
                current = next;
            }
        }
    }
}

/// What to try in the place of a value, plainest first.
fn plainer(value: &[u8]) -> Vec<Vec<u8>> {
    let length = value.len();
    let mut tries: Vec<Vec<u8>> = vec![Vec::new(), b"1".to_vec(), b"2".to_vec(), b"3".to_vec()];
    if length > 1 {
        tries.push(vec![b'x'; length / 2]);
        tries.push(value[..length / 2].to_vec());
        tries.push(vec![b'x'; length - length / 8]);
        tries.push(vec![b'x'; length - 1]);
        tries.push(vec![b'x'; length]);
    }
    tries.retain(|plainer| plainer != value);
    tries
}

fn values(case: &Case) -> BTreeSet<Vec<u8>> {
    let mut values = BTreeSet::new();
    for op in &case.ops {
        match op.scoped().1 {
            Op::Put { value, .. } => {
                values.insert(value.clone());
            }
            Op::Write { changes, .. } => {
                values.extend(changes.iter().filter_map(Change::value).map(<[u8]>::to_vec));
            }
            Op::Cas { expected, new, .. } => values.extend(expected.iter().chain(new).cloned()),
            Op::Ingest { run, .. } => {
                values.extend(run.entries().iter().map(|(_, value)| value.clone()));
            }
            _ => {}
        }
    }
    values
}

fn revalued(case: &Case, from: &[u8], to: &[u8]) -> Case {
    let mut case = case.clone();
    let replace = |value: &mut Vec<u8>| {
        if value == from {
            *value = to.to_vec();
        }
    };
    for op in &mut case.ops {
        change_values(op, &replace);
    }
    case
}

/// Changes each value that stands in an operation, wherever that takes place.
pub(crate) fn change_values(op: &mut Op, replace: &dyn Fn(&mut Vec<u8>)) {
    match op {
        Op::Put { value, .. } => replace(value),
        Op::Write { changes, .. } => {
            for change in changes {
                if let Change::Put { value, .. } = change {
                    replace(value);
                }
            }
        }
        Op::Cas { expected, new, .. } => {
            expected.iter_mut().chain(new).for_each(replace);
        }
        Op::Ingest { run, .. } => {
            run.change(|entries| entries.iter_mut().for_each(|(_, value)| replace(value)));
        }
        Op::In(inside) => inside.change(|_, op| change_values(op, replace)),
        _ => {}
    }
}
