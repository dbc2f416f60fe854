//! `etalon shrink`: a failing case made as small as it gets.

use std::path::PathBuf;
use std::time::Duration;

use etalon_spec::{Case, Contents, Lane, Sandbox, Settings, Target, applicable, examine};

use crate::exit::{Exit, Outcome, Problem};
use crate::output::say;
use crate::report::keep;
use crate::show::{self, Live, Subject};
use crate::{cases, engine, profile, program, server};

/// What `shrink` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The case: .ops, bytes or JSON
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How long to shrink
    #[arg(long = "for", default_value = "10s", value_name = "TIME",
          value_parser = crate::check::duration)]
    time: Duration,
    /// Where the smallest case is written [default: etalon-out/NAME.min.ops]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
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
    if let Some(started) = args.program.start(None)? {
        let lanes = args.profile.under(vec![started.lane()], true)?;
        return shrink(args, case_for(args, &lanes)?, lanes, || started.subject());
    }
    if let Some(reached) = args.server.connect(None)? {
        let lanes = args.profile.under(vec![reached.lane()], false)?;
        return shrink(args, case_for(args, &lanes)?, lanes, || reached.subject());
    }
    if args.own.is_the_model() {
        let lanes = args.profile.under(engine::model(), false)?;
        return shrink(args, case_for(args, &lanes)?, lanes, Subject::of_the_model);
    }
    let script = cases::load(&args.file)?;
    if !args.own.is_the_engine() {
        cases::is_of_the_engine(&args.file, &script, "shrink")?;
    }
    let case = script.case;
    let breaks = case.ops.iter().any(|op| op.kind().is_breakage());
    if breaks {
        let lanes = args.profile.under(engine::breakable(), false)?;
        return shrink(args, case, lanes, Subject::default);
    }
    let (lanes, _folder) = engine::lanes()?;
    let lanes = args.profile.under(lanes, false)?;
    shrink(args, case, lanes, Subject::default)
}

/// The case, whose options must be those of the target.
fn case_for<T: Target>(args: &Args, lanes: &[Lane<T>]) -> Result<Case, Problem> {
    let script = cases::load_for(&args.file, &lanes[0].target.profile())?;
    Ok(script.case)
}

fn shrink<T>(
    args: &Args,
    mut case: Case,
    lanes: Vec<Lane<T>>,
    subject: impl Fn() -> Subject,
) -> Outcome
where
    T: Target + Clone + Send + 'static,
{
    let name = args.file.display();
    let profile = lanes[0].target.profile();
    applicable(&mut case, &profile)
        .map_err(|reason| Problem::usage(format!("{name}: not applicable: {reason}")))?;
    for lane in lanes {
        let mut sandbox = Sandbox::new(lane.target.clone(), profile.timeout);
        let Some(divergence) = sandbox.run(&case, Contents::Compared) else {
            continue;
        };
        drop(sandbox);
        subject().is_to_blame()?;
        let settings = Settings {
            shrink_time: args.time,
            ..Settings::default()
        };
        let mut live = Live::new(false, None);
        let mut failed = examine(lane, case, divergence, &settings, &mut live);
        live.finish();
        let output = args.output.clone().unwrap_or_else(|| {
            let stem = args.file.file_stem().unwrap_or_default().to_string_lossy();
            PathBuf::from("etalon-out").join(format!("{stem}.min.ops"))
        });
        let subject = Subject {
            flags: args.profile.flag(),
            ..subject()
        };
        subject.is_to_blame()?;
        if !subject.target.is_empty() {
            failed.script.set_note("target", &subject.target);
        }
        keep(&output, failed.script.print().as_bytes());
        show::failure(&failed, Some(&output), &subject);
        return Ok(Exit::Wrong);
    }
    say!("{name} does not fail: there is nothing to shrink");
    Ok(Exit::Good)
}
