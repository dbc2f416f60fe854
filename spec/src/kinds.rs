//! Sets of operation kinds: what a run may send, and what `--only` and `--without` leave of it.

use std::ops::{Deref, DerefMut};

use crate::op::OpKind;
use crate::profile::Profile;

/// A set of [`OpKind`]s.
///
/// ```
/// use etalon_spec::{Kinds, OpKind, Profile};
///
/// let kinds = Kinds::sent_to(&Profile::default()).without(OpKind::Fill);
/// assert!(kinds.has(OpKind::Put) && !kinds.has(OpKind::Fill));
/// assert!(!kinds.has(OpKind::Flush), "the profile does not declare it");
/// let words: Vec<_> = kinds.iter().map(OpKind::word).collect();
/// assert_eq!(words, ["get", "put", "delete"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u64);

impl Kinds {
    /// Every kind.
    pub const ALL: Kinds = Kinds((1 << OpKind::COUNT) - 1);

    /// No kind.
    pub const NONE: Kinds = Kinds(0);

    /// What this profile lets a generator send.
    pub fn sent_to(profile: &Profile) -> Self {
        OpKind::ALL
            .into_iter()
            .filter(|kind| profile.sends(*kind))
            .collect()
    }

    /// Whether the set has `kind`.
    pub const fn has(self, kind: OpKind) -> bool {
        self.0 & (1 << kind as u64) != 0
    }

    /// The set with `kind`.
    #[must_use]
    pub const fn with(self, kind: OpKind) -> Self {
        Kinds(self.0 | (1 << kind as u64))
    }

    /// The set without `kind`.
    #[must_use]
    pub const fn without(self, kind: OpKind) -> Self {
        Kinds(self.0 & !(1 << kind as u64))
    }

    /// What both sets have.
    #[must_use]
    pub const fn and(self, other: Kinds) -> Self {
        Kinds(self.0 & other.0)
    }

    /// What this set has and the other has not.
    #[must_use]
    pub const fn minus(self, other: Kinds) -> Self {
        Kinds(self.0 & !other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds of the set, from simple to complex.
    pub fn iter(self) -> impl Iterator<Item = OpKind> {
        OpKind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

impl FromIterator<OpKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = OpKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Kinds::NONE, Kinds::with)
    }
}

/// One value for each kind, by `kind as usize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByKind<T>([T; OpKind::COUNT]);

impl<T: Copy + Default> Default for ByKind<T> {
    fn default() -> Self {
        ByKind([T::default(); OpKind::COUNT])
    }
}

impl<T> Deref for ByKind<T> {
    type Target = [T; OpKind::COUNT];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> DerefMut for ByKind<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
