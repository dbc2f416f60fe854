//! What is wrong with a text, and where.

use std::fmt;

/// The first mistake in a text. Lines and columns count from 1, columns in characters.
///
/// ```
/// use etalon_spec::Script;
///
/// let error = Script::parse("ops 1\ndelte \"k\"\n").unwrap_err();
/// assert_eq!((error.line, error.column), (2, 1));
/// assert_eq!(error.to_string(), "2:1: unknown operation `delte`. Did you mean `delete`?");
/// assert_eq!(error.in_file("x.ops"), format!("x.ops:{error}"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line of the mistake.
    pub line: usize,
    /// The column of the mistake in that line.
    pub column: usize,
    /// What sort of mistake it is.
    pub problem: Problem,
    /// What could have stood there, such as "a quoted string".
    pub expected: String,
    /// What stands there, such as "`foo`" or "the end of the line".
    pub found: String,
    /// The known word that is nearest to what was found.
    pub nearest: Option<String>,
}

/// The sorts of mistake in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Something else was expected here.
    Unexpected,
    /// A word stands where a word must stand, but nobody knows it: an "operation", an "option".
    Unknown(&'static str),
    /// The grammar keeps this word for a later version, and this version does not know it yet.
    Reserved,
}

impl ParseError {
    /// The message with the file's name in front: `file.ops:7:12: expected ...`.
    pub fn in_file(&self, file: impl fmt::Display) -> String {
        format!("{file}:{self}")
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ParseError {
            line,
            column,
            problem,
            expected,
            found,
            nearest,
        } = self;
        write!(f, "{line}:{column}: ")?;
        match problem {
            Problem::Unexpected => write!(f, "expected {expected}, found {found}")?,
            Problem::Unknown(noun) if nearest.is_some() => write!(f, "unknown {noun} {found}")?,
            Problem::Unknown(noun) => write!(f, "unknown {noun} {found}, expected {expected}")?,
            Problem::Reserved => write!(
                f,
                "{found} is kept for a later version of the form, this version does not know it \
                 yet; expected {expected}"
            )?,
        }
        match nearest {
            Some(word) => write!(f, ". Did you mean `{word}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ParseError {}
