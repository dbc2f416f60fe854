//! Transactions and key spaces of a case: which are there, and what takes place in them.
//!
//! They draw from random numbers of their own, so that a case of a store without them is drawn as if
//! there were none.
//!
//! Invariants:
//! 1. Nothing is sent to a transaction, a savepoint or a key space that is not there, and none is
//!    made that is.
//! 2. Nothing is sent that was withheld, not even to make way for something else.
//! 3. Where one transaction goes on at a time nothing else is changed meanwhile: what cannot be in
//!    it waits for its end.

use super::swarm::OF_TRANSACTIONS;
use crate::kinds::Kinds;
use crate::name::Name;
use crate::op::{Op, OpKind};
use crate::open::{Open, OpenTransaction};
use crate::profile::{Conflict, Profile, Taken};
use crate::random::Random;
use crate::scope::{Inside, OpScope};

/// More than this are never there at once, whatever the profile allows.
const MOST: usize = 3;

const TRANSACTIONS: [Name; MOST] = [Name::literal("t"), Name::literal("u"), Name::literal("v")];
const SAVEPOINTS: [Name; MOST] = [Name::literal("a"), Name::literal("b"), Name::literal("c")];
const SPACES: [Name; MOST] = [Name::literal("x"), Name::literal("y"), Name::literal("z")];

/// The transactions and key spaces of one case.
#[derive(Clone, Debug)]
pub(super) struct Scopes {
    random: Random,
    open: Open,
    transaction_max: usize,
    one_at_a_time: bool,
    reads_own: bool,
    /// Deletes are sent only where the keys are followed, which is in no scope.
    follows_deletes: bool,
    /// How many key spaces this case has made.
    created: usize,
    withheld: Kinds,
}

impl Scopes {
    pub(super) fn new(profile: &Profile) -> Self {
        let one_at_a_time = profile.transaction_conflict == Conflict::OneAtATime;
        let most = if one_at_a_time { 1 } else { MOST };
        Scopes {
            random: Random::new(0),
            open: Open::default(),
            transaction_max: profile.transaction_max.min(most),
            one_at_a_time,
            reads_own: profile.transaction_reads_own,
            follows_deletes: profile.delete_absent == Taken::Refused,
            created: 0,
            withheld: Kinds::NONE,
        }
    }

    /// Sends none of these kinds from now on.
    pub(super) fn withhold(&mut self, kinds: &[OpKind]) {
        let all = kinds.iter().copied();
        self.withheld = all.fold(self.withheld, Kinds::with);
        let endless = self.withholds(OpKind::Commit) && self.withholds(OpKind::Rollback);
        if endless || self.withholds(OpKind::Begin) {
            self.withheld = OF_TRANSACTIONS.into_iter().fold(self.withheld, Kinds::with);
        }
        if self.withholds(OpKind::Create) {
            self.withheld = self.withheld.with(OpKind::Rename).with(OpKind::Drop);
        }
    }

    /// What is withheld, and what cannot be without it.
    pub(super) fn withheld(&self) -> Kinds {
        self.withheld
    }

    fn withholds(&self, kind: OpKind) -> bool {
        self.withheld.has(kind)
    }

    /// A new case.
    pub(super) fn begin(&mut self, random: Random) {
        self.random = random;
        self.open.clear();
        self.created = 0;
    }

    /// The case's random numbers for what only some stores have.
    pub(super) fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// Whether this case has made a key space.
    pub(super) fn has_spaces(&self) -> bool {
        self.created > 0
    }

    /// Notes an operation that is sent.
    #[inline]
    pub(super) fn apply(&mut self, op: &Op) {
        if op.kind() as u8 > OpKind::Fail as u8 || matches!(op, Op::In(_) | Op::Reopen) {
            self.open.apply(op);
            self.created += usize::from(matches!(op, Op::Create(_)));
        }
    }

    /// The end of a transaction that must come before an operation of this kind; none if none must.
    #[inline]
    pub(super) fn way_for(&mut self, kind: OpKind) -> Option<Op> {
        if self.open.transactions.is_empty() {
            return None;
        }
        let structural = kind.is_structural() && kind != OpKind::Reopen;
        let outside = structural || (kind.is_change() && !self.can_place(kind));
        let waits = kind.is_of_spaces() || (self.one_at_a_time && outside);
        waits.then(|| self.end())
    }

    /// Whether operations of this kind may be in a transaction.
    fn can_place(&self, kind: OpKind) -> bool {
        let deletes = matches!(kind, OpKind::Delete | OpKind::Write);
        Inside::is_possible(kind) && kind != OpKind::Ingest && !(self.follows_deletes && deletes)
    }

    fn end(&mut self) -> Op {
        let name = self.a_transaction().name;
        let commits = self.random.chance(5, 8) || self.withholds(OpKind::Rollback);
        if commits && !self.withholds(OpKind::Commit) {
            Op::Commit(name)
        } else {
            let (transaction, to) = (name, None);
            Op::Rollback { transaction, to }
        }
    }

    fn a_transaction(&mut self) -> OpenTransaction {
        let open = &self.open.transactions;
        open[self.random.small(open.len())].clone()
    }

    /// The operation where it is to take place: in a transaction or a key space, if there are such,
    /// or as it is.
    #[inline]
    pub(super) fn place(&mut self, op: &mut Op) -> bool {
        let kind = op.kind();
        let none = self.open.transactions.is_empty() && self.open.spaces.is_empty();
        if none || !Inside::is_possible(kind) || op.snapshot_read().is_some() {
            return false;
        }
        let mut scope = OpScope::PLAIN;
        if self.can_place(kind) {
            scope.transaction = self.transaction_for(kind);
        }
        let deletes = matches!(kind, OpKind::Delete | OpKind::Write);
        let must_follow = self.follows_deletes && deletes;
        let may_be_apart = !must_follow && !self.open.spaces.is_empty();
        let is_free = scope.transaction.is_some() || self.is_free_outside(kind);
        if may_be_apart && is_free && self.random.chance(1, 2) {
            scope.space = Some(*self.random.pick(&self.open.spaces));
        }
        if scope.transaction.is_some() {
            op.sync_flag_mut().map(std::mem::take);
        }
        let Some(placed) = Inside::of(scope, op.clone()) else {
            return false;
        };
        *op = placed;
        !scope.is_plain()
    }

    fn is_free_outside(&self, kind: OpKind) -> bool {
        !(self.one_at_a_time && kind.is_change() && !self.open.transactions.is_empty())
    }

    /// The transaction that an operation of this kind takes place in, if any.
    fn transaction_for(&mut self, kind: OpKind) -> Option<Name> {
        if self.open.transactions.is_empty() {
            return None;
        }
        let must = !self.is_free_outside(kind);
        if !must && self.random.chance(3, 8) {
            return None;
        }
        let open = self.a_transaction();
        let compares = kind.is_read() || kind == OpKind::Cas;
        let blind = !self.reads_own && open.writes && compares;
        (!blind).then_some(open.name)
    }

    /// Whether nothing of this kind can be sent now, not even in a transaction: it would be one that
    /// must be there and cannot see what it compares.
    pub(super) fn is_blind(&self, kind: OpKind) -> bool {
        let writes = self.open.transactions.iter().any(|open| open.writes);
        kind == OpKind::Cas && self.one_at_a_time && !self.reads_own && writes
    }

    /// An operation of this kind, or what must come before one; none if none can be sent.
    pub(super) fn draw(&mut self, kind: OpKind) -> Option<Op> {
        let drawn = self.draw_whatever(kind);
        drawn.filter(|op| !self.withholds(op.kind()))
    }

    fn draw_whatever(&mut self, kind: OpKind) -> Option<Op> {
        match kind {
            OpKind::Create | OpKind::Rename | OpKind::Drop => self.space(kind),
            _ if self.open.transactions.is_empty() => self.start(),
            OpKind::Begin => self.start().or_else(|| Some(self.end())),
            OpKind::Commit => Some(Op::Commit(self.a_transaction().name)),
            OpKind::Savepoint => Some(self.savepoint()),
            _ => Some(self.rollback()),
        }
    }

    fn start(&mut self) -> Option<Op> {
        let open = &self.open;
        if open.transactions.len() >= self.transaction_max {
            return None;
        }
        let mut names = TRANSACTIONS.into_iter();
        let name = names.find(|name| open.transaction(*name).is_none());
        name.map(Op::Begin)
    }

    fn savepoint(&mut self) -> Op {
        let open = self.a_transaction();
        let mut names = SAVEPOINTS.into_iter();
        let transaction = open.name;
        match names.find(|name| !open.savepoints.contains(name)) {
            Some(name) => Op::Savepoint { transaction, name },
            None => self.rollback(),
        }
    }

    fn rollback(&mut self) -> Op {
        let open = self.a_transaction();
        let partly = !open.savepoints.is_empty() && self.random.chance(3, 4);
        let to = partly.then(|| *self.random.pick(&open.savepoints));
        let transaction = open.name;
        Op::Rollback { transaction, to }
    }

    fn space(&mut self, kind: OpKind) -> Option<Op> {
        let there = &self.open.spaces;
        let free = SPACES.into_iter().find(|name| !there.contains(name));
        if there.is_empty() {
            return free.map(Op::Create);
        }
        let from = *self.random.pick(there);
        match (kind, free) {
            (OpKind::Create, Some(name)) => Some(Op::Create(name)),
            (OpKind::Rename, Some(to)) => Some(Op::Rename { from, to }),
            _ => Some(Op::Drop(from)),
        }
    }
}
