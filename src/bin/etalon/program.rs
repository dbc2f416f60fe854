//! A program as a target of the commands: `etalon check -- node driver.js`.

use std::path::PathBuf;
use std::time::Duration;

use etalon_spec::process::{Program, StartError};
use etalon_spec::{Failed, Lane};
use tempfile::TempDir;

use crate::create_store;
use crate::exit::Problem;
use crate::output::say;
use crate::show::{Subject, grouped};

/// The program, where the command line names one.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// A program that speaks the stdio protocol, and its arguments: `-- node driver.js`
    #[arg(last = true, value_name = "PROGRAM ARGS")]
    command: Vec<String>,
    /// A JavaScript file with a function createStore: a store of the course, taken as it is
    #[arg(long, value_name = "FILE", conflicts_with = "command")]
    create_store: Option<PathBuf>,
}

impl Named {
    /// Starts the program, if one is named.
    pub fn start(&self, timeout: Option<Duration>) -> Result<Option<Started>, Problem> {
        let folder = tempfile::Builder::new().prefix("etalon-").tempdir();
        let folder = folder
            .map_err(|error| Problem::failed(format!("cannot make a scratch folder: {error}")))?;
        let (mut program, target, lesson) = match (&self.create_store, &self.command[..]) {
            (Some(file), _) => {
                let target = format!("--create-store {}", quoted(&file.to_string_lossy()));
                let program = create_store::start(file, folder.path())?;
                (program, target, Some(create_store::lesson as Lesson))
            }
            (None, []) => return Ok(None),
            (None, command) => {
                let program = Program::start(command, folder.path());
                let program = program.map_err(|error| not_started(&error))?;
                (program, line(command), None)
            }
        };
        if let Some(timeout) = timeout {
            program = program.with_timeout(timeout);
        }
        Ok(Some(Started {
            program,
            target,
            lesson,
            _folder: folder,
        }))
    }
}

/// Tells a failure in words of its own.
pub type Lesson = fn(&Failed) -> String;

/// A program that has greeted. Its folder goes when this is dropped.
pub struct Started {
    program: Program,
    /// How it is named on the command line of etalon.
    target: String,
    lesson: Option<Lesson>,
    _folder: TempDir,
}

impl Started {
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
            lesson: self.lesson,
            ..Subject::default()
        }
    }

    /// How often it had to be started, where that says something.
    pub fn tell(&self) {
        let (starts, passed_over) = (self.program.starts(), self.program.passed_over());
        if starts > 1 {
            say!("started {} times", grouped(starts));
        }
        if passed_over > 0 {
            say!(
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
    let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
    format!("-- {}", words.join(" "))
}

/// A word as it is typed in a shell.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
