//! Patterns of keys, as KEYS and SCAN take them.
//!
//! ```text
//!   h?llo   h*llo   h[ae]llo   h[^e]llo   h[a-c]llo   h\*llo
//! ```
//!
//! A class that is not closed goes to the pattern's end.

use std::ops::RangeInclusive;

/// A pattern, ready to be held against keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Byte(u8),
    Any,
    /// Any bytes, or none.
    Many,
    Class {
        is_negated: bool,
        ranges: Vec<RangeInclusive<u8>>,
    },
}

impl Part {
    fn is_met_by(&self, byte: u8) -> bool {
        match self {
            Part::Byte(other) => *other == byte,
            Part::Any | Part::Many => true,
            Part::Class { is_negated, ranges } => {
                ranges.iter().any(|range| range.contains(&byte)) != *is_negated
            }
        }
    }
}

impl Pattern {
    /// What every key meets.
    pub(super) fn all() -> Pattern {
        Pattern(vec![Part::Many])
    }

    pub(super) fn new(text: &[u8]) -> Pattern {
        let (mut rest, mut parts) = (text, Vec::new());
        while let Some(first) = take(&mut rest) {
            parts.push(match first {
                b'?' => Part::Any,
                b'*' => Part::Many,
                b'[' => class(&mut rest),
                b'\\' => Part::Byte(take(&mut rest).unwrap_or(b'\\')),
                byte => Part::Byte(byte),
            });
        }
        Pattern(parts)
    }

    /// The bytes that every key of this pattern begins with.
    pub(super) fn prefix(&self) -> Vec<u8> {
        let bytes = self.0.iter().map_while(|part| match part {
            Part::Byte(byte) => Some(*byte),
            _ => None,
        });
        bytes.collect()
    }

    /// Whether a key is of this pattern. It takes at most the product of both lengths.
    pub(super) fn is_met_by(&self, key: &[u8]) -> bool {
        let (mut at, mut part) = (0, 0);
        // The last `*`: how far it reaches, and what comes behind it.
        let mut star: Option<(usize, usize)> = None;
        while at < key.len() {
            match (self.0.get(part), star) {
                (Some(Part::Many), _) => {
                    part += 1;
                    star = Some((at, part));
                }
                (Some(other), _) if other.is_met_by(key[at]) => {
                    at += 1;
                    part += 1;
                }
                (_, Some((reaches, behind))) => {
                    star = Some((reaches + 1, behind));
                    (at, part) = (reaches + 1, behind);
                }
                (_, None) => return false,
            }
        }
        self.0[part..].iter().all(|part| *part == Part::Many)
    }
}

fn take(rest: &mut &[u8]) -> Option<u8> {
    let (&first, behind) = rest.split_first()?;
    *rest = behind;
    Some(first)
}

/// Reads a class behind its bracket.
fn class(rest: &mut &[u8]) -> Part {
    let is_negated = rest.first() == Some(&b'^');
    if is_negated {
        *rest = &rest[1..];
    }
    let mut ranges = Vec::new();
    while let Some(first) = take(rest) {
        let low = match first {
            b']' => break,
            b'\\' => take(rest).unwrap_or(b'\\'),
            byte => byte,
        };
        let high = match **rest {
            [b'-', high, ..] if high != b']' => {
                *rest = &rest[2..];
                high
            }
            _ => low,
        };
        ranges.push(low.min(high)..=low.max(high));
    }
    Part::Class { is_negated, ranges }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_met_by_the_whole_key_or_not() {
        for (pattern, met, not) in [
            ("", &[""][..], &["a"][..]),
            ("*", &["", "a", "*\n"], &[]),
            ("h?llo", &["hello", "h\nllo"], &["hllo", "heello"]),
            (
                "h*llo",
                &["hllo", "heeello", "h*llollo"],
                &["hllo1", "ahllo"],
            ),
            ("h[ae]llo", &["hallo", "hello"], &["hillo", "h[ae]llo"]),
            ("h[^e]llo", &["hallo"], &["hello"]),
            ("h[c-a]llo", &["hallo", "hbllo", "hcllo"], &["hdllo"]),
            ("[a-]", &["a", "-"], &["b"]),
            (r"\*[\]]", &["*]"], &["a]", r"\*]"]),
            ("[ab", &["a", "b"], &["[ab", "c"]),
            ("[]", &[], &["", "]", "[]"]),
            (r"a\", &[r"a\"], &["a"]),
            ("*a*b*", &["ab", "xaxbx"], &["ba", "aa"]),
        ] {
            let read = Pattern::new(pattern.as_bytes());
            for key in met {
                assert!(read.is_met_by(key.as_bytes()), "{pattern} and {key}");
            }
            for key in not {
                assert!(!read.is_met_by(key.as_bytes()), "{pattern} and {key}");
            }
        }
    }

    #[test]
    fn the_prefix_ends_where_the_pattern_leaves_a_choice() {
        assert_eq!(Pattern::new(br"a\*b[c]d").prefix(), b"a*b");
        assert_eq!(Pattern::all().prefix(), b"");
    }

    /// One that tried every split of every star would not come back.
    #[test]
    fn many_stars_take_no_more_time_than_one() {
        let pattern = Pattern::new("a*".repeat(40).as_bytes());
        let key = vec![b'a'; 4_000];
        assert!(pattern.is_met_by(&key));
        assert!(!Pattern::new(&[&b"a*".repeat(40)[..], b"b"].concat()).is_met_by(&key));
    }
}
