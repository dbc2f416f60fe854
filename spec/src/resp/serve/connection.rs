//! A client's connection: bytes in, answers out.
//!
//! Invariants:
//! 1. Every request that is there is answered before the answers are sent, but for what grows
//!    beyond [`SENT_AT_ONCE`].
//! 2. Nobody has to read for us to go on reading: a client that sends all its requests first and
//!    reads their answers then is answered, as long as they fit into [`WAITING`].
//! 3. What is not a request is answered with an error, and then the connection is closed.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::answers::{self, Answers};
use super::request::Reader;
use super::session::{After, Session};
use crate::store::KeyValueStore;

/// Bytes that are read at once; and from the first time on that answers had to wait.
const READ_AT_ONCE: usize = 16 << 10;
const READ_BETWEEN: usize = 1 << 20;
/// Answers that are sent without looking for another request first, in bytes.
const SENT_AT_ONCE: usize = 64 << 10;
/// Answers that may wait for the client to read them, in bytes.
const WAITING: usize = 2 * answers::LONGEST;
/// While answers wait, how long to try sending before reading, and the other way round.
const TURN: Duration = Duration::from_millis(5);
/// Memory that is kept from one request to the next.
const KEPT: usize = 1 << 20;

pub(super) struct Connection<'s> {
    stream: &'s TcpStream,
    /// What has come, from the first byte that is not answered.
    input: Vec<u8>,
    reader: Reader,
    output: Answers,
    /// How much of the output is sent.
    sent: usize,
    /// Whether reading gives up after a while.
    is_timed: bool,
}

impl<'s> Connection<'s> {
    pub(super) fn new(stream: &'s TcpStream) -> io::Result<Connection<'s>> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(None)?;
        stream.set_write_timeout(Some(TURN))?;
        Ok(Connection {
            stream,
            input: Vec::new(),
            reader: Reader::default(),
            output: Answers::default(),
            sent: 0,
            is_timed: false,
        })
    }

    /// Answers until the client goes, or asks for the end, or makes no sense.
    pub(super) fn serve<C: KeyValueStore>(
        mut self,
        session: &mut Session<'_, C>,
    ) -> io::Result<After> {
        let mut chunk = vec![0; READ_AT_ONCE];
        loop {
            let after = self.answer(session)?;
            if after != After::Next {
                self.send_all()?;
                return Ok(after);
            }
            let is_sent = self.send()?;
            if !is_sent {
                chunk.resize(READ_BETWEEN, 0);
            }
            match self.receive(&mut chunk, is_sent)? {
                Some(0) => {
                    self.send_all()?;
                    return Ok(After::Close);
                }
                Some(length) => self.input.extend_from_slice(&chunk[..length]),
                None => {}
            }
        }
    }

    /// Answers every request that is there.
    fn answer<C: KeyValueStore>(&mut self, session: &mut Session<'_, C>) -> io::Result<After> {
        let mut answered = 0;
        let after = loop {
            let rest = &self.input[answered..];
            match self.reader.read(rest) {
                Ok(None) => break After::Next,
                Ok(Some(length)) => {
                    let after = session.answer(&self.reader.words(rest), &mut self.output);
                    self.reader = Reader::default();
                    answered += length;
                    if after != After::Next {
                        break after;
                    }
                }
                Err(malformed) => {
                    self.output.error(&malformed.to_string());
                    break After::Close;
                }
            }
            if self.output.0.len() - self.sent >= SENT_AT_ONCE {
                self.send()?;
            }
        };
        self.input.drain(..answered);
        if self.input.is_empty() {
            self.input.shrink_to(KEPT);
        }
        Ok(after)
    }

    /// Sends what waits; false if the client does not take it now.
    fn send(&mut self) -> io::Result<bool> {
        while self.sent < self.output.0.len() {
            match self.stream.write(&self.output.0[self.sent..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => self.sent += length,
                Err(error) if is_late(&error) => {
                    // Moving what waits must not cost more than sending it.
                    if self.sent > self.output.0.len() / 2 {
                        self.output.0.drain(..self.sent);
                        self.sent = 0;
                    }
                    if self.output.0.len() - self.sent > WAITING {
                        let text = "the client takes no answers";
                        return Err(io::Error::new(ErrorKind::TimedOut, text));
                    }
                    return Ok(false);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.output.0.clear();
        self.output.0.shrink_to(KEPT);
        self.sent = 0;
        Ok(true)
    }

    /// Sends what waits, as long as the client takes any of it.
    fn send_all(&mut self) -> io::Result<()> {
        self.stream.set_write_timeout(Some(TURN * 100))?;
        self.send().map(|_| ())
    }

    /// Waits for more: for ever if there is nothing to send. None: nothing has come for a while.
    fn receive(&mut self, chunk: &mut [u8], is_sent: bool) -> io::Result<Option<usize>> {
        if self.is_timed == is_sent {
            self.is_timed = !is_sent;
            self.stream
                .set_read_timeout(self.is_timed.then_some(TURN))?;
        }
        loop {
            match self.stream.read(chunk) {
                Ok(length) => return Ok(Some(length)),
                Err(error) if is_late(&error) && self.is_timed => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
