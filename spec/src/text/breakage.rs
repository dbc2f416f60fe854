//! The arguments of `kill`, `crash` and `fail`, read and written.
//!
//! ```text
//!   crash in put "k" "v" sync at 3 keep only 1,2 torn 17 zero then at 2 then at 1 keep all
//!         `----- within ---------' `---------- keep --------' `- then -' `--- then -----'
//! ```

use std::fmt::{self, Write};

use super::cursor::Cursor;
use super::error::ParseError;
use super::line::{operation_in_place, unexpected_word};
use super::words;
use crate::breakage::{Crash, Fault, FaultKind, Keep, Pending, Places, Rest, Then, Torn, Within};

/// What may follow `kill`.
pub(super) fn thens(cursor: &mut Cursor<'_>) -> Result<Vec<Then>, ParseError> {
    let mut thens = Vec::new();
    while cursor.take_word("then") {
        word(cursor, "at")?;
        let at = number(cursor, "a number of disk operations")?;
        let keep = cursor.take_word("keep");
        let keep = keep.then(|| self::keep(cursor)).transpose()?;
        thens.push(Then { at, keep });
    }
    Ok(thens)
}

/// What may follow `crash`.
pub(super) fn crash(cursor: &mut Cursor<'_>) -> Result<Crash, ParseError> {
    let within = cursor.peek_word() == Some("in");
    let within = within.then(|| self::within(cursor)).transpose()?;
    let keep = if cursor.take_word("keep") {
        self::keep(cursor)?
    } else {
        Keep::default()
    };
    let then = thens(cursor)?;
    Ok(Crash { within, keep, then })
}

/// What must follow `fail`.
pub(super) fn fault(cursor: &mut Cursor<'_>) -> Result<Fault, ParseError> {
    let within = within(cursor)?;
    word(cursor, "with")?;
    let with = one_of(cursor, &FaultKind::WORDS)?;
    let forever = cursor.take_word("forever");
    Ok(Fault {
        within,
        with,
        forever,
    })
}

fn within(cursor: &mut Cursor<'_>) -> Result<Within, ParseError> {
    word(cursor, "in")?;
    let no_place = cursor.expected(Within::POSSIBLE);
    let kind = cursor.peek_word().and_then(words::operation);
    if kind.is_some_and(|kind| !Within::is_possible(kind)) {
        return Err(no_place);
    }
    let op = operation_in_place(cursor)?;
    word(cursor, "at")?;
    let at = number(cursor, "a number of disk operations")?;
    Within::new(op, at).ok_or(no_place)
}

fn keep(cursor: &mut Cursor<'_>) -> Result<Keep, ParseError> {
    const WORDS: [&str; 4] = ["all", "none", "first", "only"];
    let pending = if cursor.take_word("all") {
        Pending::All
    } else if cursor.take_word("none") {
        Pending::None
    } else if cursor.take_word("first") {
        Pending::First(number(cursor, "a number of disk operations")?)
    } else if cursor.take_word("only") {
        let mut places = vec![number(cursor, "the place of a disk operation")?];
        while cursor.take(",") {
            places.push(number(cursor, "the place of a disk operation")?);
        }
        Pending::Only(Places::new(places).expect("one was read"))
    } else {
        let expected = "`all`, `none`, `first` or `only`";
        return Err(unexpected_word(cursor, expected, &WORDS));
    };
    let torn = if cursor.take_word("torn") {
        let bytes = number(cursor, "a number of bytes")?;
        let rest = one_of(cursor, &Rest::WORDS)?;
        Some(Torn { bytes, rest })
    } else {
        None
    };
    Ok(Keep { pending, torn })
}

fn number(cursor: &mut Cursor<'_>, what: &str) -> Result<u32, ParseError> {
    Ok(cursor.integer(what, u64::from(u32::MAX))? as u32)
}

fn word(cursor: &mut Cursor<'_>, word: &str) -> Result<(), ParseError> {
    if cursor.take_word(word) {
        return Ok(());
    }
    Err(unexpected_word(cursor, &format!("`{word}`"), &[word]))
}

fn one_of<T: Copy>(cursor: &mut Cursor<'_>, words: &[(&str, T)]) -> Result<T, ParseError> {
    if let Some((_, value)) = words.iter().find(|(word, _)| cursor.take_word(word)) {
        return Ok(*value);
    }
    let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let expected = format!("one of {}", words.join(" "));
    Err(unexpected_word(cursor, &expected, &words))
}

impl fmt::Display for Keep {
    /// As after the word `keep`: `first 1 torn 17 zero`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pending {
            Pending::None => f.write_str("none")?,
            Pending::All => f.write_str("all")?,
            Pending::First(count) => write!(f, "first {count}")?,
            Pending::Only(places) => {
                f.write_str("only ")?;
                for (index, place) in places.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { "," })?;
                    write!(f, "{place}")?;
                }
            }
        }
        match self.torn {
            Some(Torn { bytes, rest }) => write!(f, " torn {bytes} {}", rest.word()),
            None => Ok(()),
        }
    }
}

/// Each with a space in front.
pub(super) fn write_thens(out: &mut dyn Write, thens: &[Then]) -> fmt::Result {
    for Then { at, keep } in thens {
        write!(out, " then at {at}")?;
        if let Some(keep) = keep {
            write!(out, " keep {keep}")?;
        }
    }
    Ok(())
}
