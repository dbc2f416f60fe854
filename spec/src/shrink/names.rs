//! Renaming snapshots and iterators: s, t, .. and i, j, .., and two of them to one.

use super::Search;
use crate::name::Name;
use crate::op::{Case, Op};

/// The plainest names, in the order in which they are given.
const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";

/// The first letter of snapshots, and of iterators.
pub(super) const FIRST: [u8; 2] = [b's', b'i'];

/// Which sort of name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Snapshot,
    Iterator,
}

impl Search<'_> {
    pub(super) fn simplify_names(&mut self) {
        for sort in [Sort::Snapshot, Sort::Iterator] {
            let names = names(&self.best, sort);
            let plain = |name: Name| {
                let place = names.iter().position(|named| *named == name)?;
                letter(sort, place)
            };
            let in_order = renamed(&self.best, sort, &plain);
            self.try_case(in_order);
            self.merge_names(sort);
        }
    }

    /// One name in the place of two: what is taken again under a name ends what had it.
    fn merge_names(&mut self, sort: Sort) {
        for name in names(&self.best, sort) {
            for other in names(&self.best, sort) {
                let merged = |named: Name| (named == name).then_some(other);
                let candidate = renamed(&self.best, sort, &merged);
                if name != other && self.try_case(candidate) {
                    break;
                }
            }
        }
    }
}

/// How strange a name is: how far from the first of its sort.
pub(super) fn strangeness(sort: Sort, name: Name) -> u64 {
    match name.as_str().as_bytes() {
        [byte @ b'a'..=b'z'] => u64::from((26 + byte - FIRST[sort as usize]) % 26),
        longer => 40 * longer.len() as u64,
    }
}

fn letter(sort: Sort, place: usize) -> Option<Name> {
    let first = usize::from(FIRST[sort as usize] - b'a');
    let letter = LETTERS[(first + place) % LETTERS.len()];
    Name::from_bytes(&[letter])
}

/// In the order in which they come.
fn names(case: &Case, sort: Sort) -> Vec<Name> {
    let mut names = Vec::new();
    let mut case = case.clone();
    for op in &mut case.ops {
        each_name(op, sort, &mut |name| {
            if !names.contains(name) {
                names.push(*name);
            }
        });
    }
    names
}

fn renamed(case: &Case, sort: Sort, rename: &dyn Fn(Name) -> Option<Name>) -> Case {
    let mut case = case.clone();
    for op in &mut case.ops {
        each_name(op, sort, &mut |name| *name = rename(*name).unwrap_or(*name));
    }
    case
}

fn each_name(op: &mut Op, sort: Sort, see: &mut dyn FnMut(&mut Name)) {
    let within = match op {
        Op::Crash(crash) => crash.within.as_mut(),
        Op::Fail(fault) => Some(&mut fault.within),
        _ => None,
    };
    if let Some(within) = within {
        return within.change(|op| each_name(op, sort, see));
    }
    let name = match (sort, op) {
        (Sort::Snapshot, Op::Snapshot(name) | Op::Release(name))
        | (
            Sort::Iterator,
            Op::Iterator { name, .. }
            | Op::Next(name)
            | Op::Prev(name)
            | Op::SeekFirst(name)
            | Op::SeekLast(name)
            | Op::Seek { name, .. }
            | Op::Close(name),
        ) => Some(name),
        (Sort::Snapshot, op) => op.snapshot_read_mut().and_then(Option::as_mut),
        (Sort::Iterator, _) => None,
    };
    if let Some(name) = name {
        see(name);
    }
}
