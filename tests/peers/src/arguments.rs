//! The command line of `etalon-peers`: the words of `etalon`, with engines by name.

use std::time::Duration;

use clap::{ArgGroup, Args, Parser, Subcommand};
use etalon_peers::engine::{ADAPTERS, ENGINES, Engine};
use etalon_spec::OpKind;
use etalon_spec::sabotage::Lie;
use etalon_spec::text::nearest;

/// Published engines, held against the specification
#[derive(Debug, Parser)]
#[command(name = "etalon-peers", disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What each engine promises, and the values of its options that are tried
    List,
    /// Hold engines against the specification, until the budget is used up
    Check(Check),
    /// Run what was found in the engines again: each must still fail as it did
    Replay(Replay),
    /// Answer requests on standard input, for `etalon check -- etalon-peers serve --engine NAME`
    Serve(Serve),
}

/// What `check` takes.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").required(true).args(["engine", "all"]))]
pub(crate) struct Check {
    /// The engine
    #[arg(long, value_name = "NAME", value_parser = engine)]
    pub(crate) engine: Option<&'static Engine>,
    /// Every engine of this build, one after the other
    #[arg(long)]
    pub(crate) all: bool,
    /// How long to search each: 30s, 2m, 500ms; a bare number is seconds [default: 10s, or no
    /// limit with --ops]
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// Stop after this many operations
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) ops: Option<u64>,
    /// Which sequences
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Operations in a sequence
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) length: usize,
    /// Call one store from so many threads at once; engines that are shared by threads
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=32),
        conflicts_with = "sabotage")]
    pub(crate) threads: Option<u8>,
    /// Make the engine lie, in one way after the other, and see whether the check notices: `all`,
    /// or names such as ignored-delete; each has the whole budget
    #[arg(long, value_name = "LIE,..", value_delimiter = ',', value_parser = lies)]
    pub(crate) sabotage: Vec<&'static [Lie]>,
    /// Send only these kinds of operations, such as get,put,flush
    #[arg(long, value_name = "OP,..", value_delimiter = ',', value_parser = kind)]
    pub(crate) only: Vec<OpKind>,
    /// Send none of these kinds
    #[arg(long, value_name = "OP,..", value_delimiter = ',', value_parser = kind)]
    pub(crate) without: Vec<OpKind>,
    /// Ask for everything that the engine promises, what was found included
    #[arg(long)]
    pub(crate) strict: bool,
    /// How long to shrink a failure
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = duration)]
    pub(crate) shrink_for: Duration,
    /// Where a failing case is written
    #[arg(long, default_value = "etalon-out", value_name = "DIR")]
    pub(crate) report: std::path::PathBuf,
}

/// What `replay` takes.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Only what was found in this engine
    #[arg(long, value_name = "NAME", value_parser = engine)]
    pub(crate) engine: Option<&'static Engine>,
    /// How often to run a case that does not fail
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) tries: u32,
}

/// What `serve` takes.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The engine
    #[arg(long, value_name = "NAME", value_parser = engine)]
    pub(crate) engine: &'static Engine,
}

fn engine(name: &str) -> Result<&'static Engine, String> {
    if let Some(engine) = Engine::named(name) {
        return Ok(engine);
    }
    if ADAPTERS.contains(&name) {
        return Err(format!(
            "this build does not have it: cargo run ... --features {name}"
        ));
    }
    let names: Vec<&str> = ENGINES.iter().map(|engine| engine.name).collect();
    Err(no_such("engine", name, &names))
}

fn kind(word: &str) -> Result<OpKind, String> {
    let words = OpKind::ALL.map(OpKind::word);
    let found = OpKind::ALL.into_iter().find(|kind| kind.word() == word);
    found.ok_or_else(|| no_such("operation", word, &words))
}

/// One lie, or all.
fn lies(word: &str) -> Result<&'static [Lie], String> {
    if word == "all" {
        return Ok(&Lie::ALL);
    }
    let words = Lie::ALL.map(Lie::word);
    let at = words.iter().position(|known| *known == word);
    at.map(|at| &Lie::ALL[at..=at])
        .ok_or_else(|| no_such("lie", word, &words))
}

fn no_such(what: &str, word: &str, known: &[&str]) -> String {
    let hint = nearest(word, known.iter().copied());
    let hint = hint.map(|near| format!(". Did you mean `{near}`?"));
    let known = known.join(", ");
    format!(
        "no such {what}; there are {known}{}",
        hint.unwrap_or_default()
    )
}

/// `30`, `30s`, `500ms`, `2m`, `1h`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let wrong = || "a time such as 30s, 2m or 500ms".to_owned();
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let factor = match &text[digits.len()..] {
        "ms" => return Ok(Duration::from_millis(number)),
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(wrong()),
    };
    number
        .checked_mul(factor)
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}
