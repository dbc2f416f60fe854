//! What changes do to the tracker's keys.

use super::key::{Key, Write, Wrote};
use super::scopes::count_swap;
use super::tracker::Tracker;
use super::{Situation, Situations};
use crate::op::{Change, Op, Reply};
use crate::range::{Fill, Range};
use crate::sorted_run::SortedRun;

impl Tracker {
    /// A change that is no fill and takes place in the default key space, now.
    pub(super) fn change_of(&mut self, op: &Op, reply: &Reply, met: &mut Situations) {
        match op {
            Op::Write { changes, .. } => self.batch(changes, met),
            Op::Fill(fill) => return self.fill(fill, met),
            Op::Ingest { run, .. } => self.ingest(run, met),
            Op::Cas { key, new, .. } => {
                count_swap(op, reply, met);
                if *reply != Reply::Swapped(true) {
                    return;
                }
                self.first_change(met);
                match new {
                    Some(_) => self.put(key, met),
                    None => self.delete(key),
                }
            }
            Op::Put { key, .. } => {
                self.first_change(met);
                self.put(key, met);
            }
            Op::Delete { key, .. } => {
                self.first_change(met);
                self.delete(key);
            }
            Op::Clear { .. } => {
                self.first_change(met);
                self.remove(&Range::ALL, Wrote::Clear);
            }
            Op::DeleteRange { range, .. } => {
                self.first_change(met);
                let inverted = u64::from(range.is_inverted());
                met.count_times(Situation::InvertedDeleteRange, inverted);
                self.remove(range, Wrote::RangeDelete);
            }
            _ => return,
        }
        self.change(op.is_synced(), met);
    }

    /// Notes whether a change was synced: that makes all before it durable, too.
    #[inline]
    pub(super) fn change(&mut self, sync: bool, met: &mut Situations) {
        self.unsynced = !sync;
        met.count_times(Situation::SyncedWrite, u64::from(sync));
    }

    fn fill(&mut self, fill: &Fill, met: &mut Situations) {
        if fill.count == 0 {
            return;
        }
        self.first_change(met);
        self.change(false, met);
        for i in 0..fill.count {
            self.write_value(&fill.key(i));
        }
    }

    fn ingest(&mut self, run: &SortedRun, met: &mut Situations) {
        self.first_change(met);
        let live = |key: &[u8]| self.keys.get(key).is_some_and(Key::is_live);
        let over_live = run.entries().iter().any(|(key, _)| live(key));
        met.count_times(Situation::IngestOverLive, u64::from(over_live));
        for (key, _) in run.entries() {
            self.put(key, met);
        }
    }

    pub(super) fn put(&mut self, key: &[u8], met: &mut Situations) {
        if self.write_value(key) {
            let related = |other: &[u8]| {
                other.len() != key.len() && (other.starts_with(key) || key.starts_with(other))
            };
            if self
                .keys
                .iter()
                .any(|(other, state)| related(other) && state.is_live())
            {
                met.count(Situation::PrefixOfAnother);
            }
        }
    }

    pub(super) fn delete(&mut self, key: &[u8]) {
        self.written_since(key);
        self.unflushed.removals = true;
        self.now.changes += 1;
        let absent = Write {
            how: Wrote::DeleteAbsent,
            when: self.now,
        };
        let (state, new) = self.keys.get_or_insert(key, Key::new(absent));
        if state.is_live() {
            state.write(Write {
                how: Wrote::Delete,
                ..absent
            });
            self.live -= 1;
        } else if !new {
            state.write(absent);
        }
    }

    /// Notes a put. Returns whether it is the key's first write.
    #[inline]
    fn write_value(&mut self, key: &[u8]) -> bool {
        self.written_since(key);
        self.unflushed.puts = true;
        self.now.changes += 1;
        let write = Write {
            how: Wrote::Put,
            when: self.now,
        };
        let (state, new) = self.keys.get_or_insert(key, Key::new(write));
        self.live += usize::from(new || !state.is_live());
        if !new {
            state.write(write);
        }
        new
    }

    /// Notes that every live key of a range is gone.
    fn remove(&mut self, range: &Range, how: Wrote) {
        self.now.changes += 1;
        let write = Write {
            how,
            when: self.now,
        };
        for (key, state) in self.keys.iter_mut() {
            if state.is_live() && range.contains(key) {
                state.write(write);
                self.live -= 1;
                self.unflushed.removals = true;
            }
        }
    }

    fn batch(&mut self, changes: &[Change], met: &mut Situations) {
        if changes.is_empty() {
            met.count(Situation::EmptyBatch);
            return;
        }
        self.first_change(met);
        self.batches += 1;
        let mut twice = false;
        for change in changes {
            match change {
                Change::Put { key, .. } => self.put(key, met),
                Change::Delete { key } => self.delete(key),
            }
            if let Some(state) = self.keys.get_mut(change.key()) {
                twice |= state.batch == self.batches;
                state.batch = self.batches;
            }
        }
        met.count_times(Situation::BatchWithKeyTwice, u64::from(twice));
    }
}
