//! `etalon replay`: saved cases, run again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use etalon_spec::history::{Decision, Effort, History, decide};
use etalon_spec::{
    Contents, Divergence, ExpectationError, GivenUp, Lane, Op, Profile, Replayed, Restricted,
    Sandbox, Script, Target, Verdict, applicable, expectations, explain, judge_replay,
};

use crate::exit::{Exit, Outcome, Problem};
use crate::output::{self, say};
use crate::show::Subject;
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
    #[command(flatten)]
    on: On,
}

/// The target, and how long it has.
#[derive(Debug, clap::Args)]
pub struct On {
    /// How long one operation may take
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = crate::check::duration)]
    timeout: Duration,
    #[command(flatten)]
    own: engine::Own,
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
    args.on
        .replay(&|profile, named| all_ready(&files, profile, named))
}

/// Reads what is to be replayed on a store of this profile, which is named or is the engine.
type Load<'a> = dyn Fn(&Profile, bool) -> Result<Vec<Ready>, Problem> + 'a;

impl On {
    /// Replays on the target that is named, or on the engine.
    pub fn replay(&self, load: &Load) -> Outcome {
        if let Some(started) = self.program.start(Some(self.timeout))? {
            let lanes = self.profile.under(vec![started.lane()], true)?;
            return self.replay_on(load, &lanes, || started.subject());
        }
        if let Some(reached) = self.server.connect(Some(self.timeout))? {
            let lanes = self.profile.under(vec![reached.lane()], false)?;
            return self.replay_on(load, &lanes, || reached.subject());
        }
        if self.own.is_the_model() {
            let lanes = self.profile.under(engine::model(), false)?;
            return self.replay_on(load, &lanes, Subject::of_the_model);
        }
        let (lanes, _folder) = engine::lanes()?;
        let lanes = self.profile.under(lanes, false)?;
        let breakable = self.profile.under(engine::breakable(), false)?;
        let mut results = Vec::new();
        for ready in load(&lanes[0].target.profile(), self.own.is_the_engine())? {
            let breaks = |op: &Op| op.kind().is_breakage();
            results.push(if ready.script.case.ops.iter().any(breaks) {
                ready.replay(&breakable, self.timeout)
            } else {
                ready.replay(&lanes, self.timeout)
            });
        }
        Ok(verdict(results))
    }

    /// Replays on a target that is named.
    fn replay_on<T>(&self, load: &Load, lanes: &[Lane<T>], subject: impl Fn() -> Subject) -> Outcome
    where
        T: Target + Clone + Send + 'static,
    {
        let scripts = load(&lanes[0].target.profile(), true)?;
        let mut ran = Vec::new();
        for ready in scripts {
            ran.push(ready.replay(lanes, self.timeout));
            subject().is_to_blame()?;
        }
        Ok(verdict(ran))
    }
}

/// What came of a file, and whether it ran without operations that the target has not.
type Ran = (Replayed, bool);

fn verdict(ran: Vec<Ran>) -> Exit {
    let (results, cut): (Vec<Replayed>, Vec<bool>) = ran.into_iter().unzip();
    let verdict = judge_replay(&results);
    let applicable = results.iter().filter(|file| file.applicable).count();
    let not = match results.len() - applicable {
        0 => String::new(),
        not => format!(", {not} not applicable"),
    };
    let without = match cut.iter().filter(|is_cut| **is_cut).count() {
        0 => String::new(),
        cut => format!(", {cut} of them without operations that the target has not"),
    };
    say!(
        "{verdict}: {applicable} of {} replayed{without}{not}",
        results.len()
    );
    match verdict {
        Verdict::Pass => Exit::Good,
        Verdict::Fail => Exit::Wrong,
        Verdict::Vacuous(_) => Exit::Vacuous,
    }
}

/// A file that can be replayed.
pub struct Ready {
    name: String,
    script: Script,
    /// Why some of what it expects is not known to be right.
    unheld: Option<GivenUp>,
}

impl Ready {
    /// Holds what a script expects against the specification.
    pub fn of(name: String, script: Script) -> Result<Ready, Problem> {
        let unheld = match expectations(&script) {
            Ok(()) => None,
            Err(ExpectationError::GivenUp(given_up)) => Some(given_up),
            Err(ExpectationError::Wrong(wrong)) => {
                return Err(Problem::usage(format!("{name}:{wrong}")));
            }
        };
        Ok(Ready {
            name,
            script,
            unheld,
        })
    }

    fn replay<T>(&self, lanes: &[Lane<T>], timeout: Duration) -> Ran
    where
        T: Target + Clone + Send + 'static,
    {
        let (mut replayed, is_cut) = replay(&self.name, &self.script, lanes, timeout);
        if let Some(given_up) = &self.unheld {
            say!("not held  {}:{given_up}", self.name);
            replayed.unheld = given_up.expected as u64;
        }
        (replayed, is_cut)
    }
}

/// A recorded history is nothing to run: it is decided again.
fn decide_again(path: &Path, history: &History) -> Exit {
    let decision = decide(history, Effort::default());
    say!("{}: {decision}", path.display());
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
    if !named {
        cases::is_of_the_engine(path, &script, "replay")?;
        cases::values_are_taken(path, &script)?;
    }
    Ready::of(path.display().to_string(), script)
}

fn replay<T: Target + Clone + Send + 'static>(
    name: &str,
    script: &Script,
    lanes: &[Lane<T>],
    timeout: Duration,
) -> Ran {
    let mut replayed = Replayed {
        name: name.to_owned(),
        applicable: false,
        compared: 0,
        unheld: 0,
        failed: false,
    };
    let mut case = script.case.clone();
    let left_out: Restricted = match applicable(&mut case, &lanes[0].target.profile()) {
        Ok(left_out) => left_out,
        Err(reason) => {
            say!("not applicable  {name}: {reason}");
            return (replayed, false);
        }
    };
    replayed.applicable = true;
    let is_cut = !left_out.is_untouched();
    if is_cut {
        say!("left out  {name}: {} operations", left_out.total());
    }
    for lane in lanes {
        let mut sandbox = Sandbox::new(lane.target.clone(), timeout);
        if let Some(divergence) = sandbox.run(&case, Contents::Compared) {
            failed(name, lane, &case, &divergence);
            replayed.failed = true;
            return (replayed, is_cut);
        }
        replayed.compared += sandbox.compared();
    }
    say!(
        "ok  {name}: {} operations, {} replies compared",
        case.ops.len(),
        show::grouped(replayed.compared)
    );
    (replayed, is_cut)
}

fn failed<T: Target + Clone>(
    name: &str,
    lane: &Lane<T>,
    case: &etalon_spec::Case,
    divergence: &Divergence,
) {
    say!(
        "FAILED  {name} on {}: {}: {divergence}",
        lane.name,
        divergence.class.name()
    );
    let mut target = lane.target.clone();
    if let Some(explanation) = explain(&mut target, case, divergence) {
        output::text(&explanation);
    }
}
