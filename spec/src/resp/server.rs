//! A server as a target: its keys below a prefix, its restarts, its deaths.
//!
//! Restarts and deaths are commands that were given for them. A command that fails says nothing
//! about the server: see [`Server::fault`]. One that has brought the server back before does its
//! work, and if the server stays away after it, that is a finding.

use std::collections::BTreeSet;
use std::fmt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::client::Client;
use super::pause;
use super::store::RespStore;
use super::value::Value;
use crate::breakage::Keep;
use crate::op::{Case, Op};
use crate::options::Options;
use crate::outcome::{Breach, Failure, Outcome};
use crate::profile::{Ability, Order, Profile, Survives};
use crate::store::Target;

/// What is known of a server beside its address.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What every key begins with. Default: `etalon:`.
    pub prefix: String,
    /// Go on though the database holds keys.
    pub non_empty: bool,
    /// A command for the shell that ends the server cleanly and starts it again.
    pub restart: Option<String>,
    /// A command for the shell that kills the server and starts it again.
    pub kill: Option<String>,
    /// What a kill leaves. Default: everything.
    pub survives_kill: Survives,
    /// How long one answer may take. Default: 10 s.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            prefix: "etalon:".to_owned(),
            non_empty: false,
            restart: None,
            kill: None,
            survives_kill: Survives::All,
            timeout: Duration::from_secs(10),
        }
    }
}

/// A server that could not be asked, or should not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectError(String);

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConnectError {}

/// A server that speaks RESP, as a target: SET, GET, DEL, and scans by SCAN and MGET.
///
/// ```no_run
/// use etalon_spec::resp::{Server, Settings};
/// use etalon_spec::check;
///
/// let server = Server::connect("127.0.0.1:6379", Settings::default()).unwrap();
/// check(server, &etalon_spec::Settings::default()).unwrap();
/// ```
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    slot: Slot,
    limit: Duration,
    /// How long the server may take to come back.
    opening: Duration,
}

#[derive(Debug)]
struct Shared {
    address: String,
    settings: Settings,
    cases: AtomicU64,
    begun: Instant,
    /// Nanoseconds that went into commands that were given.
    restarting: AtomicU64,
    /// Commands after which the server has come back.
    proved: Mutex<BTreeSet<String>>,
    /// What is wrong with a command, once something is; none is run from then on.
    fault: Mutex<Option<String>>,
}

impl Shared {
    /// What the keys of this process begin with.
    fn prefix(&self) -> String {
        format!("{}{}:", self.settings.prefix, std::process::id())
    }
}

/// The connection, and the case that uses it.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) client: Option<Client>,
    /// Killed and started again; nobody has opened it since.
    recovered: bool,
    /// What this case's keys begin with.
    pub(super) prefix: Vec<u8>,
    /// Keys that were set, without the prefix: they are removed before the next case.
    pub(super) set: BTreeSet<Vec<u8>>,
}

pub(super) type Slot = Arc<Mutex<Session>>;

pub(super) fn lock(slot: &Slot) -> MutexGuard<'_, Session> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    /// Connects, and looks whether the database is empty.
    pub fn connect(address: &str, settings: Settings) -> Result<Server, ConnectError> {
        let failed = |what: String| ConnectError(format!("{address}: {what}"));
        let client = Client::connect(address, settings.timeout);
        let mut client = client.map_err(|error| failed(format!("cannot connect: {error}")))?;
        let size = client.ask(&[b"DBSIZE"]);
        match size.map_err(|failure| failed(format!("DBSIZE: {failure}")))? {
            Value::Integer(0) => {}
            Value::Integer(_) if settings.non_empty => {}
            Value::Integer(keys) => {
                return Err(failed(format!(
                    "the database holds {keys} keys. Only keys that begin with {:?} would be \
                     touched; --non-empty goes on",
                    settings.prefix
                )));
            }
            other => return Err(failed(format!("DBSIZE answers {other:?}"))),
        }
        let shared = Shared {
            address: address.to_owned(),
            cases: AtomicU64::new(0),
            begun: Instant::now(),
            restarting: AtomicU64::new(0),
            proved: Mutex::default(),
            fault: Mutex::default(),
            settings,
        };
        let limit = shared.settings.timeout;
        let opening = Profile::default().timeout_open;
        Ok(Server::of(Arc::new(shared), limit, opening))
    }

    fn of(shared: Arc<Shared>, limit: Duration, opening: Duration) -> Server {
        Server {
            shared,
            slot: Slot::default(),
            limit,
            opening,
        }
    }

    /// What is wrong with one of the commands that were given, if it or the shell has failed, or
    /// it never brought the server back. What was found then says nothing about the server.
    pub fn fault(&self) -> Option<String> {
        let fault = self.shared.fault.lock();
        fault.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts the blame on a command.
    fn blame(&self, text: String) -> Failure {
        let fault = self.shared.fault.lock();
        *fault.unwrap_or_else(PoisonError::into_inner) = Some(text.clone());
        Failure::Indefinite(text)
    }

    fn proved(&self) -> MutexGuard<'_, BTreeSet<String>> {
        let proved = self.shared.proved.lock();
        proved.unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes what every clone has left on the server.
    pub fn clean(&self) -> Outcome<()> {
        let mut session = Session {
            client: Some(Client::connect(&self.shared.address, self.limit)?),
            prefix: self.shared.prefix().into_bytes(),
            ..Session::default()
        };
        session.remove_all()
    }

    /// Runs a command that was given, and waits until the server answers again.
    fn command(&mut self, command: Option<&String>) -> Outcome<()> {
        let begun = Instant::now();
        let ended = self.run(command);
        let spent = begun.elapsed().as_nanos() as u64;
        self.shared.restarting.fetch_add(spent, Ordering::Relaxed);
        ended
    }

    fn run(&mut self, command: Option<&String>) -> Outcome<()> {
        let command = command.ok_or(Failure::Unsupported)?;
        if let Some(fault) = self.fault() {
            return Err(Failure::Indefinite(fault));
        }
        lock(&self.slot).client = None;
        let mut shell = Command::new("sh");
        shell
            .args(["-c", command])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let status = shell
            .status()
            .map_err(|error| self.blame(format!("`{command}`: cannot start a shell: {error}")))?;
        if !status.success() {
            return Err(self.blame(format!("`{command}` ended with {status}")));
        }
        let begun = Instant::now();
        loop {
            // One that still loads its data answers with an error.
            if let Ok(mut client) = Client::connect(&self.shared.address, self.limit) {
                if client.ask(&[b"PING"]).is_ok() {
                    lock(&self.slot).client = Some(client);
                    self.proved().insert(command.clone());
                    return Ok(());
                }
            }
            if begun.elapsed() >= self.opening {
                let seconds = self.opening.as_secs();
                if !self.proved().contains(command) {
                    let address = &self.shared.address;
                    return Err(self.blame(format!(
                        "`{command}` ended well, and nothing answers at {address} after \
                         {seconds} s: it has to start the server again"
                    )));
                }
                let text = format!("the server did not come back within {seconds} s");
                return Err(Failure::Breach(Box::new(Breach::Died(text))));
            }
            pause(Duration::from_millis(10));
        }
    }

    fn opened(&self) -> RespStore {
        RespStore {
            slot: Arc::clone(&self.slot),
        }
    }
}

/// A clone has a connection of its own.
impl Clone for Server {
    fn clone(&self) -> Self {
        Server::of(Arc::clone(&self.shared), self.limit, self.opening)
    }
}

impl Target for Server {
    type Store = RespStore;

    fn profile(&self) -> Profile {
        let settings = &self.shared.settings;
        let mut profile = Profile {
            order: Order::None,
            timeout: settings.timeout,
            ..Profile::new(self.shared.address.clone())
        };
        profile = profile
            .can([Ability::Scan, Ability::Prefix])
            .values(0..=1 << 16);
        if settings.restart.is_some() {
            profile.survives_close = Survives::All;
            profile = profile.can([Ability::Reopen]);
        }
        if settings.kill.is_some() {
            profile.survives_kill = settings.survives_kill;
        }
        profile
    }

    fn create(&mut self, _options: &Options) -> Outcome<RespStore> {
        let mut session = lock(&self.slot);
        if session.client.as_ref().is_none_or(Client::is_broken) {
            session.client = Some(Client::connect(&self.shared.address, self.limit)?);
        }
        session.remove_keys()?;
        let case = self.shared.cases.fetch_add(1, Ordering::Relaxed);
        session.prefix = format!("{}{case}:", self.shared.prefix()).into_bytes();
        drop(session);
        Ok(self.opened())
    }

    fn reopen(&mut self, _options: &Options) -> Outcome<RespStore> {
        let recovered = std::mem::take(&mut lock(&self.slot).recovered);
        if !recovered {
            let restart = self.shared.settings.restart.clone();
            self.command(restart.as_ref())?;
        }
        Ok(self.opened())
    }

    fn die(&mut self, keep: Option<&Keep>) -> Outcome<()> {
        if keep.is_some() {
            return Err(Failure::Unsupported);
        }
        let kill = self.shared.settings.kill.clone();
        self.command(kill.as_ref())?;
        lock(&self.slot).recovered = true;
        Ok(())
    }

    /// Whether restarts have taken no more than a fifth of the time so far, or it needs none.
    fn affords(&mut self, case: &Case) -> bool {
        let shared = &self.shared;
        let spent = Duration::from_nanos(shared.restarting.load(Ordering::Relaxed));
        let restarts = |op: &Op| matches!(op, Op::Reopen | Op::Kill { .. });
        spent * 5 <= shared.begun.elapsed() || !case.ops.iter().any(restarts)
    }

    fn limit(&mut self, operation: Duration, opening: Duration) -> bool {
        (self.limit, self.opening) = (operation, opening);
        true
    }
}
