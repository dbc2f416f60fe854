//! One case's run: operations in order, then the whole contents.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::ahead::reads_of_everything;
use super::breakages::Ledger;
use super::compare::{agrees, may_refuse};
use super::divergence::{Class, Divergence, Got, Moment};
use super::{Contents, Watch};
use crate::model::Model;
use crate::op::{Case, Change, Op, OpKind, Reply};
use crate::profile::{Ability, Profile};
use crate::range::{Fill, Range, Scan};
use crate::store::{Events, Failure, KeyValueStore, Outcome, Target};

/// Carries out one operation on a store. A reopen is not an operation of a store, and neither is
/// a kill, a crash or a fault: they answer [`Failure::Unsupported`] here, and
/// [`check_case`](crate::check_case) reopens by the target.
///
/// ```
/// use etalon_spec::{Model, Op, Reply, apply};
///
/// let mut model = Model::default();
/// assert_eq!(apply(&mut model, &Op::get(b"k")), Ok(Reply::Absent));
/// ```
pub fn apply<S: KeyValueStore + ?Sized>(store: &mut S, op: &Op) -> Outcome<Reply> {
    let done = |outcome: Outcome<()>| outcome.map(|()| Reply::Done);
    match op {
        Op::Get { key, at: None } => store.get(key).map(Reply::from),
        Op::Put { key, value, sync } => done(match sync {
            false => store.put(key, value),
            true => store.put_synced(key, value),
        }),
        Op::Delete { key, sync } => done(match sync {
            false => store.delete(key),
            true => store.delete_synced(key),
        }),
        Op::Flush => done(store.flush()),
        Op::Scan { scan, at: None } => store.scan(scan).map(Reply::Entries),
        Op::Length { at: None } => store.length().map(Reply::Count),
        Op::Write { changes, sync } => done(match sync {
            false => store.write(changes),
            true => store.write_synced(changes),
        }),
        Op::Clear { sync } => done(match sync {
            false => store.clear(),
            true => store.clear_synced(),
        }),
        Op::DeleteRange { range, sync } => done(match sync {
            false => store.delete_range(range),
            true => store.delete_range_synced(range),
        }),
        Op::Fill(fill) => fill_with(store, fill),
        Op::Compact => done(store.compact()),
        Op::Sync => done(store.sync()),
        Op::Reopen | Op::Kill { .. } | Op::Crash(_) | Op::Fail(_) => Err(Failure::Unsupported),
        Op::Get { at: Some(_), .. }
        | Op::Scan { at: Some(_), .. }
        | Op::Length { at: Some(_) }
        | Op::Snapshot(_)
        | Op::Release(_)
        | Op::Iterator { .. }
        | Op::Seek { .. }
        | Op::SeekFirst(_)
        | Op::SeekLast(_)
        | Op::Next(_)
        | Op::Prev(_)
        | Op::Close(_) => apply_to_view(store, op),
    }
}

/// Carries out what concerns a snapshot or an iterator.
fn apply_to_view<S: KeyValueStore + ?Sized>(store: &mut S, op: &Op) -> Outcome<Reply> {
    let done = |outcome: Outcome<()>| outcome.map(|()| Reply::Done);
    match op {
        Op::Get { key, at: Some(at) } => store.get_at(key, *at).map(Reply::from),
        Op::Scan { scan, at: Some(at) } => store.scan_at(scan, *at).map(Reply::Entries),
        Op::Length { at: Some(at) } => store.length_at(*at).map(Reply::Count),
        Op::Snapshot(name) => done(store.snapshot(*name)),
        Op::Release(name) => done(store.release(*name)),
        Op::Iterator { name, at } => done(store.iterator(*name, *at)),
        Op::Seek { name, key } => store.seek(*name, key).map(Reply::from),
        Op::SeekFirst(name) => store.seek_to_first(*name).map(Reply::from),
        Op::SeekLast(name) => store.seek_to_last(*name).map(Reply::from),
        Op::Next(name) => store.next(*name).map(Reply::from),
        Op::Prev(name) => store.prev(*name).map(Reply::from),
        Op::Close(name) => done(store.close_iterator(*name)),
        _ => Err(Failure::Unsupported),
    }
}

fn fill_with<S: KeyValueStore + ?Sized>(store: &mut S, fill: &Fill) -> Outcome<Reply> {
    for i in 0..fill.count {
        store.put(&fill.key(i), &fill.value(i))?;
    }
    Ok(Reply::Done)
}

pub(super) type Checked<T = ()> = Result<T, Box<Divergence>>;

/// What a store is being asked.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) moment: Cell<Moment>,
    /// The read of [`Moment::Contents`], which is no operation of the case.
    pub(super) read: Cell<Option<Op>>,
}

pub(super) struct Drive<'a, T: Target, W: Watch> {
    pub(super) target: &'a mut T,
    pub(super) store: &'a mut Option<T::Store>,
    pub(super) case: &'a Case,
    pub(super) profile: &'a Profile,
    pub(super) contents: Contents,
    pub(super) watch: &'a mut W,
    /// What is being asked, for the report of a panic.
    pub(super) pending: &'a Pending,
    /// What must survive; only for a case in which something breaks.
    pub(super) ledger: Option<Ledger>,
}

/// Whether the whole contents are compared after it.
pub(super) fn ends_in_comparison(op: &Op) -> bool {
    op.kind().is_structural() || op.kind().is_breakage()
}

impl<T: Target, W: Watch> Drive<'_, T, W> {
    pub(super) fn run(mut self) -> Checked {
        let case = self.case;
        let mut model = Model::default();
        let breaks = case.ops.iter().any(|op| op.kind().is_breakage());
        self.ledger = breaks.then(Ledger::default);
        let created = self.target.create(&case.options);
        *self.store =
            Some(created.map_err(|failure| self.refused(&Op::Reopen, Reply::Done, failure))?);
        let mut events = self.events();
        for (at, op) in case.ops.iter().enumerate() {
            self.pending.moment.set(Moment::Operation(at));
            self.watch.sends(at, op);
            let reply = self.step(&mut model, op)?;
            self.watch.answered(op, &reply);
            if W::INNER {
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
        let store = self.store.take().expect("open until here");
        let closed = store.close();
        if self.is_wounded() || self.is_failing() {
            return Ok(());
        }
        closed.map_err(|failure| self.refused(&Op::Reopen, Reply::Done, failure))
    }

    pub(super) fn open_store(&mut self) -> &mut T::Store {
        self.store.as_mut().expect("open between create and close")
    }

    /// One operation on both sides; the reply they agree on.
    fn step(&mut self, model: &mut Model, op: &Op) -> Checked<Reply> {
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
            let outcome = apply(self.open_store(), op);
            return self.judge(model, op, outcome);
        }
        if self.is_failing() {
            return self.send_failing(model, op);
        }
        let outcome = apply(self.open_store(), op);
        if let Some(reply) = self.excused(op, &outcome)? {
            return Ok(reply);
        }
        let reply = self.judge(model, op, outcome)?;
        self.record(op, &reply);
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
            Err(Failure::Definite(_)) if may_refuse(self.profile, model, op) => Ok(Reply::Refused),
            Err(failure) => {
                let expected = apply(model, op).expect("the model does everything");
                Err(self.refused(op, expected, failure))
            }
            Ok(got) if model.would_answer(op, &got) => Ok(got),
            Ok(got) => {
                let expected = apply(model, op).expect("the model does everything");
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
        let store = self.store.take().expect("open between create and close");
        let closed = store.close();
        let opened = closed.and_then(|()| self.target.reopen(&self.case.options));
        *self.store = Some(opened.map_err(|failure| self.refused(op, Reply::Done, failure))?);
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
        if W::INNER && self.profile.can.has(Ability::Layers) {
            self.open_store().events()
        } else {
            Events::default()
        }
    }

    fn look_inside(&mut self, op: &Op, before: &mut Events) {
        if !self.profile.can.has(Ability::Layers) {
            return;
        }
        let after = self.open_store().events();
        // A reopened store counts from zero again.
        if op.kind() == OpKind::Reopen || op.kind().is_breakage() {
            *before = Events::default();
        }
        self.watch.counted(before, &after);
        *before = after;
        if let Op::Get { key, at: None } = op {
            if let Ok(trace) = self.open_store().trace(key) {
                self.watch.traced(&trace);
            }
        }
    }

    /// The whole contents, read in every way that the profile declares.
    fn compare_contents(&mut self, model: &mut Model, at: usize) -> Checked {
        let keys = keys_named(&self.case.ops[..=at]);
        let reads = reads_of_everything(self.profile, &keys, model.snapshots());
        self.pending.moment.set(Moment::Contents(at));
        let mut compared = 0;
        for read in reads {
            self.pending.read.set(Some(read.clone()));
            let outcome = apply(self.open_store(), &read);
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

/// Every key that the operations name: read, written, removed, or a bound of a range.
///
/// ```
/// use etalon_spec::{Op, keys_named};
///
/// let ops = [Op::delete(b"b"), Op::get(b"a"), Op::CLEAR];
/// assert_eq!(keys_named(&ops).into_iter().collect::<Vec<_>>(), [b"a", b"b"]);
/// ```
pub fn keys_named(ops: &[Op]) -> BTreeSet<Vec<u8>> {
    let mut keys = BTreeSet::new();
    for op in ops {
        match op {
            Op::Get { key, .. } | Op::Put { key, .. } | Op::Delete { key, .. } => {
                keys.insert(key.clone());
            }
            Op::Write { changes, .. } => {
                keys.extend(changes.iter().map(Change::key).map(<[u8]>::to_vec));
            }
            Op::Scan {
                scan: Scan { range, .. },
                ..
            }
            | Op::DeleteRange { range, .. } => keys.extend(bounds(range)),
            Op::Fill(fill) => keys.extend((0..fill.count).map(|i| fill.key(i))),
            Op::Seek { key, .. } => drop(keys.insert(key.clone())),
            Op::Crash(crash) => {
                let within = crash.within.iter();
                keys.extend(within.flat_map(|within| keys_of(within.op())));
            }
            Op::Fail(fault) => keys.extend(keys_of(fault.within.op())),
            _ => {}
        }
    }
    keys
}

fn keys_of(op: &Op) -> BTreeSet<Vec<u8>> {
    keys_named(std::slice::from_ref(op))
}

fn bounds(range: &Range) -> Vec<Vec<u8>> {
    use std::ops::Bound::{Excluded, Included, Unbounded};
    let bound = |bound: &std::ops::Bound<Vec<u8>>| match bound {
        Included(key) | Excluded(key) => Some(key.clone()),
        Unbounded => None,
    };
    match range {
        Range::Prefix(prefix) => vec![prefix.clone()],
        Range::Between(from, to) => bound(from).into_iter().chain(bound(to)).collect(),
    }
}
