//! Keys and values on a command line: with the escapes of `.ops` strings, or in hex.

use std::fmt;

use etalon_spec::text::{Escaped, unescape};

use crate::exit::Problem;

/// How keys and values are written, in arguments and in what is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Form {
    /// Keys and values in hex, given and printed
    #[arg(long)]
    hex: bool,
}

impl Form {
    /// Reads an argument; `name` is what its help calls it.
    pub fn read(self, name: &str, text: &str) -> Result<Vec<u8>, Problem> {
        if self.hex {
            return hex(text).ok_or_else(|| {
                Problem::usage(format!("{name}: {text:?} is not whole bytes in hex"))
            });
        }
        unescape(text).map_err(|error| {
            let (column, expected, found) = (error.column, error.expected, error.found);
            Problem::usage(format!(
                "{name}: expected {expected} at character {column}, found {found}"
            ))
        })
    }

    /// Bytes to print, on one line and without a tab.
    pub fn show(self, bytes: &[u8]) -> Shown<'_> {
        Shown { form: self, bytes }
    }
}

/// Bytes in their form.
pub struct Shown<'a> {
    form: Form,
    bytes: &'a [u8],
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.form.hex {
            self.bytes
                .iter()
                .try_for_each(|byte| write!(f, "{byte:02x}"))
        } else {
            Escaped(self.bytes).fmt(f)
        }
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some((digit(*high)? << 4 | digit(*low)?) as u8),
            _ => None,
        })
        .collect()
}
