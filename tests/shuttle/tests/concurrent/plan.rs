//! Plans: what several clients do with one store, made of a seed.
//!
//! ```text
//!   round 1   client 0: put get flush ...     all at once
//!             client 1: scan put snapshot ...
//!             client 2: ...
//!   reopen    when all have ended
//!   round 2   ...
//! ```
//!
//! Few keys, so that clients meet; values that say who wrote them, so that no two are alike; a
//! memtable that a few writes fill, so that flushes and compactions happen by themselves.

use etalon_shuttle::{Compaction, Options};
use etalon_spec::{Change, Name, Op, Random, Scan};

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) options: Options,
    /// For each round, for each client, what it does.
    pub(crate) rounds: Vec<Vec<Vec<Op>>>,
}

const KEYS: [&[u8]; 5] = [b"", b"a", b"aa", b"b", b"c"];

impl Plan {
    /// The plan of a seed; the same for ever, but for changes of this file.
    pub(crate) fn from_seed(seed: u64) -> Plan {
        let mut random = Random::part(seed, 0);
        let options = options(&mut random);
        let clients = 2 + random.below(4);
        let mut rounds = vec![Vec::new(); 1 + random.below(2)];
        for (number, round) in rounds.iter_mut().enumerate() {
            for client in 0..clients {
                let mut client = Client::new(client, number);
                let calls = 4 + random.below(8);
                round.push((0..calls).map(|_| client.op(&mut random)).collect());
            }
        }
        Plan { options, rounds }
    }

    /// How many operations it has.
    pub(crate) fn operations(&self) -> usize {
        let lists = self.rounds.iter().flatten();
        lists.map(Vec::len).sum()
    }
}

fn options(random: &mut Random) -> Options {
    let slow = *random.pick(&[2, 8]);
    Options {
        memtable_bytes: *random.pick(&[40, 100, 1 << 20]),
        block_bytes: *random.pick(&[16, 4096]),
        level0_segments: *random.pick(&[1, 2]),
        level1_bytes: *random.pick(&[1, 200]),
        level_growth: 1,
        segment_bytes: *random.pick(&[1, 4096]),
        open_tables_max: *random.pick(&[0, 1, 500]),
        compaction: *random.pick(&[
            Compaction::Manual,
            Compaction::InCaller,
            Compaction::Background,
            Compaction::Background,
            Compaction::OnCall,
        ]),
        level0_slow_segments: slow,
        level0_stop_segments: slow + random.below(2),
        ..Options::default()
    }
}

/// A client that is being planned.
struct Client {
    number: usize,
    round: usize,
    writes: usize,
    snapshot: Name,
    has_snapshot: bool,
    iterator: Name,
    has_iterator: bool,
}

impl Client {
    fn new(number: usize, round: usize) -> Self {
        let name = |kind: &str| Name::new(&format!("{kind}{number}")).expect("a name");
        Client {
            number,
            round,
            writes: 0,
            snapshot: name("s"),
            has_snapshot: false,
            iterator: name("i"),
            has_iterator: false,
        }
    }

    fn op(&mut self, random: &mut Random) -> Op {
        let key = random.pick(&KEYS).to_vec();
        let sync = random.chance(1, 8);
        let at = (self.has_snapshot && random.chance(1, 2)).then_some(self.snapshot);
        match random.below(20) {
            0..5 => Op::Get { key, at },
            5..9 => Op::Put {
                key,
                value: self.value(),
                sync,
            },
            9 => Op::Delete { key, sync },
            10 | 11 => Op::Write {
                changes: self.changes(random),
                sync,
            },
            12 | 13 => Op::Scan {
                scan: random.pick(&[Scan::ALL, Scan::ALL_REVERSE]).clone(),
                at,
            },
            14 | 15 => self.view(random),
            16 | 17 => self.step(random, key),
            18 => Op::Flush,
            _ => Op::Compact,
        }
    }

    /// Nobody else writes this value: who, in which round, the how many-th.
    fn value(&mut self) -> Vec<u8> {
        self.writes += 1;
        format!("{}.{}.{}", self.number, self.round, self.writes).into_bytes()
    }

    fn changes(&mut self, random: &mut Random) -> Vec<Change> {
        let mut changes = Vec::new();
        for key in KEYS {
            let key = key.to_vec();
            match random.below(3) {
                0 => changes.push(Change::Delete { key }),
                1 => {
                    let value = self.value();
                    changes.push(Change::Put { key, value });
                }
                _ => {}
            }
        }
        changes
    }

    /// Takes a snapshot, or releases it.
    fn view(&mut self, random: &mut Random) -> Op {
        if self.has_snapshot && random.chance(1, 3) {
            self.has_snapshot = false;
            return Op::Release(self.snapshot);
        }
        self.has_snapshot = true;
        Op::Snapshot(self.snapshot)
    }

    /// Makes an iterator, or moves it.
    fn step(&mut self, random: &mut Random, key: Vec<u8>) -> Op {
        let name = self.iterator;
        if !self.has_iterator {
            self.has_iterator = true;
            let at = (self.has_snapshot && random.chance(1, 3)).then_some(self.snapshot);
            return Op::Iterator { name, at };
        }
        match random.below(6) {
            0 => Op::SeekFirst(name),
            1 => Op::SeekLast(name),
            2 => Op::Seek { name, key },
            3 => Op::Prev(name),
            _ => Op::Next(name),
        }
    }
}
