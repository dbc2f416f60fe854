//! The words of a line that a person types: between spaces, quoted where they hold any.
//!
//! ```text
//!   set k "a b\x00\n" 'it\'s'      double quotes know \xhh \n \r \t \b \a, single ones only \'
//! ```

/// The words; none at all if a quote is not closed, or something follows its end directly.
pub(super) fn words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut rest = line;
    let mut words = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return Some(words);
        }
        words.push(word(&mut rest)?);
    }
}

fn word(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let mut word = Vec::new();
    while let Some((&first, behind)) = rest.split_first() {
        match first {
            b'"' | b'\'' => {
                *rest = behind;
                quoted(rest, first, &mut word)?;
                let ends = rest.first().is_none_or(u8::is_ascii_whitespace);
                return ends.then_some(word);
            }
            _ if first.is_ascii_whitespace() => break,
            _ => word.push(first),
        }
        *rest = behind;
    }
    Some(word)
}

/// Reads up to the closing quote, and past it.
fn quoted(rest: &mut &[u8], quote: u8, word: &mut Vec<u8>) -> Option<()> {
    loop {
        let (taken, byte) = match (quote, *rest) {
            (_, [first, ..]) if *first == quote => {
                *rest = &rest[1..];
                return Some(());
            }
            (b'"', [b'\\', b'x', high, low, ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                (4, digit(*high) << 4 | digit(*low))
            }
            (b'"', [b'\\', escaped, ..]) => (2, escape(*escaped)),
            (b'\'', [b'\\', b'\'', ..]) => (2, b'\''),
            (_, [first, ..]) => (1, *first),
            (_, []) => return None,
        };
        word.push(byte);
        *rest = &rest[taken..];
    }
}

fn digit(byte: u8) -> u8 {
    (byte as char).to_digit(16).unwrap_or(0) as u8
}

fn escape(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'a' => 7,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_between_spaces_or_in_quotes() {
        let line = br#"  set "a b\x00\xfF\n\"\\" 'it\'s \n' plain'"'  "" "#;
        let expected: [&[u8]; 5] = [b"set", b"a b\0\xff\n\"\\", b"it's \\n", b"plain\"", b""];
        assert_eq!(words(line).unwrap(), expected);
        assert_eq!(words(b" \t").unwrap(), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn a_quote_that_stays_open_or_is_followed_by_something_is_no_word() {
        for line in ["\"a", "'a", "\"a\\\"", "\"a\"b", "'a'b"] {
            assert_eq!(words(line.as_bytes()), None, "{line}");
        }
    }
}
