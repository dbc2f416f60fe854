//! Running single cases in a thread of their own, so that a store that hangs is a result.
//!
//! A thread that hangs cannot be stopped: it is left behind, with its store, and a new one takes
//! its place. That is why targets are cloned.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::check::{Class, Contents, Divergence, Got, Moment, Watch, check_case_with};
use crate::op::{Case, Op, Reply};
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
pub struct Sandbox<T> {
    target: T,
    timeout: Duration,
    worker: Option<Worker>,
}

#[derive(Debug)]
struct Worker {
    cases: Sender<(Case, Contents)>,
    outcomes: Receiver<Option<Divergence>>,
    sent: Arc<AtomicU64>,
    compared: Arc<AtomicU64>,
}

impl<T: Target + Clone + Send + 'static> Sandbox<T> {
    /// A sandbox in which no operation may take longer than `timeout`.
    pub fn new(mut target: T, timeout: Duration) -> Self {
        Sandbox {
            timeout: patience(&mut target, timeout),
            target,
            worker: None,
        }
    }

    /// Changes the time limit.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = patience(&mut self.target, timeout);
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
        match worker.outcome(self.timeout) {
            Heard::Outcome(outcome) => outcome,
            Heard::Silence => {
                let at = worker.sent.load(Ordering::Relaxed);
                self.worker = None;
                Some(hung(case, at, self.timeout))
            }
        }
    }
}

/// How long to wait for a target that is granted `timeout` an operation: one that ends hung stores
/// itself needs time to say so.
pub(super) fn patience<T: Target>(target: &mut T, timeout: Duration) -> Duration {
    if target.limit(timeout) {
        timeout * 4 + Duration::from_secs(10)
    } else {
        timeout
    }
}

/// What came of waiting for a worker.
enum Heard {
    Outcome(Option<Divergence>),
    Silence,
}

impl Worker {
    fn start<T: Target + Send + 'static>(mut target: T) -> Worker {
        let (cases, inbox) = channel::<(Case, Contents)>();
        let (outbox, outcomes) = channel();
        let sent = Arc::new(AtomicU64::new(0));
        let compared = Arc::new(AtomicU64::new(0));
        let mut beat = Beat {
            sent: Arc::clone(&sent),
            compared: Arc::clone(&compared),
        };
        let work = move || {
            for (case, contents) in inbox {
                let outcome = check_case_with(&mut target, &case, contents, &mut beat);
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
            compared,
        }
    }

    /// The outcome of the case just sent, or that one operation took longer than `timeout`.
    fn outcome(&self, timeout: Duration) -> Heard {
        let mut before = (self.sent.load(Ordering::Relaxed), Instant::now());
        loop {
            match self
                .outcomes
                .recv_timeout(timeout.min(Duration::from_millis(100)))
            {
                Ok(outcome) => return Heard::Outcome(outcome),
                Err(RecvTimeoutError::Disconnected) => panic!("the checker's thread died"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let sent = self.sent.load(Ordering::Relaxed);
            if sent != before.0 {
                before = (sent, Instant::now());
            } else if before.1.elapsed() >= timeout {
                return Heard::Silence;
            }
        }
    }
}

/// Counts operations sent: movement is life, and within a case it is the place.
struct Beat {
    sent: Arc<AtomicU64>,
    compared: Arc<AtomicU64>,
}

impl Watch for Beat {
    fn begin(&mut self, _case: &Case) {
        self.sent.store(0, Ordering::Relaxed);
    }

    fn sends(&mut self, at: usize, _op: &Op) {
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
