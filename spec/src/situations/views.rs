//! What a read at a snapshot, or a move of an iterator, was an occurrence of.

use super::key::{Clock, Wrote};
use super::tracker::Tracker;
use super::{Situation, Situations};
use crate::name::Name;
use crate::op::{Op, OpKind, Reply};
use crate::range::Scan;

/// The snapshots and iterators that are open.
#[derive(Clone, Debug, Default)]
pub(super) struct Views {
    /// With the moment at which each was taken.
    snapshots: Vec<(Name, Clock)>,
    iterators: Vec<Walk>,
}

/// An iterator, and how it was moved last.
#[derive(Clone, Copy, Debug)]
struct Walk {
    name: Name,
    /// The moment that it sees.
    sees: Clock,
    made: Clock,
    /// The snapshot that it was made at.
    of: Option<Name>,
    /// That snapshot has been released.
    outlives: bool,
    last: Option<Move>,
}

/// A move, and whether it came to an entry.
#[derive(Clone, Copy, Debug)]
struct Move {
    forwards: bool,
    landed: bool,
}

impl Views {
    fn forget_snapshot(&mut self, name: Name) {
        self.snapshots.retain(|(open, _)| *open != name);
        for walk in self
            .iterators
            .iter_mut()
            .filter(|walk| walk.of == Some(name))
        {
            walk.outlives = true;
        }
    }

    fn forget_iterator(&mut self, name: Name) {
        self.iterators.retain(|walk| walk.name != name);
    }

    fn taken(&self, name: Name) -> Option<Clock> {
        let found = self.snapshots.iter().find(|(open, _)| *open == name);
        found.map(|(_, taken)| *taken)
    }

    /// Everything ends. Whether there was anything.
    pub(super) fn end(&mut self) -> bool {
        let any = !self.snapshots.is_empty() || !self.iterators.is_empty();
        self.snapshots.clear();
        self.iterators.clear();
        any
    }
}

impl Tracker {
    /// Everything that opens, closes or uses a view.
    pub(super) fn view(&mut self, op: &Op, reply: &Reply, met: &mut Situations) {
        match op {
            Op::Get { key, at: Some(at) } => self.get_at(key, *at, reply, met),
            Op::Scan { scan, at: Some(at) } => self.scan_at(scan, *at, met),
            Op::Snapshot(name) => {
                self.views.forget_snapshot(*name);
                self.views.snapshots.push((*name, self.now));
            }
            Op::Release(name) => self.views.forget_snapshot(*name),
            Op::Iterator { name, at } => {
                self.views.forget_iterator(*name);
                self.views.iterators.push(Walk {
                    name: *name,
                    sees: at.and_then(|at| self.views.taken(at)).unwrap_or(self.now),
                    made: self.now,
                    of: *at,
                    outlives: false,
                    last: None,
                });
            }
            Op::Close(name) => self.views.forget_iterator(*name),
            _ => self.step(op, reply, met),
        }
    }

    fn get_at(&self, key: &[u8], at: Name, reply: &Reply, met: &mut Situations) {
        let (Some(taken), Some(state)) = (self.views.taken(at), self.keys.get(key)) else {
            return;
        };
        let last = state.last;
        if !matches!(reply, Reply::Value(_)) || last.when.changes <= taken.changes {
            return;
        }
        if last.how != Wrote::Put {
            met.count(Situation::SnapshotOfDeleted);
        }
        if last.when.compacts < self.now.compacts {
            met.count(Situation::SnapshotAcrossCompact);
        } else if last.when.flushes < self.now.flushes {
            met.count(Situation::SnapshotAcrossFlush);
        }
    }

    fn scan_at(&self, scan: &Scan, at: Name, met: &mut Situations) {
        let Some(taken) = self.views.taken(at) else {
            return;
        };
        let mut within = self.keys.iter().filter(|(key, _)| scan.range.contains(key));
        if within.any(|(_, state)| state.last.when.changes > taken.changes) {
            met.count(Situation::SnapshotScanChanged);
        }
    }

    fn step(&mut self, op: &Op, reply: &Reply, met: &mut Situations) {
        let name = op.iterator_used();
        let Some(walk) = self
            .views
            .iterators
            .iter_mut()
            .find(|walk| Some(walk.name) == name)
        else {
            return;
        };
        let key = match reply {
            Reply::Entries(entries) => entries.first().map(|(key, _)| key.as_slice()),
            _ => None,
        };
        let this = Move {
            forwards: !matches!(op.kind(), OpKind::Prev | OpKind::SeekLast),
            landed: key.is_some(),
        };
        let before = walk.last.replace(this);
        let Some(key) = key else { return };
        if let Op::Seek { key: sought, .. } = op {
            met.count_times(Situation::SeekToAbsent, u64::from(sought != key));
        }
        if let (Some(before), OpKind::Next | OpKind::Prev) = (before, op.kind()) {
            if before.forwards != this.forwards {
                met.count(if before.landed {
                    Situation::IteratorTurned
                } else {
                    Situation::IteratorPastEnd
                });
            }
        }
        let changed = self
            .keys
            .get(key)
            .is_some_and(|state| state.last.when.changes > walk.sees.changes);
        let decided = [
            (changed, Situation::IteratorAtChanged),
            (walk.outlives, Situation::IteratorOutlivesSnapshot),
            (
                walk.made.flushes < self.now.flushes,
                Situation::IteratorAcrossFlush,
            ),
            (
                walk.made.compacts < self.now.compacts,
                Situation::IteratorAcrossCompact,
            ),
        ];
        for (is_met, situation) in decided {
            met.count_times(situation, u64::from(is_met));
        }
    }
}
