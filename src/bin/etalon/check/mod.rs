//! `etalon check`: a store against its specification, until the budget is used up.

mod args;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use etalon_spec::sabotage::{Lie, sabotage};
use etalon_spec::{
    Ability, Floors, Lane, LockedModel, Report, Settings, Target, ThreadSettings, Verdict,
    check_lanes, measure_engine_side,
};

pub use args::Args;
pub use values::duration;

use crate::engine;
use crate::exit::{Exit, Outcome, Problem};
use crate::show::{self, Format, Live, Subject};
use crate::threads;

pub fn run(args: &Args) -> Outcome {
    if let Some(threads) = args.threads {
        return threaded(args, threads);
    }
    if let Some(started) = args.program.start(args.timeout)? {
        let lanes = vec![started.lane()];
        let lanes = args.profile.under(lanes, true)?;
        let exit = campaign(args, lanes, || started.subject())?;
        if !args.quiet && args.format == Format::Human {
            started.tell();
        }
        return Ok(exit);
    }
    if let Some(reached) = args.server.connect(args.timeout)? {
        let lanes = args.profile.under(vec![reached.lane()], false)?;
        return campaign(args, lanes, || reached.subject());
    }
    if args.model {
        let model = || Subject {
            target: "--model".to_owned(),
            ..Subject::default()
        };
        let lanes = args.profile.under(engine::model(), false)?;
        return campaign(args, lanes, model);
    }
    if args.crash {
        let lanes = args.profile.under(engine::breakable(), false)?;
        return campaign(args, lanes, Subject::default);
    }
    let (lanes, _folder) = engine::lanes()?;
    let lanes = args.profile.under(lanes, false)?;
    campaign(args, lanes, Subject::default)
}

fn campaign<T: Target + Clone + Send + 'static>(
    args: &Args,
    lanes: Vec<Lane<T>>,
    subject: impl Fn() -> Subject,
) -> Outcome {
    let mut settings = settings(args)?;
    let subject = || Subject {
        flags: args.profile.flag(),
        ..subject()
    };
    if !args.quiet && args.format == Format::Human {
        let suffix = subject().suffix();
        println!(
            "seed {} (again: etalon check --seed {0}{suffix})",
            settings.seed
        );
    }
    if let Some(lies) = &args.sabotage {
        return Ok(sabotaged(&lanes[0].target, &lies.concat(), &settings));
    }
    let mut measured = lanes[0].target.clone();
    if measured.profile().can.has(Ability::Layers) {
        settings.engine_side = Some(measure_engine_side(&mut measured, &settings));
    }
    drop(measured);
    let mut live = Live::new(args.quiet || args.format == Format::Json, settings.time);
    let mut report = check_lanes(lanes, &settings, &mut live);
    live.finish();
    let (seed, subject) = (report.seed, subject());
    let saved = match &mut report.failure {
        None => None,
        Some(failed) => Some(show::save(&args.report, seed, failed, &subject)?),
    };
    match args.format {
        Format::Json => println!("{}", show::json(&report, saved.as_deref(), &subject)),
        Format::Human => show::report(&report, args.quiet, saved.as_deref(), &subject),
    }
    Ok(exit(&report))
}

/// Whether the check finds the lies: the first way to make the store is made to tell them.
fn sabotaged<T: Target + Clone + Send + 'static>(
    target: &T,
    lies: &[Lie],
    settings: &Settings,
) -> Exit {
    let outcome = sabotage(target, lies, settings);
    print!("{outcome}");
    if outcome.all_found() {
        Exit::Good
    } else {
        Exit::Wrong
    }
}

/// As [`campaign`], with threads.
fn threaded(args: &Args, threads: usize) -> Outcome {
    let settings = ThreadSettings {
        threads,
        seed: args.seed,
        length: args.length,
        time: time(args),
        operations: args.ops,
        only: args.only.clone(),
        without: args.without.clone(),
        interrupt: interrupt()?,
        ..ThreadSettings::default()
    };
    let shown = threads::Shown {
        format: args.format,
        quiet: args.quiet,
        folder: &args.report,
    };
    if args.model {
        return threads::run(LockedModel, &settings, &shown);
    }
    threads::run(engine::shared(), &settings, &shown)
}

fn exit(report: &Report) -> Exit {
    ended(
        report.interrupted && report.failure.is_none(),
        report.verdict(),
    )
}

/// The exit code of a campaign.
pub fn ended(is_interrupted: bool, verdict: &Verdict) -> Exit {
    match (is_interrupted, verdict.exit_code()) {
        (true, _) => Exit::Interrupted,
        (false, 0) => Exit::Good,
        (false, 1) => Exit::Wrong,
        (false, _) => Exit::Vacuous,
    }
}

fn settings(args: &Args) -> Result<Settings, Problem> {
    let floors = Floors::parse(args.require.iter().map(String::as_str)).map_err(Problem::usage)?;
    let interrupt = interrupt()?;
    Ok(Settings {
        seed: args.seed,
        length: args.length,
        time: time(args),
        operations: args.ops,
        only: args.only.clone(),
        without: args.without.clone(),
        floors,
        shrink_time: args.shrink_for,
        interrupt,
        ..Settings::default()
    })
}

/// How long to search.
fn time(args: &Args) -> Option<Duration> {
    let unlimited = args.ops.is_some();
    let default = (!unlimited).then_some(Duration::from_secs(10));
    args.time.or(default)
}

/// Set by Ctrl-C.
fn interrupt() -> Result<Arc<AtomicBool>, Problem> {
    let interrupt = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&interrupt);
    ctrlc::set_handler(move || stop.store(true, Ordering::Relaxed))
        .map_err(|error| Problem::failed(format!("cannot listen for Ctrl-C: {error}")))?;
    Ok(interrupt)
}
