//! etalon-spec: work in progress header

mod check;
mod hash;
mod model;
mod op;
mod options;
mod profile;
mod shrink;
mod store;

pub use check::{
    Class, Contents, Divergence, Got, Identity, Moment, Watch, apply, check_case, check_case_with,
};
pub use hash::{FixedHasher, FixedState};
pub use model::{Model, ModelTarget};
pub use op::{Case, Change, Entry, Fill, Op, OpKind, Range, Reply, Scan};
pub use options::{Options, Setting};
pub use profile::{
    Abilities, Ability, Alphabet, LengthKind, Lengths, OptionValues, Order, Profile, Taken,
};
pub use shrink::{Candidates, Cost, Pace, Shrunk, shrink};
pub use store::{Answer, Events, Failure, KeyValueStore, LayerAnswer, Outcome, Target, Trace};
