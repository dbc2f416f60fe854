//! Takes out of a case what a store cannot do or would refuse, and counts it.
//!
//! ```text
//!   bytes of a fuzzer -----> decode -----> restrict(case, profile) ----> sent
//!   a generator -------------------------------------------------------> sent
//!   an .ops file ----------> parse ------> applicable(case, profile) --> sent, or not applicable
//! ```
//!
//! Invariants:
//! 1. What [`restrict`] leaves can be sent: nothing in it may be refused.
//! 2. `restrict` of what `restrict` left changes nothing.
//! 3. What `restrict` leaves is cheap: fills put at most `FILL_PUTS` keys and `FILL_BYTES`
//!    bytes in a whole case, so that a few bytes of fuzz input cannot cost seconds.
//!
//! A file that somebody wrote is not bent: [`applicable`] leaves out structural operations that
//! are not declared, and the sync of a change, since they change no answer, and calls the file not
//! applicable for any other. Fills are not cut there, and an option keeps a value that is not in
//! the profile's list.

mod live;
mod obstacle;

use crate::kinds::ByKind;
use crate::op::{Case, Op, OpKind};
use crate::open::Open;
use crate::profile::{Ability, Profile, Taken};
use crate::range::Fill;

use live::Live;
pub use obstacle::Obstacle;
pub(crate) use obstacle::of_company;

/// Most puts by fills in a restricted case.
const FILL_PUTS: usize = 2_048;
/// Most bytes of keys and values put by fills in a restricted case.
const FILL_BYTES: usize = 256 * 1_024;

/// What was taken out of a case.
///
/// ```
/// use etalon_spec::{Case, Op, OpKind, Profile, restrict};
///
/// let mut case = Case::new(vec![Op::LENGTH, Op::Flush, Op::get(b"k")]);
/// let restricted = restrict(&mut case, &Profile::default());
/// assert_eq!(case.ops, [Op::get(b"k")]);
/// assert_eq!(restricted.dropped(OpKind::Flush), 1);
/// assert_eq!(restricted.total(), 2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restricted {
    dropped: ByKind<u64>,
    /// Changes taken out of batches that stayed.
    pub changes: u64,
    /// Changes that were synced, and are not any more.
    pub syncs: u64,
    /// Fills that were made shorter.
    pub fills_cut: u64,
    /// Options that the profile does not list.
    pub options: u64,
}

impl Restricted {
    /// How many operations of this kind were taken out.
    pub fn dropped(&self, kind: OpKind) -> u64 {
        self.dropped[kind as usize]
    }

    /// Counts operations of this kind that were taken out elsewhere.
    pub(crate) fn add_dropped(&mut self, kind: OpKind, operations: u64) {
        self.dropped[kind as usize] += operations;
    }

    /// How many operations were taken out.
    pub fn total(&self) -> u64 {
        self.dropped.iter().sum()
    }

    /// Whether the case is as it was.
    pub fn is_untouched(&self) -> bool {
        *self == Restricted::default()
    }

    /// Adds what was taken out of another case.
    pub fn add(&mut self, other: &Restricted) {
        for (sum, dropped) in self.dropped.iter_mut().zip(other.dropped.iter()) {
            *sum += dropped;
        }
        self.changes += other.changes;
        self.syncs += other.syncs;
        self.fills_cut += other.fills_cut;
        self.options += other.options;
    }
}

/// Takes out of a case what a store of this profile cannot do or would refuse; see the module.
pub fn restrict(case: &mut Case, profile: &Profile) -> Restricted {
    let mut restricted = Restricted {
        options: keep_options(case, profile, true),
        ..Restricted::default()
    };
    let mut live = Live::of(profile);
    let mut open = Open::default();
    let mut budget = Budget {
        puts: FILL_PUTS,
        bytes: FILL_BYTES,
    };
    case.ops.retain_mut(|op| {
        if profile.sends(op.kind()) {
            restricted.changes += trim_batch(op, profile, &live);
            restricted.fills_cut += budget.cut(op);
            restricted.syncs += drop_sync(op, profile);
        }
        let stays = Obstacle::of(op, profile, &live, &open).is_none();
        if stays {
            live.apply(op);
            open.apply(op);
        } else {
            restricted.dropped[op.kind() as usize] += 1;
        }
        stays
    });
    restricted
}

/// Why a file cannot be replayed on a store: the first operation that is in the way.
///
/// ```
/// use etalon_spec::{Case, Op, Profile, applicable};
///
/// let mut case = Case::new(vec![Op::Flush, Op::CLEAR]);
/// let not = applicable(&mut case, &Profile::default()).unwrap_err();
/// assert_eq!(not.to_string(), "operation 2 (clear): the target does not declare it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotApplicable {
    /// The operation's place in the case, from 0.
    pub place: usize,
    /// Its kind.
    pub kind: OpKind,
    /// What is in its way.
    pub obstacle: Obstacle,
}

impl std::fmt::Display for NotApplicable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "operation {} ({}): {}",
            self.place + 1,
            self.kind.word(),
            self.obstacle
        )
    }
}

impl std::error::Error for NotApplicable {}

/// Prepares a case from a file for a store of this profile: leaves out and counts structural
/// operations, options and sync flags that the profile does not declare. Anything else in the way makes the
/// file not applicable, and the case stays as it is.
///
/// ```
/// use etalon_spec::{Case, Op, OpKind, Profile, applicable};
///
/// let get = Op::get(b"k");
/// let mut case = Case::new(vec![Op::Flush, get.clone()]);
/// let left_out = applicable(&mut case, &Profile::default()).unwrap();
/// assert_eq!(case.ops, [get]);
/// assert_eq!(left_out.dropped(OpKind::Flush), 1);
/// ```
pub fn applicable(case: &mut Case, profile: &Profile) -> Result<Restricted, NotApplicable> {
    let left_out = |kind: OpKind| kind.is_structural() && !profile.sends(kind);
    let mut live = Live::of(profile);
    let mut open = Open::default();
    for (place, op) in case.ops.iter().enumerate() {
        let kind = op.kind();
        if left_out(kind) {
            continue;
        }
        if let Some(obstacle) = Obstacle::of(op, profile, &live, &open) {
            return Err(NotApplicable {
                place,
                kind,
                obstacle,
            });
        }
        live.apply(op);
        open.apply(op);
    }
    let mut restricted = Restricted {
        options: keep_options(case, profile, false),
        ..Restricted::default()
    };
    case.ops.retain_mut(|op| {
        restricted.syncs += drop_sync(op, profile);
        restricted.dropped[op.kind() as usize] += u64::from(left_out(op.kind()));
        !left_out(op.kind())
    });
    Ok(restricted)
}

/// Takes out options that the profile does not list; with `values`, also values it does not list.
fn keep_options(case: &mut Case, profile: &Profile, values: bool) -> u64 {
    let mut kept = crate::Options::default();
    for option in &profile.options {
        if let Some(setting) = case.options.get(&option.name) {
            if !values || option.values.contains(setting) {
                kept.set(option.name.clone(), setting.clone());
            }
        }
    }
    let taken_out = case.options.len() - kept.len();
    case.options = kept;
    taken_out as u64
}

/// A change that is not synced answers the same. Returns how many flags were taken off.
fn drop_sync(op: &mut Op, profile: &Profile) -> u64 {
    if profile.can.has(Ability::Sync) {
        return 0;
    }
    let dropped = op.sync_flag_mut().is_some_and(std::mem::take);
    u64::from(dropped)
}

/// Takes out of a batch the changes that stand in its way. Returns how many.
fn trim_batch(op: &mut Op, profile: &Profile, live: &Live) -> u64 {
    if let Op::In(inside) = op {
        let mut trimmed = 0;
        inside.change(|_, op| trimmed = trim_batch(op, profile, &Live::of(profile)));
        return trimmed;
    }
    let Op::Write { changes, .. } = op else {
        return 0;
    };
    let before = changes.len();
    let mut live = live.clone();
    let mut seen = Live::new(profile.batch_repeats == Taken::Refused);
    changes.retain(|change| {
        let stays =
            Obstacle::of_change(change, profile, &live).is_none() && !seen.has(change.key());
        if stays {
            live.change(change);
            seen.insert(change.key());
        }
        stays
    });
    changes.truncate(profile.batch_max);
    (before - changes.len()) as u64
}

/// What fills may still put.
struct Budget {
    puts: usize,
    bytes: usize,
}

impl Budget {
    /// Shortens a fill to what is left. Returns whether it had to.
    fn cut(&mut self, op: &mut Op) -> u64 {
        let Op::Fill(fill) = op else { return 0 };
        let each = fill_key_length(fill) + usize::from(fill.size);
        let count = usize::from(fill.count)
            .min(self.puts)
            .min(self.bytes / each);
        self.puts -= count;
        self.bytes -= count * each;
        let cut = count < usize::from(fill.count);
        fill.count = count as u16;
        u64::from(cut)
    }
}

fn fill_key_length(fill: &Fill) -> usize {
    fill.prefix.len() + 4
}
