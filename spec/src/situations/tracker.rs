//! The model's side: decides situations from operations and replies.
//!
//! It runs in the checker's innermost loop, so a get or a put costs one lookup of the key.

use super::key::{Clock, Key, Write, Wrote};
use super::table::Table;
use super::views::Views;
use super::{Situation, Situations};
use crate::op::{Change, Op, OpKind, Reply};
use crate::range::{Fill, Range};

/// Decides the model-side situations of one case after the other.
///
/// ```
/// use etalon_spec::{Op, Reply, Situation, Situations, Tracker};
///
/// let mut tracker = Tracker::default();
/// let mut met = Situations::default();
/// tracker.begin();
/// tracker.observe(&Op::Compact, &Reply::Done, &mut met);
/// assert_eq!(met.get(Situation::CompactOfNothing), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tracker {
    pub(super) keys: Table,
    pub(super) now: Clock,
    live: usize,
    batches: u32,
    pub(super) views: Views,
    /// Whether a change was answered that nothing has made durable.
    unsynced: bool,
    /// What was written since the last flush or compact.
    unflushed: Unflushed,
    /// Whether the next change is the first since a compact, or a reopen.
    fresh: Fresh,
    previous: Option<OpKind>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Unflushed {
    puts: bool,
    removals: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Fresh {
    compact: bool,
    reopen: bool,
}

impl Tracker {
    /// A new case begins: forgets the last one.
    pub fn begin(&mut self) {
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        *self = Tracker {
            keys,
            ..Tracker::default()
        };
    }

    /// Whether the case has reopened its store.
    pub fn has_reopened(&self) -> bool {
        self.now.reopens > 0
    }

    /// Counts what this operation, answered with this right reply, is an occurrence of. What was
    /// refused has not happened.
    #[inline]
    pub fn observe(&mut self, op: &Op, reply: &Reply, met: &mut Situations) {
        if matches!(reply, Reply::Refused | Reply::Unsupported) {
            if let (Op::Fail(fault), Reply::Refused) = (op, reply) {
                let is_read = fault.within.op().kind().only_reads();
                met.count_times(Situation::ReadFailed, u64::from(is_read));
                met.count_times(Situation::DiskFailed, u64::from(!is_read));
            }
            return;
        }
        match op {
            Op::Get { key, at: None } => self.get(key, reply, met),
            Op::Put { key, sync, .. } => {
                self.first_change(met);
                self.put(key, met);
                self.change(*sync, met);
            }
            Op::Delete { key, sync } => {
                self.first_change(met);
                self.delete(key);
                self.change(*sync, met);
            }
            Op::Scan { scan, at: None } => self.scan(scan, reply, met),
            Op::Write { changes, sync } => {
                self.batch(changes, met);
                self.change(*sync, met);
            }
            Op::Clear { sync } => {
                self.first_change(met);
                self.remove(&Range::ALL, Wrote::Clear);
                self.change(*sync, met);
            }
            Op::DeleteRange { range, sync } => {
                self.first_change(met);
                met.count_times(
                    Situation::InvertedDeleteRange,
                    u64::from(range.is_inverted()),
                );
                self.remove(range, Wrote::RangeDelete);
                self.change(*sync, met);
            }
            Op::Fill(fill) => self.fill(fill, met),
            Op::Flush => self.flush(met),
            Op::Sync => self.sync(met),
            Op::Compact => self.compact(met),
            Op::Reopen => self.reopen(met),
            // One that was answered all the same.
            Op::Fail(fault) if fault.within.op().kind().only_reads() => {
                return self.observe(fault.within.op(), reply, met);
            }
            Op::Kill { .. } | Op::Crash(_) | Op::Fail(_) => self.breakage(op, met),
            _ => self.view(op, reply, met),
        }
        self.previous = Some(op.kind());
    }

    #[inline]
    fn first_change(&mut self, met: &mut Situations) {
        let fresh = std::mem::take(&mut self.fresh);
        if fresh.compact {
            met.count(Situation::WriteAfterCompact);
        }
        if fresh.reopen {
            met.count(Situation::WriteAfterReopen);
        }
    }

    /// Notes whether a change was synced: that makes all before it durable, too.
    #[inline]
    fn change(&mut self, sync: bool, met: &mut Situations) {
        self.unsynced = !sync;
        met.count_times(Situation::SyncedWrite, u64::from(sync));
    }

    fn sync(&mut self, met: &mut Situations) {
        let unsynced = std::mem::take(&mut self.unsynced);
        met.count_times(Situation::SyncOfUnsynced, u64::from(unsynced));
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

    fn put(&mut self, key: &[u8], met: &mut Situations) {
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

    fn delete(&mut self, key: &[u8]) {
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

    fn flush(&mut self, met: &mut Situations) {
        match self.unflushed {
            Unflushed {
                puts: false,
                removals: false,
            } => met.count(Situation::FlushOfNothing),
            Unflushed {
                puts: false,
                removals: true,
            } => met.count(Situation::FlushOfDeletes),
            Unflushed { puts: true, .. } => {}
        }
        self.empty_memtable();
    }

    fn empty_memtable(&mut self) {
        let Unflushed { puts, removals } = std::mem::take(&mut self.unflushed);
        self.now.flushes += u32::from(puts || removals);
        self.unsynced = false;
    }

    fn compact(&mut self, met: &mut Situations) {
        if self.keys.is_empty() {
            met.count(Situation::CompactOfNothing);
        } else if self.live == 0 {
            met.count(Situation::CompactLeavesNothing);
        }
        if self.previous == Some(OpKind::Compact) {
            met.count(Situation::CompactTwice);
        }
        self.empty_memtable();
        self.now.compacts += 1;
        self.fresh.compact = true;
    }

    /// What a breakage leaves of the keys is not known here: they are forgotten.
    fn breakage(&mut self, op: &Op, met: &mut Situations) {
        let thens = match op {
            Op::Kill { then } => {
                met.count_times(Situation::KillWithUnsynced, u64::from(self.unsynced));
                then.len()
            }
            Op::Crash(crash) => {
                met.count_times(Situation::CrashWithUnsynced, u64::from(self.unsynced));
                let within = crash.within.as_ref().map(|within| within.op().kind());
                let is_flush = matches!(within, Some(OpKind::Flush | OpKind::Compact));
                met.count_times(Situation::CrashInFlush, u64::from(is_flush));
                crash.then.len()
            }
            _ => 0,
        };
        met.count_times(Situation::CrashInRecovery, u64::from(thens > 0));
        let reopens = self.now.reopens + 1;
        self.begin();
        self.now.reopens = reopens;
    }

    fn reopen(&mut self, met: &mut Situations) {
        if self.previous == Some(OpKind::Reopen) {
            met.count(Situation::ReopenTwice);
        }
        self.now.reopens += 1;
        self.fresh.reopen = true;
        self.unsynced = false;
        let ended = self.views.end();
        met.count_times(Situation::ReopenWithViews, u64::from(ended));
    }
}
