//! `etalon stats FILE..`: the verdict on a fuzz campaign, from the statistics that its processes
//! left.

use std::fs;
use std::path::{Path, PathBuf};

use etalon_spec::{Floors, OpKind, Sent, Statistics, Verdict};

use crate::exit::{Exit, Outcome, Problem};
use crate::output::say;

/// What it takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What `ETALON_STATS` named; several files are added up
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A situation that must have been met at least so often, as in 'compact twice>=10'
    #[arg(long, value_name = "NAME>=N")]
    require: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let floors = Floors::parse(args.require.iter().map(String::as_str)).map_err(Problem::usage)?;
    let statistics = read_all(&args.files)?;
    print(&statistics);
    let judgement = statistics.judge(&floors);
    say!("floors in proportion: not applied, for coverage steers what a fuzzer runs");
    say!("{}", judgement.verdict);
    Ok(match judgement.verdict {
        Verdict::Pass => Exit::Good,
        Verdict::Fail => Exit::Wrong,
        Verdict::Vacuous(_) => Exit::Vacuous,
    })
}

fn read_all(files: &[PathBuf]) -> Result<Statistics, Problem> {
    let mut sum: Option<Statistics> = None;
    for file in files {
        let one = read(file)?;
        match &mut sum {
            None => sum = Some(one),
            Some(sum) => sum
                .merge(&one)
                .map_err(|error| Problem::usage(format!("{}: {error}", file.display())))?,
        }
    }
    sum.ok_or_else(|| Problem::usage("no file is named"))
}

fn read(file: &Path) -> Result<Statistics, Problem> {
    let text = fs::read_to_string(file)
        .map_err(|error| Problem::usage(format!("{}: cannot be read: {error}", file.display())))?;
    // An editor's `file:line` form, as the error begins with the line.
    Statistics::parse(&text).map_err(|error| Problem::usage(format!("{}:{error}", file.display())))
}

fn print(statistics: &Statistics) {
    let tally = &statistics.tally;
    say!("target {}", statistics.target);
    for (what, number) in [
        ("cases", tally.sequences),
        ("operations", tally.operations()),
        ("replies compared", tally.compared),
        ("whole contents compared", tally.contents),
        ("gets that found a value", tally.gets_found),
        ("gets that found nothing", tally.gets_absent),
        (
            "inputs of an unknown version, not run",
            statistics.unknown_version,
        ),
        ("options dropped", statistics.restricted.options),
        ("changes of batches dropped", statistics.restricted.changes),
        ("changes no longer synced", statistics.restricted.syncs),
        ("fills cut short", statistics.restricted.fills_cut),
        ("failures", statistics.failures),
    ] {
        say!("{number:>14}  {what}");
    }
    say!(
        "\n{:>14}{:>14}{:>14}{:>14}",
        "sent",
        "carried out",
        "unsupported",
        "dropped"
    );
    for kind in OpKind::ALL {
        let Sent {
            sent,
            ok,
            unsupported,
        } = tally.of(kind);
        let dropped = statistics.restricted.dropped(kind);
        say!(
            "{sent:>14}{ok:>14}{unsupported:>14}{dropped:>14}  {}",
            kind.word()
        );
    }
    say!("\nsituations met");
    for (situation, times) in tally.situations.iter() {
        say!("{times:>14}  {}", situation.name());
    }
    say!();
}
