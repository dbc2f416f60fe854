//! `etalon-peers`: published engines, held against the specification.
//!
//! ```text
//!   etalon-peers list
//!   etalon-peers check --engine fjall --for 10m --ops 1000000
//!   etalon-peers check --all --sabotage all
//!   etalon-peers check --engine redb --threads 4
//!   etalon-peers replay
//!   etalon check -- etalon-peers serve --engine fjall     real kills
//! ```
//!
//! Exit codes are those of `etalon`: 0 PASS, 1 FAIL, 2 VACUOUS, 3 could not do its work, 4 usage.

mod arguments;
mod check;

use std::process::ExitCode;

use clap::Parser;
use etalon_peers::engine::{ADAPTERS, Engine, Open, Visitor};
use etalon_peers::findings::{FINDINGS, Finding};
use etalon_spec::{Ability, KeyValueStore, Profile, serve};

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { 4 } else { 0 };
            // There is nobody left to tell if this cannot be printed.
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    match &arguments.command {
        Command::List => list(),
        Command::Check(check) => check::run(check),
        Command::Replay(replay) => replayed(replay.engine, replay.tries),
        Command::Serve(serve) => served(serve.engine),
    }
}

fn list() -> ExitCode {
    for name in ADAPTERS {
        match Engine::named(name) {
            None => println!("{name}: not in this build; --features {name}"),
            Some(engine) => {
                let profile = engine.promised();
                let can: Vec<&str> = profile.can.iter().map(Ability::word).collect();
                println!("{name} {}: {}", engine.version(), can.join(" "));
                println!("    {}", check::options(&profile));
                for finding in Finding::of(engine) {
                    println!("    found: {}", finding.name);
                }
            }
        }
    }
    ExitCode::SUCCESS
}

fn replayed(only: Option<&'static Engine>, tries: u32) -> ExitCode {
    let (mut still, mut not_so, mut absent) = (0, 0, 0);
    for finding in FINDINGS {
        if only.is_some_and(|engine| engine.name != finding.engine) {
            continue;
        }
        if Engine::named(finding.engine).is_none() {
            println!("not in this build  {}", finding.name);
            absent += 1;
            continue;
        }
        match finding.replay(tries) {
            Ok(divergence) => {
                println!("still so  {}: {divergence}", finding.name);
                still += 1;
            }
            Err(text) => {
                println!("NOT SO    {text}");
                not_so += 1;
            }
        }
    }
    println!(
        "{still} still so, {not_so} not so, {absent} of engines that this build does not have"
    );
    ExitCode::from(u8::from(not_so > 0))
}

/// Answers requests on standard input, until there are no more. A greeting has words for abilities
/// only, so one of which the engine lacks an operation is not offered.
fn served(engine: &'static Engine) -> ExitCode {
    let mut profile = engine.asked();
    if !engine.lacks().is_empty() {
        profile.can = profile.can.without(Ability::Spaces);
    }
    profile.survives_kill = (engine.profile)().survives_kill;
    match engine.visit(profile, Serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("etalon-peers: {error}");
            ExitCode::from(3)
        }
    }
}

struct Serve;

impl Visitor for Serve {
    type Output = std::io::Result<()>;

    fn visit<S>(self, profile: Profile, open: Open<S>) -> Self::Output
    where
        S: KeyValueStore + 'static,
    {
        serve(&profile, open, std::io::stdin(), std::io::stdout())
    }
}
