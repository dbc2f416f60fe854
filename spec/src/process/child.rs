//! One process and its three pipes.
//!
//! ```text
//!   send --(channel)--> writer --stdin-->  child  --stdout--> reader --(bounded channel)--> line
//!                                            '----stderr--> keeper
//! ```
//!
//! The reader hands on whole lines, many at a time; when nobody takes them it stops reading, so
//! that a flood waits in the pipe.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::group;
use super::stderr::Stderr;
use crate::outcome::Breach;

/// The longest line that a child may write.
const LONGEST_LINE: usize = 64 << 20;
/// The most that it may write to its standard error while one answer is awaited.
const MOST_STDERR: u64 = 64 << 20;
/// Pieces of its output that wait to be taken.
const PIECES: usize = 16;
/// How long a child that was told to end may take.
const GRACE: Duration = Duration::from_secs(2);
/// How often a waiting thread looks around.
const TICK: Duration = Duration::from_millis(20);

/// What the reader hears.
enum Heard {
    /// Whole lines, each with its end.
    Lines(Vec<u8>),
    TooLong,
}

#[derive(Debug)]
pub(super) struct Child {
    process: std::process::Child,
    to: Option<Sender<Vec<u8>>>,
    from: Receiver<Heard>,
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
        let (answers, from) = sync_channel(PIECES);
        named("answers", move || read_lines(stdout, &answers))?;
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

    /// The next line of its output, without its end.
    pub(super) fn line(&mut self, limit: Duration) -> Result<&[u8], Breach> {
        if self.taken == self.lines.len() {
            self.lines = self.hear(limit)?;
            self.taken = 0;
        }
        let rest = &self.lines[self.taken..];
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..end.unwrap_or(rest.len())];
        self.taken += (line.len() + 1).min(rest.len());
        Ok(line.strip_suffix(b"\r").unwrap_or(line))
    }

    fn hear(&mut self, limit: Duration) -> Result<Vec<u8>, Breach> {
        let begun = Instant::now();
        let stderr_before = self.stderr.total.load(Ordering::Relaxed);
        loop {
            let left = limit.saturating_sub(begun.elapsed());
            match self.from.recv_timeout(left.min(TICK)) {
                Ok(Heard::Lines(lines)) => return Ok(lines),
                Ok(Heard::TooLong) => {
                    self.kill();
                    let most = LONGEST_LINE >> 20;
                    return Err(Breach::Flood(format!(
                        "wrote a line of more than {most} MiB"
                    )));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.died()),
                Err(RecvTimeoutError::Timeout) => {}
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
        match self.from.recv_timeout(pause) {
            Ok(Heard::Lines(lines)) => {
                (self.lines, self.taken) = (lines, 0);
                true
            }
            Ok(Heard::TooLong) | Err(RecvTimeoutError::Disconnected) => true,
            Err(RecvTimeoutError::Timeout) => false,
        }
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

    /// Closes its input and waits until it ends; whether it did in time. If not, it is killed.
    pub(super) fn end(&mut self) -> bool {
        self.to = None;
        let ended = self.ended_within(GRACE).is_some();
        if !ended {
            self.kill();
        }
        ended
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

fn named(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let thread = thread::Builder::new().name(name.into());
    thread.spawn(work).map(drop)
}

/// Hands on whole lines until the output ends, or one is too long.
fn read_lines(mut from: impl Read, to: &SyncSender<Heard>) {
    let mut buffer = Vec::new();
    let mut piece = vec![0; 64 << 10];
    // An error is the end as well: the process is gone.
    while let Ok(read @ 1..) = from.read(&mut piece) {
        let piece = &piece[..read];
        match piece.iter().rposition(|byte| *byte == b'\n') {
            None => buffer.extend(piece),
            Some(last) => {
                buffer.extend(&piece[..=last]);
                let lines = std::mem::replace(&mut buffer, piece[last + 1..].to_vec());
                if to.send(Heard::Lines(lines)).is_err() {
                    return;
                }
            }
        }
        if buffer.len() > LONGEST_LINE {
            // If nobody listens any more, nobody needs to know.
            drop(to.send(Heard::TooLong));
            return;
        }
    }
    if !buffer.is_empty() {
        // A last line without an end: half an answer.
        drop(to.send(Heard::Lines(buffer)));
    }
}
