//! `etalon replay`: saved cases, run again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use etalon_spec::history::{Decision, Effort, History, decide};
use etalon_spec::{
    Contents, Divergence, ExpectationError, GivenUp, Lane, Op, Profile, Replayed, Restricted,
    Sandbox, Script, Target, Verdict, applicable, expectations, explain, judge_replay,
};

use crate::exit::{Exit, Outcome, Problem};
use crate::{cases, engine, profile, program, server, show};

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
    #[command(flatten)]
    profile: profile::File,
    #[command(flatten)]
    program: program::Named,
    #[command(flatten)]
    server: server::Address,
}

pub fn run(args: &Args) -> Outcome {
    let files = cases::files(&args.paths)?;
    if let [path] = &files[..]
        && let Some(history) = cases::history(path)?
    {
        return Ok(decide_again(path, &history));
    }
    if let Some(started) = args.program.start(Some(args.timeout))? {
        let lanes = args.profile.under(vec![started.lane()], true)?;
        return replay_on(&files, &lanes, args.timeout);
    }
    if let Some(reached) = args.server.connect(Some(args.timeout))? {
        let lanes = args.profile.under(vec![reached.lane()], false)?;
        return replay_on(&files, &lanes, args.timeout);
    }
    let (lanes, _folder) = engine::lanes()?;
    let lanes = args.profile.under(lanes, false)?;
    let breakable = args.profile.under(engine::breakable(), false)?;
    let scripts = all_ready(&files, &lanes[0].target.profile(), false)?;
    let mut results = Vec::new();
    for (path, ready) in files.iter().zip(&scripts) {
        let breaks = |op: &Op| op.kind().is_breakage();
        results.push(if ready.script.case.ops.iter().any(breaks) {
            ready.replay(path, &breakable, args.timeout)
        } else {
            ready.replay(path, &lanes, args.timeout)
        });
    }
    Ok(verdict(&results))
}

/// Replays on a target that is named.
fn replay_on<T>(files: &[PathBuf], lanes: &[Lane<T>], timeout: Duration) -> Outcome
where
    T: Target + Clone + Send + 'static,
{
    let scripts = all_ready(files, &lanes[0].target.profile(), true)?;
    let each = files.iter().zip(&scripts);
    let replayed = each.map(|(path, ready)| ready.replay(path, lanes, timeout));
    Ok(verdict(&replayed.collect::<Vec<Replayed>>()))
}

fn verdict(results: &[Replayed]) -> Exit {
    let verdict = judge_replay(results);
    println!(
        "{verdict}: {} of {} replayed",
        results.iter().filter(|r| r.applicable).count(),
        results.len()
    );
    match verdict {
        Verdict::Pass => Exit::Good,
        Verdict::Fail => Exit::Wrong,
        Verdict::Vacuous(_) => Exit::Vacuous,
    }
}

/// A file that can be replayed.
struct Ready {
    script: Script,
    /// Why some of what it expects is not known to be right.
    unheld: Option<GivenUp>,
}

impl Ready {
    fn replay<T>(&self, path: &Path, lanes: &[Lane<T>], timeout: Duration) -> Replayed
    where
        T: Target + Clone + Send + 'static,
    {
        let replayed = replay(path, &self.script, lanes, timeout);
        if let Some(given_up) = &self.unheld {
            println!("not held  {}:{given_up}", path.display());
        }
        let unheld = self.unheld.as_ref();
        Replayed {
            unheld: unheld.map_or(0, |given_up| given_up.expected as u64),
            ..replayed
        }
    }
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

/// Everything is read and judged before anything is run.
fn all_ready(files: &[PathBuf], profile: &Profile, named: bool) -> Result<Vec<Ready>, Problem> {
    let ready = |path: &PathBuf| ready(path, profile, named);
    files.iter().map(ready).collect()
}

/// Reads a file, and holds what it expects against the specification. A file that was found on
/// another target than the engine is replayed on a target that is named.
fn ready(path: &Path, profile: &Profile, named: bool) -> Result<Ready, Problem> {
    let script = cases::load_for(path, profile)?;
    let name = path.display();
    if let (Some(target), false) = (script.note("target"), named) {
        return Err(Problem::usage(format!(
            "{name}: was found on another target, not on the engine.\n  To try that target: \
             etalon replay {name} {target}\n  To try the engine all the same, remove the line \
             `# target:` from the file."
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
