//! Ranges for scans and for deletes of ranges: both bounds drawn on their own.

use std::ops::Bound;

use super::keys::Keys;
use crate::profile::{Ability, Order, Profile, Taken};
use crate::random::{Random, bits};
use crate::range::{Range, Scan};

/// What the profile allows of ranges.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranges {
    prefix: bool,
    reverse: bool,
    ordered: bool,
    inverted: Taken,
    from_excluded: Taken,
    to_included: Taken,
    prefix_reverse: Taken,
}

impl Ranges {
    pub(super) fn new(profile: &Profile) -> Self {
        let ordered = profile.order == Order::Bytes;
        Ranges {
            prefix: profile.can.has(Ability::Prefix),
            reverse: ordered && profile.can.has(Ability::Reverse),
            ordered,
            inverted: profile.range_inverted,
            from_excluded: profile.range_from_excluded,
            to_included: profile.range_to_included,
            prefix_reverse: profile.range_prefix_reverse,
        }
    }

    /// A scan: one in four reads everything; three in eight go backwards, one in four has a
    /// limit, where the profile allows it.
    pub(super) fn scan(self, random: &mut Random, keys: &mut Keys) -> Scan {
        let word = random.next();
        let range = if bits(word, 0, 2) == 0 {
            Range::ALL
        } else {
            self.range(random, keys)
        };
        let limit = match bits(word, 16, 3) {
            0 => Some(bits(word, 20, 1) as u32),
            1 => Some(1 + bits(word, 20, 3) as u32),
            _ => None,
        };
        let reverses = match range {
            Range::Prefix(_) => self.reverse && self.prefix_reverse == Taken::Answered,
            Range::Between(..) => self.reverse,
        };
        Scan {
            range,
            reverse: reverses && bits(word, 8, 3) < 3,
            limit: limit.filter(|_| self.ordered),
        }
    }

    /// A range: two in eight by prefix; else each bound is open in two of eight, and half of the
    /// pairs that come out of order are left so.
    pub(super) fn range(self, random: &mut Random, keys: &mut Keys) -> Range {
        let word = random.next();
        if self.prefix && bits(word, 0, 2) == 0 {
            return prefix(word, keys.draw(random), keys);
        }
        let from = self.lower(bound(word >> 8, random, keys));
        let to = self.upper(bound(word >> 16, random, keys));
        let range = Range::Between(from, to);
        if !range.is_inverted() || (self.inverted == Taken::Answered && bits(word, 32, 1) == 0) {
            return range;
        }
        match range {
            Range::Between(Bound::Included(from) | Bound::Excluded(from), to) => {
                let (Bound::Included(to) | Bound::Excluded(to)) = to else {
                    return Range::Between(Bound::Included(from), Bound::Unbounded);
                };
                if from == to && self.to_included == Taken::Refused {
                    return Range::Between(Bound::Included(from), Bound::Unbounded);
                }
                // Included at both ends: in order even if the two are equal.
                Range::Between(Bound::Included(to), self.upper(Bound::Included(from)))
            }
            other => other,
        }
    }

    fn lower(self, bound: Bound<Vec<u8>>) -> Bound<Vec<u8>> {
        match bound {
            Bound::Excluded(key) if self.from_excluded == Taken::Refused => Bound::Included(key),
            other => other,
        }
    }

    fn upper(self, bound: Bound<Vec<u8>>) -> Bound<Vec<u8>> {
        match bound {
            Bound::Included(key) if self.to_included == Taken::Refused => Bound::Excluded(key),
            other => other,
        }
    }
}

/// The first bytes of a key of the pool: mostly few, sometimes all.
fn prefix(word: u64, slot: usize, keys: &Keys) -> Range {
    let key = keys.key(slot);
    let few = if bits(word, 8, 1) == 0 {
        key.len().min(3)
    } else {
        key.len()
    };
    let length = bits(word, 16, 16) % (few + 1);
    Range::Prefix(key[..length].to_vec())
}

fn bound(word: u64, random: &mut Random, keys: &mut Keys) -> Bound<Vec<u8>> {
    match bits(word, 0, 3) {
        0 | 1 => Bound::Unbounded,
        2..5 => Bound::Included(draw_key(random, keys)),
        _ => Bound::Excluded(draw_key(random, keys)),
    }
}

fn draw_key(random: &mut Random, keys: &mut Keys) -> Vec<u8> {
    let slot = keys.draw(random);
    keys.key(slot).to_vec()
}
