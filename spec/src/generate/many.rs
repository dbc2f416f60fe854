//! Changes of many keys: batches, removals of ranges, fills.

use super::Generator;
use crate::op::{Change, Op, OpKind};
use crate::profile::{Alphabet, Profile, Taken};
use crate::random::bits;
use crate::range::{Fill, Range};

/// More changes than this never come in one batch, whatever the profile allows.
const BATCH_LONGEST: usize = 4_096;

impl Generator {
    /// One of these; out of line, since it is rare and long.
    pub(super) fn change_of_many(&mut self, kind: OpKind) -> Op {
        match kind {
            OpKind::Write => Op::Write {
                changes: self.batch(),
                sync: self.sync(),
            },
            OpKind::Clear => {
                self.keys.set_dead_within(&Range::ALL);
                Op::Clear { sync: self.sync() }
            }
            OpKind::DeleteRange => {
                let range = self.ranges.range(&mut self.random, &mut self.keys);
                self.keys.set_dead_within(&range);
                let sync = self.sync();
                Op::DeleteRange { range, sync }
            }
            _ => Op::Fill(self.fill()),
        }
    }

    fn batch(&mut self) -> Vec<Change> {
        let repeats = self.profile.batch_repeats == Taken::Answered;
        let word = self.random.next();
        let wished = match bits(word, 0, 9) {
            0 if repeats => BATCH_LONGEST,
            _ => [0, 1, 2, 2, 3, 3, 4, 8][bits(word, 16, 3)],
        };
        let length = wished.min(self.profile.batch_max);
        let mut changes: Vec<Change> = Vec::with_capacity(length);
        for _ in 0..length {
            let slot = self.keys.draw(&mut self.random);
            let key = self.keys.key(slot);
            if !repeats && changes.iter().any(|change| change.key() == key) {
                continue;
            }
            // The draw of this key says what is done to it: whether it is live is known.
            let deletes = self.random.chance(1, 4);
            let key = key.to_vec();
            changes.push(if deletes && self.may_delete(slot) {
                self.keys.set_live(slot, false);
                Change::Delete { key }
            } else {
                self.keys.set_live(slot, true);
                Change::Put {
                    key,
                    value: self.values.draw(&mut self.random, Vec::new()),
                }
            });
        }
        changes
    }

    fn may_delete(&self, slot: usize) -> bool {
        self.profile.delete_absent == Taken::Answered || self.keys.is_live(slot)
    }

    fn fill(&mut self) -> Fill {
        let word = self.random.next();
        let lengths = self.profile.keys;
        let slot = self.keys.draw(&mut self.random);
        let mut prefix = self.keys.key(slot).to_vec();
        prefix.truncate(bits(word, 32, 2));
        let room = lengths.min.saturating_sub(4)..=lengths.max - 4;
        prefix.resize(prefix.len().clamp(*room.start(), *room.end()), b'f');
        let (count, size) = match bits(word, 0, 3) {
            0 => {
                let count = 40 + bits(word, 8, 7);
                (count, 4_200 / count + bits(word, 16, 5))
            }
            _ => (1 + bits(word, 8, 3), bits(word, 16, 4)),
        };
        let size = size.clamp(self.profile.values.min, self.profile.values.max);
        let fill = Fill {
            prefix,
            count: count as u16,
            size: size as u16,
        };
        if count > 8 {
            self.keys.add_live(&mut self.random, &fill.key(0));
            self.keys
                .add_live(&mut self.random, &fill.key(fill.count - 1));
        }
        fill
    }
}

/// Fills number their keys with four bytes, zeros among them.
pub(super) fn can_fill(profile: &Profile) -> bool {
    profile.alphabet == Alphabet::Bytes
        && profile.keys.max >= 4
        && u16::try_from(profile.values.min).is_ok()
}
