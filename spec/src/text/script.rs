//! A case as it stands in a file: with what its author expects, and why.

use std::str::FromStr;

use super::comment::{Comment, Place};
use super::cursor::Cursor;
use super::error::{ParseError, Problem};
use super::quote::REPEATS_MAX;
use super::{file, line};
use crate::bytes;
use crate::op::{Case, Op, Reply};

/// A case, the replies expected of it, and the comments around it.
///
/// ```
/// use etalon_spec::{Op, Reply, Script};
///
/// let text = "ops 1\n# why: an empty value is a value\nput \"k\" \"\"\nget \"k\" -> \"\"\n";
/// let script = Script::parse(text).unwrap();
/// assert_eq!(script.case.ops[1], Op::get(b"k"));
/// assert_eq!(script.replies(1), [Reply::Value(Vec::new())]);
/// assert_eq!(script.lines[1], 4);
/// assert_eq!(script.note("why"), Some("an empty value is a value"));
/// assert_eq!(script.print(), text);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What is to be run.
    pub case: Case,
    /// For each operation the replies that are allowed, in the order written; empty or absent
    /// where nothing is expected.
    pub expected: Vec<Vec<Reply>>,
    /// The comments, in the order of the file.
    pub comments: Vec<Comment>,
    /// For each operation its line in the text; empty if the script was not read from text.
    pub lines: Vec<usize>,
    /// For each operation the column of its first expected reply, or of the operation itself
    /// where nothing is expected; empty if the script was not read from text.
    pub columns: Vec<usize>,
    /// The options in the order written, each with the line and column of its name; empty if
    /// the script was not read from text.
    pub option_places: Vec<(String, usize, usize)>,
}

/// The two forms of a case in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The text form: an `.ops` file.
    Text,
    /// The byte form.
    Bytes,
}

impl Form {
    /// Which form a file is in, by its first byte: no version of the byte form is a tab, a line
    /// end, printable, or above 0x7f; every text begins with one of these, or is empty.
    ///
    /// ```
    /// use etalon_spec::{Case, Form, bytes};
    ///
    /// assert_eq!(Form::of(b"ops 1\nflush\n"), Form::Text);
    /// assert_eq!(Form::of(&bytes::encode(&Case::default())), Form::Bytes);
    /// ```
    pub fn of(file: &[u8]) -> Form {
        match file.first() {
            Some(b'\t' | b'\n' | b'\r') | None => Form::Text,
            Some(0..0x20 | 0x7f) => Form::Bytes,
            Some(_) => Form::Text,
        }
    }
}

impl Script {
    /// Reads a text.
    ///
    /// ```
    /// use etalon_spec::Script;
    ///
    /// let error = Script::parse("ops 1\nput \"k\" foo\n").unwrap_err();
    /// assert_eq!(error.to_string(), "2:9: expected a quoted string, found `foo`");
    /// ```
    pub fn parse(text: &str) -> Result<Script, ParseError> {
        file::file(text)
    }

    /// Reads a text that may not be UTF-8, which is an error then.
    ///
    /// ```
    /// use etalon_spec::Script;
    ///
    /// let error = Script::parse_bytes(b"ops 1\nget \"\xff\"").unwrap_err();
    /// assert_eq!(error.to_string(), "2:6: expected UTF-8, found the byte 0xff");
    /// ```
    pub fn parse_bytes(text: &[u8]) -> Result<Script, ParseError> {
        let error = match std::str::from_utf8(text) {
            Ok(text) => return Script::parse(text),
            Err(error) => error,
        };
        let (good, rest) = text.split_at(error.valid_up_to());
        let good = String::from_utf8_lossy(good);
        let last = good.rsplit('\n').next().unwrap_or_default();
        Err(ParseError {
            line: good.matches('\n').count() + 1,
            column: last.chars().count() + 1,
            problem: Problem::Unexpected,
            expected: "UTF-8".to_string(),
            found: rest
                .first()
                .map_or_else(String::new, |byte| format!("the byte 0x{byte:02x}")),
            nearest: None,
        })
    }

    /// Reads a file in either form; see [`Form::of`].
    ///
    /// A byte form of an unknown version is an error here: somebody named this very file. It
    /// holds what a fuzzer fed to every store, so restrict it to the profile before running it.
    ///
    /// ```
    /// use etalon_spec::{Case, Op, Script, bytes};
    ///
    /// let case = Case::new(vec![Op::Flush]);
    /// assert_eq!(Script::load(b"ops 1\nflush\n").unwrap().case, case);
    /// assert_eq!(Script::load(&bytes::encode(&case)).unwrap().case, case);
    /// ```
    pub fn load(file: &[u8]) -> Result<Script, ParseError> {
        if Form::of(file) == Form::Text {
            return Script::parse_bytes(file);
        }
        let decoded = bytes::decode(file);
        if decoded.known_version {
            return Ok(Script::from(decoded.case));
        }
        Err(ParseError {
            line: 1,
            column: 1,
            problem: Problem::Unexpected,
            expected: format!(
                "`ops 1`, or a byte form of version {} to {}",
                bytes::VERSION,
                bytes::VERSION_LATEST
            ),
            found: format!("a byte form of version {}", file[0]),
            nearest: None,
        })
    }

    /// The canonical text: what `etalon emit --as ops` writes.
    pub fn print(&self) -> String {
        self.to_string()
    }

    /// The replies allowed of one operation; empty if nothing is expected.
    pub fn replies(&self, index: usize) -> &[Reply] {
        self.expected.get(index).map_or(&[], Vec::as_slice)
    }

    /// What a comment of the form `# name: ...` says; the first one counts.
    pub fn note(&self, name: &str) -> Option<&str> {
        self.comments.iter().find_map(|comment| comment.says(name))
    }

    /// Sets such a comment, in the place of the one that says it now or at the end of the header.
    ///
    /// ```
    /// use etalon_spec::{Case, Script};
    ///
    /// let mut script = Script::from(Case::default());
    /// script.set_note("target", "-- node driver.js");
    /// assert_eq!(script.print(), "ops 1\n# target: -- node driver.js\n");
    /// ```
    pub fn set_note(&mut self, name: &str, says: &str) {
        let text = format!("{name}: {says}");
        match self
            .comments
            .iter_mut()
            .find(|comment| comment.says(name).is_some())
        {
            Some(comment) => comment.text = text,
            None => self.comments.push(Comment {
                place: Place::Header,
                text,
            }),
        }
    }

    /// Fails at the first option that is none of `known`, the options that a store takes.
    ///
    /// ```
    /// use etalon_spec::Script;
    ///
    /// let script = Script::parse("ops 1\noption memtable_byte = 1\n").unwrap();
    /// let error = script.check_options(&["memtable_bytes"]).unwrap_err();
    /// let says = "2:8: unknown option `memtable_byte`. Did you mean `memtable_bytes`?";
    /// assert_eq!(error.to_string(), says);
    /// ```
    pub fn check_options(&self, known: &[&str]) -> Result<(), ParseError> {
        let by_place = self.option_places.iter().map(|(name, ..)| name.as_str());
        let by_name = self.case.options.iter().map(|(name, _)| name);
        match by_place.chain(by_name).find(|name| !known.contains(name)) {
            Some(name) => Err(file::unknown_option(name, self.option_place(name), known)),
            None => Ok(()),
        }
    }

    /// Line and column of an option's name; the first of the text where it was not read from one.
    ///
    /// ```
    /// use etalon_spec::Script;
    ///
    /// let script = Script::parse("ops 1\noption memtable_bytes = 16\nflush\n").unwrap();
    /// assert_eq!(script.option_place("memtable_bytes"), (2, 8));
    /// ```
    pub fn option_place(&self, name: &str) -> (usize, usize) {
        let place = self
            .option_places
            .iter()
            .find(|(placed, ..)| placed == name);
        place.map_or((1, 1), |(_, line, column)| (*line, *column))
    }
}

/// A script that expects nothing.
impl From<Case> for Script {
    fn from(case: Case) -> Self {
        Script {
            expected: vec![Vec::new(); case.ops.len()],
            case,
            ..Script::default()
        }
    }
}

/// Reads a whole text, and drops what it expects and says beside the case.
impl FromStr for Case {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Script::parse(text).map(|script| script.case)
    }
}

/// Reads one operation, without expected replies.
///
/// ```
/// use etalon_spec::Op;
///
/// assert_eq!("flush".parse(), Ok(Op::Flush));
/// assert!("flush -> ok".parse::<Op>().is_err());
/// ```
impl FromStr for Op {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut cursor = Cursor::new(text, 1, REPEATS_MAX);
        line::single(&mut cursor)
    }
}
