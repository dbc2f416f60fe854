//! Options of the store under test: part of every case, since many bugs hide behind defaults.
//!
//! The specification attaches no meaning to a name. A store's [`Profile`](crate::Profile)
//! declares which names it takes and which values the generator may choose.
//!
//! Invariants:
//! 1. A name is a letter followed by letters, digits or `_`, all ASCII, so that it can be
//!    written as `option NAME = VALUE`.
//! 2. Names are unique and kept in byte order: equal sets of options are equal values.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The value of one option.
///
/// ```
/// use etalon_spec::Setting;
///
/// assert_eq!(Setting::from(4096), Setting::Integer(4096));
/// assert_eq!(Setting::from("lz4"), Setting::Text(b"lz4".to_vec()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    /// A number, written in decimal.
    Integer(u64),
    /// Bytes, written as a quoted string.
    Text(Vec<u8>),
    /// `on` or `off`.
    Switch(bool),
}

impl From<u64> for Setting {
    fn from(value: u64) -> Self {
        Setting::Integer(value)
    }
}

impl From<bool> for Setting {
    fn from(value: bool) -> Self {
        Setting::Switch(value)
    }
}

impl From<&str> for Setting {
    fn from(value: &str) -> Self {
        Setting::Text(value.as_bytes().to_vec())
    }
}

/// A set of named options.
///
/// ```
/// use etalon_spec::{Options, Setting};
///
/// let mut options = Options::default();
/// options.set("memtable_bytes", Setting::Integer(256));
/// assert_eq!(options.get("memtable_bytes"), Some(&Setting::Integer(256)));
/// assert_eq!(options.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    settings: BTreeMap<Cow<'static, str>, Setting>,
}

impl Options {
    /// Whether `name` can name an option (invariant 1).
    ///
    /// ```
    /// use etalon_spec::Options;
    ///
    /// assert!(Options::is_name("memtable_bytes"));
    /// assert!(!Options::is_name("2fast") && !Options::is_name(""));
    /// ```
    pub fn is_name(name: &str) -> bool {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    /// Sets one option, replacing what it was.
    ///
    /// # Panics
    /// If `name` is not a name; see [`Options::is_name`].
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, setting: Setting) {
        let name = name.into();
        assert!(Options::is_name(&name), "not an option name: {name:?}");
        self.settings.insert(name, setting);
    }

    /// Takes one option away, so that the store's default applies. Returns what it was.
    pub fn remove(&mut self, name: &str) -> Option<Setting> {
        self.settings.remove(name)
    }

    /// The value of one option, if it is set.
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.settings.get(name)
    }

    /// How many options are set.
    pub fn len(&self) -> usize {
        self.settings.len()
    }

    /// Whether no option is set: everything at the store's defaults.
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// The options by name, in byte order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.settings
            .iter()
            .map(|(name, setting)| (name.as_ref(), setting))
    }
}
