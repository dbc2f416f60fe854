//! What went wrong: the one read or reply in which a store left the specification.

use std::fmt;
use std::time::Duration;

use crate::op::{Op, OpKind, Reply};
use crate::outcome::{Breach, Failure};

/// How a store failed. A shrunk case fails in the same class as the case it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// It answered, and not what the specification says.
    WrongAnswer,
    /// It answered with an error what its profile promises to do.
    Refused,
    /// It panicked.
    Died,
    /// It did not answer in time.
    Hung,
    /// It answered what is no answer: garbage, or another's turn.
    Protocol,
    /// It wrote more than anybody can keep.
    Flood,
    /// A rule of its structure is broken, whatever it answers.
    Structure,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 7] = [
        Class::WrongAnswer,
        Class::Refused,
        Class::Died,
        Class::Hung,
        Class::Protocol,
        Class::Flood,
        Class::Structure,
    ];

    /// The class of this name, if there is one.
    pub fn from_name(name: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.name() == name)
    }

    /// Whether the store did answer, though not what it should: it can be asked further.
    pub(crate) const fn is_an_answer(self) -> bool {
        matches!(self, Class::WrongAnswer | Class::Refused | Class::Structure)
    }

    /// The class in words.
    pub const fn name(self) -> &'static str {
        match self {
            Class::WrongAnswer => "wrong answer",
            Class::Refused => "refused",
            Class::Died => "died",
            Class::Hung => "hung",
            Class::Protocol => "protocol",
            Class::Flood => "flood",
            Class::Structure => "structure",
        }
    }
}

/// What the store did instead of the right thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// It gave this reply.
    Reply(Reply),
    /// It gave this error.
    Error(String),
    /// It panicked with this message, at this `file:line:column`.
    Panic {
        /// The panic's message.
        message: String,
        /// Where it was raised.
        place: String,
    },
    /// It gave nothing for this long.
    Silence(Duration),
    /// It broke, in a way that is seen from outside.
    Breach(Box<Breach>),
}

impl Got {
    /// What came instead of an answer, and which class of failure that is.
    pub(super) fn instead(failure: Failure) -> (Class, Got) {
        let breach = match failure {
            Failure::Unsupported => return (Class::Refused, Got::Reply(Reply::Unsupported)),
            Failure::Definite(text) | Failure::Indefinite(text) => {
                return (Class::Refused, Got::Error(text));
            }
            Failure::Breach(breach) => breach,
        };
        let class = match *breach {
            Breach::Died(_) => Class::Died,
            Breach::Hung(silence) => return (Class::Hung, Got::Silence(silence)),
            Breach::Protocol(_) => Class::Protocol,
            Breach::Flood(_) => Class::Flood,
            Breach::Structure { .. } => Class::Structure,
        };
        (class, Got::Breach(breach))
    }
}

/// When, in the course of a case, the store diverged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// When it was created, before the first operation.
    #[default]
    Create,
    /// In answering the operation at this place of the case, counted from 0.
    Operation(usize),
    /// In the comparison of the whole contents after that operation.
    Contents(usize),
    /// In closing, after the last operation.
    Close,
}

/// One difference between a store and the specification.
///
/// ```
/// use etalon_spec::{Case, Failure, KeyValueStore, Model, Op, Options, Outcome, Profile, Reply};
/// use etalon_spec::{Target, check_case};
///
/// /// Forgets every delete.
/// struct Hoarder(Model);
/// impl KeyValueStore for Hoarder {
///     fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> { self.0.get(key) }
///     fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> { self.0.put(key, value) }
///     fn delete(&mut self, _key: &[u8]) -> Outcome<()> { Ok(()) }
/// }
/// struct Hoarders;
/// impl Target for Hoarders {
///     type Store = Hoarder;
///     fn profile(&self) -> Profile { Profile::new("hoarder") }
///     fn create(&mut self, _: &Options) -> Outcome<Hoarder> { Ok(Hoarder(Model::default())) }
/// }
///
/// let key = || b"k".to_vec();
/// let case = Case::new(vec![Op::put(key(), key()), Op::delete(key())]);
/// let divergence = check_case(&mut Hoarders, &case).unwrap_err();
/// assert_eq!(divergence.read, Op::get(key()));
/// assert_eq!(divergence.expected, Reply::Absent);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// How it failed.
    pub class: Class,
    /// When.
    pub moment: Moment,
    /// The operation whose reply was wrong: one of the case, or a read of the whole contents.
    pub read: Op,
    /// What the specification answers.
    pub expected: Reply,
    /// What the store did.
    pub got: Got,
}

/// What two failures must share to count as the same one while a case is shrunk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    class: Class,
    kind: OpKind,
    creating: bool,
    panic_place: Option<String>,
}

impl fmt::Display for Identity {
    /// `died in put at store.rs:7:5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = if self.creating {
            "opening"
        } else {
            self.kind.word()
        };
        write!(f, "{} in {when}", self.class.name())?;
        match &self.panic_place {
            Some(place) => write!(f, " at {place}"),
            None => Ok(()),
        }
    }
}

impl Divergence {
    /// Its class, the kind of operation that failed (all moves of iterators are one) and the place
    /// of a panic, or the rule of structure.
    pub fn identity(&self) -> Identity {
        let panic_place = match &self.got {
            Got::Panic { place, .. } => Some(place.clone()),
            Got::Breach(breach) => match &**breach {
                Breach::Structure { rule, .. } => Some(rule.clone()),
                _ => None,
            },
            _ => None,
        };
        let creating = self.moment == Moment::Create;
        // A move of an iterator that is wrong is so in several ways, of which one is simplest.
        let kind = match self.read.kind() {
            kind if kind.is_step() => OpKind::Next,
            kind => kind,
        };
        Identity {
            class: self.class,
            kind,
            creating,
            panic_place,
        }
    }

    /// How many operations of the case were carried out up to the failure, that one included.
    pub(crate) fn operations(&self, all: usize) -> usize {
        match self.moment {
            Moment::Create => 0,
            Moment::Operation(at) | Moment::Contents(at) => at + 1,
            Moment::Close => all,
        }
    }
}

impl fmt::Display for Divergence {
    /// One line: what was asked, what was expected, what came.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (read, expected) = (&self.read, &self.expected);
        let asked = match self.moment {
            Moment::Create => "opening the store".to_owned(),
            Moment::Close => "closing the store".to_owned(),
            Moment::Operation(_) | Moment::Contents(_) => brief(&read.to_string()),
        };
        match &self.got {
            Got::Reply(got) => {
                let (expected, got) = (brief(&expected.to_string()), brief(&got.to_string()));
                write!(f, "{asked}: expected {expected}, got {got}")
            }
            Got::Error(text) => write!(f, "{asked}: refused: {}", brief(text)),
            Got::Panic { message, place } => {
                write!(f, "{asked}: panicked at {place}: {}", brief(message))
            }
            Got::Silence(silence) => {
                write!(f, "{asked}: no answer within {} ms", silence.as_millis())
            }
            Got::Breach(breach) => write!(f, "{asked}: {}", brief(&breach.to_string())),
        }
    }
}

/// Long texts are cut: the file has them whole.
fn brief(text: &str) -> String {
    const LONGEST: usize = 200;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}
