//! Which operations make everything before them durable.

use crate::kinds::Kinds;
use crate::op::OpKind;
use crate::profile::{Profile, Survives};

/// Operations whose answer says that everything acknowledged before, and they themselves, will
/// survive a power loss.
///
/// ```
/// use etalon_spec::OpKind;
/// use etalon_spec::durable::Promise;
///
/// assert!(Promise::G7.makes_durable(OpKind::Flush, false));
/// assert!(!Promise::G7.makes_durable(OpKind::Put, false));
/// assert!(Promise::G7.makes_durable(OpKind::Put, true), "a synced write");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Whether writes that ask to be synced are.
    pub synced_writes: bool,
    /// Operations that always make durable; `reopen` for the clean close in it.
    pub operations: Kinds,
}

impl Promise {
    /// What G7 promises.
    pub const G7: Promise = Promise {
        synced_writes: true,
        operations: Kinds::NONE
            .with(OpKind::Sync)
            .with(OpKind::Flush)
            .with(OpKind::Compact)
            .with(OpKind::Reopen),
    };

    /// What a store promises that keeps only what a flush, a compaction or a clean close wrote.
    pub const FLUSHED: Promise = Promise {
        synced_writes: false,
        operations: Kinds::NONE
            .with(OpKind::Flush)
            .with(OpKind::Compact)
            .with(OpKind::Reopen),
    };

    /// What a store promises, by its profile.
    ///
    /// ```
    /// use etalon_spec::durable::Promise;
    /// use etalon_spec::{Profile, Survives};
    ///
    /// let mut cache = Profile::new("cache");
    /// cache.survives_kill = Survives::Flushed;
    /// assert_eq!(Promise::of(&cache), Promise::FLUSHED);
    /// ```
    pub fn of(profile: &Profile) -> Promise {
        match (profile.survives_power, profile.survives_kill) {
            (Survives::None, Survives::Flushed) => Promise::FLUSHED,
            _ => Promise::G7,
        }
    }

    /// Whether such an operation makes durable; `synced` if it is a write that asks for it.
    pub fn makes_durable(&self, kind: OpKind, synced: bool) -> bool {
        self.operations.has(kind) || (synced && self.synced_writes)
    }
}
