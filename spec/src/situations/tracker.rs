//! The model's side: decides situations from operations and replies.
//!
//! It runs in the checker's innermost loop, so a get or a put costs one lookup of the key.

use super::key::Clock;
use super::scopes::Scopes;
use super::table::Table;
use super::views::Views;
use super::{Situation, Situations};
use crate::op::{Op, OpKind, Reply};

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
    pub(super) live: usize,
    pub(super) batches: u32,
    pub(super) views: Views,
    pub(super) scopes: Scopes,
    /// Whether a change was answered that nothing has made durable.
    pub(super) unsynced: bool,
    /// What was written since the last flush or compact.
    pub(super) unflushed: Unflushed,
    /// Whether the next change is the first since a compact, or a reopen.
    fresh: Fresh,
    previous: Option<OpKind>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unflushed {
    pub(super) puts: bool,
    pub(super) removals: bool,
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
            self.refused(op, met);
            return;
        }
        match op {
            Op::Get { key, at: None } => {
                self.get(key, reply, met);
                self.get_beside(key, met);
            }
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
            Op::Write { .. }
            | Op::Clear { .. }
            | Op::DeleteRange { .. }
            | Op::Fill(_)
            | Op::Cas { .. }
            | Op::Ingest { .. } => self.change_of(op, reply, met),
            Op::First { at: None } | Op::Last { at: None } => self.extreme(op, reply, met),
            Op::Flush => self.flush(met),
            Op::Sync => self.sync(met),
            Op::Compact => self.compact(met),
            Op::Reopen => self.reopen(met),
            // One that was answered all the same.
            Op::Fail(fault) if fault.within.op().kind().only_reads() => {
                return self.observe(fault.within.op(), reply, met);
            }
            Op::Kill { .. } | Op::Crash(_) | Op::Fail(_) => self.breakage(op, met),
            Op::In(_)
            | Op::Begin(_)
            | Op::Savepoint { .. }
            | Op::Rollback { .. }
            | Op::Commit(_)
            | Op::Create(_)
            | Op::Rename { .. }
            | Op::Drop(_) => self.scope(op, reply, met),
            _ => self.view(op, reply, met),
        }
        self.previous = Some(op.kind());
    }

    #[inline]
    pub(super) fn first_change(&mut self, met: &mut Situations) {
        let fresh = std::mem::take(&mut self.fresh);
        if fresh.compact {
            met.count(Situation::WriteAfterCompact);
        }
        if fresh.reopen {
            met.count(Situation::WriteAfterReopen);
        }
    }

    fn sync(&mut self, met: &mut Situations) {
        let unsynced = std::mem::take(&mut self.unsynced);
        met.count_times(Situation::SyncOfUnsynced, u64::from(unsynced));
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
        self.scopes.end_transactions();
        let ended = self.views.end();
        met.count_times(Situation::ReopenWithViews, u64::from(ended));
    }
}
