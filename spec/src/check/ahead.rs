//! What a store will be asked for, known before the first answer: by the case alone, as long as
//! every answer is right.
//!
//! ```text
//!   put get flush | scan scan get get | get reopen  ...  scan get | put ...
//!   operations      whole contents          '- barrier -'
//! ```
//!
//! Invariants:
//! 1. The operations come exactly as [`check_case`](crate::check_case) asks for them.
//! 2. What follows a reopening or a breakage comes only after [`Ahead::passed`]: it may fail, or
//!    be tried again.

use std::collections::{BTreeSet, VecDeque};

use super::Contents;
use super::drive::ends_in_comparison;
use super::keys::keys_named;
use crate::name::Name;
use crate::op::{Case, Op};
use crate::open::Open;
use crate::options::Options;
use crate::profile::{Ability, Order, Profile};
use crate::range::Scan;
use crate::restrict::of_company;
use crate::scope::{Inside, OpScope};

/// A case that is going to be run, and how.
///
/// ```
/// use etalon_spec::{Case, Coming, Contents, Op, Profile};
///
/// let (case, profile) = (Case::new(vec![Op::Flush]), Profile::new("mine"));
/// let coming = Coming { case: &case, profile: &profile, contents: Contents::NotCompared };
/// let mut ahead = coming.ahead();
/// assert!(ahead.is_of(&coming));
/// assert_eq!(ahead.next(), Some(Op::Flush));
/// assert!(ahead.is_at_end());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Coming<'a> {
    /// What will be run.
    pub case: &'a Case,
    /// What of it is asked for.
    pub profile: &'a Profile,
    /// What is compared beyond the replies.
    pub contents: Contents,
}

impl Coming<'_> {
    /// What the store will be asked for.
    pub fn ahead(&self) -> Ahead {
        Ahead::new(self.case, self.profile, self.contents)
    }
}

/// The operations that a store is going to be asked for, in their order.
///
/// ```
/// use etalon_spec::{Ahead, Case, Contents, Op, Profile};
///
/// let case = Case::new(vec![Op::put(b"k", b"v"), Op::get(b"k")]);
/// let ahead = Ahead::new(&case, &Profile::new("mine"), Contents::Compared);
/// let asked: Vec<Op> = ahead.collect();
/// assert_eq!(asked, [Op::put(b"k", b"v"), Op::get(b"k"), Op::get(b"k")], "contents at the end");
/// ```
#[derive(Clone, Debug)]
pub struct Ahead {
    case: Case,
    profile: Profile,
    contents: Contents,
    /// The next operation of the case.
    at: usize,
    /// Stands at a reopening or a breakage that was not passed yet.
    barred: bool,
    due: VecDeque<Op>,
    keys: BTreeSet<Vec<u8>>,
    open: Open,
}

impl Ahead {
    /// Of one case, under this profile.
    pub fn new(case: &Case, profile: &Profile, contents: Contents) -> Ahead {
        Ahead {
            case: case.clone(),
            profile: profile.clone(),
            contents,
            at: 0,
            barred: false,
            due: VecDeque::new(),
            keys: BTreeSet::new(),
            open: Open::default(),
        }
    }

    /// Whether these are the operations of that case.
    pub fn is_of(&self, coming: &Coming<'_>) -> bool {
        self.contents == coming.contents
            && self.case == *coming.case
            && self.profile == *coming.profile
    }

    /// Whether nothing more of the case comes: not now, and not after a reopening.
    pub fn is_at_end(&self) -> bool {
        !self.barred && self.due.is_empty() && self.at == self.case.ops.len()
    }

    /// The options of the case.
    pub(crate) fn options(&self) -> &Options {
        &self.case.options
    }

    /// The reopening or breakage at which this stands has come to its end.
    pub fn passed(&mut self) {
        if !std::mem::take(&mut self.barred) {
            return;
        }
        let op = self.case.ops[self.at].clone();
        self.at += 1;
        self.open.apply(&op);
        if op.kind().is_breakage() {
            // What survived is read first.
            let scans = self.profile.can.has(Ability::Scan);
            if scans {
                self.due.push_back(Op::scan(Scan::ALL));
            } else {
                let keys = keys_named(&self.case.ops);
                let keys = keys.into_iter().filter(|key| self.profile.takes_key(key));
                self.due.extend(keys.map(Op::get));
            }
        }
        self.after(&op);
    }

    /// Gives back what came last, to come again.
    pub(crate) fn put_back(&mut self, op: Op) {
        self.due.push_front(op);
    }

    /// What an operation that has been asked for brings with it.
    fn after(&mut self, op: &Op) {
        self.keys.extend(keys_named(std::slice::from_ref(op)));
        let ends = ends_in_comparison(op) || self.at == self.case.ops.len();
        if ends && self.contents == Contents::Compared {
            let mut snapshots = self.open.snapshots.clone();
            snapshots.sort_unstable();
            let mut spaces = self.open.spaces.clone();
            spaces.sort_unstable();
            let reads = reads_of_everything(&self.profile, &self.keys, snapshots, spaces);
            self.due.extend(reads);
        }
    }
}

impl Iterator for Ahead {
    type Item = Op;

    fn next(&mut self) -> Option<Op> {
        loop {
            if let Some(op) = self.due.pop_front() {
                return Some(op);
            }
            let op = self.case.ops.get(self.at)?.clone();
            if of_company(&op, &self.profile, &self.open).is_some() {
                self.at += 1;
                self.after(&op);
                continue;
            }
            if op == Op::Reopen || op.kind().is_breakage() {
                self.barred = true;
                return None;
            }
            self.at += 1;
            if self.open.has_names_of(&op) {
                self.open.apply(&op);
                match &op {
                    Op::Fill(fill) => {
                        let puts = (0..fill.count).map(|i| Op::put(fill.key(i), fill.value(i)));
                        self.due.extend(puts);
                    }
                    op => self.due.push_back(op.clone()),
                }
            }
            self.after(&op);
        }
    }
}

/// Reads of the whole contents, in every way that the profile declares: scans, the length, every
/// key that was named, everything at every snapshot that is open, and all of it once more in
/// every key space; where there are no scans, by the keys named.
pub(super) fn reads_of_everything(
    profile: &Profile,
    keys: &BTreeSet<Vec<u8>>,
    snapshots: impl IntoIterator<Item = Name>,
    spaces: impl IntoIterator<Item = Name>,
) -> Vec<Op> {
    let mut reads = reads_of_the_present(profile, keys);
    let scans = profile.can.has(Ability::Scan);
    let keys = || keys.iter().filter(|key| profile.takes_key(key)).cloned();
    let plain = reads.len();
    for name in snapshots {
        let at = Some(name);
        if scans {
            let scan = Scan::ALL;
            reads.push(Op::Scan { scan, at });
        } else {
            reads.extend(keys().map(|key| Op::Get { key, at }));
        }
    }
    for space in spaces {
        for read in 0..plain {
            let inside = Inside::of(OpScope::of_space(space), reads[read].clone());
            reads.extend(inside);
        }
    }
    reads
}

fn reads_of_the_present(profile: &Profile, keys: &BTreeSet<Vec<u8>>) -> Vec<Op> {
    let mut reads = Vec::new();
    if profile.can.has(Ability::Scan) {
        reads.push(Op::scan(Scan::ALL));
        if profile.can.has(Ability::Reverse) && profile.order == Order::Bytes {
            reads.push(Op::scan(Scan::ALL_REVERSE));
        }
    }
    if profile.can.has(Ability::Length) {
        reads.push(Op::LENGTH);
    }
    let keys = keys.iter().filter(|key| profile.takes_key(key)).cloned();
    reads.extend(keys.map(Op::get));
    reads
}
