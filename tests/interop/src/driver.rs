//! The process in which a program runs: commands in, answers out, one line each.
//!
//! ```text
//! command                                              answer
//! open PATH NAME=VALUE ...                             ok
//! write KEY VALUE KEY - ...                            ok             one batch; - deletes
//! get KEY                                              ok VALUE       - if it is absent
//! scan START STOP forwards|backwards LIMIT             ok KEY VALUE KEY VALUE ...
//! compact                                              ok
//! close                                                ok
//!                                                      error TEXT     to any of them
//! ```
//!
//! The path, keys and values are [`words`](crate::words); START is included, STOP is not, and a
//! STOP or LIMIT of `-` is none. One directory is open at a time, and a process serves as many as
//! are asked of it, one after the other. It ends when its input does.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use etalon_spec::{Failure, Outcome};

/// After how long a program that has not answered is said to hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// See the module. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Driver {
    name: &'static str,
    child: Child,
    commands: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Driver {
    /// Starts the process.
    ///
    /// # Panics
    /// If it cannot be started: `missing` then says what to install.
    pub(crate) fn start(name: &'static str, mut command: Command, missing: &str) -> Driver {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {command:?}: {error}. {missing}"));
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let (sender, answers) = channel();
        // Its own thread, so that an answer that never comes can be told from a late one. It
        // ends with the process, or with the driver, which is then no longer listening.
        thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        let commands = child.stdin.take();
        Driver {
            name,
            child,
            commands,
            answers,
        }
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a command and returns the words of its answer; an error that the program answers
    /// is indefinite, and so are its death and its silence.
    pub(crate) fn ask(&mut self, command: &str) -> Outcome<Vec<String>> {
        let sent = writeln!(
            self.commands.as_mut().expect("open until dropped"),
            "{command}"
        );
        let answer = match sent {
            Ok(()) => self.answers.recv_timeout(PATIENCE),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        let answer = answer.map_err(|what| {
            let verb = command.split(' ').next().unwrap_or_default();
            let what = match what {
                RecvTimeoutError::Timeout => {
                    // It would not end with its input. That it is gone already is no matter.
                    drop(self.child.kill());
                    format!("no answer in {} s", PATIENCE.as_secs())
                }
                RecvTimeoutError::Disconnected => "the program has died".into(),
            };
            Failure::Indefinite(format!("{}: {verb}: {what}", self.name))
        })?;
        let mut words = answer.split_ascii_whitespace().map(str::to_owned);
        match words.next().as_deref() {
            Some("ok") => Ok(words.collect()),
            _ => Err(Failure::Indefinite(format!("{}: {answer}", self.name))),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.commands = None;
        // It ends with its input; how, decides nothing any more.
        drop(self.child.wait());
    }
}
