//! The check: one case, fed to a store and to the model side by side.
//!
//! ```text
//!   for each operation:   store --reply--.
//!                                          compare
//!                         model --reply--'
//!   after each flush, sync, compact, reopen, and at the end: compare the whole contents, by
//!     scan forwards, scan backwards, length, a get of every key that the case ever named, a
//!     scan at every snapshot that is open, and the same of every key space that was made
//! ```
//!
//! Invariants:
//! 1. Every reply is compared; an operation outside the profile's limits may be refused
//!    definitely instead, and then the model does not carry it out either.
//! 2. A panic of the store is a divergence, never one of the checker.
//! 3. The model sees the operations in the same order as the store, and is never asked again.
//! 4. An operation on a snapshot or an iterator that is not open is not sent, and answered as
//!    refused: so every case can be run.

mod ahead;
mod apply;
mod breakages;
mod compare;
mod divergence;
mod drive;
mod keys;
pub(crate) mod panics;

pub use ahead::{Ahead, Coming};
pub use apply::apply;
pub use divergence::{Class, Divergence, Got, Identity, Moment};
pub use keys::keys_named;

use crate::op::{Case, Op, Reply};
use crate::open::Open;
use crate::profile::Profile;
use crate::stage::{OnStage, Stage};
use crate::store::{Events, Target, Trace};
use drive::{Drive, Pending};

/// Sees a check as it goes on: counters, situations, a heartbeat. Every method does nothing
/// until it is written.
pub trait Watch {
    /// Whether the store is asked for [`Trace`]s and [`Events`], which cost time.
    fn looks_inside(&self) -> bool {
        false
    }

    /// A case begins.
    fn begin(&mut self, _case: &Case) {}

    /// The store is about to get this operation of the case.
    fn sends(&mut self, _at: usize, _op: &Op) {}

    /// The store gave the right reply to an operation of the case. A lawful refusal is
    /// [`Reply::Refused`].
    fn answered(&mut self, _op: &Op, _reply: &Reply) {}

    /// What the layers hold for the key that was just read.
    fn traced(&mut self, _trace: &Trace) {}

    /// The store's counters before and after the operation that was just answered.
    fn counted(&mut self, _before: &Events, _after: &Events) {}

    /// The whole contents agreed, in this many replies.
    fn contents(&mut self, _compared: u64) {}

    /// The case ended in agreement.
    fn end(&mut self, _case: &Case) {}
}

impl Watch for () {}

/// What is compared beyond the replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// The whole contents after every structural operation and at the end.
    Compared,
    /// Nothing: the replies alone.
    NotCompared,
}

/// Runs one case against a new store, contents included.
///
/// The case is sent as it is: what the profile does not declare should be taken out before, by
/// [`restrict`](crate::restrict).
///
/// ```
/// use etalon_spec::{Case, ModelTarget, Op, check_case};
///
/// let case = Case::new(vec![Op::get(b"k")]);
/// assert!(check_case(&mut ModelTarget, &case).is_ok(), "the model agrees with itself");
/// ```
pub fn check_case<T: Target>(target: &mut T, case: &Case) -> Result<(), Box<Divergence>> {
    check_case_with(target, case, Contents::Compared, &mut ())
}

/// Runs one case against a new store, with a choice of what is compared, and watched.
///
/// ```
/// use etalon_spec::{Case, Contents, ModelTarget, Op, Reply, Watch, check_case_with};
///
/// struct Count(u32);
/// impl Watch for Count {
///     fn answered(&mut self, _: &Op, _: &Reply) { self.0 += 1; }
/// }
/// let case = Case::new(vec![Op::Flush, Op::LENGTH]);
/// let mut count = Count(0);
/// check_case_with(&mut ModelTarget, &case, Contents::NotCompared, &mut count).unwrap();
/// assert_eq!(count.0, 2);
/// ```
pub fn check_case_with<T: Target>(
    target: &mut T,
    case: &Case,
    contents: Contents,
    watch: &mut dyn Watch,
) -> Result<(), Box<Divergence>> {
    let profile = target.profile();
    check_case_under(target, &profile, case, contents, watch)
}

/// As [`check_case_with`], under a profile that is already at hand: for many cases in a row.
pub fn check_case_under<T: Target>(
    target: &mut T,
    profile: &Profile,
    case: &Case,
    contents: Contents,
    watch: &mut dyn Watch,
) -> Result<(), Box<Divergence>> {
    check_on(&mut OnStage::new(target), profile, case, contents, watch)
}

/// As [`check_case_under`], of a target of any type.
pub(crate) fn check_on(
    stage: &mut dyn Stage,
    profile: &Profile,
    case: &Case,
    contents: Contents,
    watch: &mut dyn Watch,
) -> Result<(), Box<Divergence>> {
    watch.begin(case);
    let coming = Coming {
        case,
        profile,
        contents,
    };
    stage.foresee(&coming);
    // The stage, and with it the store, is outside of what unwinds, so that a store in an unknown
    // state is not dropped in the middle of its own panic.
    let pending = Pending::default();
    let outcome = panics::catch(|| {
        Drive {
            stage: &mut *stage,
            looks_inside: watch.looks_inside(),
            case,
            profile,
            contents,
            watch: &mut *watch,
            pending: &pending,
            ledger: None,
            open: Open::default(),
        }
        .run()
    });
    let died = |caught: panics::Caught| {
        let (moment, read) = (pending.moment.get(), pending.read.take());
        Box::new(Divergence {
            class: Class::Died,
            moment,
            read: read.or_else(|| read_at(case, moment)).unwrap_or(Op::Reopen),
            expected: Reply::Done,
            got: Got::Panic {
                message: caught.message,
                place: caught.place,
            },
        })
    };
    match outcome {
        Ok(Ok(())) => {
            watch.end(case);
            Ok(())
        }
        Ok(Err(divergence)) => {
            // What a store that is already wrong does when dropped decides nothing more.
            drop(panics::catch(|| stage.abandon()));
            Err(divergence)
        }
        Err(caught) => {
            drop(panics::catch(|| stage.abandon()));
            Err(died(caught))
        }
    }
}

fn read_at(case: &Case, moment: Moment) -> Option<Op> {
    match moment {
        Moment::Operation(at) => case.ops.get(at).cloned(),
        Moment::Create | Moment::Contents(_) | Moment::Close => None,
    }
}

/// Whether a panic on this thread, now, would come back to the checker as a value.
pub(crate) fn is_catching() -> bool {
    panics::is_catching()
}

/// Runs `body`, keeping a panic of the store in it from being printed; `None` if there was one.
pub(crate) fn quietly<R>(body: impl FnOnce() -> R) -> Option<R> {
    panics::catch(body).ok()
}
