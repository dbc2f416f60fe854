//! etalon-spec: work in progress header

#[cfg(feature = "arbitrary")]
mod arbitrary_case;
pub mod bytes;
mod campaign;
mod check;
mod explain;
pub mod fuzz;
pub mod generate;
mod hash;
#[cfg(feature = "json")]
pub mod json;
mod kinds;
mod model;
mod op;
mod options;
mod profile;
#[cfg(feature = "quickcheck")]
mod quickcheck_case;
pub mod random;
mod replay;
mod restrict;
mod rust_form;
mod shrink;
mod situations;
mod store;
pub mod text;
mod verdict;

pub use campaign::{
    Failed, Lane, Progress, Report, Sandbox, Settings, check, check_lanes, measure_engine_side,
};
pub use check::{
    Class, Contents, Divergence, Got, Identity, Moment, Watch, apply, check_case, check_case_under,
    check_case_with,
};
pub use explain::{Explanation, explain};
pub use fuzz::{Statistics, StatisticsError, crossover, fuzz, mutate};
pub use generate::Generator;
pub use hash::{FixedHasher, FixedState};
pub use kinds::Kinds;
pub use model::{Model, ModelTarget};
pub use op::{Case, Change, Entry, Fill, Op, OpKind, Range, Reply, Scan};
pub use options::{Options, Setting};
pub use profile::{
    Abilities, Ability, Alphabet, LengthKind, Lengths, OptionValues, Order, Profile, Taken,
};
pub use random::Random;
pub use replay::{Replay, WrongExpectation, expectations, replay, replay_case};
pub use restrict::{NotApplicable, Obstacle, Restricted, applicable, restrict};
pub use rust_form::RustTest;
pub use shrink::{Candidates, Cost, Pace, Shrunk, shrink};
pub use situations::{
    Situation, Situations, Tracker, engine_side_from_events, engine_side_from_trace,
};
pub use store::{Answer, Events, Failure, KeyValueStore, LayerAnswer, Outcome, Target, Trace};
pub use text::{Comment, Form, ParseError, Place, Script};
pub use verdict::{
    Expectation, Expected, Extent, Files, FloorError, Floors, Judgement, MEASURED, Replayed,
    Requirement, Scope, Sent, Survey, Tally, Verdict, judge, judge_replay, measure,
};
