//! Renaming keys: fewer, shorter, plainer, everywhere at once.

use std::ops::Bound;

use super::Search;
use crate::check::keys_named;
use crate::op::{Case, Change, Op};
use crate::range::Range;

/// A round of renames tries every pair of keys; above this many, only shorter names.
const KEYS_TO_PAIR: usize = 24;

impl Search<'_> {
    /// Renames one key at a time, in all operations: to a plain name, to another key of the
    /// case (which merges the two), to a shorter form of itself.
    pub(super) fn simplify_keys(&mut self) {
        self.rename_in_order();
        for key in self.written_out_keys() {
            if self.out_of_budget {
                return;
            }
            let mut names = vec![b"a".to_vec(), b"b".to_vec(), b"c".to_vec(), Vec::new()];
            let others = self.written_out_keys();
            if others.len() <= KEYS_TO_PAIR {
                names.extend(others.into_iter().filter(|other| *other != key));
            }
            names.extend(shorter(&key));
            for name in names {
                let candidate = renamed(&self.best, &|named| (named == key).then(|| name.clone()));
                if self.try_case(candidate) {
                    break;
                }
            }
        }
    }

    /// All keys at once, keeping their order: the n-th becomes the n-th letter.
    fn rename_in_order(&mut self) {
        let keys = self.written_out_keys();
        if keys.len() > 26 {
            return;
        }
        let place = |key: &[u8]| keys.iter().position(|named| named == key);
        let candidate = renamed(&self.best, &|key| {
            place(key).map(|at| vec![b'a' + at as u8])
        });
        self.try_case(candidate);
    }

    /// The keys that stand in the text of the case; a fill's are implied by its prefix.
    fn written_out_keys(&self) -> Vec<Vec<u8>> {
        let is_fill = |op: &Op| matches!(op, Op::Fill(_));
        let mut ops = self.best.ops.clone();
        let prefixes: Vec<Vec<u8>> = ops
            .iter()
            .filter_map(|op| {
                if let Op::Fill(fill) = op {
                    Some(fill.prefix.clone())
                } else {
                    None
                }
            })
            .collect();
        ops.retain(|op| !is_fill(op));
        let mut keys = keys_named(&ops);
        keys.extend(prefixes);
        keys.into_iter().collect()
    }
}

/// Shorter forms of a key: halves first, then one byte less at either end.
fn shorter(key: &[u8]) -> Vec<Vec<u8>> {
    let length = key.len();
    if length < 2 {
        return Vec::new();
    }
    vec![
        key[..length / 2].to_vec(),
        key[length / 2..].to_vec(),
        key[..length - 1].to_vec(),
        key[1..].to_vec(),
        vec![b'a'; length],
    ]
}

/// The case with every key for which `name` gives one replaced by that.
pub(crate) fn renamed(case: &Case, name: &dyn Fn(&[u8]) -> Option<Vec<u8>>) -> Case {
    let mut case = case.clone();
    let rename = |key: &mut Vec<u8>| {
        if let Some(name) = name(key) {
            *key = name;
        }
    };
    for op in &mut case.ops {
        rename_in(op, &rename);
    }
    case
}

fn rename_in(op: &mut Op, rename: &dyn Fn(&mut Vec<u8>)) {
    match op {
        Op::Get { key, .. }
        | Op::Put { key, .. }
        | Op::Delete { key, .. }
        | Op::Cas { key, .. }
        | Op::Seek { key, .. } => rename(key),
        Op::Ingest { run, .. } => {
            run.change(|entries| entries.iter_mut().for_each(|(key, _)| rename(key)));
        }
        Op::In(inside) => inside.change(|_, op| rename_in(op, rename)),
        Op::Write { changes, .. } => {
            for change in changes {
                let (Change::Put { key, .. } | Change::Delete { key }) = change;
                rename(key);
            }
        }
        Op::Scan { scan, .. } => rename_range(&mut scan.range, rename),
        Op::DeleteRange { range, .. } => rename_range(range, rename),
        Op::Fill(fill) => rename(&mut fill.prefix),
        Op::Crash(crash) => {
            if let Some(within) = &mut crash.within {
                within.change(|op| rename_in(op, rename));
            }
        }
        Op::Fail(fault) => fault.within.change(|op| rename_in(op, rename)),
        _ => {}
    }
}

fn rename_range(range: &mut Range, rename: &dyn Fn(&mut Vec<u8>)) {
    match range {
        Range::Prefix(prefix) => rename(prefix),
        Range::Between(from, to) => {
            for bound in [from, to] {
                if let Bound::Included(key) | Bound::Excluded(key) = bound {
                    rename(key);
                }
            }
        }
    }
}
