//! `etalon check`: a store against its specification, until the budget is used up.

mod args;
mod known;
mod lies;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use etalon_spec::sabotage::sabotage;
use etalon_spec::{
    Ability, Floors, Lane, LockedModel, Settings, Target, ThreadSettings, Under, Verdict,
    check_lanes, measure_engine_side,
};

pub use args::Args;
pub use known::Proved;
pub use values::duration;

use crate::engine;
use crate::exit::{Exit, Outcome, Problem};
use crate::output::{self, say};
use crate::report::{self, Run};
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
        let lanes = args.profile.under(engine::model(), false)?;
        return campaign(args, lanes, Subject::of_the_model);
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
    mut lanes: Vec<Lane<Under<T>>>,
    subject: impl Fn() -> Subject,
) -> Outcome {
    let mut settings = settings(args)?;
    let is_told = !args.quiet && args.format == Format::Human;
    let flags = format!("{}{}", args.profile.flag(), args.known_flag());
    if is_told {
        let suffix = Subject {
            flags: flags.clone(),
            ..subject()
        };
        say!(
            "seed {} (again: etalon check --seed {0}{})",
            settings.seed,
            suffix.suffix()
        );
    }
    let known = leave_out_known(args, &mut lanes, &mut settings)?;
    subject().is_to_blame()?;
    // The first way to make the store is made to tell them.
    if let Some(lies) = &args.sabotage {
        let outcome = sabotage(&lanes[0].target, &lies.concat(), &settings);
        subject().is_to_blame()?;
        let told = lies::Told {
            outcome: &outcome,
            store: lanes[0].target.profile().name.into_owned(),
            target: subject().target,
            seed: settings.seed,
        };
        return Ok(told.print(args.format, args.quiet));
    }
    let mut measured = lanes[0].target.clone();
    if measured.profile().can.has(Ability::Layers) {
        settings.engine_side = Some(measure_engine_side(&mut measured, &settings));
    }
    drop(measured);
    let mut live = Live::new(!is_told, settings.time);
    let mut report = check_lanes(lanes, &settings, &mut live);
    live.finish();
    let subject = Subject {
        flags: args.profile.flag(),
        ..subject()
    };
    subject.is_to_blame()?;
    let saved = report::save(args.report.as_deref(), &mut report, &subject);
    let run = Run {
        report: &report,
        settings: &settings,
        known: &known,
        subject: &subject,
        saved: &saved,
    };
    match args.format {
        Format::Json => output::text(run.json()),
        Format::Human => {
            let known_is_wrong = known.iter().any(|known| !known.holds());
            show::report(&report, args.quiet, &saved, &subject, known_is_wrong);
        }
    }
    run.write(args.report.as_deref(), args.format)?;
    Ok(exit(&run))
}

/// Proves what is known to be wrong, and takes it out of what is asked.
fn leave_out_known<T: Target + Clone + Send + 'static>(
    args: &Args,
    lanes: &mut [Lane<Under<T>>],
    settings: &mut Settings,
) -> Result<Vec<Proved>, Problem> {
    let Some(path) = &args.known else {
        return Ok(Vec::new());
    };
    let narrowed = known::prove(path, &lanes[0], args.timeout)?;
    for lane in lanes {
        lane.target = lane.target.clone().with(narrowed.profile.clone());
    }
    settings.without.extend(narrowed.without);
    for known in &narrowed.known {
        match &known.problem {
            Some(problem) => crate::output::note(problem),
            None if !args.quiet && args.format == Format::Human => say!(
                "known: {} fails as it is known to, until {}: left out",
                known.entry.id,
                known.entry.until
            ),
            None => {}
        }
    }
    Ok(narrowed.known)
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
        target: if args.model { "--model" } else { "" },
        folder: args.report.as_deref(),
    };
    if args.model {
        return threads::run(LockedModel, &settings, &shown);
    }
    threads::run(engine::shared(), &settings, &shown)
}

fn exit(run: &Run<'_>) -> Exit {
    if run.known.iter().any(|known| !known.holds()) {
        return Exit::Wrong;
    }
    ended(run.is_interrupted(), run.report.verdict())
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
        strict: args.strict,
        keep_going: args.keep_going,
        shard: args.shard,
        jobs: args.jobs,
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
