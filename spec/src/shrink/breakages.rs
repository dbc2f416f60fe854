//! Simpler breakages: fewer crashes of recoveries, less that survives, earlier places.

use super::passes::simpler;
use crate::breakage::{Crash, Fault, FaultKind, Keep, Pending, Places, Then, Within};
use crate::op::Op;

/// Operations to try in the place of a breakage, simplest first.
pub(super) fn simpler_breakages(op: &Op) -> Vec<Op> {
    match op {
        Op::Kill { then } => simpler_thens(then)
            .into_iter()
            .map(|then| Op::Kill { then })
            .collect(),
        Op::Crash(crash) => simpler_crashes(crash),
        Op::Fail(fault) => simpler_faults(fault),
        _ => Vec::new(),
    }
}

fn simpler_crashes(crash: &Crash) -> Vec<Op> {
    let Crash { within, keep, then } = crash;
    let with = |within: &Option<Within>, keep: &Keep, then: &[Then]| {
        Op::Crash(Box::new(Crash {
            within: within.clone(),
            keep: keep.clone(),
            then: then.to_vec(),
        }))
    };
    let mut ops = vec![Op::Kill { then: then.clone() }];
    if within.is_some() {
        ops.push(with(&None, keep, then));
    }
    let thens = simpler_thens(then);
    ops.extend(thens.iter().map(|then| with(within, keep, then)));
    let keeps = simpler_keeps(keep);
    ops.extend(keeps.iter().map(|keep| with(within, keep, then)));
    let withins = within.iter().flat_map(simpler_withins);
    ops.extend(withins.map(|within| with(&Some(within), keep, then)));
    ops
}

fn simpler_faults(fault: &Fault) -> Vec<Op> {
    let mut ops = vec![fault.within.op().clone()];
    let mut push = |change: &dyn Fn(&mut Fault)| {
        let mut simpler = fault.clone();
        change(&mut simpler);
        ops.push(Op::Fail(Box::new(simpler)));
    };
    push(&|fault| fault.forever = false);
    push(&|fault| fault.with = FaultKind::Eio);
    for within in simpler_withins(&fault.within) {
        push(&|fault| fault.within = within.clone());
    }
    ops.retain(|op| *op != Op::Fail(Box::new(fault.clone())));
    ops
}

/// Without one of them, then with a simpler one.
fn simpler_thens(thens: &[Then]) -> Vec<Vec<Then>> {
    let mut lists = Vec::new();
    for at in 0..thens.len() {
        let mut fewer = thens.to_vec();
        fewer.remove(at);
        lists.push(fewer);
    }
    for (place, Then { at, keep }) in thens.iter().enumerate() {
        let mut push = |at: u32, keep: Option<Keep>| {
            let mut simpler = thens.to_vec();
            simpler[place] = Then { at, keep };
            lists.push(simpler);
        };
        if let Some(keep) = keep {
            push(*at, None);
            for keep in simpler_keeps(keep) {
                push(*at, Some(keep));
            }
        }
        for lower in lower(*at) {
            push(lower, keep.clone());
        }
    }
    lists
}

fn simpler_keeps(keep: &Keep) -> Vec<Keep> {
    let Keep { pending, torn } = keep;
    let mut keeps: Vec<Keep> = simpler_pendings(pending)
        .into_iter()
        .map(|pending| Keep {
            pending,
            torn: *torn,
        })
        .collect();
    if let Some(torn) = torn {
        let with = |torn| Keep {
            pending: pending.clone(),
            torn,
        };
        keeps.push(with(None));
        let fewer = |bytes| {
            let mut torn = *torn;
            torn.bytes = bytes;
            with(Some(torn))
        };
        keeps.extend(lower(torn.bytes).into_iter().map(fewer));
    }
    keeps
}

fn simpler_pendings(pending: &Pending) -> Vec<Pending> {
    match pending {
        Pending::None => Vec::new(),
        Pending::All => vec![Pending::None],
        Pending::First(count) => {
            let fewer = lower(*count).into_iter().map(Pending::First);
            [Pending::None, Pending::All]
                .into_iter()
                .chain(fewer)
                .collect()
        }
        Pending::Only(places) => {
            let without = |gone| Places::new(places.iter().filter(|place| *place != gone));
            let fewer = places.iter().filter_map(without).map(Pending::Only);
            [Pending::None, Pending::All]
                .into_iter()
                .chain(fewer)
                .collect()
        }
    }
}

fn simpler_withins(within: &Within) -> Vec<Within> {
    let earlier = lower(within.at)
        .into_iter()
        .filter_map(|at| Within::new(within.op().clone(), at));
    let others = simpler(within.op()).into_iter();
    earlier
        .chain(others.filter_map(|op| Within::new(op, within.at)))
        .collect()
}

/// Nothing, half, and one less.
fn lower(number: u32) -> Vec<u32> {
    let mut lower = vec![0, number / 2, number.saturating_sub(1)];
    lower.dedup();
    lower.retain(|less| *less < number);
    lower
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::Case;
    use crate::shrink::Cost;

    #[test]
    fn what_is_tried_is_another_operation_and_some_of_it_is_cheaper() {
        for text in [
            "kill then at 9 keep first 3 torn 18 old then at 2",
            "crash in put \"k\" \"v\" sync at 3 keep only 1,2 torn 17 zero then at 2",
            "fail in flush at 7 with enospc forever",
        ] {
            let op: Op = text.parse().expect("it can be read");
            let cost = Cost::of(&Case::new(vec![op.clone()]));
            let tried = simpler_breakages(&op);
            assert!(tried.iter().all(|simpler| *simpler != op), "{text}");
            let is_cheaper = |op: &&Op| Cost::of(&Case::new(vec![(*op).clone()])) < cost;
            assert!(tried.iter().filter(is_cheaper).count() > 3, "{text}");
        }
    }
}
