//! What all clients of one history have in common: options, a few keys, the size of values, and
//! the kinds of operations.
//!
//! Keys are few, so that clients meet.

use super::workload::WEIGHTS;
use crate::kinds::Kinds;
use crate::op::OpKind;
use crate::options::Options;
use crate::profile::{LengthKind, Profile, Taken, View};
use crate::random::Random;

/// What all clients of a history have in common.
#[derive(Clone, Debug)]
pub(super) struct Theme {
    seed: u64,
    index: u64,
    pub(super) options: Options,
    pub(super) keys: Vec<Vec<u8>>,
    pub(super) value_bytes: usize,
    pub(super) kinds: Kinds,
    pub(super) profile: Profile,
}

impl Theme {
    /// Of history `index`; one in four has nothing but gets, puts and deletes, whose histories
    /// are decided key by key.
    pub(super) fn new(seed: u64, index: u64, profile: &Profile, kinds: Kinds) -> Theme {
        let mut random = Random::part(seed, index << 8 | 0xff);
        let mut options = Options::default();
        for option in profile
            .options
            .iter()
            .filter(|option| !option.values.is_empty())
        {
            if random.chance(3, 4) {
                let place = random.small(option.values.len());
                options.set(option.name.clone(), option.values[place].clone());
            }
        }
        let points = [OpKind::Get, OpKind::Put, OpKind::Delete];
        let points: Kinds = points.into_iter().collect();
        let count = *random.pick(&[1, 2, 4, 8, 16, 32]);
        Theme {
            seed,
            index,
            options,
            keys: (0..count).map(|number| key(number, profile)).collect(),
            value_bytes: *random.pick(&[0, 100, 200, 400]),
            kinds: if random.chance(1, 4) {
                kinds.and(points)
            } else {
                kinds
            },
            profile: profile.clone(),
        }
    }

    /// What flushes and compactions are sent, if any.
    pub(super) fn structure(&self) -> Vec<OpKind> {
        let structure = [OpKind::Flush, OpKind::Flush, OpKind::Compact];
        let sent = structure
            .into_iter()
            .filter(|kind| self.profile.sends(*kind));
        sent.collect()
    }

    /// The random stream of one thread of the history.
    pub(super) fn stream(&self, lane: usize) -> Random {
        Random::part(self.seed, self.index << 8 | lane as u64)
    }
}

/// Kinds that a client of this profile may send; flushes and compactions have their own thread.
pub(super) fn kinds(profile: &Profile) -> Kinds {
    let is_sent = |kind: &OpKind| match kind {
        OpKind::Delete => profile.delete_absent == Taken::Answered,
        OpKind::Length => profile.length == LengthKind::Exact && profile.sends(*kind),
        kind if kind.moves() => profile.iterator_view == View::Snapshot && profile.sends(*kind),
        kind => profile.sends(*kind),
    };
    let kinds = WEIGHTS.into_iter().map(|(kind, _)| kind);
    kinds.filter(is_sent).collect()
}

impl OpKind {
    /// Whether operations of this kind make, move or close iterators.
    fn moves(self) -> bool {
        matches!(self, OpKind::Iterator | OpKind::Next | OpKind::Close)
    }
}

/// A key that the profile takes: a number, with zeros before it.
fn key(number: usize, profile: &Profile) -> Vec<u8> {
    let digits = profile.keys.min.max(3.min(profile.keys.max));
    if digits < 2 {
        return vec![b'0' + number as u8; digits];
    }
    format!("{number:0digits$}").into_bytes()
}
