//! `known.toml`: divergences that are known, each with a proof and a date.
//!
//! ```toml
//! [[known]]
//! id = "empty-value"
//! link = "https://example.org/issues/7"
//! until = "2027-03-01"
//! values.min = 1                      # any fields of a profile; or: without = ["prefix"]
//! proof = "known/empty-value.ops"
//! ```
//!
//! Invariants:
//! 1. An entry narrows the profile and does nothing else: no failure is filtered, no message
//!    compared.
//! 2. The proof is run under the whole profile, every time: an entry that has nothing to hide any
//!    more is a mistake, and so is one that is past its date.

use super::date::Date;
use super::document::{Document, FileError};
use super::narrower::narrower;
use crate::check::{Class, Divergence};
use crate::op::OpKind;
use crate::profile::{Ability, Profile};
use crate::protocol::{Greeting, Value};
use crate::text::{Script, nearest};

/// One known divergence.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Its name.
    pub id: String,
    /// Where it was reported; empty if nowhere.
    pub link: String,
    /// The last day on which it is taken for known.
    pub until: Date,
    /// Abilities and kinds of operations that are not sent because of it.
    pub without: Vec<String>,
    /// The `.ops` file that shows it, from the folder of `known.toml`.
    pub proof: String,
    /// How the proof fails. Without one, the class that the file's `# why:` begins with.
    pub class: Option<Class>,
    /// What else it narrows: fields of a profile.
    fields: Vec<(String, Value)>,
    place: usize,
}

/// How a known divergence stands today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its proof fails as it did.
    Holds,
    /// Its proof does not fail any more: the entry should go.
    Mended,
    /// Its date is past.
    Expired,
    /// Its proof fails, and in another class.
    FailsElse(Box<Divergence>),
}

/// A file of known divergences.
///
/// ```
/// use etalon_spec::{Ability, KnownFile, Profile};
///
/// let text = "[[known]]\nid = 'a'\nuntil = '2027-03-01'\nkeys.min = 1\nwithout = ['scan']\nproof = 'a.ops'\n";
/// let file = KnownFile::parse(text).unwrap();
/// assert_eq!(file.entries[0].until.to_string(), "2027-03-01");
/// let profile = Profile::default().can([Ability::Scan, Ability::Flush]);
/// let (narrowed, kinds) = file.narrow(&profile).unwrap();
/// assert!(narrowed.keys.min == 1 && !narrowed.can.has(Ability::Scan) && kinds.is_empty());
///
/// let error = file.narrow(&Profile::default().keys(2..=9)).unwrap_err();
/// assert_eq!(error.to_string(), "4:6: a known divergence may only narrow the profile");
/// ```
#[derive(Clone, Debug)]
pub struct KnownFile {
    document: Document,
    /// The entries, in the order of the file.
    pub entries: Vec<Known>,
}

impl KnownFile {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<KnownFile, FileError> {
        let document = Document::parse(text)?;
        let Value::Object(fields) = document.value.clone() else {
            return Err(document.error(&[], "expected fields"));
        };
        let mut entries = Vec::new();
        for (name, value) in fields {
            let Value::List(list) = value else {
                let text = "expected [[known]], an entry for each known divergence";
                return Err(document.error(&[name], text));
            };
            if name != "known" {
                let text = format!("unknown field `{name}`; there is `known`");
                return Err(document.error(&[name], text));
            }
            for (place, entry) in list.into_iter().enumerate() {
                entries.push(known(&document, entry, place)?);
            }
        }
        Ok(KnownFile { document, entries })
    }

    /// The profile without what is known to be wrong, and kinds of operations that no ability
    /// stands for and that are not sent either.
    pub fn narrow(&self, profile: &Profile) -> Result<(Profile, Vec<OpKind>), FileError> {
        let (mut narrowed, mut kinds) = (profile.clone(), Vec::new());
        for entry in &self.entries {
            let before = (narrowed.clone(), kinds.len());
            self.lay_over(entry, &mut narrowed)?;
            for (at, word) in entry.without.iter().enumerate() {
                let kind = OpKind::ALL.into_iter().find(|kind| kind.word() == word);
                match (Ability::from_word(word), kind) {
                    (Some(ability), _) => narrowed.can = narrowed.can.without(ability),
                    (None, Some(kind)) => kinds.push(kind),
                    (None, None) => return Err(self.unknown_word(entry, at, word)),
                }
            }
            if before == (narrowed.clone(), kinds.len()) {
                return Err(self.error(entry, &[], "this entry narrows nothing"));
            }
        }
        Ok((narrowed, kinds))
    }

    fn lay_over(&self, entry: &Known, profile: &mut Profile) -> Result<(), FileError> {
        let over = Greeting::lay_over(profile, Value::Object(entry.fields.clone()));
        let over = over.map_err(|wrong| {
            let path: Vec<&str> = wrong.path.iter().map(String::as_str).collect();
            self.error(entry, &path, &wrong.to_string())
        })?;
        *profile = narrower(profile, over).map_err(|path| {
            self.error(
                entry,
                path,
                "a known divergence may only narrow the profile",
            )
        })?;
        Ok(())
    }

    fn unknown_word(&self, entry: &Known, at: usize, word: &str) -> FileError {
        let abilities = Ability::ALL.map(Ability::word).into_iter();
        let known = abilities.chain(OpKind::ALL.map(OpKind::word));
        let near = nearest(word, known);
        let hint = near.map_or(String::new(), |near| format!(". Did you mean `{near}`?"));
        let text = format!("neither an ability nor an operation: {word:?}{hint}");
        self.error(entry, &["without", &at.to_string()], &text)
    }

    fn error(&self, entry: &Known, path: &[&str], text: &str) -> FileError {
        self.document.error(&path_of(entry.place, path), text)
    }

    /// A mistake in an entry as a whole, such as that it has nothing to hide any more.
    pub fn about(&self, entry: &Known, text: &str) -> FileError {
        self.error(entry, &["id"], text)
    }
}

impl Known {
    /// How the proof should fail: as the entry says, or as the file does.
    pub fn expected_class(&self, proof: &Script) -> Option<Class> {
        let why = proof.note("why").unwrap_or_default();
        let (first, _) = why.split_once(':').unwrap_or((why, ""));
        self.class.or_else(|| Class::from_name(first))
    }

    /// How the entry stands, given what its proof came to today.
    pub fn standing(&self, today: Date, class: Class, outcome: Option<Divergence>) -> Standing {
        match outcome {
            None => Standing::Mended,
            Some(divergence) if divergence.class != class => {
                Standing::FailsElse(Box::new(divergence))
            }
            Some(_) if self.until < today => Standing::Expired,
            Some(_) => Standing::Holds,
        }
    }
}

fn path_of(place: usize, path: &[&str]) -> Vec<String> {
    let mut whole = vec!["known".to_owned(), place.to_string()];
    whole.extend(path.iter().map(|part| (*part).to_owned()));
    whole
}

fn known(document: &Document, entry: Value, place: usize) -> Result<Known, FileError> {
    let error = |path: &[&str], text: &str| document.error(&path_of(place, path), text);
    let Value::Object(mut fields) = entry else {
        return Err(error(&[], "expected a table"));
    };
    let mut text = |name: &str| match take(&mut fields, name) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text)),
        Some(other) => {
            let text = format!("`{name}`: expected a string, found {}", other.what());
            Err(error(&[name], &text))
        }
    };
    let missing = |name: &str| error(&[], &format!("the field `{name}` is missing"));
    let id = text("id")?.ok_or_else(|| missing("id"))?;
    let link = text("link")?.unwrap_or_default();
    let until = text("until")?.ok_or_else(|| missing("until"))?;
    let until = until
        .parse()
        .map_err(|wrong: &str| error(&["until"], wrong))?;
    let proof = text("proof")?.ok_or_else(|| missing("proof"))?;
    let class = match text("class")? {
        None => None,
        Some(word) => Some(Class::from_name(&word).ok_or_else(|| {
            let words = Class::ALL.map(Class::name).join(", ");
            error(&["class"], &format!("no such class; there are {words}"))
        })?),
    };
    let without = match take(&mut fields, "without") {
        None => Vec::new(),
        Some(list) => words(list).ok_or_else(|| error(&["without"], "expected strings"))?,
    };
    for own in ["can", "name", "version", "url"] {
        if fields.iter().any(|(name, _)| name == own) {
            let text = "not in an entry: what is not to be sent stands in `without`";
            return Err(error(&[own], text));
        }
    }
    Ok(Known {
        id,
        link,
        until,
        without,
        proof,
        class,
        fields,
        place,
    })
}

fn take(fields: &mut Vec<(String, Value)>, name: &str) -> Option<Value> {
    let at = fields.iter().position(|(other, _)| other == name)?;
    Some(fields.remove(at).1)
}

fn words(list: Value) -> Option<Vec<String>> {
    let Value::List(items) = list else {
        return None;
    };
    let words = items.into_iter().map(|item| match item {
        Value::Text(word) => Some(word),
        _ => None,
    });
    words.collect()
}
