//! Cases in which something breaks: the process, the machine, a disk operation.
//!
//! ```text
//!   put ok | put sync ok | put ok | crash in flush at 2       history: 1 2 3
//!                 durable                | recovered: 2 or 3 changes, nothing else (G7)
//!                                        '-> the model goes on from what was found
//! ```
//!
//! Invariants:
//! 1. After a recovery the contents are those after one of the allowed prefixes of the history;
//!    the model then holds that prefix, and the case goes on.
//! 2. A change that a failing disk refused may be there after the next opening, whole, or not;
//!    until then it is invisible, and no other change is taken (G10).
//! 3. A store that a failing disk has wounded reads correctly, and may refuse the rest.
//! 4. A read for which the disk fails answers rightly or with an error, and hurts nothing: what
//!    follows is judged as if it had not been sent. Only an iterator that it was to move has no
//!    place any more, until it seeks one.

use std::ops::RangeInclusive;

use super::apply::apply;
use super::divergence::{Class, Got};
use super::drive::{Checked, Drive};
use super::keys::keys_named;
use crate::breakage::{Crash, Failing, Fault, Then};
use crate::durable::{ContentsDigest, History, Promise};
use crate::model::Model;
use crate::op::{Entry, Op, Reply};
use crate::profile::Ability;
use crate::range::Scan;
use crate::stage::Stage;
use crate::store::{Failure, Outcome};

/// What must survive, and whether the store was wounded since it was opened.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    history: History,
    /// A disk operation has failed, or may fail at any time.
    wounded: bool,
    /// Which disk operations fail now.
    failing: Failing,
    /// One that had to do with a change.
    in_doubt: bool,
}

impl Ledger {
    /// Notes the changes of an operation as sent.
    fn sent(&mut self, op: &Op) {
        self.history.send_op(op);
    }
}

impl Drive<'_> {
    pub(super) fn is_wounded(&self) -> bool {
        self.ledger.as_ref().is_some_and(|ledger| ledger.wounded)
    }

    /// Whether an error may come at any time.
    pub(super) fn is_failing(&self) -> bool {
        self.ledger
            .as_ref()
            .is_some_and(|ledger| ledger.failing != Failing::Nothing)
    }

    /// Notes an operation that was answered.
    pub(super) fn record(&mut self, op: &Op, reply: &Reply) {
        let Some(ledger) = &mut self.ledger else {
            return;
        };
        // While a change is in doubt no other is taken, and none is acknowledged.
        if *reply == Reply::Refused || ledger.in_doubt {
            return;
        }
        ledger.sent(op);
        ledger.history.acknowledge();
        if Promise::of(self.profile).makes_durable(op.kind(), op.is_synced()) {
            ledger.history.make_durable();
        }
    }

    /// The reply of a wounded store that refuses; none if its outcome is to be judged.
    pub(super) fn excused(&self, op: &Op, outcome: &Outcome<Reply>) -> Checked<Option<Reply>> {
        let Some(ledger) = &self.ledger else {
            return Ok(None);
        };
        match outcome {
            Err(Failure::Unsupported | Failure::Breach(_)) => Ok(None),
            Err(_) if ledger.failing == Failing::Reads && op.kind().only_reads() => {
                Ok(Some(Reply::Refused))
            }
            Err(_) if ledger.wounded && !op.kind().is_read() => Ok(Some(Reply::Refused)),
            Ok(got) if ledger.in_doubt && op.kind().is_change() => {
                let got = Got::Reply(got.clone());
                Err(self.diverged(Class::WrongAnswer, op, Reply::Refused, got))
            }
            _ => Ok(None),
        }
    }

    /// The process dies.
    pub(super) fn kill(&mut self, model: &mut Model, op: &Op, then: &[Then]) -> Checked<Reply> {
        self.stage.abandon();
        self.tell(op, |target| target.die(None))?;
        let bounds = self.ledger().history.bounds();
        let allowed = bounds.after_kill_of(self.profile.survives_kill);
        self.recover(model, op, then, allowed)
    }

    /// The power goes.
    pub(super) fn crash(&mut self, model: &mut Model, op: &Op, crash: &Crash) -> Checked<Reply> {
        if let Some(within) = &crash.within {
            self.tell(op, |target| target.stop_after(within.at))?;
            self.ledger().sent(within.op());
            // The reply is never seen.
            match within.op() {
                Op::Reopen => {
                    let closed = self.stage.close();
                    drop(closed.and_then(|()| self.stage.reopen(&self.case.options)));
                }
                within => drop(apply(self.stage.store(), within)),
            }
        }
        self.stage.abandon();
        self.tell(op, |target| target.die(Some(&crash.keep)))?;
        let allowed = self.ledger().history.bounds().after_power_loss();
        self.recover(model, op, &crash.then, allowed)
    }

    /// Opens the store again, through crashes of that, and takes over what it holds.
    fn recover(
        &mut self,
        model: &mut Model,
        op: &Op,
        then: &[Then],
        mut allowed: RangeInclusive<usize>,
    ) -> Checked<Reply> {
        for Then { at, keep } in then {
            self.tell(op, |target| target.stop_after(*at))?;
            drop(self.stage.reopen(&self.case.options));
            self.stage.abandon();
            self.tell(op, |target| target.die(keep.as_ref()))?;
            if keep.is_some() {
                let bounds = self.ledger().history.bounds();
                allowed = bounds.after_power_loss();
            }
        }
        self.open_again(model, op, allowed)
    }

    fn open_again(
        &mut self,
        model: &mut Model,
        op: &Op,
        allowed: RangeInclusive<usize>,
    ) -> Checked<Reply> {
        let opened = self.stage.reopen(&self.case.options);
        opened.map_err(|failure| self.refused(op, Reply::Done, failure))?;
        self.settle(model, allowed)
    }

    /// Holds the contents against the allowed prefixes; the model goes on from the one found.
    fn settle(&mut self, model: &mut Model, allowed: RangeInclusive<usize>) -> Checked<Reply> {
        let found = self.read_everything().map_err(|failure| {
            let read = Op::scan(Scan::ALL);
            self.refused(&read, Reply::Done, failure)
        })?;
        let digest = ContentsDigest::of(found.iter().map(|(key, value)| (key, value)));
        let most = *allowed.end();
        let ledger = self.ledger();
        let Some(changes) = ledger.history.find(digest, allowed) else {
            ledger.history.settle(most);
            let expected = Reply::Entries(ledger.history.contents());
            return Err(self.diverged(
                Class::WrongAnswer,
                &Op::scan(Scan::ALL),
                expected,
                Got::Reply(Reply::Entries(found)),
            ));
        };
        ledger.history.settle(changes);
        let history = std::mem::take(&mut ledger.history);
        *ledger = Ledger {
            history,
            ..Ledger::default()
        };
        *model = Model::holding(ledger.history.contents());
        Ok(Reply::Done)
    }

    fn read_everything(&mut self) -> Outcome<Vec<Entry>> {
        if self.profile.can.has(Ability::Scan) {
            return self.stage.store().scan(&Scan::ALL);
        }
        let mut entries = Vec::new();
        let mut keys = keys_named(&self.case.ops);
        keys.retain(|key| self.profile.takes_key(key));
        for key in keys {
            if let Some(value) = self.stage.store().get(&key)? {
                entries.push((key, value));
            }
        }
        Ok(entries)
    }

    /// An operation in which the disk fails.
    pub(super) fn fault(&mut self, model: &mut Model, op: &Op, fault: &Fault) -> Checked<Reply> {
        let Fault {
            within,
            with,
            forever,
        } = fault;
        if !model.has_names_of(within.op()) {
            return Ok(Reply::Refused);
        }
        let (at, failing) = (within.at, Failing::like(within.op().kind()));
        self.tell(op, |target| match failing {
            Failing::Reads => target.fail_read(at, *with, *forever),
            _ => target.fail(at, *with, *forever),
        })?;
        self.ledger().failing = failing;
        let reply = match within.op() {
            Op::Reopen => return self.reopen_failing(model, op),
            Op::Fill(fill) => {
                let puts = (0..fill.count).map(|i| Op::put(fill.key(i), fill.value(i)));
                let mut reply = Reply::Done;
                for put in puts {
                    reply = self.send_failing(model, &put)?;
                    if reply == Reply::Refused {
                        break;
                    }
                }
                reply
            }
            within => self.send_failing(model, within)?,
        };
        if !forever {
            self.tell(op, |target| target.mend())?;
            self.ledger().failing = Failing::Nothing;
        }
        Ok(reply)
    }

    /// Sends an operation to a store whose disk may fail.
    pub(super) fn send_failing(&mut self, model: &mut Model, op: &Op) -> Checked<Reply> {
        let outcome = apply(self.stage.store(), op);
        if let Some(reply) = self.excused(op, &outcome)? {
            model.failed(op);
            return Ok(reply);
        }
        if let Err(Failure::Definite(_)) = outcome {
            // It says that nothing has happened, and is held to that.
            return Ok(Reply::Refused);
        }
        if let Err(Failure::Indefinite(_)) = outcome {
            let ledger = self.ledger();
            ledger.sent(op);
            ledger.wounded = true;
            ledger.in_doubt |= op.kind().is_change();
            return Ok(Reply::Refused);
        }
        let reply = self.judge(model, op, outcome)?;
        self.record(op, &reply);
        Ok(reply)
    }

    /// Closes and opens while the disk fails, then, if that came to nothing, when it works.
    fn reopen_failing(&mut self, model: &mut Model, op: &Op) -> Checked<Reply> {
        let closed = self.stage.close();
        let opened = closed.and_then(|()| self.stage.reopen(&self.case.options));
        self.tell(op, |target| target.mend())?;
        let allowed = self.ledger().history.bounds().after_kill();
        match opened {
            Ok(()) => {
                self.settle(model, allowed)?;
                // Opened while the disk failed: it may be wounded, though it did not say so.
                self.ledger().wounded = true;
                Ok(Reply::Done)
            }
            Err(Failure::Unsupported) => Err(self.refused(op, Reply::Done, Failure::Unsupported)),
            Err(_) => {
                self.open_again(model, op, allowed)?;
                Ok(Reply::Refused)
            }
        }
    }

    /// A reopening after a failure: the close may say so, and what was in doubt is decided.
    pub(super) fn reopen_wounded(&mut self, model: &mut Model, op: &Op) -> Checked<Reply> {
        drop(self.stage.close());
        self.tell(op, |target| target.mend())?;
        let allowed = self.ledger().history.bounds().after_kill();
        self.open_again(model, op, allowed)
    }

    fn ledger(&mut self) -> &mut Ledger {
        self.ledger.get_or_insert_default()
    }

    /// Tells the target to break something.
    fn tell(&mut self, op: &Op, tell: impl FnOnce(&mut dyn Stage) -> Outcome<()>) -> Checked {
        tell(self.stage).map_err(|failure| self.refused(op, Reply::Done, failure))
    }
}
