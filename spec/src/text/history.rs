//! The text form of a history: one line a moment, the client in brackets.
//!
//! ```text
//!   ops 1
//!   [0] put "k" "1"            client 0 asks
//!   [1] get "k" -> none        client 1 asks, and is answered before anything else happens
//!   [0] -> ok                  client 0 is answered
//!   [1] put "k" "2"            asked, and never answered
//! ```
//!
//! Invariants:
//! 1. `parse(print(history)) == history`, and `print(parse(text)) == text` for printed text.
//! 2. Parsing is total, as that of cases is: an answer, or an error that says where.

use std::fmt;

use super::cursor::Cursor;
use super::error::{ParseError, Problem};
use super::file::version;
use super::line::{after_operation, operation, reply};
use super::print::Printer;
use super::quote::REPEATS_MAX;
use crate::history::{Answered, Call, History, HistoryError};
use crate::op::Reply;

impl History {
    /// Reads a text. Comments are dropped.
    ///
    /// ```
    /// use etalon_spec::history::History;
    ///
    /// let text = "ops 1\n[0] put \"k\" \"1\"\n[1] get \"k\" -> none\n[0] -> ok\n";
    /// assert_eq!(History::parse(text).unwrap().to_string(), text);
    /// let error = History::parse("ops 1\n[0] -> ok\n").unwrap_err();
    /// let says = "2:5: expected an operation (client 0 has no call open), found `->`";
    /// assert_eq!(error.to_string(), says);
    /// ```
    pub fn parse(text: &str) -> Result<History, ParseError> {
        let mut reader = Reader::default();
        let mut repeats = REPEATS_MAX;
        let mut number = 0;
        for line in text.lines() {
            number += 1;
            let mut cursor = Cursor::new(line, number, repeats);
            reader.line(&mut cursor)?;
            repeats = cursor.repeats;
        }
        if !reader.has_version {
            let mut error = Cursor::new("", number.max(1), 0).expected("`ops 1`");
            error.found = "the end of the file".to_string();
            return Err(error);
        }
        let Reader { calls, places, .. } = reader;
        History::placed(calls).map_err(|(at, error)| misplaced(places[at].clone(), &error))
    }

    /// Whether a text that heads like a file of cases goes on like a history.
    ///
    /// ```
    /// use etalon_spec::history::History;
    ///
    /// assert!(History::is_text("ops 1\n[0] flush -> ok\n"));
    /// assert!(!History::is_text("ops 1\nflush\n"));
    /// ```
    pub fn is_text(text: &str) -> bool {
        let mut lines = text.lines().map(str::trim_start);
        let said = |line: &&str| !line.is_empty() && !line.starts_with('#');
        lines
            .by_ref()
            .find(said)
            .is_some_and(|line| line.starts_with("ops"))
            && lines.find(said).is_some_and(|line| line.starts_with('['))
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    has_version: bool,
    calls: Vec<Call>,
    /// For each call an error that points at its operation.
    places: Vec<ParseError>,
    now: u64,
}

impl Reader {
    fn line(&mut self, cursor: &mut Cursor<'_>) -> Result<(), ParseError> {
        if cursor.at_end() {
            return Ok(());
        }
        if self.has_version {
            self.moment(cursor)?;
        } else {
            version(cursor)?;
            self.has_version = true;
        }
        if cursor.at_end() {
            Ok(())
        } else {
            Err(cursor.expected("the end of the line"))
        }
    }

    fn moment(&mut self, cursor: &mut Cursor<'_>) -> Result<(), ParseError> {
        if !cursor.take("[") {
            return Err(cursor.expected("a client in brackets, such as `[0]`"));
        }
        let lane = cursor.integer("the client's number", u64::from(u32::MAX) - 1)? as u32;
        if !cursor.take("]") {
            return Err(cursor.expected("`]`"));
        }
        let open = self.calls.iter().rposition(|call| call.lane == lane);
        let open = open.filter(|at| self.calls[*at].answer.is_none());
        let at = match (open, cursor.sees("->")) {
            (Some(at), true) => at,
            (None, false) => self.invoke(cursor, lane)?,
            (Some(_), false) => {
                let what = format!("`->` (the last call of client {lane} is open)");
                return Err(cursor.expected(&what));
            }
            (None, true) => {
                let what = format!("an operation (client {lane} has no call open)");
                return Err(cursor.expected(&what));
            }
        };
        if cursor.take("->") {
            let reply = reply(cursor)?;
            let at_time = self.tick();
            self.calls[at].answer = Some(Answered { at: at_time, reply });
        }
        Ok(())
    }

    fn invoke(&mut self, cursor: &mut Cursor<'_>, lane: u32) -> Result<usize, ParseError> {
        self.places.push(cursor.expected("another operation"));
        let op = operation(cursor)?;
        if !cursor.at_end() && !cursor.sees("->") {
            return Err(after_operation(cursor, op.kind()));
        }
        let invoked = self.tick();
        self.calls.push(Call {
            lane,
            op,
            invoked,
            answer: None,
        });
        Ok(self.calls.len() - 1)
    }

    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }
}

/// The error that a call cannot stand where it does, from one that points at it.
fn misplaced(mut place: ParseError, error: &HistoryError) -> ParseError {
    place.problem = Problem::Unexpected;
    place.expected = match error {
        HistoryError::NotOpen { .. } => "an operation on a snapshot or iterator that is open then",
        HistoryError::InUse { .. } => "an operation on a name that no other call uses meanwhile",
        _ => "an operation of a history: no breakage, and puts instead of a fill",
    }
    .to_string();
    place
}

/// The whole canonical file.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printer = Printer::new(f);
        printer.word("ops 1\n")?;
        let mut moments = self.moments().into_iter().peekable();
        while let Some(moment) = moments.next() {
            let call = &self.calls()[moment.call];
            printer.word(&format!("[{}]", call.lane))?;
            if !moment.is_return {
                printer.word(" ")?;
                printer.op(&call.op)?;
            }
            let at_once = moments.next_if(|next| !moment.is_return && next.call == moment.call);
            if let Some(reply) = call
                .reply()
                .filter(|_| moment.is_return || at_once.is_some())
            {
                answer(&mut printer, reply)?;
            }
            printer.word("\n")?;
        }
        Ok(())
    }
}

fn answer(printer: &mut Printer<'_>, reply: &Reply) -> fmt::Result {
    printer.word(" -> ")?;
    printer.reply(reply)
}
