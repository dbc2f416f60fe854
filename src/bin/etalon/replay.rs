//! `etalon replay`: saved cases, run again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use etalon_spec::history::{Decision, Effort, History, decide};
use etalon_spec::{
    Contents, Divergence, ExpectationError, GivenUp, Lane, Replayed, Restricted, Sandbox, Script,
    Target, Verdict, applicable, expectations, explain, judge_replay,
};

use crate::engine;
use crate::exit::{Exit, Outcome, Problem};
use crate::{cases, show};

/// What `replay` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each case runs on memory and on real files, its whole contents compared \
                        after every flush, compact and reopen and at the end; one with a kill, a \
                        crash or a failure on a simulated disk."
)]
pub struct Args {
    /// .ops files, byte files, or folders of .ops files
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// How long one operation may take
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = crate::check::duration)]
    timeout: Duration,
}

pub fn run(args: &Args) -> Outcome {
    let files = cases::files(&args.paths)?;
    if let [path] = &files[..]
        && let Some(history) = cases::history(path)?
    {
        return Ok(decide_again(path, &history));
    }
    // Everything is read and judged before anything is run.
    let scripts: Vec<Ready> = files
        .iter()
        .map(|path| ready(path))
        .collect::<Result<_, _>>()?;
    let (lanes, _folder) = engine::lanes()?;
    let mut results = Vec::new();
    for (path, Ready { script, unheld }) in files.iter().zip(&scripts) {
        let breaks = script.case.ops.iter().any(|op| op.kind().is_breakage());
        let replayed = if breaks {
            replay(path, script, &engine::breakable(), args.timeout)
        } else {
            replay(path, script, &lanes, args.timeout)
        };
        if let Some(given_up) = unheld {
            println!("not held  {}:{given_up}", path.display());
        }
        results.push(Replayed {
            unheld: unheld
                .as_ref()
                .map_or(0, |given_up| given_up.expected as u64),
            ..replayed
        });
    }
    let verdict = judge_replay(&results);
    println!(
        "{verdict}: {} of {} replayed",
        results.iter().filter(|r| r.applicable).count(),
        files.len()
    );
    Ok(match verdict {
        Verdict::Pass => Exit::Good,
        Verdict::Fail => Exit::Wrong,
        Verdict::Vacuous(_) => Exit::Vacuous,
    })
}

/// A file that can be replayed.
struct Ready {
    script: Script,
    /// Why some of what it expects is not known to be right.
    unheld: Option<GivenUp>,
}

/// A recorded history is nothing to run: it is decided again.
fn decide_again(path: &Path, history: &History) -> Exit {
    let decision = decide(history, Effort::default());
    println!("{}: {decision}", path.display());
    match decision {
        Decision::Linearizable(_) => Exit::Good,
        Decision::Impossible(_) => Exit::Wrong,
        Decision::Unknown(_) => Exit::Vacuous,
    }
}

/// Reads a file, and holds what it expects against the specification.
fn ready(path: &Path) -> Result<Ready, Problem> {
    let script = cases::load(path)?;
    let name = path.display();
    if let Some(target) = script.note("target") {
        return Err(Problem::usage(format!(
            "{name}: was found on another target ({target}), not on the engine.\n  To try the \
             engine all the same, remove the line `# target:`.\n  To check that target, use the \
             command that found it."
        )));
    }
    let unheld = match expectations(&script) {
        Ok(()) => None,
        Err(ExpectationError::GivenUp(given_up)) => Some(given_up),
        Err(ExpectationError::Wrong(wrong)) => {
            return Err(Problem::usage(format!("{name}:{wrong}")));
        }
    };
    Ok(Ready { script, unheld })
}

fn replay<T: Target + Clone + Send + 'static>(
    path: &Path,
    script: &Script,
    lanes: &[Lane<T>],
    timeout: Duration,
) -> Replayed {
    let name = path.display().to_string();
    let mut case = script.case.clone();
    let left_out: Restricted = match applicable(&mut case, &lanes[0].target.profile()) {
        Ok(left_out) => left_out,
        Err(reason) => {
            println!("not applicable  {name}: {reason}");
            return Replayed {
                name,
                applicable: false,
                compared: 0,
                unheld: 0,
                failed: false,
            };
        }
    };
    if !left_out.is_untouched() {
        println!("left out  {name}: {} operations", left_out.total());
    }
    let mut compared = 0;
    for lane in lanes {
        let mut sandbox = Sandbox::new(lane.target.clone(), timeout);
        if let Some(divergence) = sandbox.run(&case, Contents::Compared) {
            failed(&name, lane, &case, &divergence);
            return Replayed {
                name,
                applicable: true,
                compared,
                unheld: 0,
                failed: true,
            };
        }
        compared += sandbox.compared();
    }
    println!(
        "ok  {name}: {} operations, {} replies compared",
        case.ops.len(),
        show::grouped(compared)
    );
    Replayed {
        name,
        applicable: true,
        compared,
        unheld: 0,
        failed: false,
    }
}

fn failed<T: Target + Clone>(
    name: &str,
    lane: &Lane<T>,
    case: &etalon_spec::Case,
    divergence: &Divergence,
) {
    println!(
        "FAILED  {name} on {}: {}: {divergence}",
        lane.name,
        divergence.class.name()
    );
    let mut target = lane.target.clone();
    if let Some(explanation) = explain(&mut target, case, divergence) {
        print!("{explanation}");
    }
}
