//! How a command ends: one code each, and errors for people.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::program::quoted;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Pass, intact, found.
    Good = 0,
    /// The thing under test is wrong: a divergence, a damaged file, a key that is absent.
    Wrong = 1,
    /// Nothing was decided.
    Vacuous = 2,
    /// Etalon could not do its work.
    Failed = 3,
    /// Usage, or a file that cannot be read as what it should be.
    Usage = 4,
    /// Stopped from outside.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// A command that could not be carried out: its exit code, and what to tell the person.
#[derive(Debug)]
pub struct Problem {
    exit: Exit,
    text: String,
}

impl Problem {
    /// Etalon could not do its work.
    pub fn failed(text: impl fmt::Display) -> Problem {
        Problem {
            exit: Exit::Failed,
            text: text.to_string(),
        }
    }

    /// The command line, or a file named on it, is not what it should be.
    pub fn usage(text: impl fmt::Display) -> Problem {
        Problem {
            exit: Exit::Usage,
            text: text.to_string(),
        }
    }

    /// The store or file being looked at is wrong.
    pub fn wrong(text: impl fmt::Display) -> Problem {
        Problem {
            exit: Exit::Wrong,
            text: text.to_string(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Problem> for Exit {
    fn from(problem: Problem) -> Exit {
        crate::output::note(&problem.text);
        problem.exit
    }
}

impl From<etalon::Error> for Problem {
    /// What is missing or cut short inside a store is damage; that the store's own path exists is
    /// for the commands to check before.
    fn from(error: etalon::Error) -> Problem {
        use etalon::Error;
        match &error {
            Error::Damaged { .. } => Problem::wrong(error),
            Error::Io { source, .. } if is_absence(source.kind()) => Problem::wrong(error),
            Error::NotAStore { .. } | Error::InvalidOption { .. } | Error::TooLarge { .. } => {
                Problem::usage(error)
            }
            _ => Problem::failed(error),
        }
    }
}

fn is_absence(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof)
}

/// What a command returns.
pub type Outcome = Result<Exit, Problem>;

/// The first word that nobody knows, where that is what is wrong.
fn unknown(error: &clap::Error) -> Option<&str> {
    match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(ContextValue::String(word))) => Some(word),
        _ => None,
    }
}

/// How long to search is `--for` everywhere: whoever writes `--time` is not to be led to
/// `--timeout`.
fn is_a_time(word: &str) -> bool {
    ["--time", "--seconds", "--duration"].contains(&word)
}

/// `etalon check node driver.js` lacks its dashes, and `etalon check store.js` may, or a flag.
fn program_hint(unknown: &str) -> Option<String> {
    let words = std::env::args_os().skip(1);
    let words: Vec<String> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let takes_programs = ["check", "test", "fuzz", "run"].contains(&words.first()?.as_str());
    if !takes_programs || unknown.starts_with('-') {
        return None;
    }
    let from = words.iter().position(|word| word == unknown)?;
    let quoted: Vec<String> = words[from..].iter().map(|word| quoted(word)).collect();
    let command = quoted.join(" ");
    let extension = Path::new(unknown).extension().unwrap_or_default();
    Some(
        if ["js", "mjs", "cjs"].map(OsStr::new).contains(&extension) {
            format!(
                "to check a file with a function createStore: etalon check --create-store {}\n  \
             to check a program that speaks the protocol: etalon check -- node {command}",
                quoted[0]
            )
        } else {
            format!("to check a program: etalon check -- {command}")
        },
    )
}

/// Prints what is wrong with the command line; help and version are no mistakes.
pub fn usage(mut error: clap::Error) -> ExitCode {
    let word = unknown(&error).map(str::to_owned);
    let hint = match word.as_deref() {
        Some(word) if is_a_time(word) => {
            // What clap takes for similar means something else.
            error.remove(ContextKind::SuggestedArg);
            error.remove(ContextKind::Suggested);
            error.remove(ContextKind::Usage);
            Some("how long to search: --for 30s".to_owned())
        }
        Some(word) => program_hint(word),
        None => None,
    };
    // Nothing can be done about a terminal that cannot be written to.
    let _ = error.print();
    if let Some(hint) = hint {
        crate::output::note(hint);
    }
    let exit = if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Good
    };
    exit.into()
}
