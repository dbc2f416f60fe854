//! Answers: what goes back to a client.

use std::io::Write;

use super::refusal::Refusal;

/// The longest answer to one request, in bytes.
pub(super) const LONGEST: usize = 64 << 20;

/// Answers that have not been sent yet.
#[derive(Debug, Default)]
pub(super) struct Answers(pub(super) Vec<u8>);

impl Answers {
    /// `+OK`
    pub(super) fn ok(&mut self) {
        self.simple("OK");
    }

    /// A word, or a few.
    pub(super) fn simple(&mut self, text: &str) {
        self.line('+', text);
    }

    /// An error. Whatever its text holds, it stays one line.
    pub(super) fn error(&mut self, text: &str) {
        let one_line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
        let text: String = one_line.take(500).collect();
        self.line('-', &text);
    }

    pub(super) fn integer(&mut self, number: impl Into<i128>) {
        self.line(':', &number.into().to_string());
    }

    pub(super) fn string(&mut self, bytes: &[u8]) {
        self.line('$', &bytes.len().to_string());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
    }

    /// A string, or nil.
    pub(super) fn value(&mut self, value: Option<&[u8]>) {
        match value {
            Some(value) => self.string(value),
            None => self.0.extend_from_slice(b"$-1\r\n"),
        }
    }

    /// A list of as many answers as follow.
    pub(super) fn list(&mut self, length: usize) {
        self.line('*', &length.to_string());
    }

    pub(super) fn strings<B: AsRef<[u8]>>(&mut self, strings: &[B]) {
        self.list(strings.len());
        for string in strings {
            self.string(string.as_ref());
        }
    }

    fn line(&mut self, kind: char, text: &str) {
        // Nothing that grows in memory refuses to be written to.
        let _ = write!(self.0, "{kind}{text}\r\n");
    }
}

/// Refuses what would not fit into one answer.
pub(super) fn fits(bytes: usize) -> Result<(), Refusal> {
    if bytes <= LONGEST {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "the answer would be longer than {LONGEST} bytes: ask for less at once"
    )))
}
