//! A program as a target: its stores, the cases that come, its deaths. Where the stores lie is in
//! `directories`, what is said to the program in `connection`.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::{Connection, Next, NoGreeting, Plan};
use super::directories::Directories;
use super::remote::RemoteStore;
use super::stderr::Stderr;
use crate::breakage::Keep;
use crate::check::{Ahead, Coming};
use crate::op::{Case, Op};
use crate::options::Options;
use crate::outcome::{Breach, Failure, Outcome};
use crate::profile::{Ability, Profile, Shape, Survives};
use crate::protocol::Greeting;
use crate::store::Target;

/// How long a store may find its directory locked by the one before it.
const LOCKED: Duration = Duration::from_secs(2);
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// A program that was started and has greeted; see the module.
///
/// A clone has a process of its own, started when it makes its first store.
///
/// ```no_run
/// use etalon_spec::process::Program;
/// use etalon_spec::{Settings, check};
///
/// let command = ["node", "driver.js"].map(String::from);
/// let program = Program::start(&command, std::env::temp_dir()).unwrap();
/// check(program, &Settings::default()).unwrap();
/// ```
#[derive(Debug)]
pub struct Program {
    shared: Arc<Shared>,
    connection: Slot,
    directories: Directories,
    /// Of the case that comes, or of one whose process was ended in the middle.
    plan: Plan,
    /// The case that comes was opened ahead.
    has_begun: bool,
    /// The case after that.
    next: Option<Ahead>,
    timeout: Duration,
    limit: Duration,
    opening: Duration,
}

/// What all clones have in common.
#[derive(Debug)]
struct Shared {
    command: Vec<String>,
    greeting: Arc<Greeting>,
    stderr: Arc<Stderr>,
    begun: Instant,
    starts: AtomicU64,
    /// Nanoseconds that went into them, and into the ends before.
    restarting: AtomicU64,
    passed_over: AtomicU64,
    /// The process that greeted first, until somebody needs one.
    first: Slot,
}

/// The process in use, by the target and by its store.
pub(super) type Slot = Arc<Mutex<Option<Connection>>>;

pub(super) fn lock(slot: &Slot) -> MutexGuard<'_, Option<Connection>> {
    // A panic leaves a connection that the next case replaces, or goes on with.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A program that could not be started, or did not greet.
#[derive(Debug)]
pub struct StartError {
    text: String,
    /// The end of what it wrote to standard error.
    pub stderr: String,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for StartError {}

impl Program {
    /// Starts a program and reads its greeting. `folder` exists; the stores' directories are made
    /// in it.
    pub fn start(command: &[String], folder: impl AsRef<Path>) -> Result<Program, StartError> {
        let stderr = Arc::new(Stderr::default());
        let started = Connection::start(command, &stderr);
        let connection = started.map_err(|problem| {
            let text = problem.text(&command.join(" "));
            let stderr = stderr.text();
            StartError { text, stderr }
        })?;
        let greeting = Arc::clone(connection.greeting());
        let profile = &greeting.profile;
        let (limit, opening) = (profile.timeout, profile.timeout_open);
        let directories = Directories::new(folder.as_ref(), profile.fresh_dir);
        let shared = Shared {
            command: command.to_vec(),
            greeting,
            stderr,
            begun: Instant::now(),
            starts: AtomicU64::new(1),
            restarting: AtomicU64::new(0),
            passed_over: AtomicU64::new(0),
            first: Arc::new(Mutex::new(Some(connection))),
        };
        Ok(Program {
            shared: Arc::new(shared),
            connection: Slot::default(),
            directories,
            plan: Plan::default(),
            has_begun: false,
            next: None,
            timeout: limit,
            limit,
            opening,
        })
    }

    /// Grants each operation another time than the greeting does.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Program {
        let mut program = self.clone();
        (program.timeout, program.limit) = (timeout, timeout);
        program
    }

    /// The end of what its processes wrote to standard error: of the one that runs now, or ran
    /// last.
    pub fn stderr(&self) -> String {
        self.shared.stderr.text()
    }

    /// How often it was started.
    pub fn starts(&self) -> u64 {
        self.shared.starts.load(Ordering::Relaxed)
    }

    /// How many cases were passed over, since their starts would have taken more than a fifth of
    /// the time.
    pub fn passed_over(&self) -> u64 {
        self.shared.passed_over.load(Ordering::Relaxed)
    }

    /// How it greeted.
    pub fn greeting(&self) -> &Greeting {
        &self.shared.greeting
    }

    fn sends_ahead(&self) -> bool {
        self.shared.greeting.window > 1
    }

    /// Whether a running process answers `reopen`.
    fn reopens_in_band(&self) -> bool {
        self.shared.greeting.profile.can.has(Ability::Reopen)
    }

    /// What there is to send of the case after the one that comes.
    fn next(&mut self) -> Outcome<Option<Next>> {
        match self.next.take() {
            Some(ahead) => {
                let dir = self.directories.prepare()?;
                Ok(Some(Next { dir, ahead }))
            }
            None => Ok(None),
        }
    }

    /// A process that can be asked: the one in use, or another.
    fn ready(&mut self) -> Outcome<()> {
        let mut slot = lock(&self.connection);
        if let Some(connection) = slot.as_mut() {
            connection.settle();
        }
        if slot.as_ref().is_some_and(Connection::is_broken) {
            *slot = None;
        }
        if slot.is_none() {
            *slot = lock(&self.shared.first).take();
        }
        if slot.is_none() {
            *slot = Some(self.shared.another()?);
        }
        if let Some(connection) = slot.as_mut() {
            connection.limit(self.limit, self.opening);
        }
        Ok(())
    }

    fn opened(&self) -> RemoteStore {
        RemoteStore::of(Arc::clone(&self.connection))
    }

    fn with<R>(&self, body: impl FnOnce(&mut Connection) -> Outcome<R>) -> Outcome<R> {
        match lock(&self.connection).as_mut() {
            Some(connection) => body(connection),
            None => Err(Failure::definite("no process runs")),
        }
    }

    /// Lets the process end by itself, so that the next one opens the directory.
    fn end(&mut self) -> Outcome<()> {
        let Some(mut connection) = lock(&self.connection).take() else {
            return Ok(());
        };
        self.plan = connection.take_plan();
        if connection.end() {
            return Ok(());
        }
        Err(Failure::Breach(Box::new(Breach::Hung(self.opening))))
    }

    /// Asks for `reopen`, again and again for a while: a lock may go only with the one before.
    fn ask_reopen(&mut self, options: &Options) -> Outcome<()> {
        let dir = self.directories.name()?;
        let begun = Instant::now();
        let plan = std::mem::take(&mut self.plan);
        self.with(|connection| {
            loop {
                let opened = connection.ask_opening("reopen", &dir, options);
                let is_locked =
                    matches!(&opened, Err(Failure::Definite(_) | Failure::Indefinite(_)));
                if !is_locked || begun.elapsed() >= LOCKED {
                    if plan.now.is_some() {
                        connection.foresee(plan);
                    }
                    connection.passed();
                    return opened;
                }
                connection.pause(TRY_AGAIN);
            }
        })
    }
}

impl Shared {
    /// Another process; the greeting is that of the first.
    fn another(&self) -> Outcome<Connection> {
        self.starts.fetch_add(1, Ordering::Relaxed);
        Connection::start(&self.command, &self.stderr).map_err(|problem| {
            let text = problem.text(&self.command.join(" "));
            let breach = match problem {
                NoGreeting::Breach(hung @ Breach::Hung(_)) => hung,
                _ => Breach::Died(text),
            };
            Failure::Breach(Box::new(breach))
        })
    }
}

impl Clone for Program {
    fn clone(&self) -> Self {
        Program {
            shared: Arc::clone(&self.shared),
            connection: Slot::default(),
            directories: self.directories.clone(),
            plan: Plan::default(),
            has_begun: false,
            next: None,
            ..*self
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        *lock(&self.connection) = None;
    }
}

impl Target for Program {
    type Store = RemoteStore;

    /// As it greeted. One that opens a directory only when it is new to it can be reopened, too:
    /// by ending it.
    fn profile(&self) -> Profile {
        let mut profile = self.shared.greeting.profile.clone();
        if profile.survives_close == Survives::All {
            profile.can = profile.can.with(Ability::Reopen);
        }
        // These ask for what the protocol has no words for.
        profile.can = profile.can.without(Ability::Layers);
        profile.survives_power = Survives::None;
        if profile.survives_shape == Shape::Any && profile.survives_kill != Survives::All {
            profile.survives_kill = Survives::None;
        }
        profile.timeout = self.timeout;
        profile
    }

    fn create(&mut self, options: &Options) -> Outcome<RemoteStore> {
        if std::mem::take(&mut self.has_begun) {
            self.directories.advance();
            let next = self.next()?;
            self.with(|connection| {
                connection.limit(self.limit, self.opening);
                connection.foresee_next(next);
                connection.await_opening()
            })?;
        } else {
            self.ready()?;
            let dir = self.directories.begin()?;
            let (now, next) = (self.plan.now.take(), self.next()?);
            self.with(|connection| {
                connection.ask_opening("open", &dir, options)?;
                connection.foresee(Plan { now, next });
                Ok(())
            })?;
        }
        self.directories.sweep();
        Ok(self.opened())
    }

    fn reopen(&mut self, options: &Options) -> Outcome<RemoteStore> {
        let begun = Instant::now();
        let runs = lock(&self.connection).is_some();
        if runs && !self.reopens_in_band() {
            self.end()?;
        }
        if lock(&self.connection).is_none() {
            let mut another = self.shared.another()?;
            another.limit(self.limit, self.opening);
            *lock(&self.connection) = Some(another);
            let spent = begun.elapsed().as_nanos() as u64;
            self.shared.restarting.fetch_add(spent, Ordering::Relaxed);
        }
        self.ask_reopen(options)?;
        Ok(self.opened())
    }

    /// Whether starts have taken no more than a fifth of the time so far, or it needs none.
    fn affords(&mut self, case: &Case) -> bool {
        let restarts = |op: &Op| match op {
            Op::Kill { .. } => true,
            Op::Reopen => !self.reopens_in_band(),
            _ => false,
        };
        let shared = &self.shared;
        let spent = Duration::from_nanos(shared.restarting.load(Ordering::Relaxed));
        if spent * 5 <= shared.begun.elapsed() || !case.ops.iter().any(restarts) {
            return true;
        }
        shared.passed_over.fetch_add(1, Ordering::Relaxed);
        false
    }

    fn foresee(&mut self, coming: &Coming<'_>) {
        let begun = lock(&self.connection);
        self.has_begun = begun.as_ref().is_some_and(|begun| begun.has_begun(coming));
        drop(begun);
        let is_new = self.sends_ahead() && !self.has_begun;
        self.plan.now = is_new.then(|| coming.ahead());
    }

    fn foresee_next(&mut self, coming: &Coming<'_>) {
        self.next = self.sends_ahead().then(|| coming.ahead());
    }

    fn has_begun_next(&self) -> bool {
        let connection = lock(&self.connection);
        connection.as_ref().is_some_and(Connection::has_begun_next)
    }

    fn held_to(&mut self, profile: &Profile) {
        self.directories.set_fresh(profile.fresh_dir);
    }

    fn limit(&mut self, operation: Duration, opening: Duration) -> bool {
        (self.limit, self.opening) = (operation, opening);
        true
    }

    fn die(&mut self, keep: Option<&Keep>) -> Outcome<()> {
        if keep.is_some() {
            return Err(Failure::Unsupported);
        }
        if let Some(mut connection) = lock(&self.connection).take() {
            self.plan = connection.take_plan();
            connection.kill();
        }
        Ok(())
    }
}
