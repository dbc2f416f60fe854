//! TOML as the object that the protocol's reader takes, and where each field of it stands.

use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::protocol::Value;

/// What is wrong with a file, and where. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The line of the mistake.
    pub line: usize,
    /// The column of the mistake in that line.
    pub column: usize,
    /// What is wrong.
    pub text: String,
}

impl FileError {
    /// The message with the file's name in front: `profile.toml:3:1: unknown field ...`.
    pub fn in_file(&self, file: impl fmt::Display) -> String {
        format!("{file}:{self}")
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.text)
    }
}

impl std::error::Error for FileError {}

/// A TOML text that was read.
#[derive(Clone, Debug)]
pub(super) struct Document {
    text: String,
    /// The whole, as the protocol has values.
    pub(super) value: Value,
    /// Of each field and each item of an array: the path to it, and the byte where it begins.
    places: Vec<(Vec<String>, usize)>,
}

impl Document {
    pub(super) fn parse(text: &str) -> Result<Document, FileError> {
        let error = |at, problem: &str| {
            let (line, column) = place_of(text, at);
            let text = problem.to_owned();
            FileError { line, column, text }
        };
        let table = DeTable::parse(text).map_err(|wrong| {
            let at = wrong.span().map_or(0, |span| span.start);
            error(at, wrong.message())
        })?;
        let mut places = Vec::new();
        let fields = table_of(table.get_ref(), &mut Vec::new(), &mut places);
        let value = fields.map_err(|(at, problem)| error(at, &problem))?;
        Ok(Document {
            text: text.to_owned(),
            value,
            places,
        })
    }

    /// A mistake in the field at the end of this path: names of fields, places in arrays. As far
    /// as the path leads.
    pub(super) fn error(&self, path: &[String], text: impl Into<String>) -> FileError {
        let longest = (0..=path.len()).rev().find_map(|length| {
            let mut places = self.places.iter();
            places.find(|(other, _)| *other == path[..length])
        });
        let (line, column) = place_of(&self.text, longest.map_or(0, |(_, start)| *start));
        FileError {
            line,
            column,
            text: text.into(),
        }
    }
}

type Places = Vec<(Vec<String>, usize)>;
/// Where, and what.
type Wrong = (usize, String);

fn table_of(
    table: &DeTable<'_>,
    path: &mut Vec<String>,
    places: &mut Places,
) -> Result<Value, Wrong> {
    let mut fields = Vec::new();
    for (name, value) in table {
        path.push(name.get_ref().to_string());
        places.push((path.clone(), name.span().start));
        fields.push((name.get_ref().to_string(), value_of(value, path, places)?));
        path.pop();
    }
    Ok(Value::Object(fields))
}

fn value_of(
    value: &Spanned<DeValue<'_>>,
    path: &mut Vec<String>,
    places: &mut Places,
) -> Result<Value, Wrong> {
    Ok(match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            Value::Number(u64::from_str_radix(number.as_str(), number.radix()).ok())
        }
        DeValue::Boolean(on) => Value::Bool(*on),
        DeValue::Array(items) => {
            let mut values = Vec::new();
            for (place, item) in items.iter().enumerate() {
                path.push(place.to_string());
                places.push((path.clone(), item.span().start));
                values.push(value_of(item, path, places)?);
                path.pop();
            }
            Value::List(values)
        }
        DeValue::Table(table) => table_of(table, path, places)?,
        DeValue::Datetime(time) => Value::Text(time.to_string()),
        DeValue::Float(_) => {
            let problem = "no field takes a float".to_owned();
            return Err((value.span().start, problem));
        }
    })
}

/// Line and column of a byte of the text.
fn place_of(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().count() + 1)
}
