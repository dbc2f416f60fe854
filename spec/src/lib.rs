//! etalon-spec: work in progress header

pub mod bytes;
mod hash;
mod model;
mod op;
mod options;
mod profile;
mod store;
pub mod text;

pub use hash::{FixedHasher, FixedState};
pub use model::{Model, ModelTarget};
pub use op::{Case, Change, Entry, Fill, Op, OpKind, Range, Reply, Scan};
pub use options::{Options, Setting};
pub use profile::{
    Abilities, Ability, Alphabet, LengthKind, Lengths, OptionValues, Order, Profile, Taken,
};
pub use store::{
    Answer, Events, Failure, KeyValueStore, LayerAnswer, Outcome, Target, Trace,
};
pub use text::{Comment, Form, ParseError, Place, Script};
