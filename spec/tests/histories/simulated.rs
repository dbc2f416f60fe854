//! Histories that clients of a right store could have recorded: each call takes effect on a model
//! at one moment while it is open. They are linearizable; with one answer changed most are not,
//! and of those that are not the window is evidence by itself.

use std::collections::VecDeque;

use etalon_spec::history::{Call, Decision, Effort, History, Recorder, decide};
use etalon_spec::{Change, Model, Name, Op, Random, Reply, Scan, apply};

use super::brute::has_order;

const LANES: u32 = 4;

/// What a client does next.
fn op(random: &mut Random, lane: u32, count: u64, snapshots: &mut [bool]) -> Op {
    let key = |random: &mut Random| vec![b'a' + random.below(4) as u8];
    let value = format!("{lane}.{count}").into_bytes();
    let name = Name::new(["s0", "s1", "s2", "s3"][lane as usize]).expect("a name");
    let is_open = &mut snapshots[lane as usize];
    match random.below(16) {
        0..=4 => Op::put(key(random), value),
        5..=8 => Op::get(key(random)),
        9 => Op::delete(key(random)),
        10 => Op::write(
            (0..2)
                .map(|_| Change::Put {
                    key: key(random),
                    value: value.clone(),
                })
                .collect(),
        ),
        11 => Op::scan(Scan {
            limit: Some(2),
            ..Scan::ALL
        }),
        12 => Op::scan(Scan::ALL),
        13 if *is_open => Op::Scan {
            scan: Scan::ALL,
            at: Some(name),
        },
        14 if *is_open => Op::Get {
            key: key(random),
            at: Some(name),
        },
        15 => Op::LENGTH,
        _ => {
            *is_open = true;
            Op::Snapshot(name)
        }
    }
}

/// One history of so many calls: clients begin, take effect and return in an order drawn at
/// random.
fn simulate(random: &mut Random, calls: u64) -> History {
    let recorder = Recorder::default();
    let mut model = Model::default();
    let mut snapshots = [false; LANES as usize];
    let mut open: VecDeque<_> = (0..LANES).map(|lane| (lane, None)).collect();
    let mut begun = 0;
    while begun < calls || open.iter().any(|(_, step)| step.is_some()) {
        let at = random.below(LANES as usize);
        let (lane, step) = &mut open[at];
        *step = match step.take() {
            None if begun == calls => None,
            None => {
                begun += 1;
                let op = op(random, *lane, begun, &mut snapshots);
                Some((recorder.invoke(*lane, op.clone()), op, None))
            }
            Some((id, op, None)) => {
                let reply = apply(&mut model, &op).expect("the model does everything");
                Some((id, op, Some(reply)))
            }
            Some((id, _, Some(reply))) => {
                recorder.ret(id, reply);
                None
            }
        };
    }
    recorder.finish().expect("a history")
}

#[test]
fn what_a_right_store_answers_is_linearizable() {
    let mut random = Random::new(1);
    for _ in 0..300 {
        let history = simulate(&mut random, 200);
        decide(&history, Effort::default()).unwrap();
    }
}

/// Changes the answer of one get into another value that was written to some key, or none.
fn with_another_answer(random: &mut Random, history: &History) -> Option<History> {
    let mut calls: Vec<Call> = history.calls().to_vec();
    let values: Vec<Vec<u8>> = calls
        .iter()
        .filter_map(|call| match &call.op {
            Op::Put { value, .. } => Some(value.clone()),
            _ => None,
        })
        .collect();
    let gets: Vec<usize> = (0..calls.len())
        .filter(|at| matches!(calls[*at].op, Op::Get { .. }))
        .collect();
    let get = gets.get(random.below(gets.len().max(1)))?;
    let value = values.get(random.below(values.len() + 1));
    let reply = value.cloned().map_or(Reply::Absent, Reply::Value);
    calls[*get].answer.as_mut()?.reply = reply;
    History::new(calls).ok()
}

#[test]
fn with_one_answer_changed_the_window_shows_that_there_is_no_order() {
    let mut random = Random::new(2);
    let (mut impossible, mut largest) = (0, 0);
    for _ in 0..300 {
        let history = simulate(&mut random, 60);
        let Some(changed) = with_another_answer(&mut random, &history) else {
            continue;
        };
        if let Decision::Impossible(found) = decide(&changed, Effort::default()) {
            impossible += 1;
            largest = largest.max(found.window.calls().len());
            assert!(!has_order(&found.window), "{found}");
        }
    }
    assert!(impossible > 200, "{impossible} of 300 could not be ordered");
    assert!(largest <= 12, "a window of {largest} calls");
}
