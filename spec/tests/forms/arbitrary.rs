//! Arbitrary cases, as hostile as the types allow: a small generator of the tests' own, so that
//! the laws do not rest on what the oracle's generator happens to make.

use std::ops::Bound;

use etalon_spec::{
    Case, Change, Comment, Entry, Fill, Op, OpKind, Options, Place, Range, Reply, Scan, Script,
    Setting,
};

/// How many cases each law is held against.
pub(crate) const CASES: u64 = 20_000;

/// `SplitMix64` (Steele, Lea, Flood 2014).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    pub(crate) fn raw(&mut self, longest: usize) -> Vec<u8> {
        (0..self.below(longest + 1))
            .map(|_| self.next() as u8)
            .collect()
    }
}

/// Bytes of every sort that some form treats on its own.
pub(crate) fn bytes(random: &mut Random) -> Vec<u8> {
    match random.below(10) {
        0 => Vec::new(),
        1 => vec![random.next() as u8],
        2 => random
            .pick(&[
                &b"a"[..],
                b"ab",
                b"a\x00",
                b"k10",
                b"user1",
                b"\xff\xff\xff",
            ])
            .to_vec(),
        3 => random.raw(5),
        4 => random.raw(40),
        // Around the lengths at which a form changes, and now and then beyond the run budget.
        5 => {
            let lengths = [
                3, 4, 5, 15, 16, 17, 31, 32, 239, 240, 241, 255, 256, 300, 4096, 5000,
            ];
            let length = if random.one_in(300) {
                70_000
            } else {
                random.pick(&lengths)
            };
            vec![random.next() as u8; length]
        }
        // A run that is none, for its last byte.
        6 => {
            let mut bytes = vec![random.pick(b"x\"\\\x00\xff"); random.below(40)];
            bytes.push(b'y');
            bytes
        }
        7 => b"\"\\\n\r\t#->,=*\x00\x7f\x80\xff\xc3\xa4 '"
            .iter()
            .copied()
            .filter(|_| random.one_in(2))
            .collect(),
        8 => random
            .pick(&[&b"\" -> none # x"[..], b"\\x00", b"ops 1", b"\"#", b"\"##"])
            .to_vec(),
        _ => random.raw(300),
    }
}

fn number(random: &mut Random) -> u64 {
    const EDGES: [u64; 14] = [
        0,
        1,
        239,
        240,
        255,
        256,
        1000,
        4096,
        65_535,
        65_536,
        1 << 32,
        1 << 53,
        u64::MAX - 1,
        u64::MAX,
    ];
    if random.one_in(2) {
        random.pick(&EDGES)
    } else {
        random.next() >> random.below(64)
    }
}

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

pub(crate) fn op(random: &mut Random) -> Op {
    match random.pick(&OpKind::ALL) {
        OpKind::Get => Op::Get { key: bytes(random) },
        OpKind::Put => Op::Put {
            key: bytes(random),
            value: bytes(random),
        },
        OpKind::Delete => Op::Delete { key: bytes(random) },
        OpKind::Flush => Op::Flush,
        OpKind::Scan => {
            let limit = random.one_in(2).then(|| match random.below(3) {
                0 => 0,
                1 => u32::MAX,
                _ => number(random) as u32,
            });
            Op::Scan(Scan {
                range: range(random),
                reverse: random.one_in(2),
                limit,
            })
        }
        OpKind::Length => Op::Length,
        OpKind::Write => Op::Write {
            changes: (0..random.below(5)).map(|_| change(random)).collect(),
        },
        OpKind::Clear => Op::Clear,
        OpKind::DeleteRange => Op::DeleteRange(range(random)),
        OpKind::Fill => Op::Fill(Fill {
            prefix: bytes(random),
            count: random.pick(&[0, 1, 239, 240, 255, 300, u16::MAX]),
            size: random.pick(&[0, 1, 239, 240, 255, 300, u16::MAX]),
        }),
        OpKind::Compact => Op::Compact,
        OpKind::Reopen => Op::Reopen,
        other => unreachable!("{other:?} has no arguments here yet"),
    }
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
    Case {
        options: options(random),
        ops: (0..length).map(|_| op(random)).collect(),
    }
}

fn reply(random: &mut Random) -> Reply {
    match random.below(7) {
        0 => Reply::Done,
        1 => Reply::Absent,
        2 => Reply::Value(bytes(random)),
        3 => Reply::Count(number(random)),
        4 => {
            let entry = |random: &mut Random| -> Entry { (bytes(random), bytes(random)) };
            Reply::Entries((0..random.below(4)).map(|_| entry(random)).collect())
        }
        5 => Reply::Refused,
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
