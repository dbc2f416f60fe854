//! The laws of the byte form, and that random bytes are cases worth running.

use etalon_spec::bytes::{Opcode, RUN_FLOOR, RUN_RATE, VERSION_LATEST, decode, encode, ranges};
use etalon_spec::{
    Case, Change, Form, ModelTarget, Op, OpKind, Range, Script, Setting, Target, restrict,
};

use crate::arbitrary::{self, CASES};
use crate::random::Random;

#[test]
fn every_case_that_is_encoded_decodes_to_itself() {
    let mut random = Random::new(11);
    for _ in 0..CASES {
        let case = arbitrary::case(&mut random);
        let bytes = encode(&case);
        let decoded = decode(&bytes);
        assert!(decoded.known_version);
        assert_eq!(decoded.case, case, "{case}");
        assert_eq!(Form::of(&bytes), Form::Bytes);
        assert_eq!(Script::load(&bytes), Ok(Script::from(case)));
    }
}

#[test]
fn decoding_is_total_and_encoding_what_it_gives_is_idempotent() {
    let mut random = Random::new(12);
    for round in 0..CASES {
        let longest = if round % 100 == 0 { 5_000 } else { 100 };
        let mut bytes = random.raw(longest);
        if !random.one_in(20) {
            bytes.insert(0, 1 + (round % 3) as u8);
        }
        let decoded = decode(&bytes);
        let known = bytes
            .first()
            .is_some_and(|version| (1..=VERSION_LATEST).contains(version));
        assert_eq!(decoded.known_version, known);
        let canonical = encode(&decoded.case);
        assert_eq!(decode(&canonical).case, decoded.case);
        assert_eq!(encode(&decode(&canonical).case), canonical);
        assert!(decoded.known_version || decoded.case == Case::default());
    }
}

#[test]
fn every_prefix_of_a_case_and_every_changed_byte_of_it_decodes() {
    let mut random = Random::new(13);
    for _ in 0..200 {
        let bytes = encode(&arbitrary::case(&mut random));
        for cut in 0..bytes.len().min(300) {
            let case = decode(&bytes[..cut]).case;
            assert_eq!(decode(&encode(&case)).case, case);
        }
        for _ in 0..300 {
            let mut changed = bytes.clone();
            let place = random.below(changed.len());
            changed[place] = random.next() as u8;
            let case = decode(&changed).case;
            assert_eq!(decode(&encode(&case)).case, case);
        }
    }
}

/// What a case's keys, values and settings take together.
fn payload(case: &Case) -> usize {
    let of_options: usize = case
        .options
        .iter()
        .map(|(_, setting)| {
            if let Setting::Text(text) = setting {
                text.len()
            } else {
                0
            }
        })
        .sum();
    let of_change = |change: &Change| change.key().len() + change.value().map_or(0, <[u8]>::len);
    let of_range = |range: &Range| match range {
        Range::Prefix(prefix) => prefix.len(),
        Range::Between(from, to) => [from, to]
            .into_iter()
            .map(|bound| match bound {
                std::ops::Bound::Included(key) | std::ops::Bound::Excluded(key) => key.len(),
                std::ops::Bound::Unbounded => 0,
            })
            .sum(),
    };
    let of_op = |op: &Op| match op {
        Op::Get { key, .. } | Op::Delete { key, .. } => key.len(),
        Op::Put { key, value, .. } => key.len() + value.len(),
        Op::Scan { scan, .. } => of_range(&scan.range),
        Op::DeleteRange { range, .. } => of_range(range),
        Op::Write { changes, .. } => changes.iter().map(of_change).sum(),
        Op::Fill(fill) => fill.prefix.len(),
        _ => 0,
    };
    of_options + case.ops.iter().map(of_op).sum::<usize>()
}

#[test]
fn what_decoding_allocates_is_bounded_by_the_input() {
    // The worst that an input can do: runs as long as a number can say, over and over.
    let mut hostile = vec![1];
    while hostile.len() < 100_000 {
        hostile.extend_from_slice(b"\x40\x00\xa0\xfd\xff\xff\xff\xff\xff\xff\xff\xffx");
    }
    let bound = |input: &[u8]| RUN_FLOOR + (RUN_RATE + 5) * input.len();
    let case = decode(&hostile).case;
    assert!(
        payload(&case) <= bound(&hostile),
        "{} bytes",
        payload(&case)
    );
    assert!(
        payload(&case) > RUN_FLOOR,
        "the runs up to the budget are there"
    );
    assert_eq!(decode(&encode(&case)).case, case);

    let mut random = Random::new(14);
    for _ in 0..CASES / 10 {
        let mut bytes = random.raw(2_000);
        bytes.insert(0, 1);
        let case = decode(&bytes).case;
        assert!(payload(&case) <= bound(&bytes) && case.ops.len() < bytes.len());
    }
    // A length that no input has.
    let huge = b"\x01\x00\xa8\xfd\xff\xff\xff\xff\xff\xff\xff\xffabc";
    assert_eq!(decode(huge).case, Case::new(vec![Op::get(b"abc")]));
}

#[test]
fn runs_beyond_the_budget_are_inline_and_come_back() {
    let put = |length| Op::put(b"k", vec![b'x'; length]);
    let case = Case::new(vec![
        put(RUN_FLOOR),
        put(10_000),
        put(100_000),
        put(150_000),
        put(5),
    ]);
    let bytes = encode(&case);
    assert_eq!(decode(&bytes).case, case);
    // The first uses the floor up; the second's inline bytes pay for the third, not for the
    // fourth, which then pays for the fifth.
    assert!((160_000..160_100).contains(&bytes.len()), "{}", bytes.len());
}

#[test]
fn random_bytes_are_many_short_operations_that_meet_the_same_keys() {
    let mut random = Random::new(15);
    let mut kinds = [0_usize; OpKind::COUNT];
    let (mut ops, mut bytes_read, mut hits) = (0, 0, 0);
    for _ in 0..2_000 {
        let mut bytes = vec![1];
        bytes.extend((0..200).map(|_| random.next() as u8));
        bytes_read += bytes.len();
        let mut put = std::collections::BTreeSet::new();
        for op in decode(&bytes).case.ops {
            ops += 1;
            kinds[op.kind() as usize] += 1;
            match op {
                Op::Put { key, .. } => drop(put.insert(key)),
                Op::Get { key, .. } if put.contains(&key) => hits += 1,
                _ => {}
            }
        }
    }
    let share = |kind: OpKind| kinds[kind as usize] * 100 / ops;
    assert!(
        bytes_read < 6 * ops,
        "{bytes_read} bytes make {ops} operations"
    );
    assert!(
        hits * 4 > kinds[OpKind::Get as usize],
        "{hits} gets of a key that was put"
    );
    assert!(share(OpKind::Put) > 25 && share(OpKind::Get) > 20 && share(OpKind::Delete) > 10);
    assert!(share(OpKind::Flush) >= 6 && share(OpKind::Fill) <= 1 && share(OpKind::Clear) <= 1);
    let of_version = |kind: &OpKind| ranges(1).unwrap().iter().any(|r| r.2 == Opcode::Op(*kind));
    let mut old = OpKind::ALL.into_iter().filter(of_version);
    assert!(old.all(|kind| kinds[kind as usize] > 0), "{kinds:?}");
}

#[test]
fn fills_of_random_bytes_are_mostly_small() {
    let mut random = Random::new(16);
    let (mut fills, mut large) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = vec![1, 0xf7];
        bytes.extend((0..12).map(|_| random.next() as u8));
        if let Some(Op::Fill(fill)) = decode(&bytes).case.ops.first() {
            fills += 1;
            large += usize::from(u32::from(fill.count) * u32::from(fill.size) > 60_000);
        }
    }
    assert_eq!(fills, 20_000);
    assert!(large < fills / 10 && large > 0, "{large} of {fills}");
}

#[test]
fn every_byte_is_an_opcode_once_and_the_ranges_lie_end_to_end() {
    for version in 1..=VERSION_LATEST {
        let mut next = 0;
        for (first, last, _) in ranges(version).unwrap() {
            assert_eq!(usize::from(*first), next);
            next = usize::from(*last) + 1;
        }
        assert_eq!(next, 256);
    }
    let count = |version, what| {
        let ranges = ranges(version).unwrap();
        ranges.iter().filter(|range| range.2 == what).count()
    };
    for kind in OpKind::ALL {
        assert_eq!(count(VERSION_LATEST, Opcode::Op(kind)), 1, "{kind:?}");
        assert!(count(1, Opcode::Op(kind)) <= 1 && count(1, Opcode::More(kind)) == 0);
    }
    assert_eq!(ranges(VERSION_LATEST + 1), None);
}

/// Writing version 2 always, or forgetting that a synced put needs it, fails here.
#[test]
fn a_case_is_encoded_in_the_lowest_version_that_has_all_its_operations() {
    let mut random = Random::new(17);
    for _ in 0..1_000 {
        let old = arbitrary::op_of_version_1(&mut random);
        assert_eq!(encode(&Case::new(vec![old.clone()]))[0], 1, "{old}");
        let op = arbitrary::op(&mut random);
        let to_savepoint = matches!(op, Op::Rollback { to: Some(_), .. });
        let more = op.is_synced() || op.snapshot_read().is_some() || to_savepoint;
        let opcode = if matches!(op, Op::In(_)) {
            Opcode::Scope
        } else if more {
            Opcode::More(op.kind())
        } else {
            Opcode::Op(op.kind())
        };
        let place = match &op {
            Op::Crash(crash) => crash.within.as_ref(),
            Op::Fail(fault) => Some(&fault.within),
            _ => None,
        };
        let has = |version, op: &Op| {
            let mut table = ranges(version).unwrap().iter();
            table.any(|range| matches!(range.2, Opcode::Op(kind) if kind == op.kind()))
        };
        let within = place.map_or(&op, |place| place.op());
        let version = if opcode == Opcode::Scope || !has(2, within) {
            4
        } else if place.is_some_and(|place| place.op().kind().only_reads()) {
            3
        } else if ranges(1).unwrap().iter().any(|range| range.2 == opcode) {
            1
        } else {
            2
        };
        let alone = encode(&Case::new(vec![op.clone()]));
        assert_eq!(alone[0], version, "{op}");
        let first = |(start, _, what): &(u8, u8, Opcode)| *start == alone[1] && *what == opcode;
        assert!(
            ranges(version).unwrap().iter().any(first),
            "the first opcode of the range"
        );
        let both = encode(&Case::new(vec![old, op]));
        assert_eq!(both[0], version);
    }
}

#[test]
fn random_bytes_of_version_2_take_snapshots_and_read_them_make_iterators_and_move_them() {
    let mut random = Random::new(18);
    let mut kinds = [0_usize; OpKind::COUNT];
    let (mut reads, mut steps) = (0, 0);
    for _ in 0..2_000 {
        let mut bytes = vec![2];
        bytes.extend((0..200).map(|_| random.next() as u8));
        let mut case = decode(&bytes).case;
        case.ops
            .iter()
            .for_each(|op| kinds[op.kind() as usize] += 1);
        restrict(&mut case, &ModelTarget.profile());
        reads += case
            .ops
            .iter()
            .filter(|op| op.snapshot_read().is_some())
            .count();
        steps += case.ops.iter().filter(|op| op.kind().is_step()).count();
    }
    let share = |kind: OpKind| kinds[kind as usize] * 100 / kinds.iter().sum::<usize>();
    let of_version = |kind: &OpKind| ranges(2).unwrap().iter().any(|r| r.2 == Opcode::Op(*kind));
    let mut old = OpKind::ALL.into_iter().filter(of_version);
    assert!(old.all(|kind| kinds[kind as usize] > 0), "{kinds:?}");
    assert!(share(OpKind::Put) > 20 && share(OpKind::Get) > 20 && share(OpKind::Kill) <= 1);
    assert!(
        reads > 1_500 && steps > 1_200,
        "{reads} reads, {steps} steps that can be sent"
    );
}
