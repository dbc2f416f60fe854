//! `etalon check`: a store against its specification, until the budget is used up.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use etalon_spec::sabotage::{Lie, sabotage};
use etalon_spec::text::nearest;
use etalon_spec::{
    Ability, Floors, Lane, LockedModel, OpKind, Report, Settings, Target, ThreadSettings, Verdict,
    check_lanes, measure_engine_side,
};

use crate::engine;
use crate::exit::{Exit, Outcome, Problem};
use crate::show::{self, Format, Live, Subject};
use crate::{program, server, threads};

/// What `check` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A green run says what it explored; a run that decided nothing is VACUOUS, \
                        not a pass. Exit codes: 0 PASS, 1 FAIL, 2 VACUOUS."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Args {
    /// Which sequences: a number, or `random`
    #[arg(long, default_value = "1", value_name = "N|random", value_parser = seed)]
    seed: u64,
    /// How long to search: 30s, 2m, 500ms; a bare number is seconds [default: 10s, or no limit
    /// with --ops]
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    time: Option<Duration>,
    /// Stop after this many operations
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    ops: Option<u64>,
    /// Operations in a sequence; with --threads, of one client in a history
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = length)]
    length: usize,
    /// Call one store from so many threads at once, record what each was answered, and decide
    /// whether it can be put in one order; beside them a thread flushes and compacts
    #[arg(long, value_name = "N", value_parser = threads,
        conflicts_with_all = ["crash", "require", "command", "create_store", "resp"])]
    threads: Option<usize>,
    /// Make the store lie, in one way after the other, and see whether the check notices: `all`,
    /// or names such as ignored-delete; each has the whole budget
    #[arg(long, value_name = "LIE,..", value_delimiter = ',', value_parser = lies,
        conflicts_with_all = ["crash", "threads"])]
    sabotage: Option<Vec<&'static [Lie]>>,
    /// Send only these kinds of operations, such as get,put,flush
    #[arg(long, value_name = "OP,..", value_delimiter = ',', value_parser = kind)]
    only: Vec<OpKind>,
    /// Send none of these kinds
    #[arg(long, value_name = "OP,..", value_delimiter = ',', value_parser = kind)]
    without: Vec<OpKind>,
    /// Ask for a situation at least so often: 'compact twice>=10'; `none` asks for no floor
    #[arg(long, value_name = "NAME>=N")]
    require: Vec<String>,
    /// How long to shrink a failure
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = duration)]
    shrink_for: Duration,
    /// Check the bare model instead of the engine: a check of the checker
    #[arg(long, conflicts_with_all = ["engine", "command", "create_store", "resp"])]
    model: bool,
    /// Check the engine on a disk that crashes, tears, loses and fails: kills, power losses and
    /// failing disks come between the operations, and in the midst of them
    #[arg(long, conflicts_with_all = ["model", "command", "create_store", "resp"])]
    crash: bool,
    /// Check the engine; the default
    #[arg(long, conflicts_with_all = ["command", "create_store", "resp"])]
    engine: bool,
    /// How long one operation of a program may take [default: as it greets, or 10s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
    #[command(flatten)]
    program: program::Named,
    #[command(flatten)]
    server: server::Address,
    /// Where a failing case is written
    #[arg(long, default_value = "etalon-out", value_name = "DIR")]
    report: PathBuf,
    /// How to print the result
    #[arg(long, default_value = "human", value_enum, value_name = "FORMAT")]
    format: Format,
    /// Print the verdict only
    #[arg(long, short)]
    quiet: bool,
}

pub fn run(args: &Args) -> Outcome {
    if let Some(threads) = args.threads {
        return threaded(args, threads);
    }
    if let Some(started) = args.program.start(args.timeout)? {
        let lanes = vec![started.lane()];
        let exit = campaign(args, lanes, || started.subject())?;
        if !args.quiet && args.format == Format::Human {
            started.tell();
        }
        return Ok(exit);
    }
    if let Some(reached) = args.server.connect(args.timeout)? {
        return campaign(args, vec![reached.lane()], || reached.subject());
    }
    if args.model {
        let model = || Subject {
            target: "--model".to_owned(),
            ..Subject::default()
        };
        return campaign(args, engine::model(), model);
    }
    if args.crash {
        return campaign(args, engine::breakable(), Subject::default);
    }
    let (lanes, _folder) = engine::lanes()?;
    campaign(args, lanes, Subject::default)
}

fn campaign<T: Target + Clone + Send + 'static>(
    args: &Args,
    lanes: Vec<Lane<T>>,
    subject: impl Fn() -> Subject,
) -> Outcome {
    let mut settings = settings(args)?;
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

/// A seed, or one that nobody has chosen.
fn seed(text: &str) -> Result<u64, String> {
    if text == "random" {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        return Ok(etalon_spec::Random::new(now.as_nanos() as u64).next() >> 32);
    }
    text.parse().map_err(|_| "a number, or `random`".to_owned())
}

/// One lie, or all.
fn lies(word: &str) -> Result<&'static [Lie], String> {
    if word == "all" {
        return Ok(&Lie::ALL);
    }
    let words = Lie::ALL.map(Lie::word);
    let at = words.iter().position(|known| *known == word);
    at.map(|at| &Lie::ALL[at..=at]).ok_or_else(|| {
        let hint = nearest(word, words).map(|near| format!(". Did you mean `{near}`?"));
        let hint = hint.unwrap_or_default();
        format!("no such lie; there are all, {}{hint}", words.join(", "))
    })
}

/// A history is decided for at most so many clients; see `etalon_spec::history`.
fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=32) => Ok(threads),
        _ => Err("a number from 1 to 32".to_owned()),
    }
}

fn length(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(length @ 1..=1_000_000) => Ok(length),
        _ => Err("a number from 1 to 1000000".to_owned()),
    }
}

/// `30`, `30s`, `500ms`, `2m`, `1h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits
        .parse()
        .map_err(|_| "a time such as 30s, 2m or 500ms".to_owned())?;
    let seconds = |factor: u64| number.checked_mul(factor).map(Duration::from_secs);
    let time = match &text[digits.len()..] {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3600),
        unit => return Err(format!("no unit `{unit}`: use ms, s, m or h")),
    };
    time.filter(|time| *time <= Duration::from_secs(366 * 86_400))
        .ok_or_else(|| "longer than a year".to_owned())
}

fn kind(word: &str) -> Result<OpKind, String> {
    let words = OpKind::ALL.map(OpKind::word);
    OpKind::ALL
        .into_iter()
        .find(|kind| kind.word() == word)
        .ok_or_else(|| {
            let hint = nearest(word, words).map(|near| format!(". Did you mean `{near}`?"));
            format!(
                "no such operation; there are {}{}",
                words.join(", "),
                hint.unwrap_or_default()
            )
        })
}
