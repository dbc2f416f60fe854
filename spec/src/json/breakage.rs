//! The fields of `kill`, `crash` and `fail`, both ways.
//!
//! ```text
//!   {"op":"crash","in":{"op":"flush"},"at":3,"keep":{"first":1,"torn":[17,"zero"]},
//!    "then":[{"at":2},{"at":1,"keep":"all"}]}
//!   {"op":"fail","in":{"op":"put","key":"k","value":"v"},"at":2,"with":"eio","forever":true}
//! ```

use serde_json::Value;

use super::fields::{Fields, JsonError, items, wrong};
use super::write::{Object, array};
use super::{read, write};
use crate::breakage::{Crash, Fault, FaultKind, Keep, Pending, Places, Rest, Then, Torn, Within};

pub(super) fn read_thens(fields: &mut Fields) -> Result<Vec<Then>, JsonError> {
    let at = fields.place("then");
    let Some(value) = fields.take("then") else {
        return Ok(Vec::new());
    };
    let mut thens = Vec::new();
    for (index, value) in items(value, &at)?.into_iter().enumerate() {
        let mut fields = Fields::of(value, &format!("{at}[{index}]"))?;
        let keep_at = fields.place("keep");
        thens.push(Then {
            at: number(&mut fields, "at")?,
            keep: fields
                .take("keep")
                .map(|value| read_keep(value, &keep_at))
                .transpose()?,
        });
        fields.end()?;
    }
    Ok(thens)
}

pub(super) fn read_crash(fields: &mut Fields) -> Result<Crash, JsonError> {
    let place = fields.take("in");
    let within = place.map(|op| read_within(op, fields)).transpose()?;
    let keep_at = fields.place("keep");
    let keep = match fields.take("keep") {
        None => Keep::default(),
        Some(value) => read_keep(value, &keep_at)?,
    };
    let then = read_thens(fields)?;
    Ok(Crash { within, keep, then })
}

pub(super) fn read_fault(fields: &mut Fields) -> Result<Fault, JsonError> {
    let op = fields.need("in")?;
    let within = read_within(op, fields)?;
    let with = fields.need("with")?;
    let with = one_of(&with, &FaultKind::WORDS, &fields.place("with"))?;
    let forever = fields.switch("forever")?;
    Ok(Fault {
        within,
        with,
        forever,
    })
}

/// The operation is an object of its own, the number a field beside it.
fn read_within(op: Value, outer: &mut Fields) -> Result<Within, JsonError> {
    let mut fields = Fields::of(op, &outer.place("in"))?;
    let op = read::operation(&mut fields)?;
    fields.end()?;
    let at = number(outer, "at")?;
    Within::new(op, at).ok_or_else(|| outer.wrong("in", Within::POSSIBLE))
}

fn read_keep(value: Value, at: &str) -> Result<Keep, JsonError> {
    const EXPECTED: &str = r#""all", "none", or an object with "pending", "first" or "only""#;
    if let Some(word) = value.as_str() {
        let pending = pending(word).ok_or_else(|| wrong(at, EXPECTED))?;
        return Ok(Keep {
            pending,
            torn: None,
        });
    }
    let mut fields = Fields::of(value, at).map_err(|_| wrong(at, EXPECTED))?;
    let only_at = fields.place("only");
    let pending = if let Some(word) = fields.take("pending") {
        let found = word.as_str().and_then(pending);
        found.ok_or_else(|| fields.wrong("pending", "\"all\" or \"none\""))?
    } else if let Some(only) = fields.take("only") {
        let places = items(only, &only_at)?;
        let places = places.iter().map(|value| small(value, &only_at));
        let places = Places::new(places.collect::<Result<Vec<u32>, JsonError>>()?);
        Pending::Only(places.ok_or_else(|| wrong(&only_at, "at least one number"))?)
    } else {
        Pending::First(number(&mut fields, "first")?)
    };
    let torn_at = fields.place("torn");
    let torn = fields.take("torn");
    let torn = torn.map(|value| read_torn(value, &torn_at)).transpose()?;
    fields.end()?;
    Ok(Keep { pending, torn })
}

fn pending(word: &str) -> Option<Pending> {
    match word {
        "all" => Some(Pending::All),
        "none" => Some(Pending::None),
        _ => None,
    }
}

fn read_torn(value: Value, at: &str) -> Result<Torn, JsonError> {
    match &items(value, at)?[..] {
        [bytes, rest] => Ok(Torn {
            bytes: small(bytes, at)?,
            rest: one_of(rest, &Rest::WORDS, at)?,
        }),
        _ => Err(wrong(
            at,
            "[bytes,\"old\"], [bytes,\"zero\"] or [bytes,\"garbage\"]",
        )),
    }
}

fn number(fields: &mut Fields, name: &'static str) -> Result<u32, JsonError> {
    let value = fields.need(name)?;
    small(&value, &fields.place(name))
}

fn small(value: &Value, at: &str) -> Result<u32, JsonError> {
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| wrong(at, "a number up to 4294967295"))
}

fn one_of<T: Copy>(value: &Value, words: &[(&str, T)], at: &str) -> Result<T, JsonError> {
    let word = value.as_str();
    let found = words.iter().find(|(known, _)| Some(*known) == word);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        wrong(at, &format!("one of {}", words.join(" ")))
    })
}

pub(super) fn write_thens(object: &mut Object, thens: &[Then]) {
    if !thens.is_empty() {
        object.field("then", &array(thens, then));
    }
}

fn then(then: &Then) -> String {
    let mut object = Object::default();
    object.field("at", &then.at.to_string());
    if let Some(keep) = &then.keep {
        object.field("keep", &write_keep(keep));
    }
    object.close()
}

pub(super) fn write_crash(object: &mut Object, crash: &Crash) {
    if let Some(within) = &crash.within {
        write_within(object, within);
    }
    if crash.keep != Keep::default() {
        object.field("keep", &write_keep(&crash.keep));
    }
    write_thens(object, &crash.then);
}

pub(super) fn write_fault(object: &mut Object, fault: &Fault) {
    write_within(object, &fault.within);
    object.bytes("with", fault.with.word().as_bytes());
    if fault.forever {
        object.field("forever", "true");
    }
}

fn write_within(object: &mut Object, within: &Within) {
    object.field("in", &write::operation(within.op()).close());
    object.field("at", &within.at.to_string());
}

/// A word where a word says it all.
fn write_keep(keep: &Keep) -> String {
    let word = match &keep.pending {
        Pending::None => Some("\"none\""),
        Pending::All => Some("\"all\""),
        Pending::First(_) | Pending::Only(_) => None,
    };
    let mut object = Object::default();
    match (&keep.pending, word, keep.torn) {
        (_, Some(word), None) => return word.to_string(),
        (_, Some(word), Some(_)) => object.field("pending", word),
        (Pending::Only(places), ..) => {
            let places: Vec<u32> = places.iter().collect();
            object.field("only", &array(&places, u32::to_string));
        }
        (Pending::First(count), ..) => object.field("first", &count.to_string()),
        (Pending::None | Pending::All, None, _) => unreachable!("these have a word"),
    }
    if let Some(Torn { bytes, rest }) = keep.torn {
        object.field("torn", &format!("[{bytes},\"{}\"]", rest.word()));
    }
    object.close()
}
