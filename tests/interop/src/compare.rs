//! Whether a store holds what the model holds.

use std::fmt;
use std::ops::AddAssign;

use etalon_spec::{Abilities, Ability, KeyValueStore, Model, Op, Reply, Scan, apply, keys_named};

/// The model's answers to everything that is asked of a directory.
#[derive(Clone, Debug)]
pub struct Contents {
    replies: Vec<(Op, Reply)>,
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Gets, of present and of absent keys.
    pub gets: u64,
    /// Scans, in both directions.
    pub scans: u64,
    /// Entries that the gets and the scans gave.
    pub entries: u64,
}

impl Contents {
    /// What the model answers now to scans of everything, forwards and backwards, to the scans
    /// among the operations, and to a get of every key that they name; without the scans that a
    /// store which can do this and no more cannot do.
    pub fn of(model: &mut Model, ops: &[Op], can: Abilities) -> Contents {
        // Of the present: what a snapshot saw is gone with the process.
        let scans = ops.iter().filter_map(|op| match op {
            Op::Scan { scan, .. } => Some(Op::scan(scan.clone())),
            _ => None,
        });
        let can_do = |read: &Op| match read {
            Op::Scan { scan, .. } => !scan.reverse || can.has(Ability::Reverse),
            _ => true,
        };
        let gets = keys_named(ops)
            .into_iter()
            .map(|key| Op::Get { key, at: None });
        let reads = [Op::scan(Scan::ALL), Op::scan(Scan::ALL_REVERSE)]
            .into_iter()
            .chain(scans)
            .filter(can_do)
            .chain(gets);
        let answered = |read| {
            let reply = apply(model, &read).expect("the model answers everything");
            (read, reply)
        };
        Contents {
            replies: reads.map(answered).collect(),
        }
    }

    /// Asks a store the same. The error says which answer was another.
    pub fn compare(&self, store: &mut impl KeyValueStore) -> Result<Compared, String> {
        let mut compared = Compared::default();
        for (read, expected) in &self.replies {
            let got = apply(store, read).map_err(|failure| format!("{read}: {failure}"))?;
            if got != *expected {
                return Err(format!("{read} -> {got}, where the model says {expected}"));
            }
            compared.count(&got);
        }
        Ok(compared)
    }
}

impl Compared {
    fn count(&mut self, reply: &Reply) {
        match reply {
            Reply::Entries(entries) => {
                self.scans += 1;
                self.entries += entries.len() as u64;
            }
            Reply::Value(_) => {
                self.gets += 1;
                self.entries += 1;
            }
            _ => self.gets += 1,
        }
    }
}

impl AddAssign for Compared {
    fn add_assign(&mut self, other: Compared) {
        self.gets += other.gets;
        self.scans += other.scans;
        self.entries += other.entries;
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Compared {
            gets,
            scans,
            entries,
        } = self;
        write!(f, "{gets} gets, {scans} scans, {entries} entries compared")
    }
}
