//! One JSON object, read field by field, so that every mistake has a place and a field that nobody
//! reads is one.

use std::fmt;

use serde_json::{Map, Value};

use crate::name::{Name, NotAName};
use crate::text::nearest;

/// What is wrong with a JSON case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Where, such as `operations[3].value`; empty for the whole.
    pub at: String,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let JsonError { at, problem } = self;
        if at.is_empty() {
            f.write_str(problem)
        } else {
            write!(f, "{at}: {problem}")
        }
    }
}

impl std::error::Error for JsonError {}

/// The fields of one object, taken out one by one; what is left at the end is unknown.
pub(super) struct Fields {
    at: String,
    pub(super) map: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Fields {
    pub(super) fn of(value: Value, at: &str) -> Result<Self, JsonError> {
        match value {
            Value::Object(map) => Ok(Fields {
                at: at.to_string(),
                map,
                known: Vec::new(),
            }),
            _ => Err(wrong(at, "an object")),
        }
    }

    pub(super) fn place(&self, name: &str) -> String {
        if self.at.is_empty() {
            name.to_string()
        } else {
            format!("{}.{name}", self.at)
        }
    }

    pub(super) fn wrong(&self, name: &str, expected: &str) -> JsonError {
        wrong(&self.place(name), expected)
    }

    pub(super) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.map.remove(name)
    }

    pub(super) fn need(&mut self, name: &'static str) -> Result<Value, JsonError> {
        self.take(name).ok_or_else(|| JsonError {
            at: self.at.clone(),
            problem: format!("the field `{name}` is missing"),
        })
    }

    pub(super) fn bytes(&mut self, name: &'static str) -> Result<Vec<u8>, JsonError> {
        let value = self.need(name)?;
        bytes(&value, &self.place(name))
    }

    pub(super) fn bytes_if_there(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Vec<u8>>, JsonError> {
        self.take(name)
            .map(|value| bytes(&value, &self.place(name)))
            .transpose()
    }

    pub(super) fn name(&mut self, name: &'static str) -> Result<Name, JsonError> {
        let value = self.need(name)?;
        self.named(name, &value)
    }

    pub(super) fn name_if_there(&mut self, name: &'static str) -> Result<Option<Name>, JsonError> {
        let value = self.take(name);
        value.map(|value| self.named(name, &value)).transpose()
    }

    fn named(&self, name: &str, value: &Value) -> Result<Name, JsonError> {
        let found = value.as_str().and_then(Name::new);
        found.ok_or_else(|| JsonError {
            at: self.place(name),
            problem: NotAName.to_string(),
        })
    }

    pub(super) fn switch(&mut self, name: &'static str) -> Result<bool, JsonError> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(on)) => Ok(on),
            Some(_) => Err(self.wrong(name, "true or false")),
        }
    }

    pub(super) fn small(&mut self, name: &'static str) -> Result<u16, JsonError> {
        let number = self
            .need(name)?
            .as_u64()
            .and_then(|number| u16::try_from(number).ok());
        number.ok_or_else(|| self.wrong(name, "a number up to 65535"))
    }

    pub(super) fn end(&self) -> Result<(), JsonError> {
        let Some(name) = self.map.keys().next() else {
            return Ok(());
        };
        let nearest = nearest(name, self.known.iter().copied());
        let hint = nearest.map_or(String::new(), |word| format!(". Did you mean `{word}`?"));
        Err(JsonError {
            at: self.at.clone(),
            problem: format!("unknown field `{name}`{hint}"),
        })
    }
}

pub(super) fn wrong(at: &str, expected: &str) -> JsonError {
    JsonError {
        at: at.to_string(),
        problem: format!("expected {expected}"),
    }
}

pub(super) fn items(value: Value, at: &str) -> Result<Vec<Value>, JsonError> {
    match value {
        Value::Array(items) => Ok(items),
        _ => Err(wrong(at, "an array")),
    }
}

pub(super) fn bytes(value: &Value, at: &str) -> Result<Vec<u8>, JsonError> {
    let text = value.as_str();
    let bytes = text.and_then(|text| {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect()
    });
    bytes.ok_or_else(|| wrong(at, "a string of one character a byte, U+0000 to U+00FF"))
}
