//! How keys and values stand in strings.

use super::json::{Value, write_string};

/// How bytes stand in JSON strings.
///
/// ```
/// use etalon_spec::process::Encoding;
///
/// assert_eq!(Encoding::default(), Encoding::Latin1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// One character a byte, U+0000 to U+00FF: the order of strings is that of the bytes.
    #[default]
    Latin1,
    /// Two lower-case hexadecimal digits a byte.
    Hex,
}

impl Encoding {
    pub(super) fn write(self, out: &mut Vec<u8>, bytes: &[u8]) {
        match self {
            Encoding::Latin1 => write_string(out, bytes.iter().copied().map(char::from)),
            Encoding::Hex => {
                out.push(b'"');
                for byte in bytes {
                    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
                    out.extend([digit(byte >> 4), digit(byte & 0xf)]);
                }
                out.push(b'"');
            }
        }
    }

    pub(super) fn read(self, value: Value) -> Result<Vec<u8>, String> {
        let text = match value {
            Value::Text(text) => text,
            other => return Err(format!("expected a string, found {}", other.what())),
        };
        match self {
            Encoding::Latin1 if text.is_ascii() => Ok(text.into_bytes()),
            Encoding::Latin1 => text.chars().map(byte_of).collect(),
            Encoding::Hex => from_hex(text.as_bytes())
                .ok_or_else(|| format!("expected lower-case hexadecimal digits, found {text:?}")),
        }
    }
}

fn byte_of(c: char) -> Result<u8, String> {
    u8::try_from(u32::from(c)).map_err(|_| {
        let code = u32::from(c);
        format!("U+{code:04X} in a string: one character is one byte, U+0000 to U+00FF")
    })
}

fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_read_as_it_was_written() {
        let bytes: Vec<u8> = (0..=255).collect();
        for encoding in [Encoding::Latin1, Encoding::Hex] {
            let mut written = Vec::new();
            encoding.write(&mut written, &bytes);
            let text = String::from_utf8(written).expect("ASCII");
            let value = Value::parse(&text).expect("JSON");
            assert_eq!(encoding.read(value), Ok(bytes.clone()));
        }
    }

    #[test]
    fn what_stands_for_no_bytes_is_an_error() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert!(Encoding::Latin1.read(text("\u{100}")).is_err());
        assert!(Encoding::Latin1.read(Value::Null).is_err());
        for wrong in ["0", "0G", "AB", "\u{e4}\u{e4}"] {
            assert!(Encoding::Hex.read(text(wrong)).is_err(), "{wrong}");
        }
    }
}
