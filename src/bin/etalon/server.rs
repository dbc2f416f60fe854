//! A server that speaks RESP as a target of the commands: `etalon check --resp 127.0.0.1:6379`.

use std::time::Duration;

use etalon_spec::resp::{Server, Settings};
use etalon_spec::{Lane, Survives};

use crate::exit::Problem;
use crate::output::note;
use crate::program::quoted;
use crate::show::Subject;

/// What keys begin with where nobody says so.
const PREFIX: &str = "etalon:";

/// The server, where the command line names one.
#[derive(Debug, clap::Args)]
pub struct Address {
    /// A server that speaks RESP, such as Redis: SET, GET, DEL, and scans by SCAN and MGET
    #[arg(long, value_name = "HOST:PORT", value_parser = address,
        conflicts_with_all = ["command", "create_store"])]
    resp: Option<String>,
    /// What every key begins with, on the server
    #[arg(long, value_name = "TEXT", default_value = PREFIX, value_parser = prefix)]
    prefix: String,
    /// Go on though the server's database holds keys; none but those below the prefix are touched
    #[arg(long, requires = "resp")]
    non_empty: bool,
    /// A shell command that ends the server cleanly and starts it again: a reopen
    #[arg(long, requires = "resp", value_name = "COMMAND")]
    restart_command: Option<String>,
    /// A shell command that kills the server and starts it again
    #[arg(long, requires = "resp", value_name = "COMMAND")]
    kill_command: Option<String>,
    /// What a kill must leave: `all`, or `synced` for any prefix of the changes
    #[arg(long, requires = "kill_command", default_value = "all", value_parser = survives)]
    survives_kill: Survives,
}

/// A host and a port, without looking either up.
pub fn address(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':');
    let is_one = parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if is_one {
        Ok(text.to_owned())
    } else {
        Err("a host and a port up to 65535, such as 127.0.0.1:6379".to_owned())
    }
}

/// Nothing that a pattern of SCAN gives a meaning.
fn prefix(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ":_-./".contains(c);
    if text.is_empty() || !text.chars().all(is_plain) {
        return Err("letters, digits and `:_-./`".to_owned());
    }
    Ok(text.to_owned())
}

fn survives(word: &str) -> Result<Survives, String> {
    match word {
        "all" => Ok(Survives::All),
        "synced" => Ok(Survives::Synced),
        _ => Err("`all` or `synced`".to_owned()),
    }
}

/// A server that was reached.
pub struct Reached {
    server: Server,
    /// How it is named on the command line of etalon, with all that belongs to it.
    target: String,
}

impl Address {
    /// Connects to the server, if one is named.
    pub fn connect(&self, timeout: Option<Duration>) -> Result<Option<Reached>, Problem> {
        let Some(address) = &self.resp else {
            return Ok(None);
        };
        let settings = Settings {
            prefix: self.prefix.clone(),
            non_empty: self.non_empty,
            restart: self.restart_command.clone(),
            kill: self.kill_command.clone(),
            survives_kill: self.survives_kill,
            timeout: timeout.unwrap_or(Settings::default().timeout),
        };
        let server = Server::connect(address, settings).map_err(Problem::failed)?;
        Ok(Some(Reached {
            server,
            target: self.line(address),
        }))
    }
}

impl Address {
    /// The server as it is named on the command line, with every flag that was given.
    fn line(&self, address: &str) -> String {
        let mut line = format!("--resp {}", quoted(address));
        let mut add = |flag: &str, value: &str| {
            line = format!("{line} {flag} {}", quoted(value));
        };
        if self.prefix != PREFIX {
            add("--prefix", &self.prefix);
        }
        if let Some(command) = &self.restart_command {
            add("--restart-command", command);
        }
        if let Some(command) = &self.kill_command {
            add("--kill-command", command);
        }
        if self.survives_kill == Survives::Synced {
            add("--survives-kill", "synced");
        }
        if self.non_empty {
            line.push_str(" --non-empty");
        }
        line
    }
}

impl Reached {
    pub fn lane(&self) -> Lane<Server> {
        Lane {
            name: "the server".to_owned(),
            target: self.server.clone(),
            share: 1,
        }
    }

    pub fn subject(&self) -> Subject {
        Subject {
            target: self.target.clone(),
            fault: self.server.fault(),
            ..Subject::default()
        }
    }
}

impl Drop for Reached {
    /// Whatever was found, nothing is left behind.
    fn drop(&mut self) {
        if let Err(failure) = self.server.clean() {
            note(format_args!("{}: keys may be left: {failure}", self.target));
        }
    }
}
