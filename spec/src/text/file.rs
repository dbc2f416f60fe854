//! A whole file, line by line: the version, then options, then operations, comments anywhere.

use super::comment::{Comment, Place};
use super::cursor::Cursor;
use super::error::{ParseError, Problem};
use super::line::line;
use super::quote::{FILLS_MAX, REPEATS_MAX};
use super::script::Script;
use super::suggest::nearest;
use crate::options::{Options, Setting};

/// Reads a whole file.
pub(super) fn file(text: &str) -> Result<Script, ParseError> {
    let mut reader = Reader {
        repeats: REPEATS_MAX,
        fills: FILLS_MAX,
        ..Reader::default()
    };
    let mut number = 0;
    for line in text.lines() {
        number += 1;
        let mut cursor = Cursor::new(line, number, reader.repeats);
        cursor.fills = reader.fills;
        reader.line(&mut cursor, number)?;
        (reader.repeats, reader.fills) = (cursor.repeats, cursor.fills);
    }
    if !reader.has_version {
        let mut error = Cursor::new("", number.max(1), 0).expected("`ops 1`");
        error.found = "the end of the file".to_string();
        return Err(error);
    }
    let place = reader.place_of_next_op();
    reader.place_comments(place);
    Ok(reader.script)
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    script: Script,
    has_version: bool,
    repeats: usize,
    fills: u64,
    /// Comments on lines of their own, until it is known what they stand above.
    comments: Vec<String>,
}

impl Reader {
    fn line(&mut self, cursor: &mut Cursor<'_>, number: usize) -> Result<(), ParseError> {
        if cursor.at_end() {
            self.comments.extend(cursor.comment().map(str::to_string));
            return Ok(());
        }
        let mut beside = Place::Header;
        if !self.has_version {
            version(cursor)?;
            self.has_version = true;
        } else if cursor.peek_word() == Some("option") {
            self.option(cursor, number)?;
        } else {
            let (op, replies, column) = line(cursor)?;
            let place = self.place_of_next_op();
            self.place_comments(place);
            beside = Place::Beside(self.script.case.ops.len());
            self.script.case.ops.push(op);
            self.script.expected.push(replies);
            self.script.lines.push(number);
            self.script.columns.push(column);
        }
        if !cursor.at_end() {
            return Err(cursor.expected("the end of the line"));
        }
        if beside == Place::Header {
            self.place_comments(Place::Header);
        }
        let text = cursor.comment().map(str::to_string);
        self.script.comments.extend(text.map(|text| Comment {
            place: beside,
            text,
        }));
        Ok(())
    }

    fn option(&mut self, cursor: &mut Cursor<'_>, number: usize) -> Result<(), ParseError> {
        if !self.script.case.ops.is_empty() {
            return Err(cursor.expected("an operation (options stand before the first one)"));
        }
        cursor.take_word("option");
        let column = cursor.column();
        let mut unnamed = cursor.expected("the name of an option");
        let name = cursor.peek_word().filter(|word| Options::is_name(word));
        let Some(name) = name else {
            return Err(unnamed);
        };
        if self.script.case.options.get(name).is_some() {
            unnamed.expected = "an option that is not set yet".to_string();
            return Err(unnamed);
        }
        cursor.advance(name.len());
        if !cursor.take("=") {
            return Err(cursor.expected("`=`"));
        }
        self.script
            .case
            .options
            .set(name.to_string(), setting(cursor)?);
        self.script
            .option_places
            .push((name.to_string(), number, column));
        Ok(())
    }

    /// Comments between options and operations stay there; without options they head the file.
    fn place_of_next_op(&self) -> Place {
        let script = &self.script;
        if script.case.ops.is_empty() && script.case.options.is_empty() {
            Place::Header
        } else {
            Place::Before(script.case.ops.len())
        }
    }

    fn place_comments(&mut self, place: Place) {
        let placed = self.comments.drain(..).map(|text| Comment { place, text });
        self.script.comments.extend(placed);
    }
}

/// The first line that is neither empty nor a comment.
pub(super) fn version(cursor: &mut Cursor<'_>) -> Result<(), ParseError> {
    if !cursor.take_word("ops") {
        return Err(cursor.expected("`ops 1`"));
    }
    if !cursor.take_word("1") {
        return Err(cursor.expected("version 1 of the form, the only one that is known"));
    }
    Ok(())
}

fn setting(cursor: &mut Cursor<'_>) -> Result<Setting, ParseError> {
    const EXPECTED: &str = "a number, a quoted string, on or off";
    if cursor.sees("\"") {
        return Ok(Setting::Text(cursor.bytes()?));
    }
    if cursor.rest().starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(Setting::Integer(cursor.integer("a number", u64::MAX)?));
    }
    if cursor.take_word("on") {
        return Ok(Setting::Switch(true));
    }
    if cursor.take_word("off") {
        return Ok(Setting::Switch(false));
    }
    Err(cursor.expected(EXPECTED))
}

/// The error that nobody knows the option that is named at this place.
pub(super) fn unknown_option(
    name: &str,
    (line, column): (usize, usize),
    known: &[&str],
) -> ParseError {
    let expected = match known {
        [] => "no options, for this store has none".to_string(),
        _ => format!("one of {}", known.join(" ")),
    };
    ParseError {
        line,
        column,
        problem: Problem::Unknown("option"),
        expected,
        found: format!("`{name}`"),
        nearest: nearest(name, known.iter().copied()).map(str::to_string),
    }
}
