//! RESP 2: replies read, commands written.

use std::io::{self, BufRead, ErrorKind, Read};

/// More than any reply to what is asked here.
const LONGEST: usize = 64 << 20;
const DEEPEST: u32 = 8;

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Simple(String),
    Error(String),
    Integer(i64),
    /// None is nil.
    Bulk(Option<Vec<u8>>),
    List(Vec<Value>),
}

/// Writes a command.
pub(super) fn write_command(out: &mut Vec<u8>, words: &[&[u8]]) {
    out.extend(format!("*{}\r\n", words.len()).bytes());
    for word in words {
        out.extend(format!("${}\r\n", word.len()).bytes());
        out.extend(*word);
        out.extend(b"\r\n");
    }
}

/// Reads a reply. What is none is an error of the kind `InvalidData`.
pub(super) fn read(from: &mut impl BufRead) -> io::Result<Value> {
    read_at(from, 0)
}

fn read_at(from: &mut impl BufRead, depth: u32) -> io::Result<Value> {
    let line = line(from)?;
    let (kind, rest) = line.split_at_checked(1).ok_or_else(|| wrong(&line))?;
    Ok(match kind {
        "+" => Value::Simple(rest.to_owned()),
        "-" => Value::Error(rest.to_owned()),
        ":" => Value::Integer(rest.parse().map_err(|_| wrong(&line))?),
        "$" => match size(&line)? {
            None => Value::Bulk(None),
            Some(size) => {
                let mut bytes = Vec::new();
                from.take(size as u64 + 2).read_to_end(&mut bytes)?;
                if bytes.len() != size + 2 {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                if !bytes.ends_with(b"\r\n") {
                    return Err(wrong("a string that is longer than it says"));
                }
                bytes.truncate(size);
                Value::Bulk(Some(bytes))
            }
        },
        "*" if depth < DEEPEST => match size(&line)? {
            None => Value::Bulk(None),
            Some(count) => {
                let items = (0..count).map(|_| read_at(from, depth + 1));
                Value::List(items.collect::<io::Result<_>>()?)
            }
        },
        _ => return Err(wrong(&line)),
    })
}

/// A length; -1 stands for nil.
fn size(line: &str) -> io::Result<Option<usize>> {
    match &line[1..] {
        "-1" => Ok(None),
        text => match text.parse() {
            Ok(size) if size <= LONGEST => Ok(Some(size)),
            _ => Err(wrong(line)),
        },
    }
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    from.take(1 << 16).read_until(b'\n', &mut bytes)?;
    match bytes.strip_suffix(b"\r\n") {
        Some(line) => String::from_utf8(line.to_vec()).map_err(|_| wrong("not UTF-8")),
        None if bytes.len() < 1 << 16 => Err(ErrorKind::UnexpectedEof.into()),
        None => Err(wrong("a line that does not end")),
    }
}

fn wrong(what: &str) -> io::Error {
    let what: String = what.chars().take(200).collect();
    io::Error::new(ErrorKind::InvalidData, format!("not a reply: {what:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_of_every_kind_are_read() {
        let text = b"*5\r\n+OK\r\n-ERR no\r\n:-7\r\n$2\r\n\r\n\r\n$-1\r\n";
        let values = [
            Value::Simple("OK".into()),
            Value::Error("ERR no".into()),
            Value::Integer(-7),
            Value::Bulk(Some(b"\r\n".to_vec())),
            Value::Bulk(None),
        ];
        assert_eq!(read(&mut &text[..]).unwrap(), Value::List(values.into()));
    }

    #[test]
    fn what_is_no_reply_is_an_error_and_takes_no_memory() {
        let deep = "*1\r\n".repeat(100_000);
        for wrong in [
            "",
            "+",
            "?\r\n",
            ":x\r\n",
            "$5\r\nab\r\n",
            "$1\r\nabc",
            "$99999999999\r\n",
            &deep,
        ] {
            assert!(read(&mut wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn commands_are_arrays_of_strings() {
        let mut out = Vec::new();
        write_command(&mut out, &[b"GET", b"\r\n"]);
        assert_eq!(out, b"*2\r\n$3\r\nGET\r\n$2\r\n\r\n\r\n");
    }
}
