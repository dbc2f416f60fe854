//! One object of the greeting, read field by field, so that a field that nobody reads is a mistake.

use super::{Read, wrong};
use crate::protocol::json::Value;
use crate::text::nearest;

/// One object of the greeting, its fields taken out one by one.
pub(super) struct Fields {
    pub(super) at: &'static str,
    map: Vec<(String, Value)>,
    known: Vec<&'static str>,
}

impl Fields {
    pub(super) fn of(value: Value, at: &'static str) -> Read<Fields> {
        match value {
            Value::Object(map) => Ok(Fields {
                at,
                map,
                known: Vec::new(),
            }),
            other => wrong(format!("{at}expected an object, found {}", other.what())),
        }
    }

    pub(super) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        let at = self.map.iter().position(|(other, _)| other == name)?;
        Some(self.map.swap_remove(at).1)
    }

    pub(super) fn expected<T>(&self, name: &str, what: &str, found: &Value) -> Read<T> {
        let at = self.at;
        wrong(format!(
            "{at}`{name}`: expected {what}, found {}",
            found.what()
        ))
    }

    pub(super) fn text(&mut self, name: &'static str) -> Read<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(other) => self.expected(name, "a string", &other),
        }
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
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let words = words.join(", ");
        wrong(format!("{}`{name}`: {text:?} is none of {words}", self.at))
    }

    /// The fields of an object inside; of an empty one if it is not there.
    pub(super) fn inside(&mut self, name: &'static str, at: &'static str) -> Read<Fields> {
        let value = self.take(name);
        Fields::of(value.unwrap_or(Value::Object(Vec::new())), at)
    }

    pub(super) fn end(self) -> Read<()> {
        let Some((name, _)) = self.map.first() else {
            return Ok(());
        };
        let near = nearest(name, self.known.iter().copied());
        let hint = near.map_or(String::new(), |word| format!(" Did you mean `{word}`?"));
        let known = self.known.join(", ");
        let at = self.at;
        wrong(format!(
            "{at}unknown field `{name}`; there are {known}.{hint}"
        ))
    }
}
