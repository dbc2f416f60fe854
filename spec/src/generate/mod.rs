//! The generator: a seed and a profile in, cases out.
//!
//! ```text
//!                 +--> swarm:  which operation comes next
//!   seed, index --+--> keys:   a pool of a few biased keys, used again and again
//!                 +--> values: mostly short and never the same twice
//!                 +--> ranges: bounds drawn on their own
//!                 +--> views:  snapshots and iterators that are open
//!                 +--> scopes: transactions and key spaces
//! ```
//!
//! Invariants:
//! 1. A case depends on (seed, index, length, profile, kinds) and on nothing else, in particular
//!    not on the cases drawn before it.
//! 2. Everything sent is inside the profile: [`restrict`](crate::restrict) finds nothing to do.
//!    (In a case of many thousand operations fills may exceed its budget, which is meant for
//!    inputs from outside.)
//! 3. A case has `length` operations. Fewer only if nothing is left that may be sent.
//!
//! # The distribution
//!
//! Of operations, at a profile that can do everything (`examples/speed.rs` prints this):
//!
//! ```text
//!   get 37 %       put 29 %        delete 13 %       flush 5 %       scan 4 %         write 2.4 %
//!   compact 1.1 %  length 0.9 %    deleterange 0.9 % reopen 0.3 %    fill 0.2 %       clear 0.1 %
//!   next 2.4 %     prev 1.3 %      iterator 0.7 %    seek 0.6 %      seeklast 0.3 %   seekfirst 0.2 %
//!   snapshot 0.5 % sync 0.4 %      release 0.1 %     close 0.1 %
//! ```
//!
//! Each case switches every kind but get and put off with its own chance (delete 1 in 8 .. clear
//! 6 in 8; the table stands in `generate/swarm.rs`) and weighs what is left by 1, 2, 2 or 4.
//! Habits: a flush is followed at once by another (1 in 16), a put (4) or a delete (3); a
//! compaction by another (4 in 16), a put (4) or a delete (2); a reopen by another (2 in 16), a
//! put (4) or a get (4); a fill by a scan. In one case of eight, puts are followed by a flush (4
//! in 16) or a compaction (1).
//!
//! Options: one case of eight has none. In the others each option is left out one time in four
//! and else takes a value of the profile's list, the first most often.
//!
//! Keys: a pool of 3 to 10, in one case of eight 8 to 39, in one 1 or 2; the first of the pool
//! most often, in one draw of four the key drawn last, in one of 32 a new one. They are letters,
//! strings over {00, 01, fe, ff} to length 3, neighbours and prefixes of other keys, numbers,
//! names, counters and long ones; each case mixes four draws of these. One case in 1,024 has a
//! key of the greatest length (in 64 where that is at most 1 KiB).
//!
//! Values: the decimal number of the write; one in 32 empty, one the same as others, one random
//! bytes, three of 16 to 143 bytes, and in one case of sixteen one of up to 4 KiB. One case in 64
//! has one value of 4 KiB, one in 1,024 of 64 KiB, one in 4,096 of the greatest length.
//!
//! Synced changes: one case of four has them, one change of four in it.
//!
//! Snapshots: in one case of four, three at once at most. While one is open, half of the reads are
//! at one. A snapshot is followed (10 in 16) by overwrites or deletes of a few keys, a flush, often
//! a compaction, and reads. Iterators: in one case of four, likewise. One that is made, of the
//! present or of a snapshot, goes (11 in 16) to an end and back, turns round, or is moved between
//! writes, flushes and compactions.
//!
//! What only some stores have: `first` 4, `last` 3, `cas` 8, `ingest` 3, `begin` 8 and `create` 4, in
//! 256ths of the weights above, where the profile declares it. A swap expects the value last put
//! under its key five times out of eight. While a transaction is open, five reads of eight are in it,
//! and the changes that may be outside; where one goes on at a time, every change. While there are
//! key spaces, half of the operations that may be are in one. A transaction that is begun mostly
//! changes some keys, notes a savepoint, is rolled back to it or whole, and is committed, with reads
//! between. A case with key spaces has no breakages.
//!
//! Breakages, under a profile that survives them: see `generate/breakages.rs`. They take the
//! places of operations in a case that is otherwise drawn as without them.
//!
//! Fills: one in eight is more than 4 KiB; the ends of the filled range then join the pool.

mod breakages;
mod families;
mod keys;
mod many;
mod ranges;
mod scopes;
mod spare;
mod swaps;
mod swarm;
mod values;
mod views;

use crate::kinds::Kinds;
use crate::op::{Case, Op, OpKind};
use crate::options::Options;
use crate::profile::{Profile, Taken};
use crate::random::{Random, bits};

use keys::Keys;
use many::can_fill;
use ranges::Ranges;
use scopes::Scopes;
use spare::Spare;
use swaps::Recent;
use swarm::Swarm;
use values::Values;
use views::Views;

/// Apart from the other draws: of what only some stores have.
const MORE: u64 = 0x6d6f_7265;

/// Draws cases; see the [module](self).
///
/// ```
/// use etalon_spec::{Ability, Generator, OpKind, Profile};
///
/// let profile = Profile::new("mystore").can([Ability::Flush]);
/// let mut generator = Generator::new(1, &profile);
/// let case = generator.case(0, 100);
/// assert_eq!(case.ops.len(), 100);
/// assert!(case.ops.iter().all(|op| profile.sends(op.kind())));
///
/// // A case is found again without the cases before it.
/// let later = generator.case(17, 100);
/// assert_eq!(Generator::new(1, &profile).case(17, 100), later);
/// # assert_ne!(case, later);
///
/// let mut puts = Generator::new(1, &profile).only(&[OpKind::Put]);
/// assert!(puts.case(0, 10).ops.iter().all(|op| op.kind() == OpKind::Put));
/// ```
#[derive(Clone, Debug)]
pub struct Generator {
    seed: u64,
    profile: Profile,
    kinds: Kinds,
    random: Random,
    swarm: Swarm,
    keys: Keys,
    values: Values,
    ranges: Ranges,
    views: Views,
    scopes: Scopes,
    recent: Recent,
    /// Whether this case has synced changes.
    syncs: bool,
    /// Whether anything is sent that only some stores have.
    has_more: bool,
    spare: Spare,
}

impl Generator {
    /// A generator of cases for stores of this profile.
    pub fn new(seed: u64, profile: &Profile) -> Self {
        let drawn = breakages::KINDS
            .into_iter()
            .fold(Swarm::kinds(), Kinds::with);
        let mut kinds = Kinds::sent_to(profile).and(drawn);
        if !can_fill(profile) {
            kinds = kinds.without(OpKind::Fill);
        }
        if profile.snapshot_max == 0 {
            kinds = kinds.without(OpKind::Snapshot).without(OpKind::Release);
        }
        if profile.iterator_max == 0 {
            kinds = kinds.minus(swarm::OF_ITERATORS.into_iter().collect());
        }
        if profile.transaction_max == 0 {
            kinds = kinds.minus(swarm::OF_TRANSACTIONS.into_iter().collect());
        }
        Generator {
            seed,
            profile: profile.clone(),
            kinds,
            random: Random::new(seed),
            swarm: Swarm::new(),
            keys: Keys::new(profile),
            values: Values::new(profile.values),
            ranges: Ranges::new(profile),
            views: Views::new(profile),
            scopes: Scopes::new(profile),
            recent: Recent::default(),
            syncs: false,
            has_more: false,
            spare: Spare::default(),
        }
    }

    /// Sends only these kinds; an empty list takes nothing away.
    #[must_use]
    pub fn only(mut self, kinds: &[OpKind]) -> Self {
        if !kinds.is_empty() {
            self.kinds = self.kinds.and(kinds.iter().copied().collect());
        }
        self
    }

    /// Does not send these kinds, nor what cannot be without them: no transaction where none can
    /// begin or none can end, no other name for a key space where none can be made.
    #[must_use]
    pub fn without(mut self, kinds: &[OpKind]) -> Self {
        self.scopes.withhold(kinds);
        self.kinds = self.kinds.minus(self.scopes.withheld());
        self
    }

    /// The kinds that this generator sends.
    pub fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// Case number `index`, of `length` operations.
    pub fn case(&mut self, index: u64, length: usize) -> Case {
        let mut case = Case::default();
        self.case_into(index, length, &mut case);
        case
    }

    /// Like [`Generator::case`], into a case whose memory is used again: half the time.
    ///
    /// ```
    /// use etalon_spec::{Case, Generator, Profile};
    ///
    /// let mut generator = Generator::new(1, &Profile::default());
    /// let mut case = Case::default();
    /// for index in 0..3 {
    ///     generator.case_into(index, 100, &mut case);
    ///     assert_eq!(case, generator.case(index, 100));
    /// }
    /// ```
    pub fn case_into(&mut self, index: u64, length: usize, case: &mut Case) {
        self.random = Random::part(self.seed, index);
        case.options = self.draw_options();
        self.scopes.begin(Random::part(self.seed ^ MORE, index));
        let more = self.scopes.random();
        self.swarm.begin(&mut self.random, more, self.kinds);
        self.keys.begin(&mut self.random);
        self.values.begin(&mut self.random);
        self.views.clear();
        self.recent.clear();
        self.syncs = self.random.chance(1, 4) && self.kinds.has(OpKind::Sync);
        self.has_more = !self.kinds.and(Swarm::more()).is_empty();
        self.spare.reclaim(&mut case.ops);
        case.ops.reserve(length);
        // A store that refuses deletes of absent keys gets none; so a draw can come to nothing.
        for _ in 0..2 * length {
            if case.ops.len() == length {
                break;
            }
            let Some(kind) = self.swarm.next(&mut self.random) else {
                break;
            };
            self.push(kind, &mut case.ops);
        }
        let breaks = |kind: &OpKind| self.kinds.has(*kind);
        if breakages::KINDS.iter().any(breaks) && !self.scopes.has_spaces() {
            breakages::strew(Random::part(!self.seed, index), self.kinds, &mut case.ops);
        }
    }

    fn draw_options(&mut self) -> Options {
        let mut options = Options::default();
        let word = self.random.next();
        if bits(word, 0, 3) == 0 {
            return options;
        }
        for option in self
            .profile
            .options
            .iter()
            .filter(|option| !option.values.is_empty())
        {
            if self.random.chance(1, 4) {
                continue;
            }
            let place = self.random.small(option.values.len());
            options.set(option.name.clone(), option.values[place].clone());
        }
        options
    }

    /// Adds an operation of this kind, or what must come before one; none if the store would refuse
    /// every one.
    #[inline]
    fn push(&mut self, kind: OpKind, ops: &mut Vec<Op>) {
        let end = self.scopes.way_for(kind);
        let may_commit = swarm::OF_TRANSACTIONS.contains(&kind) || end.is_some();
        let changes = kind.is_change() || may_commit;
        if changes && let Some(close) = self.views.stands_in_the_way() {
            ops.push(close);
            return;
        }
        let before = ops.len();
        match end {
            Some(end) => ops.push(end),
            None if self.scopes.is_blind(kind) => {}
            None => self.push_one(kind, ops),
        }
        if self.has_more
            && ops.len() > before
            && let Some(op) = ops.last_mut()
        {
            let is_placed = self.scopes.place(op);
            self.scopes.apply(op);
            self.recent.note(op);
            if is_placed || op.kind() == OpKind::Commit {
                self.keys.forget_live();
            }
        }
    }

    /// As [`Generator::push`], where nothing stands in the way. (Pushed here and not returned: moving
    /// operations about cost a tenth of a case.)
    #[inline]
    fn push_one(&mut self, kind: OpKind, ops: &mut Vec<Op>) {
        match kind {
            OpKind::Get => {
                let slot = self.keys.draw(&mut self.random);
                let key = self.spare.copy(self.keys.key(slot));
                let at = self.views.at(&mut self.random);
                ops.push(Op::Get { key, at });
            }
            OpKind::Put => {
                let (key, value) = self.put();
                let sync = self.sync();
                ops.push(Op::Put { key, value, sync });
            }
            OpKind::Delete => {
                if let Some(key) = self.delete() {
                    let sync = self.sync();
                    ops.push(Op::Delete { key, sync });
                }
            }
            OpKind::Flush => ops.push(Op::Flush),
            OpKind::Sync => ops.push(Op::Sync),
            OpKind::Scan => {
                let scan = self.ranges.scan(&mut self.random, &mut self.keys);
                let at = self.views.at(&mut self.random);
                ops.push(Op::Scan { scan, at });
            }
            OpKind::Length => {
                let at = self.views.at(&mut self.random);
                ops.push(Op::Length { at });
            }
            OpKind::Write | OpKind::Clear | OpKind::DeleteRange | OpKind::Fill => {
                let op = self.change_of_many(kind);
                ops.push(op);
            }
            OpKind::Compact => ops.push(Op::Compact),
            OpKind::Reopen => {
                self.views.clear();
                ops.push(Op::Reopen);
            }
            OpKind::First => {
                let at = self.views.at(&mut self.random);
                ops.push(Op::First { at });
            }
            OpKind::Last => {
                let at = self.views.at(&mut self.random);
                ops.push(Op::Last { at });
            }
            OpKind::Cas => {
                let swap = self.swap();
                ops.push(swap);
            }
            OpKind::Ingest => {
                let ingest = self.ingest();
                ops.push(ingest);
            }
            kind if kind as u8 > OpKind::Fail as u8 => {
                ops.extend(self.scopes.draw(kind));
            }
            kind => {
                let slot = self.keys.draw(&mut self.random);
                let (keys, spare) = (&self.keys, &mut self.spare);
                let key = || spare.copy(keys.key(slot));
                ops.extend(self.views.draw(kind, &mut self.random, key));
            }
        }
    }

    /// Whether a change is synced: one in four of a case that has such.
    #[inline]
    fn sync(&mut self) -> bool {
        self.syncs && self.random.chance(1, 4)
    }

    #[inline]
    fn put(&mut self) -> (Vec<u8>, Vec<u8>) {
        let slot = self.keys.draw(&mut self.random);
        self.keys.set_live(slot, true);
        let key = self.spare.copy(self.keys.key(slot));
        (key, self.values.draw(&mut self.random, self.spare.take()))
    }

    /// The key to delete; none if the store refuses absent keys and none is known to be there.
    #[inline]
    fn delete(&mut self) -> Option<Vec<u8>> {
        let slot = match self.profile.delete_absent {
            Taken::Answered => self.keys.draw(&mut self.random),
            Taken::Refused => self.keys.draw_live(&mut self.random)?,
        };
        self.keys.set_live(slot, false);
        Some(self.spare.copy(self.keys.key(slot)))
    }
}
