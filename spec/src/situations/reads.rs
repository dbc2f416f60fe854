//! What a read was an occurrence of.

use std::ops::Bound;

use super::key::{Between, Key, Wrote};
use super::tracker::Tracker;
use super::{Situation, Situations};
use crate::op::{Op, Reply};
use crate::range::{Range, Scan};

/// A page, for ranges and values that are longer than one.
const PAGE: usize = 4_096;

impl Tracker {
    #[inline]
    pub(super) fn get(&self, key: &[u8], reply: &Reply, met: &mut Situations) {
        match (self.keys.get(key), reply) {
            (Some(state), Reply::Value(value)) => self.found(key, state, value, met),
            (Some(state), _) => {
                if let Some(situation) = self.not_found(state) {
                    met.count(situation);
                }
            }
            (None, _) if self.keys.is_empty() => {}
            (None, _) => met.count(Situation::NeverWritten),
        }
    }

    fn found(&self, key: &[u8], state: &Key, value: &[u8], met: &mut Situations) {
        let situation = match state.older(self.now) {
            Some((Wrote::Put, between)) => Some(match between {
                Between::Flush => Situation::OverwriteAcrossFlush,
                Between::Flushes => Situation::OverwriteAcrossTwoFlushes,
                Between::Compact => Situation::OverwriteAcrossCompact,
                Between::Merged => Situation::OverwriteMerged,
            }),
            Some((_, between)) if between != Between::Merged => Some(Situation::PutAfterDelete),
            _ => None,
        };
        if let Some(situation) = situation {
            met.count(situation);
        }
        if key.is_empty() {
            met.count(Situation::EmptyKey);
        }
        if value.is_empty() {
            met.count(Situation::EmptyValueRead);
        }
        if value.len() > PAGE {
            met.count(Situation::LongValueRead);
        }
        if state.last.when.reopens < self.now.reopens {
            met.count(Situation::ReadAfterReopen);
        }
    }

    fn not_found(&self, state: &Key) -> Option<Situation> {
        match (state.last.how, state.older(self.now)) {
            (Wrote::DeleteAbsent, _) => Some(Situation::DeleteOfAbsent),
            (Wrote::Clear, _) => Some(Situation::GetAfterClear),
            (Wrote::Delete, Some((Wrote::Put, between))) => Some(match between {
                Between::Flush | Between::Flushes => Situation::DeleteAcrossFlush,
                Between::Compact => Situation::DeleteAcrossCompact,
                Between::Merged => Situation::DeleteMerged,
            }),
            (Wrote::RangeDelete, Some((Wrote::Put, between))) if between != Between::Merged => {
                Some(Situation::RangeDeleteAcrossFlush)
            }
            (Wrote::Put | Wrote::Delete | Wrote::RangeDelete, _) => None,
        }
    }

    /// The first or the last entry.
    pub(super) fn extreme(&self, op: &Op, reply: &Reply, met: &mut Situations) {
        let Reply::Entries(entries) = reply else {
            return;
        };
        let Some((found, _)) = entries.first() else {
            return;
        };
        let is_first = matches!(op, Op::First { .. });
        let mut keys = self.keys.iter();
        let beside = keys.any(|(key, state)| {
            state.is_removed() && (key < found.as_slice()) == is_first && key != found.as_slice()
        });
        met.count_times(Situation::FirstPastDeleted, u64::from(beside));
    }

    pub(super) fn scan(&self, scan: &Scan, reply: &Reply, met: &mut Situations) {
        let Reply::Entries(entries) = reply else {
            return;
        };
        if scan.range.is_inverted() {
            met.count(Situation::InvertedRange);
            return;
        }
        let bytes: usize = entries
            .iter()
            .map(|(key, value)| key.len() + value.len())
            .sum();
        let limited = scan
            .limit
            .is_some_and(|limit| limit > 0 && limit as usize == entries.len());
        let (mut removed, mut flushed, mut unflushed) = (false, false, false);
        for (_, state) in self.keys.iter().filter(|(key, _)| scan.range.contains(key)) {
            let new = state.last.when.same_layer(self.now);
            removed |= state.is_removed();
            flushed |= state.is_live() && !new;
            unflushed |= state.is_live() && new;
        }
        let decided = [
            (bytes > PAGE, Situation::RangeOverPage),
            (scan.reverse && limited, Situation::ReverseScanLimit),
            (
                scan.limit == Some(0) && (flushed || unflushed),
                Situation::LimitOfZero,
            ),
            (
                self.excludes_live_key(&scan.range),
                Situation::ExcludedBound,
            ),
            (
                is_last_prefix(&scan.range) && !entries.is_empty(),
                Situation::PrefixWithoutSuccessor,
            ),
            (removed, Situation::ScanOverDeleted),
            (flushed && unflushed, Situation::ScanAcrossFlush),
        ];
        for (is_met, situation) in decided {
            met.count_times(situation, u64::from(is_met));
        }
    }

    fn excludes_live_key(&self, range: &Range) -> bool {
        let excluded = |bound: &Bound<Vec<u8>>| match bound {
            Bound::Excluded(key) => self.keys.get(key).is_some_and(Key::is_live),
            Bound::Included(_) | Bound::Unbounded => false,
        };
        match range {
            Range::Prefix(_) => false,
            Range::Between(from, to) => excluded(from) || excluded(to),
        }
    }
}

/// Whether no string comes after all those that start with this prefix.
fn is_last_prefix(range: &Range) -> bool {
    match range {
        Range::Prefix(prefix) => !prefix.is_empty() && prefix.iter().all(|byte| *byte == 0xff),
        Range::Between(..) => false,
    }
}
