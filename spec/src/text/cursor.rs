//! A place in one line of text, and the smallest things that can be read there.
//!
//! ```text
//!   scan >"a"..="c" reverse limit 10 -> "b"="2"  # comment
//!        ^ position: everything before it has been read
//! ```
//!
//! Invariants:
//! 1. The position is always between two characters of the line.
//! 2. An error points at the first character that cannot stand where it stands.

use super::error::{ParseError, Problem};
use super::quote::FILLS_MAX;
use crate::range::Fill;

/// Reads one line from left to right.
pub(super) struct Cursor<'a> {
    text: &'a str,
    position: usize,
    line: usize,
    /// How many bytes the repeats of this file may still stand for.
    pub(super) repeats: usize,
    /// How many bytes its fills may still put.
    pub(super) fills: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, line: usize, repeats: usize) -> Self {
        Cursor {
            text,
            position: 0,
            line,
            repeats,
            fills: FILLS_MAX,
        }
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        self.position += bytes;
    }

    /// Skips spaces and tabs.
    pub(super) fn skip(&mut self) {
        let rest = self.rest();
        self.advance(rest.len() - rest.trim_start_matches([' ', '\t']).len());
    }

    /// The column of the next thing, counted in characters from 1.
    pub(super) fn column(&mut self) -> usize {
        self.skip();
        self.text[..self.position].chars().count() + 1
    }

    /// Whether nothing but a comment is left.
    pub(super) fn at_end(&mut self) -> bool {
        self.skip();
        self.rest().is_empty() || self.rest().starts_with('#')
    }

    /// The comment that ends the line, without its `#` and the space around it.
    pub(super) fn comment(&mut self) -> Option<&'a str> {
        self.skip();
        self.rest().strip_prefix('#').map(str::trim)
    }

    /// The word that stands next, if one does: letters, digits and `_`.
    pub(super) fn peek_word(&mut self) -> Option<&'a str> {
        self.skip();
        let rest = self.rest();
        let after = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let word = &rest[..after.unwrap_or(rest.len())];
        (!word.is_empty()).then_some(word)
    }

    /// Takes the next word if it is this one.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let taken = self.peek_word() == Some(word);
        if taken {
            self.advance(word.len());
        }
        taken
    }

    /// Takes a word and the colon behind it, if such stand next.
    pub(super) fn take_label(&mut self) -> Option<&'a str> {
        let before = self.position;
        let word = self.peek_word()?;
        self.advance(word.len());
        if self.take(":") {
            return Some(word);
        }
        self.position = before;
        None
    }

    /// As [`Cursor::take_word`], unless a number stands behind the word.
    pub(super) fn take_word_before_no_number(&mut self, word: &str) -> bool {
        let before = self.position;
        let taken = self.take_word(word);
        self.skip();
        if taken && self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            self.position = before;
            return false;
        }
        taken
    }

    /// Whether this symbol stands next.
    pub(super) fn sees(&mut self, symbol: &str) -> bool {
        self.skip();
        self.rest().starts_with(symbol)
    }

    /// Takes a symbol if it stands next.
    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let taken = self.sees(symbol);
        if taken {
            self.advance(symbol.len());
        }
        taken
    }

    /// A decimal number of at most `most`.
    pub(super) fn integer(&mut self, what: &str, most: u64) -> Result<u64, ParseError> {
        self.skip();
        let rest = self.rest();
        let after = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        if after == 0 {
            return Err(self.expected(what));
        }
        match rest[..after].parse() {
            Ok(number) if number <= most => {
                self.advance(after);
                Ok(number)
            }
            _ => Err(self.expected(&format!("{what} of at most {most}"))),
        }
    }

    /// A quoted string, with its repeat.
    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, ParseError> {
        if !self.take("\"") {
            return Err(self.expected("a quoted string"));
        }
        let mut bytes = Vec::new();
        loop {
            match self.rest().bytes().next() {
                Some(b'"') => break,
                Some(b'\\') => bytes.push(self.escape()?),
                Some(byte @ 0x20..=0x7e) => {
                    bytes.push(byte);
                    self.advance(1);
                }
                None => return Err(self.here("a closing `\"`")),
                Some(_) => return Err(self.here("printable ASCII or an escape such as \\x00")),
            }
        }
        self.advance(1);
        if self.take("*") {
            self.repeated(&bytes)
        } else {
            Ok(bytes)
        }
    }

    fn repeated(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ParseError> {
        self.skip();
        let start = self.position;
        let count = self.integer("a count", u64::MAX)?;
        let total = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(bytes.len()));
        match total {
            Some(total) if total <= self.repeats => {
                self.repeats -= total;
                // An empty string repeated is empty, however often.
                Ok(if total == 0 {
                    Vec::new()
                } else {
                    bytes.repeat(total / bytes.len())
                })
            }
            _ => {
                self.position = start;
                let left = self.repeats;
                Err(self.expected(&format!(
                    "a repeat that stands for at most {left} more bytes"
                )))
            }
        }
    }

    /// Prefix, count and size of a fill.
    pub(super) fn fill(&mut self) -> Result<Fill, ParseError> {
        let prefix = self.bytes()?;
        self.skip();
        let start = self.position;
        let fill = Fill {
            prefix,
            count: self.integer("a count", u64::from(u16::MAX))? as u16,
            size: self.integer("a size", u64::from(u16::MAX))? as u16,
        };
        let left = self.fills;
        let Some(rest) = left.checked_sub(fill.bytes()) else {
            self.position = start;
            return Err(self.expected(&format!(
                "a fill of at most {left} more bytes of keys and values"
            )));
        };
        self.fills = rest;
        Ok(fill)
    }

    /// One escape; a backslash stands next.
    pub(super) fn escape(&mut self) -> Result<u8, ParseError> {
        let rest = &self.rest().as_bytes()[1..];
        let (byte, length) = match rest {
            [b'"', ..] => (b'"', 2),
            [b'\\', ..] => (b'\\', 2),
            [b'n', ..] => (b'\n', 2),
            [b'r', ..] => (b'\r', 2),
            [b't', ..] => (b'\t', 2),
            [b'x', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hex_digit(*high) << 4 | hex_digit(*low), 4)
            }
            _ => return Err(self.here(r#"one of the escapes \" \\ \n \r \t \xhh"#)),
        };
        self.advance(length);
        Ok(byte)
    }

    /// The error that something else is expected where the next thing stands.
    pub(super) fn expected(&mut self, what: &str) -> ParseError {
        self.skip();
        self.here(what)
    }

    /// The error that something else is expected at this very place.
    fn here(&self, what: &str) -> ParseError {
        ParseError {
            line: self.line,
            column: self.text[..self.position].chars().count() + 1,
            problem: Problem::Unexpected,
            expected: what.to_string(),
            found: found(self.rest()),
            nearest: None,
        }
    }
}

fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.to_ascii_lowercase() - b'a' + 10,
    }
}

/// Names what stands at the start of `rest`, in at most a few words.
fn found(rest: &str) -> String {
    const LONGEST: usize = 40;
    let Some(first) = rest.chars().next() else {
        return "the end of the line".to_string();
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let length = match first {
        '#' => return "a comment".to_string(),
        '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
        '[' => rest.find(']').map_or(1, |end| end + 1),
        '\\' => rest.chars().take(2).map(char::len_utf8).sum(),
        _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        _ if rest.starts_with("->") || rest.starts_with("..") => 2,
        _ => first.len_utf8(),
    };
    let shown = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.into()
        }
    };
    let text: String = rest[..length].chars().take(LONGEST).map(shown).collect();
    let more = if rest[..length].chars().nth(LONGEST).is_some() {
        "..."
    } else {
        ""
    };
    format!("`{text}{more}`")
}
