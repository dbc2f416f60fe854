//! Bytes as quoted strings: `"a\x00"`, and `"x"*300` for many times the same.
//!
//! Invariants:
//! 1. Printable ASCII stands for itself; `"` and `\` are escaped; newline, return and tab are
//!    `\n`, `\r`, `\t`; every other byte is `\xhh`, lower case.
//! 2. A repeat is written for [`REPEAT_FROM`] or more bytes that are all equal, and for nothing
//!    else, while the repeats of the file so far stand for at most [`REPEATS_MAX`] bytes.

use std::fmt;

use super::cursor::Cursor;
use super::error::ParseError;

/// How many bytes all repeats of one file may stand for together. It bounds what a short
/// hostile file can allocate; a printer beyond it writes its bytes out.
pub const REPEATS_MAX: usize = 1 << 26;

/// The fills of one file put at most so many bytes of keys and values: whoever replays the file
/// holds them more than once.
pub const FILLS_MAX: u64 = 1 << 29;

/// The least length that is written as a repeat: shorter strings read better written out.
const REPEAT_FROM: usize = 16;

/// Shows bytes as the text form writes them.
///
/// ```
/// use etalon_spec::text::Quoted;
///
/// assert_eq!(Quoted(b"a\x00\"").to_string(), r#""a\x00\"""#);
/// assert_eq!(Quoted(&[b'x'; 300]).to_string(), r#""x"*300"#);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_bytes(f, self.0, &mut { REPEATS_MAX })
    }
}

/// Writes `bytes` quoted; `repeats` is what is left of the file's [`REPEATS_MAX`].
pub(super) fn write_bytes(
    out: &mut dyn fmt::Write,
    bytes: &[u8],
    repeats: &mut usize,
) -> fmt::Result {
    let is_run = bytes.len() >= REPEAT_FROM && bytes.iter().all(|byte| *byte == bytes[0]);
    if is_run && bytes.len() <= *repeats {
        *repeats -= bytes.len();
        write_quoted(out, &bytes[..1])?;
        write!(out, "*{}", bytes.len())
    } else {
        write_quoted(out, bytes)
    }
}

fn write_quoted(out: &mut dyn fmt::Write, bytes: &[u8]) -> fmt::Result {
    write!(out, "\"{}\"", Escaped(bytes))
}

/// Shows bytes as they stand between the quotes of the text form, never as a repeat: on one line,
/// without a tab, and read back by [`unescape`].
///
/// ```
/// use etalon_spec::text::{Escaped, unescape};
///
/// assert_eq!(Escaped(b"a\x00\t").to_string(), r"a\x00\t");
/// assert_eq!(unescape(r"a\x00\t").unwrap(), b"a\x00\t");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stands_for_itself = |byte: &u8| matches!(byte, 0x20..=0x7e) && !b"\"\\".contains(byte);
        let mut rest = self.0;
        while let Some(first) = rest.first() {
            let plain = rest
                .iter()
                .take_while(|byte| stands_for_itself(byte))
                .count();
            if plain > 0 {
                f.write_str(std::str::from_utf8(&rest[..plain]).expect("ASCII"))?;
                rest = &rest[plain..];
            } else {
                write_escape(f, *first)?;
                rest = &rest[1..];
            }
        }
        Ok(())
    }
}

fn write_escape(out: &mut fmt::Formatter<'_>, byte: u8) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => out.write_str("\\\""),
        b'\\' => out.write_str("\\\\"),
        b'\n' => out.write_str("\\n"),
        b'\r' => out.write_str("\\r"),
        b'\t' => out.write_str("\\t"),
        _ => {
            let digit = |value: u8| DIGITS[usize::from(value)];
            let escape = [b'\\', b'x', digit(byte >> 4), digit(byte & 15)];
            out.write_str(std::str::from_utf8(&escape).expect("ASCII"))
        }
    }
}

/// Reads what stands between the quotes, for a command line: `a\x00b` is three bytes.
///
/// A `"` needs no escape here, and a character beyond ASCII is its bytes in UTF-8.
///
/// ```
/// use etalon_spec::text::unescape;
///
/// assert_eq!(unescape(r"a\x00b").unwrap(), b"a\x00b");
/// assert_eq!(unescape(r"a\q").unwrap_err().column, 2);
/// ```
pub fn unescape(text: &str) -> Result<Vec<u8>, ParseError> {
    let mut cursor = Cursor::new(text, 1, 0);
    let mut bytes = Vec::new();
    while let Some(next) = cursor.rest().chars().next() {
        if next == '\\' {
            bytes.push(cursor.escape()?);
        } else {
            let mut buffer = [0; 4];
            bytes.extend_from_slice(next.encode_utf8(&mut buffer).as_bytes());
            cursor.advance(next.len_utf8());
        }
    }
    Ok(bytes)
}
