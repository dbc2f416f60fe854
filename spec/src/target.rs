//! What makes the stores under test, and what can be done to them from outside: kills, power
//! losses, failing disks, a limit in time.

use std::time::Duration;

use crate::breakage::{FaultKind, Keep};
use crate::check::Coming;
use crate::op::Case;
use crate::options::Options;
use crate::outcome::{Failure, Outcome};
use crate::profile::Profile;
use crate::store::KeyValueStore;

/// Makes stores for the checker: empty ones, and the same one again.
///
/// A reopen is [`KeyValueStore::close`] followed by [`Target::reopen`] on the same data: never a
/// method of the store, so that an adapter cannot fake it.
///
/// ```
/// use etalon_spec::{KeyValueStore, Model, Options, Target};
/// # use etalon_spec::ModelTarget;
/// let mut target = ModelTarget;
/// let mut store: Model = target.create(&Options::default()).unwrap();
/// store.put(b"k", b"v").unwrap();
/// assert_eq!(store.get(b"k"), Ok(Some(b"v".to_vec())));
/// ```
pub trait Target {
    /// The store this makes.
    type Store: KeyValueStore;

    /// What the stores promise and can do.
    fn profile(&self) -> Profile;

    /// A new, empty store. A store that is still open was dropped before.
    fn create(&mut self, options: &Options) -> Outcome<Self::Store>;

    /// Opens the data of the store that [`create`](Target::create) made last, which has been
    /// closed. Asked only of targets whose profile has the ability `reopen`.
    fn reopen(&mut self, _options: &Options) -> Outcome<Self::Store> {
        Err(Failure::Unsupported)
    }

    /// Hears which operations the next store will be asked for: a store at the far end of a pipe
    /// sends them ahead, and is then not asked for one at a time.
    fn foresee(&mut self, _coming: &Coming<'_>) {}

    /// Hears, before it is asked to foresee a case, which the case after that is meant to be: its
    /// beginning may be sent ahead, too. It comes for sure only if the one before it passes. A
    /// target that opens its stores with other options than the case's keeps this to itself.
    fn foresee_next(&mut self, _coming: &Coming<'_>) {}

    /// Whether something of the case after the one that ran last has been sent.
    fn has_begun_next(&self) -> bool {
        false
    }

    /// Whether a case should be run now. One that makes the store start again and again may be
    /// passed over when that has taken too much of the time.
    fn affords(&mut self, _case: &Case) -> bool {
        true
    }

    /// Hears that its stores are held to another profile than its own: what that says of their
    /// directories is for it to do.
    fn held_to(&mut self, _profile: &Profile) {}

    /// Hears how long one operation may take, and how long an opening. A target that ends a store
    /// which takes longer, and says so by [`Breach::Hung`](crate::Breach::Hung), answers true: then
    /// nobody else needs to.
    fn limit(&mut self, _operation: Duration, _opening: Duration) -> bool {
        false
    }

    /// Lets the machine stop after so many disk operations from now on: those that follow fail
    /// and do nothing. Asked, like the next three, only of targets with a simulated disk: where
    /// the profile's `survives_power` is not none.
    fn stop_after(&mut self, _operations: u32) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// The process is dead; its store was dropped before, without being closed. With `keep` the
    /// power went as well, and of what was pending on the disk only that survives. What was
    /// armed is disarmed, and a machine that had stopped runs again.
    fn die(&mut self, _keep: Option<&Keep>) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Lets a disk operation fail: the one after so many from now on, and all that follow if
    /// `forever`.
    fn fail(&mut self, _after: u32, _with: FaultKind, _forever: bool) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// As [`Target::fail`], of the disk operations that only ask: they are counted apart. A kind
    /// of failure that no such operation can have does nothing.
    fn fail_read(&mut self, _after: u32, _with: FaultKind, _forever: bool) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// From now on the disk works.
    fn mend(&mut self) -> Outcome<()> {
        Err(Failure::Unsupported)
    }
}
