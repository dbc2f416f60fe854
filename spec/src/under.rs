//! The same stores under another profile: what is asked of them changes, what they are does not.

use std::time::Duration;

use crate::breakage::{FaultKind, Keep};
use crate::check::Coming;
use crate::op::Case;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::profile::Profile;
use crate::target::Target;

/// A target whose profile is replaced: what is asked of its stores changes, not what they are.
///
/// ```
/// use etalon_spec::{Ability, ModelTarget, Profile, Settings, Under, Verdict, check};
///
/// let profile = Profile::new("plain").can([Ability::Flush]);
/// let settings = Settings { time: None, operations: Some(20_000), ..Settings::default() };
/// let report = check(Under::new(ModelTarget, profile), &settings);
/// assert_eq!(*report.verdict(), Verdict::Pass);
/// assert!(report.not_covered.contains(&"scan"));
/// ```
#[derive(Clone, Debug)]
pub struct Under<T> {
    target: T,
    profile: Profile,
}

impl<T: Target> Under<T> {
    /// The stores of this target, of which `profile` says what may be asked.
    pub fn new(mut target: T, profile: Profile) -> Self {
        target.held_to(&profile);
        Under { target, profile }
    }

    /// The same stores, of which this profile says what may be asked.
    #[must_use]
    pub fn with(self, profile: Profile) -> Self {
        Under::new(self.target, profile)
    }
}

impl<T: Target> Target for Under<T> {
    type Store = T::Store;

    fn profile(&self) -> Profile {
        self.profile.clone()
    }

    fn create(&mut self, options: &Options) -> Outcome<T::Store> {
        self.target.create(options)
    }

    fn reopen(&mut self, options: &Options) -> Outcome<T::Store> {
        self.target.reopen(options)
    }

    fn foresee(&mut self, coming: &Coming<'_>) {
        self.target.foresee(coming);
    }

    fn foresee_next(&mut self, coming: &Coming<'_>) {
        self.target.foresee_next(coming);
    }

    fn has_begun_next(&self) -> bool {
        self.target.has_begun_next()
    }

    fn affords(&mut self, case: &Case) -> bool {
        self.target.affords(case)
    }

    fn held_to(&mut self, profile: &Profile) {
        self.target.held_to(profile);
    }

    fn limit(&mut self, operation: Duration, opening: Duration) -> bool {
        self.target.limit(operation, opening)
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
