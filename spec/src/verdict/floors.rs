//! `--require`: floors that a person sets (V3).

use std::fmt;

use crate::situations::{Situation, Situations};
use crate::text::nearest;

/// Floors of a run: those in proportion, unless they are off, and those that were asked for.
///
/// ```
/// use etalon_spec::Floors;
///
/// let floors = Floors::parse(["compact twice>=10"]).unwrap();
/// assert!(floors.in_proportion());
/// assert!(!Floors::parse(["none"]).unwrap().in_proportion());
/// let error = Floors::parse(["compact twise>=10"]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "--require: no situation is called `compact twise`; did you mean `compact twice`?"
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Floors {
    off: bool,
    required: Vec<Requirement>,
}

/// One `--require NAME>=N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// What must be met.
    pub situation: Situation,
    /// At least this often.
    pub at_least: u64,
}

/// A `--require` that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FloorError {
    /// It is neither `none` nor `NAME>=N`.
    Form(String),
    /// No situation has this name.
    Unknown {
        /// What was written.
        name: String,
        /// The one that was probably meant.
        nearest: Option<Situation>,
    },
}

impl fmt::Display for FloorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FloorError::Form(text) => {
                write!(f, "--require: expected `NAME>=N` or `none`, found `{text}`")
            }
            FloorError::Unknown { name, nearest } => {
                write!(f, "--require: no situation is called `{name}`")?;
                match nearest {
                    Some(nearest) => write!(f, "; did you mean `{}`?", nearest.name()),
                    None => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for FloorError {}

impl Floors {
    /// Reads the values of all `--require` flags.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, FloorError> {
        let mut floors = Floors::default();
        for text in texts {
            if text.trim() == "none" {
                floors.off = true;
            } else {
                floors.required.push(Requirement::parse(text)?);
            }
        }
        Ok(floors)
    }

    /// Whether the floors in proportion (V2) apply; `--require none` switches them off.
    pub fn in_proportion(&self) -> bool {
        !self.off
    }

    /// The floors that were asked for.
    pub fn required(&self) -> &[Requirement] {
        &self.required
    }

    /// What is missing of what was asked for.
    pub(super) fn missing(&self, met: &Situations) -> impl Iterator<Item = String> {
        let below = |floor: &&Requirement| met.get(floor.situation) < floor.at_least;
        self.required.iter().filter(below).map(|floor| {
            format!(
                "`{}` was met {} times, --require asks for {}. Try a longer run",
                floor.situation.name(),
                met.get(floor.situation),
                floor.at_least
            )
        })
    }
}

impl Requirement {
    fn parse(text: &str) -> Result<Self, FloorError> {
        let form = || FloorError::Form(text.to_string());
        let (name, number) = text.split_once(">=").ok_or_else(form)?;
        let at_least = number.trim().parse().map_err(|_| form())?;
        let name = name.trim();
        if let Some(situation) = Situation::from_name(name) {
            return Ok(Requirement {
                situation,
                at_least,
            });
        }
        let known = Situation::ALL.iter().map(|situation| situation.name());
        Err(FloorError::Unknown {
            name: name.to_string(),
            nearest: nearest(name, known).and_then(Situation::from_name),
        })
    }
}
