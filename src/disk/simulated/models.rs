//! Crash models: which of the effects that were pending survive a power loss.
//!
//! | model | what survives |
//! |---|---|
//! | `Prefix` | the first of all, in the order of issue |
//! | `PrefixPerFile` | of each file and each directory the first ones |
//! | `Directory` | any of the operations on names; data all or none |
//! | `Subset` | any |
//! | `TornSector` | all before a write that got to a sector's end; after it none, or all |
//! | `TornByte` | the same, of a write that got anywhere |
//!
//! What does so:
//! - `Prefix`: one queue without a cache: ext4 with `data=journal`, ZFS, a disk with its cache off.
//! - `PrefixPerFile`: page caches, written back file by file; data and names without an order
//!   between them: ext4 with `data=writeback`, XFS.
//! - `Directory`: names without an order: ext2, FAT; btrfs when it replays its log tree.
//! - `Subset`: a disk with a volatile cache that reorders; ext4's delayed allocation.
//! - `TornSector`: disks, which write sectors of 512 bytes whole and stop between two.
//! - `TornByte`: flash without power-loss protection, network file systems, persistent memory.
//!
//! A torn write leaves [`Filler`]s: `Old` where the file's size was not written either, `Zero`
//! and `Garbage` where it was (XFS's zeros after a crash; stale blocks with `data=writeback`).
//! A write of which nothing but the size survives is a tear at 0. Tears apply to one write per
//! state.
//!
//! Up to the limits a model is complete; above, it is sampled and says so.

use super::effect::Effect;
use super::point::{CrashPoint, Stream};
use super::survival::{Filler, Survival, Tear};

const SECTOR_BYTES: u64 = 512;
const FILLERS: [Filler; 3] = [Filler::Old, Filler::Zero, Filler::Garbage];

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CrashModel {
    /// Everything pending in order.
    Prefix,
    /// Of each file and directory a prefix.
    PrefixPerFile,
    /// Any of the operations on names.
    Directory,
    /// Any of all.
    Subset,
    /// A prefix and a write torn at a sector.
    TornSector,
    /// A prefix and a write torn at a byte.
    TornByte,
}

/// Whether a model gave every state it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every one.
    Complete,
    /// Some of them.
    Bounded,
}

/// How far a model is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most pending effects of which every subset is taken.
    pub subset: usize,
    /// Most states of `PrefixPerFile` that are all taken.
    pub states: usize,
    /// Most places in one write at which it is torn, each with every filler.
    pub tears: usize,
    /// How many states are drawn above the first two.
    pub samples: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            subset: 10,
            states: 1 << 16,
            tears: usize::MAX,
            samples: 64,
        }
    }
}

/// Takes a state; whether to go on.
type Visit<'v> = &'v mut dyn FnMut(&Survival) -> bool;

impl CrashModel {
    /// All of them, from the fewest states to the most.
    pub const ALL: [CrashModel; 6] = [
        CrashModel::Prefix,
        CrashModel::PrefixPerFile,
        CrashModel::Directory,
        CrashModel::Subset,
        CrashModel::TornSector,
        CrashModel::TornByte,
    ];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            CrashModel::Prefix => "prefix",
            CrashModel::PrefixPerFile => "prefix per file",
            CrashModel::Directory => "directory",
            CrashModel::Subset => "subset",
            CrashModel::TornSector => "torn at sectors",
            CrashModel::TornByte => "torn at bytes",
        }
    }

    /// Whether its states have a torn write.
    pub const fn is_torn(self) -> bool {
        matches!(self, CrashModel::TornSector | CrashModel::TornByte)
    }

    /// Hands over every state at a crash point, until `visit` says to stop.
    pub fn each(
        self,
        point: &CrashPoint<'_>,
        limits: &Limits,
        visit: &mut dyn FnMut(&Survival) -> bool,
    ) -> Extent {
        match self {
            CrashModel::Prefix => prefixes(point, visit),
            CrashModel::PrefixPerFile => prefixes_of_streams(point, limits, visit),
            CrashModel::Directory => directories(point, limits, visit),
            CrashModel::Subset => {
                let all: Vec<usize> = (0..point.pending()).collect();
                subsets(point, limits, &all, &mut Survival::none(point), visit)
            }
            CrashModel::TornSector => tears(point, SECTOR_BYTES, limits, visit),
            CrashModel::TornByte => tears(point, 1, limits, visit),
        }
    }
}

fn prefixes(point: &CrashPoint<'_>, visit: Visit<'_>) -> Extent {
    let mut survival = Survival::none(point);
    let mut count = 0;
    while visit(&survival) && count < point.pending() {
        survival.kept[count] = true;
        count += 1;
    }
    Extent::Complete
}

fn prefixes_of_streams(point: &CrashPoint<'_>, limits: &Limits, visit: Visit<'_>) -> Extent {
    let mut streams: Vec<(Stream, Vec<usize>)> = Vec::new();
    for pending in 0..point.pending() {
        let stream = point.stream(pending);
        match streams.iter_mut().find(|(known, _)| *known == stream) {
            Some((_, members)) => members.push(pending),
            None => streams.push((stream, vec![pending])),
        }
    }
    let sizes = streams.iter().map(|(_, members)| members.len() + 1);
    let states = sizes.fold(1_usize, usize::saturating_mul);
    let mut survival = Survival::none(point);
    let mut numbers = Numbers::at(point);
    let is_complete = states <= limits.states;
    for state in 0..states.min(if is_complete { states } else { limits.samples }) {
        let mut rest = state;
        for (_, members) in &streams {
            let choices = members.len() + 1;
            let count = if is_complete {
                rest % choices
            } else {
                numbers.below(choices)
            };
            rest /= choices;
            for (place, pending) in members.iter().enumerate() {
                survival.kept[*pending] = place < count;
            }
        }
        if !visit(&survival) {
            break;
        }
    }
    extent(is_complete)
}

fn directories(point: &CrashPoint<'_>, limits: &Limits, visit: Visit<'_>) -> Extent {
    let is_name = |at: &usize| matches!(point.stream(*at), Stream::Directory(_));
    let (names, data): (Vec<usize>, Vec<usize>) = (0..point.pending()).partition(is_name);
    let mut survival = Survival::none(point);
    let mut go_on = true;
    let mut both = Extent::Complete;
    for data_survive in [false, true] {
        if data_survive && data.is_empty() || !go_on {
            break;
        }
        for pending in &data {
            survival.kept[*pending] = data_survive;
        }
        let done = subsets(point, limits, &names, &mut survival, &mut |survival| {
            go_on = visit(survival);
            go_on
        });
        if done == Extent::Bounded {
            both = done;
        }
    }
    both
}

/// Every subset of `members`, or some; the others stay as they are.
fn subsets(
    point: &CrashPoint<'_>,
    limits: &Limits,
    members: &[usize],
    survival: &mut Survival,
    visit: Visit<'_>,
) -> Extent {
    let is_complete = members.len() <= limits.subset;
    let mut numbers = Numbers::at(point);
    let states = if is_complete {
        1 << members.len()
    } else {
        limits.samples
    };
    for state in 0..states {
        // The bits of a sample are drawn anew every 64 members.
        let mut bits = state as u64;
        for (place, pending) in members.iter().enumerate() {
            if !is_complete && place % 64 == 0 {
                bits = numbers.next();
            }
            survival.kept[*pending] = bits & 1 == 1;
            bits >>= 1;
        }
        if !visit(survival) {
            break;
        }
    }
    extent(is_complete)
}

fn tears(point: &CrashPoint<'_>, unit: u64, limits: &Limits, visit: Visit<'_>) -> Extent {
    let mut is_complete = true;
    let mut numbers = Numbers::at(point);
    for pending in 0..point.pending() {
        let Effect::Write { offset, bytes, .. } = point.pending_effect(pending) else {
            continue;
        };
        let mut survival = Survival::first(point, pending + 1);
        let end = offset + bytes.len() as u64;
        let mut places: Vec<u64> = (offset / unit + 1..end.div_ceil(unit))
            .map(|unit_number| unit_number * unit - offset)
            .collect();
        places.insert(0, 0);
        while places.len() > limits.tears {
            is_complete = false;
            let drawn = numbers.below(places.len());
            places.swap_remove(drawn);
        }
        for (bytes, filler) in places.iter().flat_map(|bytes| FILLERS.map(|f| (*bytes, f))) {
            // With nothing of it and nothing in its place it was not written.
            if bytes == 0 && filler == Filler::Old {
                continue;
            }
            survival.tear = Some(Tear {
                pending,
                bytes,
                filler,
            });
            for later in [false, true] {
                survival.kept[pending + 1..].fill(later);
                let is_the_same = later && pending + 1 == point.pending();
                if !is_the_same && !visit(&survival) {
                    return extent(is_complete);
                }
            }
        }
    }
    extent(is_complete)
}

fn extent(is_complete: bool) -> Extent {
    if is_complete {
        Extent::Complete
    } else {
        Extent::Bounded
    }
}

/// Numbers for samples (splitmix64), the same for the same place in a recording.
struct Numbers(u64);

impl Numbers {
    fn at(point: &CrashPoint<'_>) -> Numbers {
        Numbers((point.passed() as u64) << 32 | point.pending() as u64)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}
