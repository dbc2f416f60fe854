//! How a command ends: one code each, and errors for people.

use std::fmt;
use std::io::ErrorKind;
use std::process::ExitCode;

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

fn is_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::UnexpectedEof)
}

/// What a command returns.
pub type Outcome = Result<Exit, Problem>;

/// `etalon check node driver.js` lacks its dashes.
fn program_hint(error: &clap::Error) -> Option<String> {
    let mut words = std::env::args().skip(1);
    let command = words.next()?;
    let takes_programs = ["check", "test", "fuzz", "run"].contains(&command.as_str());
    if error.kind() != clap::error::ErrorKind::UnknownArgument || !takes_programs {
        return None;
    }
    let rest: Vec<String> = words.skip_while(|word| word.starts_with('-')).collect();
    let command = rest.join(" ");
    (!rest.is_empty()).then(|| format!("to check a program: etalon check -- {command}"))
}

/// Prints what is wrong with the command line; help and version are no mistakes.
pub fn usage(error: &clap::Error) -> ExitCode {
    // Nothing can be done about a terminal that cannot be written to.
    let _ = error.print();
    if let Some(hint) = program_hint(error) {
        crate::output::note(hint);
    }
    let exit = if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Good
    };
    exit.into()
}
