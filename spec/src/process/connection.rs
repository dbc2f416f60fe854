//! A conversation with one child: requests in flight, answers in order.
//!
//! ```text
//!   ahead --encode--> |  in flight: at most `window`, at most 256 KiB  | --answer--> judged
//!
//!   ... get get get | open put get flush ...
//!     this case         '- the next begins before this one has ended -- judged in its turn
//! ```
//!
//! Invariants:
//! 1. Ids count from 1; the next answer is that of the oldest request in flight.
//! 2. Never more in flight than the child's window, nor more than 256 KiB unless it is one request.
//! 3. After a breach nothing is sent: every further request answers the same breach.
//! 4. At most two cases are in flight, and of the second nothing is judged before the first ends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::child::Child;
use super::stderr::Stderr;
use crate::check::{Ahead, Coming};
use crate::op::{Op, Reply};
use crate::options::Options;
use crate::outcome::{Breach, Failure, Outcome};
use crate::protocol::{Greeting, Value, read_answer, reply_of, write_opening, write_request};

/// The most bytes of requests in flight.
const MOST_IN_FLIGHT: usize = 256 << 10;
/// How much of a wrong line is shown.
const SHOWN: usize = 200;
/// How long a greeting may take.
const GREETING: Duration = Duration::from_secs(10);

/// A request in flight.
#[derive(Debug)]
struct Sent {
    op: Op,
    bytes: usize,
}

/// What will be asked, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The rest of the case that runs.
    pub(super) now: Option<Ahead>,
    /// The case after it.
    pub(super) next: Option<Next>,
}

/// A case that is going to be opened.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) dir: String,
    pub(super) ahead: Ahead,
}

#[derive(Debug)]
pub(super) struct Connection {
    child: Child,
    greeting: Arc<Greeting>,
    limit: Duration,
    /// The same for an opening.
    opening: Duration,
    /// Of the oldest request in flight; that of the next one to send is this and their number.
    id: u64,
    in_flight: VecDeque<Sent>,
    bytes_in_flight: usize,
    plan: Plan,
    /// The next case was opened ahead; the plan is that of it.
    has_begun_next: bool,
    broken: Option<Breach>,
}

/// Why there is no conversation.
#[derive(Debug)]
pub(super) enum NoGreeting {
    NotStarted(std::io::Error),
    Breach(Breach),
    Wrong { line: String, why: String },
}

impl NoGreeting {
    /// In words, of the program with this command.
    pub(super) fn text(&self, command: &str) -> String {
        match self {
            NoGreeting::NotStarted(error) => format!("cannot start `{command}`: {error}"),
            NoGreeting::Breach(Breach::Hung(silence)) => {
                let seconds = silence.as_secs();
                format!(
                    "`{command}` did not greet within {seconds} s: its first line says what it is"
                )
            }
            NoGreeting::Breach(breach) => format!("`{command}` did not greet: {breach}"),
            NoGreeting::Wrong { line, why } => {
                format!("`{command}` greets wrongly: {why}\n  its first line: {line}")
            }
        }
    }
}

impl Connection {
    /// Starts a child and hears its greeting.
    pub(super) fn start(
        command: &[String],
        stderr: &Arc<Stderr>,
    ) -> Result<Connection, NoGreeting> {
        let mut child = Child::start(command, stderr).map_err(NoGreeting::NotStarted)?;
        let line = child.line(1, GREETING).map_err(NoGreeting::Breach)?;
        let parsed = match std::str::from_utf8(line) {
            Ok(text) => Greeting::parse(text).map_err(|wrong| wrong.to_string()),
            Err(_) => Err("not UTF-8".to_owned()),
        };
        let greeting = parsed.map_err(|why| {
            let line = shown(line);
            NoGreeting::Wrong { line, why }
        })?;
        Ok(Connection {
            child,
            limit: greeting.profile.timeout,
            opening: greeting.profile.timeout_open,
            greeting: Arc::new(greeting),
            id: 1,
            in_flight: VecDeque::new(),
            bytes_in_flight: 0,
            plan: Plan::default(),
            has_begun_next: false,
            broken: None,
        })
    }

    pub(super) fn greeting(&self) -> &Arc<Greeting> {
        &self.greeting
    }

    /// Changes how long an answer may take, and that to an opening.
    pub(super) fn limit(&mut self, limit: Duration, opening: Duration) {
        (self.limit, self.opening) = (limit, opening);
    }

    /// Whether nothing more can be asked.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// From now on this will be asked.
    pub(super) fn foresee(&mut self, plan: Plan) {
        self.plan = plan;
    }

    /// After what is foreseen this will be asked.
    pub(super) fn foresee_next(&mut self, next: Option<Next>) {
        self.plan.next = next;
    }

    /// The reopening or breakage that was awaited is over.
    pub(super) fn passed(&mut self) {
        if let Some(ahead) = &mut self.plan.now {
            ahead.passed();
        }
    }

    /// What was to be asked, for the child that takes this one's place.
    pub(super) fn take_plan(&mut self) -> Plan {
        std::mem::take(&mut self.plan)
    }

    /// Whether the case after the one that runs has been opened.
    pub(super) fn has_begun_next(&self) -> bool {
        self.has_begun_next
    }

    /// Whether this is the case that was opened ahead, and can go on.
    pub(super) fn has_begun(&self, coming: &Coming<'_>) -> bool {
        let goes_on = self.has_begun_next && !self.is_broken();
        let begun = self.plan.now.as_ref().filter(|_| goes_on);
        begun.is_some_and(|ahead| ahead.is_of(coming))
    }

    /// Waits for the answers to what is in flight, whatever they are.
    pub(super) fn settle(&mut self) {
        self.plan = Plan::default();
        self.has_begun_next = false;
        while !self.in_flight.is_empty() && !self.is_broken() {
            // They belong to a case that has ended.
            drop(self.answer());
        }
    }

    /// Asks for an operation, unless that was done ahead, and waits for its answer.
    pub(super) fn ask(&mut self, op: &Op) -> Outcome<Reply> {
        self.send_ahead();
        if self.in_flight.is_empty() {
            self.plan = Plan::default();
            let mut line = Vec::new();
            self.write(&mut line, op.clone());
            self.child.send(line);
        }
        let (foreseen, ok) = self.answer()?;
        assert_eq!(
            foreseen, *op,
            "a bug in etalon: sent ahead and asked for differ"
        );
        reply_of(op, ok, self.greeting.encoding).map_err(|why| {
            let what = format!("answered {op} with what is no reply to it: {why}");
            self.breach(Breach::Protocol(what))
        })
    }

    /// Asks for `open` or `reopen`: alone in flight.
    pub(super) fn ask_opening(&mut self, word: &str, dir: &str, options: &Options) -> Outcome<()> {
        let mut line = Vec::new();
        self.write_opening(&mut line, word, dir, options);
        self.child.send(line);
        self.answer_within(self.opening).map(drop)
    }

    /// Waits for the answer to the `open` that was sent ahead.
    pub(super) fn await_opening(&mut self) -> Outcome<()> {
        self.has_begun_next = false;
        self.send_ahead();
        self.answer_within(self.opening).map(drop)
    }

    /// Tops up what is in flight once half of it was answered: fewer and larger writes.
    fn send_ahead(&mut self) {
        let window = self.greeting.window;
        if self.in_flight.len() > window / 2 {
            return;
        }
        let Some(mut ahead) = self.plan.now.take() else {
            return;
        };
        let mut lines = Vec::new();
        while self.in_flight.len() < window && self.bytes_in_flight < MOST_IN_FLIGHT {
            let before = lines.len();
            match ahead.next() {
                Some(op) => self.write(&mut lines, op),
                None if ahead.is_at_end() => match self.begin_next(&mut lines) {
                    Some(next) => ahead = next,
                    None => break,
                },
                None => break,
            }
            let wrote = lines.len() - before;
            if self.bytes_in_flight > MOST_IN_FLIGHT && self.bytes_in_flight > wrote {
                // Too much: everything before it goes now, and is answered, before it goes.
                self.hold_back(&mut lines, before, &mut ahead);
                break;
            }
        }
        self.plan.now = Some(ahead);
        if !lines.is_empty() {
            self.child.send(lines);
        }
    }

    /// Opens the next case, unless it must wait; what it will be asked for.
    fn begin_next(&mut self, lines: &mut Vec<u8>) -> Option<Ahead> {
        if self.bytes_in_flight > MOST_IN_FLIGHT / 2 {
            // There must be room for it: unlike an operation it is not taken back.
            return None;
        }
        let Next { dir, ahead } = self.plan.next.take()?;
        self.write_opening(lines, "open", &dir, ahead.options());
        self.has_begun_next = true;
        Some(ahead)
    }

    /// Takes back the request that was written last.
    fn hold_back(&mut self, lines: &mut Vec<u8>, before: usize, ahead: &mut Ahead) {
        let last = self.in_flight.pop_back().expect("just written");
        self.bytes_in_flight -= last.bytes;
        lines.truncate(before);
        ahead.put_back(last.op);
    }

    fn write_opening(&mut self, lines: &mut Vec<u8>, word: &str, dir: &str, options: &Options) {
        let before = lines.len();
        write_opening(
            lines,
            self.next_id(),
            word,
            dir,
            options,
            self.greeting.encoding,
        );
        // Stands for it; nobody reads the operation of an opening.
        self.wrote(Op::Reopen, lines.len() - before);
    }

    fn write(&mut self, lines: &mut Vec<u8>, op: Op) {
        let before = lines.len();
        write_request(lines, self.next_id(), &op, self.greeting.encoding);
        self.wrote(op, lines.len() - before);
    }

    fn next_id(&self) -> u64 {
        self.id + self.in_flight.len() as u64
    }

    fn wrote(&mut self, op: Op, bytes: usize) {
        self.bytes_in_flight += bytes;
        self.in_flight.push_back(Sent { op, bytes });
    }

    /// The answer to the oldest request in flight.
    fn answer(&mut self) -> Outcome<(Op, Value)> {
        self.answer_within(self.limit)
    }

    fn answer_within(&mut self, limit: Duration) -> Outcome<(Op, Value)> {
        if let Some(breach) = &self.broken {
            return Err(Failure::Breach(Box::new(breach.clone())));
        }
        let due = self.id;
        let line = match self.child.line(self.in_flight.len(), limit) {
            Ok(line) => line,
            Err(breach) => return Err(self.breach(breach)),
        };
        let outcome = match read_answer(line) {
            Ok(answer) if answer.id == due => answer.outcome,
            Ok(answer) => {
                let what = format!(
                    "answered id {} where {due} was due: {}",
                    answer.id,
                    shown(line)
                );
                return Err(self.breach(Breach::Protocol(what)));
            }
            Err(why) => {
                let what = format!("wrote what is no answer ({why}): {}", shown(line));
                return Err(self.breach(Breach::Protocol(what)));
            }
        };
        self.id += 1;
        let sent = self.in_flight.pop_front().expect("something was asked");
        self.bytes_in_flight -= sent.bytes;
        outcome.map(|ok| (sent.op, ok))
    }

    /// From here on nothing can be asked.
    fn breach(&mut self, breach: Breach) -> Failure {
        self.child.kill();
        self.broken = Some(breach.clone());
        Failure::Breach(Box::new(breach))
    }

    /// Waits a moment before asking again.
    pub(super) fn pause(&mut self, pause: Duration) {
        // What comes unasked is the wrong answer to the next request.
        self.child.is_heard_within(pause);
    }

    /// Kills the child.
    pub(super) fn kill(&mut self) {
        self.child.kill();
    }

    /// Closes the child's input; whether it then ended by itself, in the time of an opening.
    pub(super) fn end(&mut self) -> bool {
        self.child.end_within(self.opening)
    }
}

/// The beginning of a line.
fn shown(line: &[u8]) -> String {
    let cut = &line[..line.len().min(SHOWN)];
    let dots = if cut.len() < line.len() { "..." } else { "" };
    format!("{}{dots}", String::from_utf8_lossy(cut).escape_debug())
}
