//! A target and the store that it made, their types forgotten.
//!
//! ```text
//!   check(MyTarget) --> dyn Stage --> one checker, compiled once
//!   check(Another)  --> dyn Stage ----^
//! ```
//!
//! What runs cases, shrinks and explains is large, and asks for nothing but what every target can
//! do. Written for `dyn Stage`, it is compiled with this crate; each target adds the calls below
//! only, not all of the checker again. An operation costs two calls through a table for that.
//! `check` drives a stage; `campaign` keeps targets of any type, and their copies.
//!
//! Invariant: a stage has at most one store, and none while its target makes another.

use std::fmt;
use std::time::Duration;

use crate::breakage::{FaultKind, Keep};
use crate::check::Coming;
use crate::op::Case;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::profile::Profile;
use crate::store::{KeyValueStore, Target};

/// A target with the store it made last, as long as that is open. Each method is the one of
/// [`Target`] of the same name where it has one.
pub(crate) trait Stage {
    fn create(&mut self, options: &Options) -> Outcome<()>;

    fn reopen(&mut self, options: &Options) -> Outcome<()>;

    /// The store that is open.
    fn store(&mut self) -> &mut dyn KeyValueStore;

    /// Closes the store, if one is open.
    fn close(&mut self) -> Outcome<()>;

    /// Drops the store, if one is open, without closing it.
    fn abandon(&mut self);

    fn foresee(&mut self, coming: &Coming<'_>);

    fn stop_after(&mut self, operations: u32) -> Outcome<()>;

    fn die(&mut self, keep: Option<&Keep>) -> Outcome<()>;

    fn fail(&mut self, after: u32, with: FaultKind, forever: bool) -> Outcome<()>;

    fn fail_read(&mut self, after: u32, with: FaultKind, forever: bool) -> Outcome<()>;

    fn mend(&mut self) -> Outcome<()>;
}

/// The stage of one target.
pub(crate) struct OnStage<'a, T: Target> {
    target: &'a mut T,
    store: Option<T::Store>,
}

impl<'a, T: Target> OnStage<'a, T> {
    pub(crate) fn new(target: &'a mut T) -> Self {
        OnStage {
            target,
            store: None,
        }
    }
}

impl<T: Target> Stage for OnStage<'_, T> {
    fn create(&mut self, options: &Options) -> Outcome<()> {
        self.store = Some(self.target.create(options)?);
        Ok(())
    }

    fn reopen(&mut self, options: &Options) -> Outcome<()> {
        self.store = Some(self.target.reopen(options)?);
        Ok(())
    }

    fn store(&mut self) -> &mut dyn KeyValueStore {
        self.store.as_mut().expect("open between create and close")
    }

    fn close(&mut self) -> Outcome<()> {
        self.store.take().map_or(Ok(()), KeyValueStore::close)
    }

    fn abandon(&mut self) {
        self.store.take();
    }

    fn foresee(&mut self, coming: &Coming<'_>) {
        self.target.foresee(coming);
    }

    fn stop_after(&mut self, operations: u32) -> Outcome<()> {
        self.target.stop_after(operations)
    }

    fn die(&mut self, keep: Option<&Keep>) -> Outcome<()> {
        self.target.die(keep)
    }

    fn fail(&mut self, after: u32, with: FaultKind, forever: bool) -> Outcome<()> {
        self.target.fail(after, with, forever)
    }

    fn fail_read(&mut self, after: u32, with: FaultKind, forever: bool) -> Outcome<()> {
        self.target.fail_read(after, with, forever)
    }

    fn mend(&mut self) -> Outcome<()> {
        self.target.mend()
    }
}

/// A target of any type that can be copied and sent to a thread.
pub(crate) trait AnyTarget: Send {
    /// A copy, which makes stores of its own.
    fn copy(&self) -> Box<dyn AnyTarget>;

    fn profile(&self) -> Profile;

    fn affords(&mut self, case: &Case) -> bool;

    fn limit(&mut self, operation: Duration, opening: Duration) -> bool;

    fn foresee_next(&mut self, coming: &Coming<'_>);

    fn has_begun_next(&self) -> bool;

    /// Goes on stage, without a store yet.
    fn stage(&mut self) -> Box<dyn Stage + '_>;
}

impl<T: Target + Clone + Send + 'static> AnyTarget for T {
    fn copy(&self) -> Box<dyn AnyTarget> {
        Box::new(self.clone())
    }

    fn profile(&self) -> Profile {
        Target::profile(self)
    }

    fn affords(&mut self, case: &Case) -> bool {
        Target::affords(self, case)
    }

    fn limit(&mut self, operation: Duration, opening: Duration) -> bool {
        Target::limit(self, operation, opening)
    }

    fn foresee_next(&mut self, coming: &Coming<'_>) {
        Target::foresee_next(self, coming);
    }

    fn has_begun_next(&self) -> bool {
        Target::has_begun_next(self)
    }

    fn stage(&mut self) -> Box<dyn Stage + '_> {
        Box::new(OnStage::new(self))
    }
}

/// A target of any type, with copies.
pub(crate) struct BoxedTarget(pub(crate) Box<dyn AnyTarget>);

impl BoxedTarget {
    pub(crate) fn new(target: impl Target + Clone + Send + 'static) -> Self {
        BoxedTarget(Box::new(target))
    }
}

impl Clone for BoxedTarget {
    fn clone(&self) -> Self {
        BoxedTarget(self.0.copy())
    }
}

impl fmt::Debug for BoxedTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BoxedTarget")
            .field(&self.0.profile().name)
            .finish()
    }
}
