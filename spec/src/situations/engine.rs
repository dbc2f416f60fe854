//! The engine's side: decides situations from what a store reports of its layers.
//!
//! Invariant: no situation is decided from both a [`Trace`] and [`Events`], so nothing counts
//! twice.

use super::{Situation, Situations};
use crate::store::{Answer, Events, Trace};

/// Counts what a get met in the layers.
///
/// ```
/// use etalon_spec::{
///     Answer, LayerAnswer, Situation, Situations, Trace, engine_side_from_trace,
/// };
///
/// let layer = |layer: &str, is_segment, answer| {
///     LayerAnswer { layer: layer.to_string(), is_segment, answer }
/// };
/// let trace = Trace {
///     layers: vec![
///         layer("memtable", false, Answer::Tombstone { sequence: 2 }),
///         layer("segment", true, Answer::Value { value: b"v".to_vec(), sequence: 1 }),
///     ],
///     last_sequence: 2,
/// };
/// let mut met = Situations::default();
/// engine_side_from_trace(&trace, &mut met);
/// assert_eq!(met.get(Situation::TombstoneHides), 1);
/// ```
pub fn engine_side_from_trace(trace: &Trace, met: &mut Situations) {
    let knows = |answer: &Answer| matches!(answer, Answer::Value { .. } | Answer::Tombstone { .. });
    let Some(place) = trace.layers.iter().position(|layer| knows(&layer.answer)) else {
        if trace.layers.iter().any(|layer| layer.is_segment) {
            met.count(Situation::MissedEverySegment);
        }
        return;
    };
    let newest = &trace.layers[place];
    let mut older = trace.layers[place + 1..]
        .iter()
        .filter(|layer| layer.is_segment);
    match newest.answer {
        Answer::Tombstone { .. } => {
            let hides = older.any(|layer| matches!(layer.answer, Answer::Value { .. }));
            met.count_times(Situation::TombstoneHides, u64::from(hides));
        }
        _ if older.any(|layer| knows(&layer.answer)) => met.count(if newest.is_segment {
            Situation::NewerSegmentBeatsOlder
        } else {
            Situation::MemtableBeatsSegment
        }),
        _ => {}
    }
}

/// Counts what happened inside a store between two readings of its counters. `reopened`: whether
/// the case has reopened the store before ([`Tracker::has_reopened`](crate::Tracker::has_reopened)).
///
/// A counter that went back (a store that counts anew after a reopen) is no occurrence.
///
/// ```
/// use etalon_spec::{Events, Situation, Situations, engine_side_from_events};
///
/// let before = Events::default();
/// let after = Events { empty_flushes: 1, ..before };
/// let mut met = Situations::default();
/// engine_side_from_events(&before, &after, false, &mut met);
/// assert_eq!(met.get(Situation::EmptyFlush), 1);
/// ```
pub fn engine_side_from_events(
    before: &Events,
    after: &Events,
    reopened: bool,
    met: &mut Situations,
) {
    if before == after {
        return;
    }
    let mut rise = |situation, counter: fn(&Events) -> u64| {
        met.count_times(situation, counter(after).saturating_sub(counter(before)));
    };
    rise(Situation::FilterWrong, |events| {
        events.filter_false_positives
    });
    rise(Situation::EmptyFlush, |events| events.empty_flushes);
    rise(Situation::TombstoneFlush, |events| events.tombstone_flushes);
    rise(Situation::AutomaticFlush, |events| events.automatic_flushes);
    rise(Situation::TombstoneDropped, |events| {
        events.tombstones_dropped
    });
    rise(Situation::TombstoneKept, |events| events.tombstones_kept);
    rise(Situation::VersionDropped, |events| events.versions_dropped);
    rise(Situation::TornLogTail, |events| events.torn_tails);
    rise(Situation::OrphanSegment, |events| events.orphan_segments);
    if reopened {
        rise(Situation::SegmentAfterReopen, |events| {
            events.gets_by_level0 + events.gets_by_deeper
        });
    }
}
