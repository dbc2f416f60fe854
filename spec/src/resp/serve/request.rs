//! Requests, read out of what a client has sent so far.
//!
//! ```text
//!   *2\r\n$3\r\nGET\r\n$1\r\nk\r\n      an array of strings: as programs ask
//!   GET "k"\r\n                         a line: as people ask
//! ```
//!
//! Invariants:
//! 1. Reading goes on where it stopped when the bytes ended: none is looked at again and again,
//!    but those of a line that has not ended.
//! 2. Nothing is allocated because a client says so, only because it has sent so much; and of
//!    one request at most [`LONGEST`] bytes are ever asked for.

use std::fmt;
use std::ops::Range;

use super::quoted;

/// The longest request, with all that it holds.
pub(super) const LONGEST: usize = 64 << 20;
/// The longest line: one that is a request, and one that announces a length.
const LONGEST_LINE: usize = 64 << 10;
/// The most strings of a request.
const MOST_WORDS: u32 = 1 << 20;

/// Why bytes are no request. What comes behind them cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ERR Protocol error: {}", self.0)
    }
}

fn malformed<T>(what: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(what.into()))
}

/// Reads one request; after it, the next reader begins.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// How many bytes of the request are read.
    at: usize,
    /// How many strings are still to come, once the array's line is read.
    missing: Option<usize>,
    /// The length of the string that comes, once its line is read.
    length: Option<usize>,
    /// Where the strings are: in the request's bytes, or in `line`.
    words: Vec<Range<usize>>,
    /// The words of a request that is a line, without quotes and escapes.
    line: Option<Vec<u8>>,
}

impl Reader {
    /// Reads on. `sent` begins with the request's first byte. Returns the request's length once
    /// all of it is there.
    pub(super) fn read(&mut self, sent: &[u8]) -> Result<Option<usize>, Malformed> {
        if self.missing.is_none() {
            match sent.first() {
                None => return Ok(None),
                Some(b'*') => match self.number(sent, "multibulk length", MOST_WORDS)? {
                    None => return Ok(None),
                    // An array of none, or nil: no request, and no mistake.
                    Some(count) => self.missing = Some(usize::try_from(count).unwrap_or(0)),
                },
                Some(_) => return self.line(sent),
            }
        }
        while let Some(missing @ 1..) = self.missing {
            if !self.word(sent)? {
                return Ok(None);
            }
            self.missing = Some(missing - 1);
        }
        Ok(Some(self.at))
    }

    /// The strings of a request that was read whole.
    pub(super) fn words<'a>(&'a self, sent: &'a [u8]) -> Vec<&'a [u8]> {
        let bytes = self.line.as_deref().unwrap_or(sent);
        let words = self.words.iter().map(|place| &bytes[place.clone()]);
        words.collect()
    }

    /// Reads one string of an array; false if not all of it is there.
    fn word(&mut self, sent: &[u8]) -> Result<bool, Malformed> {
        let length = match self.length {
            Some(length) => length,
            None => match sent.get(self.at) {
                None => return Ok(false),
                Some(b'$') => match self.number(sent, "bulk length", LONGEST as u32)? {
                    None => return Ok(false),
                    Some(length) => match usize::try_from(length) {
                        Ok(length) => length,
                        Err(_) => return malformed("invalid bulk length"),
                    },
                },
                Some(other) => {
                    let other = other.escape_ascii();
                    return malformed(format!("expected '$', got '{other}'"));
                }
            },
        };
        let end = self.at + length;
        if end > LONGEST {
            return malformed(format!("a request of more than {LONGEST} bytes"));
        }
        self.length = Some(length);
        let Some(behind) = sent.get(end..end + 2) else {
            return Ok(false);
        };
        if behind != b"\r\n" {
            return malformed("a string that is longer than it says");
        }
        self.words.push(self.at..end);
        self.at = end + 2;
        self.length = None;
        Ok(true)
    }

    /// Reads a line with a number behind its first byte, -1 or one that is not too large; none
    /// if the line has not ended.
    fn number(&mut self, sent: &[u8], what: &str, most: u32) -> Result<Option<i64>, Malformed> {
        let Some((line, behind)) = line(sent, self.at)? else {
            return Ok(None);
        };
        let digits = line[1..].strip_suffix(b"\r").unwrap_or(&line[1..]);
        let number = std::str::from_utf8(digits).ok();
        let number = number.and_then(|digits| digits.parse().ok());
        let Some(number) = number.filter(|number| (-1..=i64::from(most)).contains(number)) else {
            return malformed(format!("invalid {what}"));
        };
        self.at = behind;
        Ok(Some(number))
    }

    /// Reads a request that is a line.
    fn line(&mut self, sent: &[u8]) -> Result<Option<usize>, Malformed> {
        let Some((line, behind)) = line(sent, 0)? else {
            return Ok(None);
        };
        let Some(words) = quoted::words(line) else {
            return malformed("unbalanced quotes in request");
        };
        let mut bytes = Vec::with_capacity(line.len());
        for word in words {
            self.words.push(bytes.len()..bytes.len() + word.len());
            bytes.extend(word);
        }
        self.line = Some(bytes);
        Ok(Some(behind))
    }
}

/// The line from `at` on, without its end, and where the next one begins.
fn line(sent: &[u8], at: usize) -> Result<Option<(&[u8], usize)>, Malformed> {
    let rest = &sent[at..];
    let within = &rest[..rest.len().min(LONGEST_LINE)];
    match within.iter().position(|byte| *byte == b'\n') {
        Some(end) => Ok(Some((&rest[..end], at + end + 1))),
        None if rest.len() < LONGEST_LINE => Ok(None),
        None => malformed(format!("a line of more than {LONGEST_LINE} bytes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The requests in some bytes, handed over so many at a time.
    fn requests(bytes: &[u8], step: usize) -> Result<Vec<Vec<Vec<u8>>>, Malformed> {
        let (mut begun, mut requests) = (0, Vec::new());
        let mut reader = Reader::default();
        for end in (0..=bytes.len()).filter(|end| end % step == 0 || *end == bytes.len()) {
            while let Some(length) = reader.read(&bytes[begun..end])? {
                let words = reader.words(&bytes[begun..end]);
                requests.push(words.into_iter().map(<[u8]>::to_vec).collect());
                reader = Reader::default();
                begun += length;
            }
        }
        assert_eq!(begun, bytes.len(), "all of it is read");
        Ok(requests)
    }

    #[test]
    fn requests_are_the_same_however_they_arrive() {
        let bytes = b"*2\r\n$3\r\nGET\r\n$4\r\n\r\n\x00*\r\n*0\r\n*-1\r\n\
            set a \"\\x41 b\"\r\n\n*1\r\n$0\r\n\r\n";
        let expected: [&[&[u8]]; 6] = [
            &[b"GET", b"\r\n\0*"],
            &[],
            &[],
            &[b"set", b"a", b"A b"],
            &[],
            &[b""],
        ];
        for step in 1..=bytes.len() {
            assert_eq!(requests(bytes, step).unwrap(), expected, "{step} at a time");
        }
    }

    #[test]
    fn what_is_no_request_is_an_error_before_its_bytes_arrive() {
        for (bytes, says) in [
            ("*x\r\n", "invalid multibulk length"),
            ("*9999999\r\n", "invalid multibulk length"),
            ("*-2\r\n", "invalid multibulk length"),
            ("*1\r\n!", "expected '$', got '!'"),
            ("*1\r\n$-1\r\n", "invalid bulk length"),
            ("*1\r\n$99999999999999999999\r\n", "invalid bulk length"),
            (
                "*1\r\n$67108864\r\n",
                "a request of more than 67108864 bytes",
            ),
            ("*1\r\n$1\r\nabc", "a string that is longer than it says"),
            ("get \"k\r\n", "unbalanced quotes in request"),
        ] {
            let error = Reader::default().read(bytes.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), format!("ERR Protocol error: {says}"));
        }
        let endless = vec![b'x'; LONGEST_LINE];
        assert!(Reader::default().read(&endless).is_err());
        assert_eq!(Reader::default().read(&endless[1..]), Ok(None));
    }
}
