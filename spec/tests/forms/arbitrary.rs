//! Arbitrary cases, as hostile as the types allow: a small generator of the tests' own, so that
//! the laws do not rest on what the oracle's generator happens to make.

use std::ops::Bound;

use etalon_spec::{
    Case, Change, Comment, Crash, Entry, Fault, FaultKind, Fill, Inside, Keep, Name, Op, OpKind,
    OpScope, Options, Pending, Place, Places, Range, Reply, Rest, Scan, Script, Setting, SortedRun,
    Then, Torn, Within,
};

use crate::random::{Random, bytes, number};

/// How many cases each law is held against.
pub(crate) const CASES: u64 = 20_000;

fn bound(random: &mut Random) -> Bound<Vec<u8>> {
    match random.below(3) {
        0 => Bound::Unbounded,
        1 => Bound::Included(bytes(random)),
        _ => Bound::Excluded(bytes(random)),
    }
}

fn range(random: &mut Random) -> Range {
    if random.one_in(4) {
        Range::Prefix(bytes(random))
    } else {
        Range::Between(bound(random), bound(random))
    }
}

fn change(random: &mut Random) -> Change {
    if random.one_in(3) {
        Change::Delete { key: bytes(random) }
    } else {
        Change::Put {
            key: bytes(random),
            value: bytes(random),
        }
    }
}

/// The kinds that version 1 of the byte form has.
const KINDS_1: [OpKind; 12] = [
    OpKind::Get,
    OpKind::Put,
    OpKind::Delete,
    OpKind::Flush,
    OpKind::Scan,
    OpKind::Length,
    OpKind::Write,
    OpKind::Clear,
    OpKind::DeleteRange,
    OpKind::Fill,
    OpKind::Compact,
    OpKind::Reopen,
];

/// An operation that version 1 of the byte form has.
pub(crate) fn op_of_version_1(random: &mut Random) -> Op {
    match random.pick(&KINDS_1) {
        OpKind::Get => Op::get(bytes(random)),
        OpKind::Put => Op::put(bytes(random), bytes(random)),
        OpKind::Delete => Op::delete(bytes(random)),
        OpKind::Flush => Op::Flush,
        OpKind::Scan => {
            let limit = random.one_in(2).then(|| match random.below(3) {
                0 => 0,
                1 => u32::MAX,
                _ => number(random) as u32,
            });
            Op::scan(Scan {
                range: range(random),
                reverse: random.one_in(2),
                limit,
            })
        }
        OpKind::Length => Op::LENGTH,
        OpKind::Write => Op::write((0..random.below(5)).map(|_| change(random)).collect()),
        OpKind::Clear => Op::CLEAR,
        OpKind::DeleteRange => Op::delete_range(range(random)),
        OpKind::Fill => Op::Fill(fill(random)),
        OpKind::Compact => Op::Compact,
        OpKind::Reopen => Op::Reopen,
        other => unreachable!("{other:?} is not of version 1"),
    }
}

/// One that a file may hold.
fn fill(random: &mut Random) -> Fill {
    const NUMBERS: [u16; 7] = [0, 1, 239, 240, 255, 300, u16::MAX];
    let (count, size) = (random.pick(&NUMBERS), random.pick(&NUMBERS));
    Fill {
        prefix: bytes(random),
        count: count.min(if size == u16::MAX { 300 } else { count }),
        size,
    }
}

/// Any operation.
pub(crate) fn op(random: &mut Random) -> Op {
    let name = name(random);
    match random.pick(&OpKind::ALL) {
        OpKind::Sync => Op::Sync,
        OpKind::Snapshot => Op::Snapshot(name),
        OpKind::Release => Op::Release(name),
        OpKind::Iterator => Op::Iterator {
            name,
            at: random.one_in(2).then(|| self::name(random)),
        },
        OpKind::Next => Op::Next(name),
        OpKind::Prev => Op::Prev(name),
        OpKind::SeekFirst => Op::SeekFirst(name),
        OpKind::SeekLast => Op::SeekLast(name),
        OpKind::Seek => Op::Seek {
            name,
            key: bytes(random),
        },
        OpKind::Close => Op::Close(name),
        OpKind::Kill => Op::Kill {
            then: thens(random),
        },
        OpKind::Crash => Op::Crash(Box::new(Crash {
            within: random.one_in(2).then(|| within(random)),
            keep: keep(random),
            then: thens(random),
        })),
        OpKind::Fail => Op::Fail(Box::new(Fault {
            within: within(random),
            with: random.pick(&FaultKind::WORDS).1,
            forever: random.one_in(2),
        })),
        kind if kind as u8 > OpKind::Fail as u8 => op_of_version_4(random),
        _ => with_more(random),
    }
}

/// An operation that version 4 of the byte form brought.
fn op_of_version_4(random: &mut Random) -> Op {
    let (one, other) = (name(random), name(random));
    let some = |random: &mut Random| random.one_in(2).then(|| bytes(random));
    let sync = random.one_in(3);
    let op = match random.below(14) {
        0 => Op::First {
            at: random.one_in(2).then_some(one),
        },
        1 => Op::Last { at: None },
        2 => Op::Cas {
            key: bytes(random),
            expected: some(random),
            new: some(random),
            sync,
        },
        3 => Op::Ingest {
            run: run(random),
            sync,
        },
        4 => Op::Begin(one),
        5 => Op::Savepoint {
            transaction: one,
            name: other,
        },
        6 => Op::Rollback {
            transaction: one,
            to: random.one_in(2).then_some(other),
        },
        7 => Op::Commit(one),
        8 => Op::Create(one),
        9 => Op::Rename {
            from: one,
            to: other,
        },
        10 => Op::Drop(one),
        _ => with_more(random),
    };
    let scope = OpScope {
        space: random.one_in(2).then(|| name(random)),
        transaction: random.one_in(2).then(|| name(random)),
    };
    // What cannot be there stays outside.
    Inside::of(scope, op.clone()).unwrap_or(op)
}

fn run(random: &mut Random) -> SortedRun {
    let entry = |random: &mut Random| -> Entry { (bytes(random), bytes(random)) };
    let entries = (0..=random.below(4)).map(|_| entry(random)).collect();
    SortedRun::sorted(entries).unwrap()
}

/// A change that may be synced, a read that may be at a snapshot.
fn with_more(random: &mut Random) -> Op {
    let mut op = op_of_version_1(random);
    if random.one_in(2) {
        match &mut op {
            Op::Get { at, .. } | Op::Scan { at, .. } | Op::Length { at } => {
                *at = Some(name(random));
            }
            Op::Put { sync, .. }
            | Op::Delete { sync, .. }
            | Op::Write { sync, .. }
            | Op::Clear { sync }
            | Op::DeleteRange { sync, .. } => *sync = true,
            _ => {}
        }
    }
    op
}

fn name(random: &mut Random) -> Name {
    const NAMES: [&str; 16] = [
        "s",
        "t",
        "i",
        "j",
        "sync",
        "at",
        "z9_",
        "A",
        "next",
        "or",
        "limit",
        "to",
        "in",
        "none",
        "x",
        "fifteen_letters",
    ];
    Name::new(random.pick(&NAMES)).unwrap()
}

fn small(random: &mut Random) -> u32 {
    number(random) as u32
}

fn within(random: &mut Random) -> Within {
    loop {
        let op = match random.below(9) {
            0 => Op::Sync,
            1 => Op::Next(name(random)),
            2 => Op::Iterator {
                name: name(random),
                at: random.one_in(2).then(|| name(random)),
            },
            _ => with_more(random),
        };
        if let Some(within) = Within::new(op, small(random)) {
            return within;
        }
    }
}

fn keep(random: &mut Random) -> Keep {
    let places: Vec<u32> = (0..=random.below(4)).map(|_| small(random)).collect();
    Keep {
        pending: match random.below(4) {
            0 => Pending::None,
            1 => Pending::All,
            2 => Pending::First(small(random)),
            _ => Pending::Only(Places::new(places).unwrap()),
        },
        torn: random.one_in(3).then(|| Torn {
            bytes: small(random),
            rest: random.pick(&Rest::WORDS).1,
        }),
    }
}

fn thens(random: &mut Random) -> Vec<Then> {
    let then = |random: &mut Random| Then {
        at: small(random),
        keep: random.one_in(2).then(|| keep(random)),
    };
    (0..random.below(3)).map(|_| then(random)).collect()
}

fn options(random: &mut Random) -> Options {
    const NAMES: [&str; 7] = [
        "memtable_bytes",
        "compression",
        "sync",
        "a",
        "Zz_9",
        "on",
        "ops",
    ];
    let mut options = Options::default();
    for _ in 0..random.below(4) {
        let name = if random.one_in(9) {
            format!("n{}", "_".repeat(random.below(300)))
        } else {
            random.pick(&NAMES).to_string()
        };
        let setting = match random.below(4) {
            0 => Setting::Integer(number(random)),
            1 => Setting::Switch(random.one_in(2)),
            2 => Setting::Text(
                random
                    .pick(&[&b"none"[..], b"lz4", b"zstd", b"on"])
                    .to_vec(),
            ),
            _ => Setting::Text(bytes(random)),
        };
        options.set(name, setting);
    }
    options
}

pub(crate) fn case(random: &mut Random) -> Case {
    let length = if random.one_in(50) {
        60
    } else {
        random.below(8)
    };
    // Half of the cases are of version 1 of the byte form.
    let op = if random.one_in(2) {
        op_of_version_1
    } else {
        op
    };
    Case {
        options: options(random),
        ops: (0..length).map(|_| op(random)).collect(),
    }
}

fn reply(random: &mut Random) -> Reply {
    match random.below(9) {
        0 => Reply::Done,
        1 => Reply::Absent,
        2 => Reply::Value(bytes(random)),
        3 => Reply::Count(number(random)),
        4 => {
            let entry = |random: &mut Random| -> Entry { (bytes(random), bytes(random)) };
            Reply::Entries((0..random.below(4)).map(|_| entry(random)).collect())
        }
        5 => Reply::Refused,
        6 => Reply::End,
        7 => Reply::Swapped(random.one_in(2)),
        _ => Reply::Unsupported,
    }
}

/// A script as a parser could have returned it, the places aside.
pub(crate) fn script(random: &mut Random) -> Script {
    let case = case(random);
    let replies = |random: &mut Random| (0..random.below(6) / 2).map(|_| reply(random)).collect();
    let expected = case.ops.iter().map(|_| replies(random)).collect();
    let mut script = Script {
        expected,
        ..Script::from(case)
    };
    // In the order of a file, and where a parser would place them.
    let texts = [
        "why: x",
        "",
        "\u{e4}\u{1f600} \"quoted\" # twice",
        "-> none",
        "ops 1",
    ];
    let comment = |place, text: &str| Comment {
        place,
        text: text.to_string(),
    };
    if random.one_in(2) {
        script
            .comments
            .push(comment(Place::Header, random.pick(&texts)));
    }
    for index in 0..=script.case.ops.len() {
        let headless = index == 0 && script.case.options.is_empty();
        if !headless && random.one_in(5) {
            script
                .comments
                .push(comment(Place::Before(index), random.pick(&texts)));
        }
        if index < script.case.ops.len() && random.one_in(5) {
            script
                .comments
                .push(comment(Place::Beside(index), random.pick(&texts)));
        }
    }
    script
}
