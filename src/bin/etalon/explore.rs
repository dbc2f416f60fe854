//! `etalon explore`: every operation string up to a length, and with `--crash` every crash.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use etalon::crash::{Exploration, Settings};
use etalon::disk::simulated::CrashModel;
use etalon::oracle::Memory;
use etalon_spec::explore::{
    Letter, PlainCounts, Plan, Symbol, ViewLetter, ends, explore, pairs, words,
};
use etalon_spec::{Options, Target};

use crate::exit::{Exit, Outcome, Problem};
use crate::output::{self, say};

/// The shortest exploration that decides anything (INTERFACES: V1).
const LEAST_LENGTH: usize = 3;
/// Failures are injected into strings of up to so many operations.
const LONGEST_FAULTS: usize = 3;

/// What `explore` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Nothing is drawn at random where it says complete: counts are exact, and the \
                  same in every run. Exit codes: 0 PASS, 1 FAIL, 2 VACUOUS (stopped before \
                  length 3)."
)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub struct Args {
    /// Operations in the longest string [default: 5; 3 with --crash or --options]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=12))]
    length: Option<u64>,
    /// How many keys
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=26))]
    keys: u8,
    /// Crash at every point, in every state that the disk may be in, in recovery, too; and let
    /// every disk operation fail
    #[arg(long)]
    crash: bool,
    /// Strings with snapshots and iterators
    #[arg(long, conflicts_with = "crash")]
    views: bool,
    /// At every two values of every two options
    #[arg(long, conflicts_with = "crash")]
    options: bool,
    /// Leave flushes and compactions to the background, so that two logs have changes
    #[arg(long, requires = "crash")]
    background: bool,
    /// Visit the states of these crash models only: prefix, per-file, directory, subset, sector,
    /// byte; and failures only if `faults` is among them
    #[arg(
        long, value_name = "MODEL,..", requires = "crash", conflicts_with = "pinned",
        value_delimiter = ',', value_parser = model
    )]
    models: Vec<Model>,
    /// Hold the counts against those in this file: other counts are a failure
    #[arg(long, value_name = "FILE", requires = "crash")]
    pinned: Option<PathBuf>,
    /// Write the counts to the file of --pinned
    #[arg(long, requires = "pinned")]
    bless: bool,
}

/// What one word of `--models` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Model {
    Crash(CrashModel),
    Faults,
}

/// The words of `--models`.
const MODELS: [(&str, Model); 7] = [
    ("prefix", Model::Crash(CrashModel::Prefix)),
    ("per-file", Model::Crash(CrashModel::PrefixPerFile)),
    ("directory", Model::Crash(CrashModel::Directory)),
    ("subset", Model::Crash(CrashModel::Subset)),
    ("sector", Model::Crash(CrashModel::TornSector)),
    ("byte", Model::Crash(CrashModel::TornByte)),
    ("faults", Model::Faults),
];

fn model(word: &str) -> Result<Model, String> {
    let found = MODELS.iter().find(|(name, _)| *name == word);
    found.map(|(_, model)| *model).ok_or_else(|| {
        let words = MODELS.map(|(name, _)| name).join(", ");
        format!("not one of {words}")
    })
}

pub fn run(args: &Args) -> Outcome {
    let interrupt = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&interrupt);
    ctrlc::set_handler(move || stop.store(true, Ordering::Relaxed))
        .map_err(|error| Problem::failed(format!("cannot listen for Ctrl-C: {error}")))?;
    let go_on = || !interrupt.load(Ordering::Relaxed);
    if args.crash {
        crashes(args, &go_on)
    } else {
        Ok(plain(args, &go_on))
    }
}

fn plain(args: &Args, go_on: &dyn Fn() -> bool) -> Exit {
    let profile = Memory::default().profile();
    let (configurations, which) = if args.options {
        let pairs = pairs(&profile);
        let which = "the default, and every two values of two options, the others at the smallest";
        (pairs, which)
    } else {
        (ends(&profile), "the default, and the smallest")
    };
    let longest = match (args.length, args.options) {
        (Some(length), _) => length as usize,
        (None, false) => 5,
        (None, true) => LEAST_LENGTH,
    };
    let work = Work {
        keys: args.keys,
        longest,
        configurations,
        which,
        go_on,
    };
    if args.views {
        work.explore(&ViewLetter::all(args.keys))
    } else {
        work.explore(&Letter::plain(args.keys))
    }
}

/// An exploration without crashes, but for its alphabet.
struct Work<'a> {
    keys: u8,
    longest: usize,
    configurations: Vec<Options>,
    /// Which configurations these are.
    which: &'static str,
    go_on: &'a dyn Fn() -> bool,
}

impl Work<'_> {
    fn explore<S: Symbol>(&self, alphabet: &[S]) -> Exit {
        let (keys, longest) = (self.keys, self.longest);
        announce(alphabet, keys, longest);
        say!(
            "at {} configurations: {}",
            self.configurations.len(),
            self.which
        );
        say!(
            "{:<8}{:>14}{:>14}{:>14}",
            "length",
            "strings",
            "operations",
            "replies"
        );
        let plan = Plan {
            alphabet,
            keys,
            configurations: &self.configurations,
        };
        let mut counts = PlainCounts::default();
        for length in 0..=longest {
            let mut target = Memory::default();
            let mut on = || (self.go_on)();
            match explore(&mut target, &plan, length, &mut counts, &mut on) {
                Ok(true) => {}
                Ok(false) => return Exit::Interrupted,
                Err(diverged) => {
                    let (case, divergence) = *diverged;
                    say!("{case}\n{divergence}\nFAIL");
                    return Exit::Wrong;
                }
            }
            let PlainCounts {
                strings,
                operations,
                replies,
            } = counts;
            say!("{length:<8}{strings:>14}{operations:>14}{replies:>14}");
        }
        say!("complete: every string up to length {longest}, up to renaming of keys");
        verdict(longest)
    }
}

fn announce<S: Symbol>(alphabet: &[S], keys: u8, longest: usize) {
    say!(
        "every string of {} over {keys} keys, up to renaming, to length {longest}",
        words(alphabet)
    );
}

fn verdict(longest: usize) -> Exit {
    if longest < LEAST_LENGTH {
        say!("VACUOUS: stopped before length {LEAST_LENGTH}. Try --length {LEAST_LENGTH}.");
        Exit::Vacuous
    } else {
        say!("PASS");
        Exit::Good
    }
}

fn crashes(args: &Args, go_on: &dyn Fn() -> bool) -> Outcome {
    let longest = args.length.unwrap_or(3) as usize;
    let mut settings = Settings {
        keys: args.keys,
        ..Settings::default()
    };
    if args.background {
        settings = settings.with_background();
    }
    if !args.models.is_empty() {
        let is_asked_for = |model: &CrashModel| args.models.contains(&Model::Crash(*model));
        settings.models.retain(is_asked_for);
        // The others' states are all among the subsets.
        if !is_asked_for(&CrashModel::Subset) {
            settings.recovery_models.retain(is_asked_for);
        }
    }
    let faults = args.models.is_empty() || args.models.contains(&Model::Faults);
    announce(&Letter::all(args.keys), args.keys, longest);
    let mut exploration = Exploration::new(settings, faults.then_some(LONGEST_FAULTS));
    let mut texts = String::new();
    let begun = Instant::now();
    for length in 0..=longest {
        let explored = match exploration.length(length, &mut |_| go_on()) {
            Ok(Some(explored)) => explored,
            Ok(None) => return Ok(Exit::Interrupted),
            Err(finding) => {
                say!(
                    "found by {}:\nops 1\n{}{}",
                    finding.found_by,
                    finding.letters,
                    finding.text
                );
                say!("FAIL");
                return Ok(Exit::Wrong);
            }
        };
        let text = explored.to_string();
        output::text(&text);
        let (states, millis) = (
            explored.counts.all_states(),
            begun.elapsed().as_millis().max(1),
        );
        let rate = u128::from(states) * 1000 / millis;
        say!("  {millis} ms, {rate} states a second\n");
        texts.push_str(&text);
    }
    if let Some(path) = &args.pinned {
        if args.bless {
            std::fs::write(path, &texts).map_err(|error| unwritten(path, &error))?;
        } else if !is_pinned(path, &texts)? {
            say!(
                "FAIL: other counts than in {}. If they should be, run this again with --bless.",
                path.display()
            );
            return Ok(Exit::Wrong);
        }
    }
    Ok(verdict(longest))
}

/// Whether the file begins with these counts: it may go on to greater lengths.
fn is_pinned(path: &Path, texts: &str) -> Result<bool, Problem> {
    let pinned = std::fs::read_to_string(path)
        .map_err(|error| Problem::usage(format!("{}: {error}", path.display())))?;
    Ok(pinned.starts_with(texts))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Problem {
    Problem::failed(format!("{}: {error}", path.display()))
}
