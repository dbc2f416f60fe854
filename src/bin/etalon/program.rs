//! A program as a target of the commands: `etalon check -- node driver.js`.

use std::time::Duration;

use etalon_spec::Lane;
use etalon_spec::process::{Program, StartError};
use tempfile::TempDir;

use crate::exit::Problem;
use crate::show::{Subject, grouped};

/// The program, where the command line names one.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// A program that speaks the stdio protocol, and its arguments: `-- node driver.js`
    #[arg(last = true, value_name = "PROGRAM ARGS")]
    command: Vec<String>,
}

impl Named {
    /// Starts the program, if one is named.
    pub fn start(&self, timeout: Option<Duration>) -> Result<Option<Started>, Problem> {
        match &self.command[..] {
            [] => Ok(None),
            command => Started::new(command, line(command), timeout).map(Some),
        }
    }
}

/// A program that has greeted. Its folder goes when this is dropped.
pub struct Started {
    program: Program,
    target: String,
    _folder: TempDir,
}

impl Started {
    /// Starts a command; `target` is how it is named on the command line of etalon.
    pub fn new(
        command: &[String],
        target: String,
        timeout: Option<Duration>,
    ) -> Result<Started, Problem> {
        let folder = tempfile::Builder::new().prefix("etalon-").tempdir();
        let folder = folder
            .map_err(|error| Problem::failed(format!("cannot make a scratch folder: {error}")))?;
        let program =
            Program::start(command, folder.path()).map_err(|error| not_started(&error))?;
        Ok(Started {
            program: match timeout {
                Some(timeout) => program.with_timeout(timeout),
                None => program,
            },
            target,
            _folder: folder,
        })
    }

    pub fn lane(&self) -> Lane<Program> {
        Lane {
            name: "the program".to_owned(),
            target: self.program.clone(),
            share: 1,
        }
    }

    pub fn subject(&self) -> Subject {
        Subject {
            target: self.target.clone(),
            stderr: self.program.stderr(),
        }
    }

    /// How often it had to be started, where that says something.
    pub fn tell(&self) {
        let (starts, passed_over) = (self.program.starts(), self.program.passed_over());
        if starts > 1 {
            println!("started {} times", grouped(starts));
        }
        if passed_over > 0 {
            println!(
                "{} sequences passed over: starts would have taken more than a fifth of the time",
                grouped(passed_over)
            );
        }
    }
}

fn not_started(error: &StartError) -> Problem {
    let mut text = error.to_string();
    if !error.stderr.is_empty() {
        text = format!("{text}\n  its standard error:");
        for line in error.stderr.lines() {
            text = format!("{text}\n    {}", line.escape_debug());
        }
    }
    Problem::failed(text)
}

/// A command as it is typed in a shell.
fn line(command: &[String]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    let quoted = command.iter().map(|word| {
        if !word.is_empty() && word.chars().all(is_plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    let words: Vec<String> = quoted.collect();
    format!("-- {}", words.join(" "))
}
