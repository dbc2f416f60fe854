//! The engine's side: what its layers report, and its counters.

use std::collections::BTreeSet;

use etalon_spec::{
    Answer, Events, LayerAnswer, Situation, Situation as S, Situations, Trace,
    engine_side_from_events, engine_side_from_trace,
};

fn layer(is_segment: bool, answer: Answer) -> LayerAnswer {
    LayerAnswer {
        layer: String::new(),
        is_segment,
        answer,
    }
}

fn value() -> Answer {
    Answer::Value {
        value: Vec::new(),
        sequence: 1,
    }
}

fn tombstone() -> Answer {
    Answer::Tombstone { sequence: 1 }
}

/// Layers that meet a situation, and neighbours that do not.
fn of_traces() -> Vec<(S, Vec<LayerAnswer>, Vec<LayerAnswer>)> {
    let (memtable, segment) = (|answer| layer(false, answer), |answer| layer(true, answer));
    let (skipped, missed) = (|| Answer::Skipped, || Answer::Missed);
    vec![
        (
            S::TombstoneHides,
            vec![memtable(skipped()), segment(tombstone()), segment(value())],
            vec![
                memtable(skipped()),
                segment(tombstone()),
                segment(tombstone()),
            ],
        ),
        (
            S::MemtableBeatsSegment,
            vec![memtable(value()), segment(skipped()), segment(tombstone())],
            vec![memtable(value()), segment(skipped())],
        ),
        (
            S::NewerSegmentBeatsOlder,
            vec![memtable(skipped()), segment(value()), segment(value())],
            vec![memtable(value()), segment(value()), segment(value())],
        ),
        (
            S::NewerSegmentBeatsOlder,
            vec![segment(missed()), segment(value()), segment(tombstone())],
            vec![segment(missed()), segment(value()), segment(missed())],
        ),
        (
            S::MissedEverySegment,
            vec![memtable(skipped()), segment(missed())],
            vec![memtable(skipped())],
        ),
    ]
}

#[test]
fn each_situation_of_a_trace_is_met_once_and_not_by_its_neighbour() {
    for (situation, meets, neighbour) in of_traces() {
        for (layers, times) in [(meets, 1), (neighbour, 0)] {
            let mut met = Situations::default();
            engine_side_from_trace(
                &Trace {
                    layers,
                    last_sequence: 9,
                },
                &mut met,
            );
            assert_eq!(met.get(situation), times, "{}", situation.name());
        }
    }
}

/// Counters that meet a situation, from none on.
fn of_events() -> Vec<(S, Events)> {
    let with = |set: fn(&mut Events)| {
        let mut events = Events::default();
        set(&mut events);
        events
    };
    vec![
        (
            S::FilterWrong,
            with(|events| events.filter_false_positives = 1),
        ),
        (S::EmptyFlush, with(|events| events.empty_flushes = 1)),
        (
            S::TombstoneFlush,
            with(|events| events.tombstone_flushes = 1),
        ),
        (
            S::AutomaticFlush,
            with(|events| events.automatic_flushes = 1),
        ),
        (
            S::TombstoneDropped,
            with(|events| events.tombstones_dropped = 1),
        ),
        (S::TombstoneKept, with(|events| events.tombstones_kept = 1)),
        (
            S::VersionDropped,
            with(|events| events.versions_dropped = 1),
        ),
        (S::TornLogTail, with(|events| events.torn_tails = 1)),
        (S::OrphanSegment, with(|events| events.orphan_segments = 1)),
        (
            S::SegmentAfterReopen,
            with(|events| events.gets_by_level0 = 1),
        ),
        (
            S::SegmentAfterReopen,
            with(|events| events.gets_by_deeper = 1),
        ),
    ]
}

#[test]
fn each_situation_of_events_is_met_once_and_not_by_its_neighbour() {
    let none = Events::default();
    let met_between = |before: &Events, after: &Events, reopened| {
        let mut met = Situations::default();
        engine_side_from_events(before, after, reopened, &mut met);
        met.iter().collect::<Vec<_>>()
    };
    for (situation, after) in of_events() {
        assert_eq!(met_between(&none, &after, true), [(situation, 1)]);
        // Neighbours: the counter stood there before; it began anew.
        assert_eq!(met_between(&after, &after, true), []);
        assert_eq!(met_between(&after, &none, true), []);
    }
    let by_segment = Events {
        gets_by_level0: 1,
        ..none
    };
    assert_eq!(
        met_between(&none, &by_segment, false),
        [],
        "nothing was reopened"
    );
    let by_memtable = Events {
        gets_by_memtable: 1,
        ..none
    };
    assert_eq!(met_between(&none, &by_memtable, true), []);
}

#[test]
fn every_situation_of_the_engines_side_has_a_row() {
    let of_traces = of_traces().into_iter().map(|(situation, ..)| situation);
    let of_events = of_events().into_iter().map(|(situation, _)| situation);
    let with_a_row: BTreeSet<S> = of_traces.chain(of_events).collect();
    let of_the_engine = Situation::ALL
        .iter()
        .copied()
        .filter(|s| s.is_engine_side());
    assert!(with_a_row.into_iter().eq(of_the_engine));
}
