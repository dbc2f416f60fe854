//! `etalon check --sabotage`: whether the check found the lies, in each form that a result has.
//!
//! As JSON it is one object; `spec/sabotage.schema.json` says what each field is.

use etalon_spec::Verdict;
use etalon_spec::sabotage::{Found, Lie, Outcome};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::output::{self, say};
use crate::show::Format;

/// Of the schema.
const VERSION: u32 = 1;

/// What became of the lies, and of which store.
pub struct Told<'a> {
    pub outcome: &'a Outcome,
    pub store: String,
    /// As it stands on the command line; empty for the engine.
    pub target: String,
    pub seed: u64,
}

impl Told<'_> {
    /// Prints it; quietly, no more than the verdict.
    pub fn print(&self, format: Format, quiet: bool) -> Exit {
        let text = self.outcome.to_string();
        match format {
            Format::Json => say!("{}", self.json()),
            Format::Human if quiet => say!("{}", text.lines().last().unwrap_or_default()),
            Format::Human => output::text(text),
        }
        self.exit()
    }

    fn exit(&self) -> Exit {
        let is_vacuous = match self.outcome {
            Outcome::NotTried(verdict) => matches!(verdict, Verdict::Vacuous(_)),
            Outcome::Tried(lies) => lies.iter().all(|(_, found)| *found == Found::Invisible),
        };
        if is_vacuous {
            Exit::Vacuous
        } else if self.outcome.all_found() {
            Exit::Good
        } else {
            Exit::Wrong
        }
    }

    fn json(&self) -> Value {
        let (not_tried, lies) = match self.outcome {
            Outcome::NotTried(verdict) => (Some(verdict.to_string()), Vec::new()),
            Outcome::Tried(lies) => (None, lies.iter().map(lie).collect()),
        };
        let verdict = match self.exit() {
            Exit::Good => "PASS",
            Exit::Wrong => "FAIL",
            _ => "VACUOUS",
        };
        json!({
            "schema": VERSION,
            "etalon": env!("CARGO_PKG_VERSION"),
            "verdict": verdict,
            "store": self.store,
            "target": self.target,
            "seed": self.seed,
            "not_tried": not_tried,
            "lies": lies,
        })
    }
}

fn lie((lie, found): &(Lie, Found)) -> Value {
    match found {
        Found::Found { operations, said } => json!({
            "lie": lie.word(), "outcome": "found", "operations": operations, "said": said,
        }),
        Found::Missed { operations } => json!({
            "lie": lie.word(), "outcome": "missed", "operations": operations,
        }),
        Found::Invisible => json!({"lie": lie.word(), "outcome": "out of sight"}),
    }
}
