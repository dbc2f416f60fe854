//! The greeting: a profile as the child declares it in its first line, and how it wants to be
//! asked.

mod fields;
mod print;
mod words;

use std::fmt;
use std::time::Duration;

use fields::Fields;
use words::{
    ABSENT, ALPHABETS, CONFLICTS, ENCODINGS, INVERTED, LENGTHS, ORDERS, REPEATS, SHAPES, SURVIVES,
    TAKEN, VIEWS,
};

use super::bytes::Encoding;
use super::json::Value;
use super::request::setting;
use crate::profile::{Abilities, Ability, Lengths, OptionValues, Profile};
use crate::text::nearest;

/// What a child says first.
///
/// ```
/// use etalon_spec::Ability;
/// use etalon_spec::process::Greeting;
///
/// let greeting = Greeting::parse(r#"{"etalon":1,"name":"toy","can":["scan"],"window":64}"#).unwrap();
/// assert!(greeting.profile.can.has(Ability::Scan));
/// assert_eq!(greeting.window, 64);
/// let error = Greeting::parse(r#"{"etalon":1,"nam":"toy"}"#).unwrap_err();
/// assert_eq!(error.to_string(), "the field `name` is missing");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// What the store promises.
    pub profile: Profile,
    /// How bytes stand in strings.
    pub encoding: Encoding,
    /// How many requests may be outstanding.
    pub window: usize,
}

/// What is wrong with a greeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongGreeting {
    /// Where: the name of the field, after that of the object that it stands in; or that of an
    /// array, and a place in it. Empty for the whole.
    pub path: Vec<String>,
    text: String,
}

impl fmt::Display for WrongGreeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for WrongGreeting {}

/// A day: nobody waits longer for an answer.
const LONGEST: usize = 86_400;

type Read<T> = Result<T, WrongGreeting>;

fn wrong<T>(path: &[&str], text: impl Into<String>) -> Read<T> {
    Err(WrongGreeting {
        path: path.iter().map(|part| (*part).to_owned()).collect(),
        text: text.into(),
    })
}

impl Greeting {
    /// A greeting of a store with this profile.
    pub fn new(profile: Profile) -> Greeting {
        Greeting {
            profile,
            encoding: Encoding::Latin1,
            window: 1,
        }
    }

    /// Reads a child's first line.
    pub fn parse(line: &str) -> Result<Greeting, WrongGreeting> {
        let value = Value::parse(line).or_else(|text| wrong(&[], text))?;
        let mut fields = Fields::of(value, "", "")?;
        match fields.take("etalon") {
            Some(Value::Number(Some(1))) => {}
            Some(_) => return wrong(&["etalon"], "`etalon`: this is version 1 of the protocol"),
            None => return wrong(&[], "the field `etalon` is missing"),
        }
        let Some(name) = fields.text("name")? else {
            return wrong(&[], "the field `name` is missing");
        };
        let mut greeting = Greeting::new(Profile::new(name));
        greeting.way_of_asking(&mut fields)?;
        greeting.fields(&mut fields)?;
        greeting.groups(&mut fields)?;
        fields.end()?;
        Ok(greeting)
    }

    /// Lays the fields of an object over a profile; what is not there stays as it is. Lists and
    /// options are replaced as a whole.
    #[cfg(feature = "toml")]
    pub(crate) fn lay_over(profile: &Profile, object: Value) -> Read<Profile> {
        let mut fields = Fields::of(object, "", "")?;
        for own in ["etalon", "bytes", "window"] {
            if fields.take(own).is_some() {
                let text = format!("`{own}` is no part of a profile: a driver greets with it");
                return wrong(&[own], text);
            }
        }
        let mut greeting = Greeting::new(profile.clone());
        fields.text_into("name", &mut greeting.profile.name)?;
        fields.number("threads", &mut greeting.profile.threads)?;
        greeting.fields(&mut fields)?;
        greeting.groups(&mut fields)?;
        fields.end()?;
        Ok(greeting.profile)
    }

    /// What concerns the protocol alone.
    fn way_of_asking(&mut self, fields: &mut Fields) -> Read<()> {
        fields.word("bytes", &ENCODINGS, &mut self.encoding)?;
        fields.number("window", &mut self.window)?;
        if self.window == 0 {
            return wrong(&["window"], "`window`: at least 1");
        }
        Ok(())
    }

    /// The fields that stand in the greeting itself.
    fn fields(&mut self, fields: &mut Fields) -> Read<()> {
        let profile = &mut self.profile;
        fields.text_into("version", &mut profile.version)?;
        fields.text_into("url", &mut profile.url)?;
        match fields.take("can") {
            None => {}
            Some(Value::List(words)) => {
                profile.can = Abilities::default();
                for (place, word) in words.iter().enumerate() {
                    profile.can = profile.can.with(ability(word, place)?);
                }
            }
            Some(other) => return fields.expected("can", "an array", &other),
        }
        fields.word("order", &ORDERS, &mut profile.order)?;
        fields.word("length", &LENGTHS, &mut profile.length)?;
        match fields.take("options") {
            None => Ok(()),
            Some(Value::Object(options)) => {
                profile.options.clear();
                for (name, values) in options {
                    let values = option_values(name, values, self.encoding)?;
                    profile.options.push(values);
                }
                Ok(())
            }
            Some(other) => fields.expected("options", "an object", &other),
        }
    }

    /// The objects in the greeting.
    fn groups(&mut self, fields: &mut Fields) -> Read<()> {
        let profile = &mut self.profile;
        let mut keys = fields.inside("keys", "`keys`: ")?;
        lengths(&mut keys, &mut profile.keys)?;
        keys.word("alphabet", &ALPHABETS, &mut profile.alphabet)?;
        keys.end()?;
        let mut values = fields.inside("values", "`values`: ")?;
        lengths(&mut values, &mut profile.values)?;
        values.end()?;
        let mut batch = fields.inside("batch", "`batch`: ")?;
        batch.number("max", &mut profile.batch_max)?;
        batch.word("repeats", &REPEATS, &mut profile.batch_repeats)?;
        batch.end()?;
        ranges(fields, profile)?;
        let mut delete = fields.inside("delete", "`delete`: ")?;
        delete.word("absent", &ABSENT, &mut profile.delete_absent)?;
        delete.end()?;
        let mut snapshot = fields.inside("snapshot", "`snapshot`: ")?;
        snapshot.number("max", &mut profile.snapshot_max)?;
        snapshot.end()?;
        let mut iterator = fields.inside("iterator", "`iterator`: ")?;
        iterator.number("max", &mut profile.iterator_max)?;
        iterator.word("view", &VIEWS, &mut profile.iterator_view)?;
        iterator.switch("back", &mut profile.iterator_back)?;
        iterator.end()?;
        let mut transaction = fields.inside("transaction", "`transaction`: ")?;
        transaction.number("max", &mut profile.transaction_max)?;
        transaction.switch("reads_own", &mut profile.transaction_reads_own)?;
        transaction.word("conflict", &CONFLICTS, &mut profile.transaction_conflict)?;
        transaction.end()?;
        let mut survives = fields.inside("survives", "`survives`: ")?;
        survives.word("close", &SURVIVES, &mut profile.survives_close)?;
        survives.word("kill", &SURVIVES, &mut profile.survives_kill)?;
        survives.word("power", &SURVIVES, &mut profile.survives_power)?;
        survives.word("shape", &SHAPES, &mut profile.survives_shape)?;
        survives.end()?;
        let mut timeout = fields.inside("timeout", "`timeout`: ")?;
        seconds(&mut timeout, "op", &mut profile.timeout)?;
        seconds(&mut timeout, "open", &mut profile.timeout_open)?;
        timeout.end()?;
        let mut open = fields.inside("open", "`open`: ")?;
        open.switch("fresh_dir", &mut profile.fresh_dir)?;
        open.end()
    }
}

fn ranges(fields: &mut Fields, profile: &mut Profile) -> Read<()> {
    let mut range = fields.inside("range", "`range`: ")?;
    range.word("inverted", &INVERTED, &mut profile.range_inverted)?;
    range.word("from_excluded", &TAKEN, &mut profile.range_from_excluded)?;
    range.word("to_included", &TAKEN, &mut profile.range_to_included)?;
    range.word("prefix_reverse", &TAKEN, &mut profile.range_prefix_reverse)?;
    range.end()
}

/// A time in whole seconds; one that is less precise than what it was stays as it was.
fn seconds(fields: &mut Fields, name: &'static str, to: &mut Duration) -> Read<()> {
    let before = to.as_secs() as usize;
    let mut seconds = before;
    fields.number(name, &mut seconds)?;
    if seconds == before {
        return Ok(());
    }
    if !(1..=LONGEST).contains(&seconds) {
        return fields.wrong(name, format_args!("`{name}`: from 1 to {LONGEST} seconds"));
    }
    *to = Duration::from_secs(seconds as u64);
    Ok(())
}

fn ability(value: &Value, place: usize) -> Read<Ability> {
    let place = place.to_string();
    let path = ["can", place.as_str()];
    let Value::Text(word) = value else {
        let text = format!("`can`: expected strings, found {}", value.what());
        return wrong(&path, text);
    };
    let words = Ability::ALL.map(Ability::word);
    Ability::from_word(word).map_or_else(
        || {
            let near = nearest(word, words);
            let hint = near.map_or(String::new(), |word| format!(" Did you mean `{word}`?"));
            let words = words.join(", ");
            let text = format!("`can`: unknown ability {word:?}; there are {words}.{hint}");
            wrong(&path, text)
        },
        Ok,
    )
}

fn lengths(fields: &mut Fields, to: &mut Lengths) -> Read<()> {
    fields.number("min", &mut to.min)?;
    fields.number("max", &mut to.max)?;
    if to.min > to.max {
        return fields.wrong("min", "`min` is above `max`");
    }
    Ok(())
}

fn option_values(name: String, values: Value, encoding: Encoding) -> Read<OptionValues> {
    let path = ["options", name.as_str()];
    if !crate::options::Options::is_name(&name) {
        return wrong(&path, format!("`options`: not an option's name: {name:?}"));
    }
    let Value::List(values) = values else {
        let text = format!("`options`: `{name}`: expected an array of values");
        return wrong(&path, text);
    };
    let values = values.into_iter().map(|value| setting(value, encoding));
    let values: Result<Vec<_>, String> = values.collect();
    let values = values.or_else(|text| wrong(&path, format!("`options`: `{name}`: {text}")))?;
    Ok(OptionValues {
        name: name.into(),
        values,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Setting;
    use crate::profile::{Conflict, Order, Survives, Taken};

    #[test]
    fn what_is_printed_is_read_again() {
        let profile = Profile {
            version: "0.3".into(),
            batch_repeats: Taken::Refused,
            survives_kill: Survives::Synced,
            iterator_back: false,
            transaction_max: 3,
            transaction_reads_own: false,
            transaction_conflict: Conflict::Refused,
            order: Order::None,
            range_prefix_reverse: Taken::Refused,
            timeout_open: Duration::from_secs(60),
            fresh_dir: true,
            ..Profile::new("a \"name\"")
        };
        let profile = profile
            .can([Ability::Scan, Ability::Reopen])
            .keys(1..=511)
            .option(
                "cache",
                [
                    Setting::Integer(0),
                    Setting::Switch(true),
                    Setting::from("lz4"),
                ],
            );
        let greeting = Greeting {
            window: 64,
            encoding: Encoding::Hex,
            ..Greeting::new(profile)
        };
        assert_eq!(Greeting::parse(&greeting.print()), Ok(greeting));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |rest: &str| {
            let line = format!(r#"{{"etalon":1,"name":"toy"{rest}}}"#);
            Greeting::parse(&line).expect_err(rest).to_string()
        };
        assert!(error(r#","windw":3"#).ends_with("timeout, open. Did you mean `window`?"));
        assert!(error(r#","can":["scna"]"#).ends_with("Did you mean `scan`?"));
        assert!(error(r#","keys":{"minimum":1}"#).starts_with("`keys`: unknown field `minimum`"));
        assert_eq!(
            error(r#","order":"up""#),
            "`order`: \"up\" is none of bytes, none"
        );
        assert_eq!(
            error(r#","keys":{"min":9,"max":8}"#),
            "`keys`: `min` is above `max`"
        );
        assert_eq!(error(r#","window":0"#), "`window`: at least 1");
        let other = Greeting::parse(r#"{"etalon":2,"name":"toy"}"#).unwrap_err();
        assert_eq!(
            other.to_string(),
            "`etalon`: this is version 1 of the protocol"
        );
    }
}
