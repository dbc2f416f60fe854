//! JSON, as much of it as the protocol needs: values read from a line, strings written.
//!
//! Invariants:
//! 1. Any text is a value or an error; nesting is bounded, so no input exhausts the stack.
//! 2. What is written is ASCII.

use std::str::Chars;

/// Deeper than anything that the protocol sends.
const DEEPEST: u32 = 32;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// A whole number of 64 bits; none if it is another.
    Number(Option<u64>),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Reads one value, with nothing behind it.
    pub(crate) fn parse(text: &str) -> Result<Value, String> {
        let mut reader = Reader { rest: text };
        let value = reader.value(0)?;
        reader.skip_space();
        match reader.rest {
            "" => Ok(value),
            rest => Err(format!("more after its end: {}", first(rest))),
        }
    }

    /// What the value is, in a word or two.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "an array",
            Value::Object(_) => "an object",
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    /// Takes one expected character.
    fn take(&mut self, expected: char) -> bool {
        self.skip_space();
        let after = self.rest.strip_prefix(expected);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn need(&mut self, expected: char) -> Result<(), String> {
        if self.take(expected) {
            return Ok(());
        }
        Err(format!("expected `{expected}`, found {}", first(self.rest)))
    }

    fn value(&mut self, depth: u32) -> Result<Value, String> {
        self.skip_space();
        if depth > DEEPEST {
            return Err(format!("nested more than {DEEPEST} deep"));
        }
        match self.rest.chars().next() {
            Some('"') => self.string().map(Value::Text),
            Some('[') => self.list(depth),
            Some('{') => self.object(depth),
            Some('-' | '0'..='9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, String> {
        let words = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
        ];
        for (word, value) in words {
            if let Some(after) = self.rest.strip_prefix(word) {
                self.rest = after;
                return Ok(value);
            }
        }
        Err(format!("expected a value, found {}", first(self.rest)))
    }

    fn number(&mut self) -> Result<Value, String> {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (text, after) = self.rest.split_at(end);
        let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
        if !is_number || text.ends_with('.') {
            return Err(format!("not a number: {text}"));
        }
        self.rest = after;
        Ok(Value::Number(text.parse().ok()))
    }

    fn list(&mut self, depth: u32) -> Result<Value, String> {
        self.need('[')?;
        let mut items = Vec::new();
        if self.take(']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if !self.take(',') {
                self.need(']')?;
                return Ok(Value::List(items));
            }
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, String> {
        self.need('{')?;
        let mut fields = Vec::new();
        if self.take('}') {
            return Ok(Value::Object(fields));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            self.need(':')?;
            fields.push((name, self.value(depth + 1)?));
            if !self.take(',') {
                self.need('}')?;
                return Ok(Value::Object(fields));
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.need('"')?;
        let mut text = String::new();
        loop {
            let plain = self.rest.find(['"', '\\']);
            let plain = plain.ok_or("a string that does not end")?;
            let (before, after) = self.rest.split_at(plain);
            if let Some(control) = before.chars().find(|c| *c < ' ') {
                return Err(format!("{control:?} in a string, not escaped"));
            }
            text.push_str(before);
            let mut chars = after.chars();
            if chars.next() == Some('"') {
                self.rest = chars.as_str();
                return Ok(text);
            }
            text.push(escape(&mut chars)?);
            self.rest = chars.as_str();
        }
    }
}

/// What stands after a backslash.
fn escape(chars: &mut Chars) -> Result<char, String> {
    Ok(match chars.next() {
        Some(c @ ('"' | '\\' | '/')) => c,
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => {
            let unit = hex4(chars)?;
            let code = match unit {
                0xd800..=0xdbff if chars.next() == Some('\\') && chars.next() == Some('u') => {
                    let low = hex4(chars)?;
                    let is_low = (0xdc00..=0xdfff).contains(&low);
                    let pair = 0x10000 + ((unit - 0xd800) << 10) + (low & 0x3ff);
                    if is_low { pair } else { unit }
                }
                unit => unit,
            };
            char::from_u32(code).ok_or("half of a surrogate pair")?
        }
        _ => return Err("an unknown escape in a string".to_owned()),
    })
}

fn hex4(chars: &mut Chars) -> Result<u32, String> {
    let digits = chars.as_str().get(..4).unwrap_or_default();
    let is_hex = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex);
    *chars = chars.as_str().get(4..).unwrap_or_default().chars();
    code.ok_or_else(|| "\\u without four hexadecimal digits".to_owned())
}

/// The beginning of a text, for a message.
fn first(text: &str) -> String {
    match text.chars().next() {
        Some(c) => format!("{c:?}"),
        None => "the end".to_owned(),
    }
}

/// Writes characters as a JSON string in ASCII.
pub(crate) fn write_string(out: &mut Vec<u8>, chars: impl IntoIterator<Item = char>) {
    out.push(b'"');
    for c in chars {
        match c {
            '"' | '\\' => out.extend([b'\\', c as u8]),
            ' '..='~' => out.push(c as u8),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.extend(b"\\u");
                    let nibbles = [12, 8, 4, 0].map(|shift| *unit >> shift & 0xf);
                    out.extend(nibbles.map(|nibble| b"0123456789abcdef"[usize::from(nibble)]));
                }
            }
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text: String = (0..0x300)
            .chain([0xffff, 0x1_f600])
            .filter_map(char::from_u32)
            .collect();
        let mut written = Vec::new();
        write_string(&mut written, text.chars());
        assert!(written.is_ascii());
        let written = String::from_utf8(written).expect("ASCII");
        assert_eq!(Value::parse(&written), Ok(Value::Text(text)));
    }

    #[test]
    fn values_of_every_kind_are_read() {
        let value = Value::parse(r#" {"a": [1, -2, 1.5e3, true, null], "b": {}, "c": ""} "#);
        let numbers = [Some(1), None, None].map(Value::Number);
        let mut list = numbers.to_vec();
        list.extend([Value::Bool(true), Value::Null]);
        let fields = [
            ("a", Value::List(list)),
            ("b", Value::Object(vec![])),
            ("c", Value::Text(String::new())),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(value, Ok(Value::Object(fields.into())));
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        let deep = "[".repeat(100_000);
        let wrong = [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "nul",
            "1 2",
            "\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u+123\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\n\"",
            "-",
            "1.",
            "1e999",
            "\"\\u123\u{e4}\"",
            &deep,
        ];
        for text in wrong {
            assert!(Value::parse(text).is_err(), "{text}");
        }
    }
}
