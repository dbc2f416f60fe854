//! One object of the greeting, read field by field, so that a field that nobody reads is a mistake.

use std::borrow::Cow;
use std::fmt;

use super::{Read, WrongGreeting};
use crate::protocol::json::Value;
use crate::text::nearest;

/// One object of the greeting, its fields taken out one by one.
pub(super) struct Fields {
    at: &'static str,
    /// The name of this object; empty for the greeting itself.
    name: &'static str,
    map: Vec<(String, Value)>,
    known: Vec<&'static str>,
}

impl Fields {
    pub(super) fn of(value: Value, name: &'static str, at: &'static str) -> Read<Fields> {
        match value {
            Value::Object(map) => Ok(Fields {
                at,
                name,
                map,
                known: Vec::new(),
            }),
            other => Err(WrongGreeting {
                path: vec![name.to_owned()],
                text: format!("{at}expected an object, found {}", other.what()),
            }),
        }
    }

    pub(super) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        let at = self.map.iter().position(|(other, _)| other == name)?;
        Some(self.map.swap_remove(at).1)
    }

    /// A mistake in a field of this object.
    pub(super) fn wrong<T>(&self, name: &str, text: impl fmt::Display) -> Read<T> {
        let path = [self.name, name]
            .into_iter()
            .filter(|part| !part.is_empty());
        Err(WrongGreeting {
            path: path.map(str::to_owned).collect(),
            text: format!("{}{text}", self.at),
        })
    }

    pub(super) fn expected<T>(&self, name: &str, what: &str, found: &Value) -> Read<T> {
        let found = found.what();
        self.wrong(
            name,
            format_args!("`{name}`: expected {what}, found {found}"),
        )
    }

    pub(super) fn text(&mut self, name: &'static str) -> Read<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(other) => self.expected(name, "a string", &other),
        }
    }

    /// A text that stays as it is where the field is not there.
    pub(super) fn text_into(&mut self, name: &'static str, to: &mut Cow<'static, str>) -> Read<()> {
        if let Some(text) = self.text(name)? {
            *to = text.into();
        }
        Ok(())
    }

    pub(super) fn number(&mut self, name: &'static str, to: &mut usize) -> Read<()> {
        match self.take(name) {
            None => Ok(()),
            Some(Value::Number(Some(number))) => {
                *to = usize::try_from(number).unwrap_or(usize::MAX);
                Ok(())
            }
            Some(other) => self.expected(name, "a whole number", &other),
        }
    }

    pub(super) fn switch(&mut self, name: &'static str, to: &mut bool) -> Read<()> {
        match self.take(name) {
            None => Ok(()),
            Some(Value::Bool(on)) => {
                *to = on;
                Ok(())
            }
            Some(other) => self.expected(name, "true or false", &other),
        }
    }

    pub(super) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, T)],
        to: &mut T,
    ) -> Read<()> {
        let Some(text) = self.text(name)? else {
            return Ok(());
        };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            *to = *value;
            return Ok(());
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let words = known.join(", ");
        let near = nearest(&text, known);
        let hint = near.map_or(String::new(), |word| format!(". Did you mean `{word}`?"));
        self.wrong(
            name,
            format_args!("`{name}`: {text:?} is none of {words}{hint}"),
        )
    }

    /// The fields of an object inside; of an empty one if it is not there.
    pub(super) fn inside(&mut self, name: &'static str, at: &'static str) -> Read<Fields> {
        let value = self.take(name);
        Fields::of(value.unwrap_or(Value::Object(Vec::new())), name, at)
    }

    pub(super) fn end(self) -> Read<()> {
        let Some((name, _)) = self.map.first() else {
            return Ok(());
        };
        let near = nearest(name, self.known.iter().copied());
        let hint = near.map_or(String::new(), |word| format!(" Did you mean `{word}`?"));
        let known = self.known.join(", ");
        self.wrong(
            name,
            format_args!("unknown field `{name}`; there are {known}.{hint}"),
        )
    }
}
