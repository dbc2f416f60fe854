//! One process and its three pipes.
//!
//! ```text
//!   send --(channel)--> writer --stdin-->  child  --stdout--> reader --(inbox)--> line
//!                                            '----stderr--> keeper
//! ```

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::group;
use super::inbox::{End, Inbox, LONGEST_LINE};
use super::stderr::Stderr;
use crate::outcome::Breach;

/// The most that it may write to its standard error while one answer is awaited.
const MOST_STDERR: u64 = 64 << 20;
/// How long a child that was told to end may take.
const GRACE: Duration = Duration::from_secs(2);
/// How often a waiting thread looks around.
const TICK: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Child {
    process: std::process::Child,
    to: Option<Sender<Vec<u8>>>,
    from: Arc<Inbox>,
    lines: Vec<u8>,
    taken: usize,
    stderr: Arc<Stderr>,
    stderr_ended: Receiver<()>,
}

impl Child {
    /// Starts a program with its arguments.
    pub(super) fn start(command: &[String], stderr: &Arc<Stderr>) -> std::io::Result<Child> {
        let (program, arguments) = command.split_first().ok_or_else(|| {
            std::io::Error::new(std::io::ErrorKind::InvalidInput, "no program is named")
        })?;
        let mut command = Command::new(program);
        command.args(arguments);
        let piped = [(); 3].map(|()| Stdio::piped());
        let [stdin, stdout, errors] = piped;
        command.stdin(stdin).stdout(stdout).stderr(errors);
        group::begin(&mut command);
        let mut process = command.spawn()?;
        stderr.begin();
        let taken = "a pipe that was asked for";
        let (mut stdin, stdout) = (process.stdin.take().expect(taken), process.stdout.take());
        let (stdout, errors) = (stdout.expect(taken), process.stderr.take().expect(taken));
        let (to, requests) = channel::<Vec<u8>>();
        named("requests", move || {
            for lines in requests {
                if stdin.write_all(&lines).is_err() {
                    // The child has closed its input: what it answers, or not, says why.
                    return;
                }
            }
        })?;
        let from = Arc::new(Inbox::default());
        let answers = Arc::clone(&from);
        named("answers", move || answers.fill(stdout))?;
        let (ended, stderr_ended) = channel();
        let keeper = Arc::clone(stderr);
        named("stderr", move || {
            keeper.drain(errors);
            drop(ended);
        })?;
        Ok(Child {
            process,
            to: Some(to),
            from,
            lines: Vec::new(),
            taken: 0,
            stderr: Arc::clone(stderr),
            stderr_ended,
        })
    }

    /// Sends whole lines. Never waits.
    pub(super) fn send(&mut self, lines: Vec<u8>) {
        if let Some(to) = &self.to {
            // A writer that is gone was so because the child closed its input.
            drop(to.send(lines));
        }
    }

    /// The next line of its output, without its end. `due` is how many are sure to come, if all
    /// goes well.
    pub(super) fn line(&mut self, due: usize, limit: Duration) -> Result<&[u8], Breach> {
        if self.taken == self.lines.len() {
            self.hear(due, limit)?;
        }
        let rest = &self.lines[self.taken..];
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..end.unwrap_or(rest.len())];
        self.taken += (line.len() + 1).min(rest.len());
        Ok(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// Hears at least one line. Half of those that are due are worth a wake-up: the child works on
    /// the others meanwhile.
    fn hear(&mut self, due: usize, limit: Duration) -> Result<(), Breach> {
        self.taken = 0;
        let begun = Instant::now();
        let stderr_before = self.stderr.total.load(Ordering::Relaxed);
        loop {
            let left = limit.saturating_sub(begun.elapsed());
            let wanted = due.div_ceil(2).max(1);
            match self.from.take(&mut self.lines, wanted, left.min(TICK)) {
                Ok(()) if self.lines.is_empty() => {}
                Ok(()) => return Ok(()),
                Err(End::TooLong) => {
                    self.kill();
                    let most = LONGEST_LINE >> 20;
                    return Err(Breach::Flood(format!(
                        "wrote a line of more than {most} MiB"
                    )));
                }
                Err(End::Output) => return Err(self.died()),
            }
            if self.stderr.total.load(Ordering::Relaxed) - stderr_before > MOST_STDERR {
                self.kill();
                let most = MOST_STDERR >> 20;
                let text = format!("wrote more than {most} MiB to standard error");
                return Err(Breach::Flood(text));
            }
            if begun.elapsed() >= limit {
                self.kill();
                return Err(Breach::Hung(limit));
            }
        }
    }

    /// Its output has ended: how did it?
    fn died(&mut self) -> Breach {
        let status = self.ended_within(GRACE);
        let text = match status {
            None => {
                self.kill();
                "closed its output, and went on".to_owned()
            }
            Some(status) => match status.code() {
                Some(code) => format!("its process ended with exit code {code}"),
                None => format!("its process was ended by {status}"),
            },
        };
        // What it said last is in the report: wait until it was read.
        let _ = self.stderr_ended.recv_timeout(GRACE);
        Breach::Died(text)
    }

    fn ended_within(&mut self, grace: Duration) -> Option<std::process::ExitStatus> {
        let begun = Instant::now();
        // Nothing comes through: it ends with the pipe, or the time.
        let (_open, never) = channel::<()>();
        loop {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Some(status);
            }
            if begun.elapsed() >= grace {
                return None;
            }
            let _ = never.recv_timeout(Duration::from_millis(1));
        }
    }

    /// Waits for a moment in which nothing should come. Whether something did.
    pub(super) fn is_heard_within(&mut self, pause: Duration) -> bool {
        if self.taken < self.lines.len() {
            return true;
        }
        self.taken = 0;
        let ended = self.from.take(&mut self.lines, 1, pause).is_err();
        ended || !self.lines.is_empty()
    }

    /// Kills it, and everything that it started.
    pub(super) fn kill(&mut self) {
        self.to = None;
        if let Ok(None) = self.process.try_wait() {
            group::kill(self.process.id());
        }
        // It may be gone already: that is what was wanted.
        drop(self.process.kill());
        drop(self.process.wait());
    }

    /// Closes its input and waits until it ends, whatever it still says; whether it did in time. If
    /// not, it is killed.
    pub(super) fn end_within(&mut self, limit: Duration) -> bool {
        self.to = None;
        self.from.close();
        let ended = self.ended_within(limit).is_some();
        if !ended {
            self.kill();
        }
        ended
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end_within(GRACE);
    }
}

fn named(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let thread = thread::Builder::new().name(name.into());
    thread.spawn(work).map(drop)
}
