//! Running single cases in a thread of their own, so that a store that hangs is a result.
//!
//! A thread that hangs cannot be stopped: it is left behind, with its store, and a new one takes
//! its place. That is why targets are cloned.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::check::{Class, Contents, Divergence, Got, Moment, Watch, check_on};
use crate::op::{Case, Op, OpKind, Reply};
use crate::stage::{AnyTarget, BoxedTarget};
use crate::store::Target;

/// Runs cases on clones of a target, each operation within a time limit.
///
/// ```
/// use etalon_spec::{Case, Contents, ModelTarget, Op, Sandbox};
/// use std::time::Duration;
///
/// let mut sandbox = Sandbox::new(ModelTarget, Duration::from_secs(10));
/// assert_eq!(sandbox.run(&Case::new(vec![Op::Flush]), Contents::Compared), None);
/// ```
#[derive(Debug)]
pub struct Sandbox {
    target: BoxedTarget,
    patience: Patience,
    worker: Option<Worker>,
}

#[derive(Debug)]
struct Worker {
    cases: Sender<(Case, Contents)>,
    outcomes: Receiver<Option<Divergence>>,
    sent: Arc<AtomicU64>,
    opening: Arc<AtomicBool>,
    compared: Arc<AtomicU64>,
}

impl Sandbox {
    /// A sandbox in which no operation may take longer than `timeout`; and no opening longer than
    /// the profile says, or than `timeout`, where that is shorter than the profile's.
    pub fn new(target: impl Target + Clone + Send + 'static, timeout: Duration) -> Self {
        Sandbox::of(BoxedTarget::new(target), timeout)
    }

    /// As [`Sandbox::new`].
    pub(crate) fn of(mut target: BoxedTarget, timeout: Duration) -> Self {
        Sandbox {
            patience: Patience::cut(&mut *target.0, timeout),
            target,
            worker: None,
        }
    }

    /// Changes the time limit.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.patience = Patience::cut(&mut *self.target.0, timeout);
        // The worker's clone has the limit that it was made with.
        self.worker = None;
    }

    /// How many replies the cases so far have compared, since the last hang.
    pub fn compared(&self) -> u64 {
        self.worker
            .as_ref()
            .map_or(0, |worker| worker.compared.load(Ordering::Relaxed))
    }

    /// Runs one case on a new store. `None` is agreement.
    ///
    /// # Panics
    /// If the checker itself died.
    pub fn run(&mut self, case: &Case, contents: Contents) -> Option<Divergence> {
        let target = &self.target;
        let worker = self
            .worker
            .get_or_insert_with(|| Worker::start(target.clone()));
        worker
            .cases
            .send((case.clone(), contents))
            .expect("the worker waits for cases");
        match worker.outcome(self.patience) {
            Heard::Outcome(outcome) => outcome,
            Heard::Silence(silence) => {
                let at = worker.sent.load(Ordering::Relaxed);
                self.worker = None;
                Some(hung(case, at, silence))
            }
        }
    }
}

/// How long to wait for a sign of life.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    operation: Duration,
    opening: Duration,
}

impl Patience {
    /// With a target that is granted as much: one that ends hung stores itself needs time to say
    /// so.
    pub(super) fn with(target: &mut dyn AnyTarget, operation: Duration, opening: Duration) -> Self {
        let waits = target.limit(operation, opening);
        let patience = |granted| {
            if waits {
                granted * 4 + Duration::from_secs(10)
            } else {
                granted
            }
        };
        Patience {
            operation: patience(operation),
            opening: patience(opening),
        }
    }

    fn cut(target: &mut dyn AnyTarget, timeout: Duration) -> Self {
        let profile = target.profile();
        let mut opening = profile.timeout_open;
        if timeout < profile.timeout {
            opening = opening.min(timeout);
        }
        Patience::with(target, timeout, opening)
    }

    /// The longer of both.
    pub(super) fn max(self, other: Patience) -> Patience {
        Patience {
            operation: self.operation.max(other.operation),
            opening: self.opening.max(other.opening),
        }
    }

    pub(super) fn of(self, is_opening: bool) -> Duration {
        if is_opening {
            self.opening
        } else {
            self.operation
        }
    }
}

/// Whether a store is opened in the course of an operation.
pub(super) fn opens(op: &Op) -> bool {
    let kind = op.kind();
    kind == OpKind::Reopen || kind.is_breakage()
}

/// What came of waiting for a worker.
enum Heard {
    Outcome(Option<Divergence>),
    Silence(Duration),
}

impl Worker {
    fn start(mut target: BoxedTarget) -> Worker {
        let (cases, inbox) = channel::<(Case, Contents)>();
        let (outbox, outcomes) = channel();
        let sent = Arc::new(AtomicU64::new(0));
        let opening = Arc::new(AtomicBool::new(false));
        let compared = Arc::new(AtomicU64::new(0));
        let mut beat = Beat {
            sent: Arc::clone(&sent),
            opening: Arc::clone(&opening),
            compared: Arc::clone(&compared),
        };
        let work = move || {
            let profile = target.0.profile();
            for (case, contents) in inbox {
                let stage = &mut *target.0.stage();
                let outcome = check_on(stage, &profile, &case, contents, &mut beat);
                if outbox
                    .send(outcome.err().map(|divergence| *divergence))
                    .is_err()
                {
                    return;
                }
            }
        };
        thread::Builder::new()
            .name("store".into())
            .spawn(work)
            .expect("a thread can be started");
        Worker {
            cases,
            outcomes,
            sent,
            opening,
            compared,
        }
    }

    /// The outcome of the case just sent, or that nothing was heard for too long.
    fn outcome(&self, patience: Patience) -> Heard {
        let mut before = (self.sent.load(Ordering::Relaxed), Instant::now());
        loop {
            let limit = patience.of(self.opening.load(Ordering::Relaxed));
            let tick = limit.min(Duration::from_millis(100));
            match self.outcomes.recv_timeout(tick) {
                Ok(outcome) => return Heard::Outcome(outcome),
                Err(RecvTimeoutError::Disconnected) => panic!("the checker's thread died"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let sent = self.sent.load(Ordering::Relaxed);
            if sent != before.0 {
                before = (sent, Instant::now());
            } else if before.1.elapsed() >= limit {
                return Heard::Silence(limit);
            }
        }
    }
}

/// Counts operations sent: movement is life, and within a case it is the place.
struct Beat {
    sent: Arc<AtomicU64>,
    /// Whether the store is being opened, or has just been.
    opening: Arc<AtomicBool>,
    compared: Arc<AtomicU64>,
}

impl Watch for Beat {
    fn begin(&mut self, _case: &Case) {
        self.sent.store(0, Ordering::Relaxed);
        self.opening.store(true, Ordering::Relaxed);
    }

    fn sends(&mut self, at: usize, op: &Op) {
        self.opening.store(opens(op), Ordering::Relaxed);
        self.sent.store(at as u64 + 1, Ordering::Relaxed);
    }

    fn answered(&mut self, op: &Op, reply: &Reply) {
        let answered = op.kind().is_read() && *reply != Reply::Refused;
        self.compared
            .fetch_add(u64::from(answered), Ordering::Relaxed);
    }

    fn contents(&mut self, compared: u64) {
        self.compared.fetch_add(compared, Ordering::Relaxed);
    }
}

/// The divergence of a store that gave no answer; `sent` counts the operations it had got.
pub(super) fn hung(case: &Case, sent: u64, silence: Duration) -> Divergence {
    let at = usize::try_from(sent)
        .ok()
        .and_then(|sent| sent.checked_sub(1));
    let at = at.map(|at| at.min(case.ops.len().saturating_sub(1)));
    let (moment, read) = match at {
        Some(at) => (Moment::Operation(at), case.ops.get(at).cloned()),
        None => (Moment::Create, None),
    };
    Divergence {
        class: Class::Hung,
        moment,
        read: read.unwrap_or(Op::Reopen),
        expected: Reply::Done,
        got: Got::Silence(silence),
    }
}
