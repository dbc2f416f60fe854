//! Recording: invocations and returns, each with its moment on one clock.
//!
//! ```text
//!   client 0:  invoke(op)          ret(reply)              a Lane each: nothing is shared
//!                 |                    |                   but the clock
//!   clock:        4      5      6      7      8
//!                        |             |      |
//!   client 1:            invoke(op)           ret(reply)
//! ```
//!
//! [`Lane`] records one client and shares nothing; the caller says what time it is, by an atomic
//! counter ([`Clock`]) or by whatever its scheduler has. [`Recorder`] is all clients behind one
//! lock, for checkers that run one thread at a time.
//!
//! Invariants:
//! 1. The clock is asked before an operation begins and after it has ended, so what a history
//!    calls earlier was earlier. An interval may be recorded longer than it was, which never
//!    makes a right store wrong.
//! 2. Nothing here knows real time or a thread.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::op::{Op, Reply};

use super::call::{Answered, Call, History};
use super::error::HistoryError;

/// A logical clock that threads share: a counter.
///
/// Acquire and release: whoever reads a later time also sees what was done before the earlier
/// one, so a store is not blamed for what the memory model lets it forget.
#[derive(Debug, Default)]
pub struct Clock(AtomicU64);

impl Clock {
    /// A time that nobody else gets, later than all that were given.
    pub fn tick(&self) -> u64 {
        self.0.fetch_add(1, Ordering::AcqRel)
    }

    /// How many times were given.
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// The record of one client.
///
/// ```
/// use etalon_spec::history::{Clock, History, Lane};
/// use etalon_spec::{Op, Reply};
///
/// let clock = Clock::default();
/// let mut lane = Lane::new(0);
/// lane.invoke(Op::get(b"k"), clock.tick()).unwrap();
/// // ... the get itself ...
/// lane.ret(Reply::Absent, clock.tick()).unwrap();
/// let history = History::from_lanes([lane]).unwrap();
/// assert_eq!(history.calls().len(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Lane {
    lane: u32,
    calls: Vec<Call>,
}

impl Lane {
    /// Of the client with this number, nothing yet.
    pub fn new(lane: u32) -> Self {
        let calls = Vec::new();
        Lane { lane, calls }
    }

    /// The client begins an operation. It must have none open.
    pub fn invoke(&mut self, op: Op, at: u64) -> Result<(), HistoryError> {
        let (lane, answer) = (self.lane, None);
        if self.open().is_some() {
            let op = op.to_string();
            return Err(HistoryError::StillOpen { lane, op });
        }
        self.calls.push(Call {
            lane,
            op,
            invoked: at,
            answer,
        });
        Ok(())
    }

    /// The open operation is answered.
    pub fn ret(&mut self, reply: Reply, at: u64) -> Result<(), HistoryError> {
        let lane = self.lane;
        let open = self.open().ok_or(HistoryError::NothingOpen { lane })?;
        open.answer = Some(Answered { at, reply });
        Ok(())
    }

    fn open(&mut self) -> Option<&mut Call> {
        self.calls.last_mut().filter(|call| call.answer.is_none())
    }
}

impl History {
    /// The history of several clients, recorded by one clock.
    pub fn from_lanes(lanes: impl IntoIterator<Item = Lane>) -> Result<History, HistoryError> {
        let calls = lanes.into_iter().flat_map(|lane| lane.calls);
        History::new(calls.collect())
    }
}

/// The record of all clients, behind one lock that is its clock, too: what is recorded first came
/// first.
///
/// The lock is `std`'s and is never held across anything but the recording itself, so that it is
/// no place to switch threads at under loom and shuttle. Under loom, where calls that have nothing
/// to do with each other commute, whoever records also touches one instrumented object first.
///
/// ```
/// use etalon_spec::history::{Decision, Effort, Recorder, decide};
/// use etalon_spec::{Op, Reply};
///
/// let recorder = Recorder::default();
/// let put = recorder.invoke(0, Op::put(b"k", b"1"));
/// let get = recorder.invoke(1, Op::get(b"k"));
/// recorder.ret(get, Reply::Absent); // before the put, for both are open
/// recorder.ret(put, Reply::Done);
/// let history = recorder.finish().unwrap();
/// assert!(matches!(decide(&history, Effort::default()), Decision::Linearizable(_)));
/// ```
#[derive(Debug, Default)]
pub struct Recorder {
    record: Mutex<Record>,
}

#[derive(Debug, Default)]
struct Record {
    calls: Vec<Call>,
    now: u64,
}

/// A call that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallId(usize);

impl Recorder {
    /// The client `lane` begins an operation.
    pub fn invoke(&self, lane: u32, op: Op) -> CallId {
        let mut record = self.record();
        let invoked = record.tick();
        record.calls.push(Call {
            lane,
            op,
            invoked,
            answer: None,
        });
        CallId(record.calls.len() - 1)
    }

    /// The operation is answered. One that nobody ever answers may have happened, or not.
    ///
    /// # Panics
    /// If it was answered before: the scenario is wrong.
    pub fn ret(&self, id: CallId, reply: Reply) {
        let mut record = self.record();
        let at = record.tick();
        let before = record.calls[id.0].answer.replace(Answered { at, reply });
        assert!(before.is_none(), "a call is answered once");
    }

    /// Both around `work`, which does the operation and says what it was answered.
    pub fn call(&self, lane: u32, op: Op, work: impl FnOnce() -> Reply) -> Reply {
        let id = self.invoke(lane, op);
        let reply = work();
        self.ret(id, reply.clone());
        reply
    }

    /// What was recorded so far.
    pub fn history(&self) -> Result<History, HistoryError> {
        History::new(self.record().calls.clone())
    }

    /// What was recorded.
    pub fn finish(self) -> Result<History, HistoryError> {
        self.history()
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        // A panic between two pushes leaves a whole record.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    fn tick(&mut self) -> u64 {
        let now = self.now;
        self.now += 1;
        now
    }
}
