//! One case's run: operations in order, then the whole contents.

use std::cell::Cell;

use super::ahead::reads_of_everything;
use super::apply::apply;
use super::breakages::Ledger;
use super::compare::{agrees, may_refuse};
use super::divergence::{Class, Divergence, Got, Moment};
use super::keys::keys_named;
use super::{Contents, Watch};
use crate::model::Model;
use crate::op::{Case, Op, OpKind, Reply};
use crate::open::Open;
use crate::profile::{Ability, Profile};
use crate::range::Fill;
use crate::restrict::of_company;
use crate::stage::Stage;
use crate::store::{Events, Failure, Outcome};

pub(super) type Checked<T = ()> = Result<T, Box<Divergence>>;

/// What a store is being asked.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) moment: Cell<Moment>,
    /// The read of [`Moment::Contents`], which is no operation of the case.
    pub(super) read: Cell<Option<Op>>,
}

pub(super) struct Drive<'a> {
    pub(super) stage: &'a mut dyn Stage,
    pub(super) case: &'a Case,
    pub(super) profile: &'a Profile,
    pub(super) contents: Contents,
    pub(super) watch: &'a mut dyn Watch,
    /// Whether that wants to see the layers.
    pub(super) looks_inside: bool,
    /// What is being asked, for the report of a panic.
    pub(super) pending: &'a Pending,
    /// What must survive; only for a case in which something breaks.
    pub(super) ledger: Option<Ledger>,
    /// Transactions and key spaces.
    pub(super) open: Open,
}

/// The model's reply, which is a refusal where a commit comes too late.
fn specified(model: &mut Model, op: &Op) -> Reply {
    apply(model, op).unwrap_or(Reply::Refused)
}

/// Whether the whole contents are compared after it.
pub(super) fn ends_in_comparison(op: &Op) -> bool {
    op.kind().is_structural() || op.kind().is_breakage()
}

impl Drive<'_> {
    pub(super) fn run(mut self) -> Checked {
        let case = self.case;
        let mut model = Model::default();
        let breaks = case.ops.iter().any(|op| op.kind().is_breakage());
        self.ledger = breaks.then(Ledger::default);
        let created = self.stage.create(&case.options);
        created.map_err(|failure| self.refused(&Op::Reopen, Reply::Done, failure))?;
        let mut events = self.events();
        for (at, op) in case.ops.iter().enumerate() {
            self.pending.moment.set(Moment::Operation(at));
            self.watch.sends(at, op);
            let reply = self.step(&mut model, op)?;
            self.watch.answered(op, &reply);
            if self.looks_inside {
                self.look_inside(op, &mut events);
            }
            if ends_in_comparison(op) && self.contents == Contents::Compared {
                self.compare_contents(&mut model, at)?;
            }
        }
        let ended_in_comparison = case.ops.last().is_some_and(ends_in_comparison);
        if self.contents == Contents::Compared && !case.ops.is_empty() && !ended_in_comparison {
            self.compare_contents(&mut model, case.ops.len() - 1)?;
        }
        self.pending.moment.set(Moment::Close);
        let closed = self.stage.close();
        if self.is_wounded() || self.is_failing() {
            return Ok(());
        }
        closed.map_err(|failure| self.refused(&Op::Reopen, Reply::Done, failure))
    }

    /// Whether there may be transactions or key spaces.
    fn has_scopes(&self) -> bool {
        let can = self.profile.can;
        can.has(Ability::Transaction) || can.has(Ability::Spaces)
    }

    /// One operation on both sides; the reply they agree on.
    fn step(&mut self, model: &mut Model, op: &Op) -> Checked<Reply> {
        if self.has_scopes() {
            // Not sent: what it should do is not defined, or the store may wait for ever.
            if !self.open.has_names_of(op) || of_company(op, self.profile, &self.open).is_some() {
                return Ok(Reply::Refused);
            }
            self.open.apply(op);
        }
        match op {
            Op::Reopen => return self.reopen(model, op),
            Op::Fill(fill) => return self.fill(model, op, fill),
            Op::Kill { then } => return self.kill(model, op, then),
            Op::Crash(crash) => return self.crash(model, op, crash),
            Op::Fail(fault) => return self.fault(model, op, fault),
            _ => {}
        }
        if !model.has_names_of(op) {
            // Not sent: what it should do is not defined.
            return Ok(Reply::Refused);
        }
        self.send(model, op)
    }

    /// Sends an operation that is no reopening and no breakage.
    pub(super) fn send(&mut self, model: &mut Model, op: &Op) -> Checked<Reply> {
        if self.ledger.is_none() {
            let outcome = apply(self.stage.store(), op);
            return self.judge(model, op, outcome);
        }
        if self.is_failing() {
            return self.send_failing(model, op);
        }
        let outcome = apply(self.stage.store(), op);
        if let Some(reply) = self.excused(op, &outcome)? {
            return Ok(reply);
        }
        let committed = match op {
            Op::Commit(name) => Some(Op::write(model.pending(*name))),
            _ => None,
        };
        let reply = self.judge(model, op, outcome)?;
        self.record(committed.as_ref().unwrap_or(op), &reply);
        Ok(reply)
    }

    /// Compares a store's outcome with the model's, which carries the operation out now.
    pub(super) fn judge(
        &mut self,
        model: &mut Model,
        op: &Op,
        outcome: Outcome<Reply>,
    ) -> Checked<Reply> {
        match outcome {
            Err(Failure::Definite(_)) if may_refuse(self.profile, model, op) => {
                if let Op::Commit(name) = op {
                    // It is rolled back.
                    model.abandon(*name);
                }
                Ok(Reply::Refused)
            }
            Err(failure) => {
                let expected = specified(model, op);
                Err(self.refused(op, expected, failure))
            }
            Ok(got) if model.would_answer(op, &got) => Ok(got),
            Ok(got) => {
                let expected = specified(model, op);
                if agrees(self.profile, op, &expected, &got) {
                    Ok(got)
                } else {
                    Err(self.wrong(op, expected, got))
                }
            }
        }
    }

    /// The puts of a fill, each judged by itself: one of them may lawfully be refused.
    fn fill(&mut self, model: &mut Model, op: &Op, fill: &Fill) -> Checked<Reply> {
        for i in 0..fill.count {
            let put = Op::put(fill.key(i), fill.value(i));
            match self.send(model, &put) {
                // A store that takes no more changes takes none of the rest.
                Ok(Reply::Refused) if self.is_wounded() => return Ok(Reply::Refused),
                Ok(_) => {}
                Err(mut divergence) => {
                    divergence.read = op.clone();
                    return Err(divergence);
                }
            }
        }
        Ok(Reply::Done)
    }

    fn reopen(&mut self, model: &mut Model, op: &Op) -> Checked<Reply> {
        if self.is_wounded() || self.is_failing() {
            return self.reopen_wounded(model, op);
        }
        model.reopen();
        let closed = self.stage.close();
        let opened = closed.and_then(|()| self.stage.reopen(&self.case.options));
        opened.map_err(|failure| self.refused(op, Reply::Done, failure))?;
        self.record(op, &Reply::Done);
        Ok(Reply::Done)
    }

    pub(super) fn refused(&self, op: &Op, expected: Reply, failure: Failure) -> Box<Divergence> {
        let (class, got) = Got::instead(failure);
        self.diverged(class, op, expected, got)
    }

    fn wrong(&self, op: &Op, expected: Reply, got: Reply) -> Box<Divergence> {
        self.diverged(Class::WrongAnswer, op, expected, Got::Reply(got))
    }

    pub(super) fn diverged(
        &self,
        class: Class,
        op: &Op,
        expected: Reply,
        got: Got,
    ) -> Box<Divergence> {
        Box::new(Divergence {
            class,
            moment: self.pending.moment.get(),
            read: op.clone(),
            expected,
            got,
        })
    }

    fn events(&mut self) -> Events {
        if self.looks_inside && self.profile.can.has(Ability::Layers) {
            self.stage.store().events()
        } else {
            Events::default()
        }
    }

    fn look_inside(&mut self, op: &Op, before: &mut Events) {
        if !self.profile.can.has(Ability::Layers) {
            return;
        }
        let after = self.stage.store().events();
        // A reopened store counts from zero again.
        if op.kind() == OpKind::Reopen || op.kind().is_breakage() {
            *before = Events::default();
        }
        self.watch.counted(before, &after);
        *before = after;
        if let Op::Get { key, at: None } = op {
            if let Ok(trace) = self.stage.store().trace(key) {
                self.watch.traced(&trace);
            }
        }
    }

    /// The whole contents, read in every way that the profile declares.
    fn compare_contents(&mut self, model: &mut Model, at: usize) -> Checked {
        let keys = keys_named(&self.case.ops[..=at]);
        let reads = reads_of_everything(self.profile, &keys, model.snapshots(), model.spaces());
        self.pending.moment.set(Moment::Contents(at));
        let mut compared = 0;
        for read in reads {
            self.pending.read.set(Some(read.clone()));
            let outcome = apply(self.stage.store(), &read);
            if self.excused(&read, &outcome)?.is_none() {
                self.judge(model, &read, outcome)?;
                compared += 1;
            }
        }
        self.pending.read.set(None);
        self.watch.contents(compared);
        Ok(())
    }
}
