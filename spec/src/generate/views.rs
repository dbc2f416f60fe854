//! Snapshots and iterators of a case: which are open, and what is done with them.
//!
//! Invariant: nothing is sent on a name that is not open, and never more are open than the profile
//! allows; so where nothing is open, another operation takes the place of one that needs a name.

use crate::name::Name;
use crate::op::{Op, OpKind};
use crate::open::Open;
use crate::profile::{Profile, View};
use crate::random::{Random, bits};

/// More than this are never open at once, whatever the profile allows.
const MOST: usize = 3;

const SNAPSHOTS: [Name; MOST] = [Name::literal("s"), Name::literal("t"), Name::literal("u")];
const ITERATORS: [Name; MOST] = [Name::literal("i"), Name::literal("j"), Name::literal("k")];

/// The views of one case.
#[derive(Clone, Debug)]
pub(super) struct Views {
    snapshot_max: usize,
    iterator_max: usize,
    /// Whether nothing may be changed while an iterator is open.
    live: bool,
    open: Open,
}

impl Views {
    pub(super) fn new(profile: &Profile) -> Self {
        Views {
            snapshot_max: profile.snapshot_max.min(MOST),
            iterator_max: profile.iterator_max.min(MOST),
            live: profile.iterator_view == View::Live,
            open: Open::default(),
        }
    }

    /// Nothing is open: a new case, or the store was opened again.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    /// The snapshot that a read sees: in half of the draws while one is open.
    #[inline]
    pub(super) fn at(&self, random: &mut Random) -> Option<Name> {
        if self.open.snapshots.is_empty() || random.chance(1, 2) {
            return None;
        }
        Some(*random.pick(&self.open.snapshots))
    }

    /// What has to be closed before a change, if anything.
    #[inline]
    pub(super) fn stands_in_the_way(&mut self) -> Option<Op> {
        if !self.live {
            return None;
        }
        self.open.iterators.pop().map(Op::Close)
    }

    /// An operation of this kind, or what must come before one; none if none can be sent.
    pub(super) fn draw(
        &mut self,
        kind: OpKind,
        random: &mut Random,
        key: impl FnOnce() -> Vec<u8>,
    ) -> Option<Op> {
        let op = match kind {
            OpKind::Release if !self.open.snapshots.is_empty() => {
                Op::Release(*random.pick(&self.open.snapshots))
            }
            OpKind::Snapshot | OpKind::Release => Op::Snapshot(name(
                &SNAPSHOTS,
                &self.open.snapshots,
                self.snapshot_max,
                random,
            )?),
            OpKind::Iterator => self.iterator(random)?,
            _ if self.open.iterators.is_empty() => self.iterator(random)?,
            _ => self.step(kind, random, key),
        };
        self.open.apply(&op);
        Some(op)
    }

    fn iterator(&self, random: &mut Random) -> Option<Op> {
        let name = name(&ITERATORS, &self.open.iterators, self.iterator_max, random)?;
        let at = self.at(random);
        Some(Op::Iterator { name, at })
    }

    /// Mostly of the iterator that was made first: steps of one belong together.
    fn step(&self, kind: OpKind, random: &mut Random, key: impl FnOnce() -> Vec<u8>) -> Op {
        let open = &self.open.iterators;
        let name = open[random.small(open.len())];
        match kind {
            OpKind::Next => Op::Next(name),
            OpKind::Prev => Op::Prev(name),
            OpKind::SeekFirst => Op::SeekFirst(name),
            OpKind::SeekLast => Op::SeekLast(name),
            OpKind::Close => Op::Close(name),
            _ => Op::Seek { name, key: key() },
        }
    }
}

/// One that is not open, in seven draws of eight; else, and where no more may be open, one that is
/// taken again. None where none may be open at all.
fn name(names: &[Name], open: &[Name], max: usize, random: &mut Random) -> Option<Name> {
    let again = open.len() >= max || (!open.is_empty() && bits(random.next(), 0, 3) == 0);
    if again {
        return (!open.is_empty()).then(|| *random.pick(open));
    }
    names.iter().find(|name| !open.contains(name)).copied()
}
