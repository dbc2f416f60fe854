//! etalon-spec: work in progress header

pub mod bytes;
mod hash;
#[cfg(feature = "json")]
pub mod json;
mod model;
mod op;
mod options;
mod profile;
mod rust_form;
mod store;
pub mod text;

pub use hash::{FixedHasher, FixedState};
pub use model::{Model, ModelTarget};
pub use op::{Case, Change, Entry, Fill, Op, OpKind, Range, Reply, Scan};
pub use options::{Options, Setting};
pub use profile::{
    Abilities, Ability, Alphabet, LengthKind, Lengths, OptionValues, Order, Profile, Taken,
};
pub use rust_form::RustTest;
pub use store::{
    Answer, Events, Failure, KeyValueStore, LayerAnswer, Outcome, Target, Trace,
};
pub use text::{Comment, Form, ParseError, Place, Script};
