//! etalon-spec: what a key-value store must answer, written as a `HashMap`, and the oracle that
//! holds any store against it.
//!
//! # A store of your own in a `#[test]`
//!
//! Two small implementations are all it takes: [`KeyValueStore`] for the store, [`Target`] for
//! whatever makes one. What the store can do beyond get, put and delete stands in its
//! [`Profile`]; nothing else is sent.
//!
//! ```
//! use etalon_spec::{Ability, Entry, KeyValueStore, Options, Outcome, Profile, Scan, Settings};
//! use etalon_spec::{Target, check};
//! use std::collections::BTreeMap;
//!
//! struct MyStore(BTreeMap<Vec<u8>, Vec<u8>>);
//!
//! impl KeyValueStore for MyStore {
//!     fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
//!         Ok(self.0.get(key).cloned())
//!     }
//!     fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
//!         self.0.insert(key.to_vec(), value.to_vec());
//!         Ok(())
//!     }
//!     fn delete(&mut self, key: &[u8]) -> Outcome<()> {
//!         self.0.remove(key);
//!         Ok(())
//!     }
//!     fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
//!         Ok(scan.collect(self.0.clone()))
//!     }
//! }
//!
//! #[derive(Clone)]
//! struct MyStores;
//!
//! impl Target for MyStores {
//!     type Store = MyStore;
//!     fn profile(&self) -> Profile {
//!         Profile::new("mine").can([Ability::Scan, Ability::Reverse, Ability::Prefix])
//!     }
//!     fn create(&mut self, _: &Options) -> Outcome<MyStore> {
//!         Ok(MyStore(BTreeMap::new()))
//!     }
//! }
//!
//! # let settings = Settings { time: None, operations: Some(20_000), ..Settings::default() };
//! # #[cfg(any())]
//! let settings = Settings::default(); // two seconds, always the same cases
//! check(MyStores, &settings).unwrap();
//! ```
//!
//! # The parts
//!
//! ```text
//!   Case = options + operations      Op, Options, text (.ops), bytes, json
//!   where cases come from            Generator, quickcheck, arbitrary, a file
//!   what is right                    Model, and KeyValueStore which it implements
//!   one case, judged                 check_case -> Divergence
//!   many cases, a verdict            check -> Report: PASS, FAIL or VACUOUS
//!   a failure, made small            shrink, explain, Script, RustTest
//!   what a run really reached        Situation, Survey, Tally
//!   many clients at once             check_threads, history::{Recorder, decide}
//! ```
//!
//! `SPEC.md` beside this crate is the normative text, `CASES.md` that of the case's forms,
//! `DIVERGENCES.md` says what may legally differ between stores. The crate has no dependency by
//! default; `quickcheck`, `arbitrary`, `json` and `toml` are features.

mod ability;
#[cfg(feature = "arbitrary")]
mod arbitrary_case;
mod breakage;
pub mod bytes;
mod campaign;
mod check;
mod concurrent;
pub mod conformance;
pub mod durable;
mod explain;
pub mod explore;
mod factory;
#[cfg(feature = "toml")]
mod files;
pub mod fuzz;
pub mod generate;
mod hash;
pub mod history;
#[cfg(feature = "json")]
pub mod json;
mod kind;
mod kinds;
mod layers;
mod model;
mod name;
mod op;
mod open;
mod options;
mod outcome;
pub mod process;
mod profile;
mod protocol;
#[cfg(feature = "quickcheck")]
mod quickcheck_case;
pub mod random;
mod range;
mod replay;
mod reply;
pub mod resp;
mod restrict;
mod rust_form;
pub mod sabotage;
mod scope;
mod serve;
mod shrink;
mod situations;
mod sorted_run;
mod stage;
mod store;
mod target;
pub mod text;
mod under;
pub mod vectors;
mod verdict;
mod worlds;

pub use breakage::{Crash, Fault, FaultKind, Keep, Pending, Places, Rest, Then, Torn, Within};
pub use campaign::{
    Failed, FailureShape, Group, Lane, Narrowing, Need, Phases, Progress, Report, Sandbox,
    Settings, Shard, ThreadFailure, ThreadReport, ThreadSettings, Trouble, check, check_lanes,
    check_threads, examine, measure_engine_side,
};
pub use check::{
    Ahead, Class, Coming, Contents, Divergence, Got, Identity, Moment, Watch, apply, check_case,
    check_case_under, check_case_with, keys_named,
};
pub use concurrent::{ConcurrentStore, Locked, LockedModel};
pub use explain::{Explanation, explain};
pub use factory::Factory;
#[cfg(feature = "toml")]
pub use files::{Date, FileError, Known, KnownFile, ProfileFile, Standing};
pub use fuzz::{Statistics, StatisticsError, crossover, fuzz, mutate};
pub use generate::Generator;
pub use hash::{FixedHasher, FixedState};
pub use kinds::{ByKind, Kinds};
pub use model::{Model, ModelTarget};
pub use name::{Name, NotAName};
pub use op::{Case, Change, Entry, Op, OpKind, Reply};
pub use options::{Options, Setting};
pub use profile::{
    Abilities, Ability, Alphabet, Conflict, LengthKind, Lengths, OptionValues, Order, Profile,
    Shape, Survives, Taken, View,
};
pub use random::Random;
pub use range::{Fill, Range, Scan};
pub use replay::{
    ExpectationError, GivenUp, Replay, WrongExpectation, expectations, replay, replay_case,
};
pub use restrict::{NotApplicable, Obstacle, Restricted, applicable, restrict};
pub use rust_form::RustTest;
pub use scope::{Inside, OpScope};
pub use serve::{Opener, serve, serve_stdio};
pub use shrink::{Candidates, Cost, Pace, Shrunk, shrink};
pub use situations::{
    Situation, Situations, Tracker, engine_side_from_events, engine_side_from_trace,
};
pub use sorted_run::SortedRun;
pub use store::{
    Answer, Breach, Events, Failure, KeyValueStore, LayerAnswer, Outcome, Target, Trace,
};
pub use text::{Comment, Form, ParseError, Place, Script};
pub use under::Under;
pub use verdict::{
    Expectation, Expected, Extent, Files, FloorError, Floors, Judgement, MEASURED, Replayed,
    Requirement, Scope, Sent, Survey, Tally, Verdict, judge, judge_replay, measure,
};
