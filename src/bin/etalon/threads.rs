//! `etalon check --threads`: what a campaign with threads looks like to a person.

use std::path::{Path, PathBuf};

use etalon_spec::{
    ConcurrentStore, Target, ThreadFailure, ThreadReport, ThreadSettings, Trouble, Verdict,
    check_threads,
};
use serde_json::json;

use crate::check;
use crate::exit::{Outcome, Problem};
use crate::show::{self, Format, Live, grouped};

/// How results are shown, and where a failing history is written.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    pub format: Format,
    pub quiet: bool,
    pub folder: &'a Path,
}

pub fn run<T>(target: T, settings: &ThreadSettings, shown: &Shown<'_>) -> Outcome
where
    T: Target + Clone + Send + 'static,
    T::Store: ConcurrentStore,
{
    let profile = target.profile();
    let (callers, most) = (settings.callers(&profile), profile.threads);
    if callers > most {
        let name = profile.name;
        return Err(Problem::usage(format!(
            "{callers} threads would call {name}, which declares {most}"
        )));
    }
    let is_silent = shown.quiet || shown.format == Format::Json;
    if !is_silent {
        println!(
            "seed {} (the same operations again: etalon check --threads {} --seed {0}; \
             the order of the threads is the machine's)",
            settings.seed, settings.threads
        );
    }
    let mut live = Live::new(is_silent, settings.time);
    let report = check_threads(target, settings, &mut live);
    live.finish();
    let saved = match &report.failure {
        None => Vec::new(),
        Some(failure) => save(shown.folder, &report, failure)?,
    };
    match shown.format {
        Format::Json => println!("{}", json(&report, &saved)),
        Format::Human => human(&report, shown.quiet, &saved),
    }
    let is_interrupted = report.interrupted && report.failure.is_none();
    Ok(check::ended(is_interrupted, report.verdict()))
}

/// Writes what was recorded, and the smallest window if there is one: to decide it again, and as a
/// picture.
fn save(
    folder: &Path,
    report: &ThreadReport,
    failure: &ThreadFailure,
) -> Result<Vec<PathBuf>, Problem> {
    let name = format!("seed-{}-history-{}", report.seed, failure.index);
    let about = format!(
        "# store: {}\n# seed: {}, history {}, {} clients\n",
        report.store, report.seed, failure.index, report.threads
    );
    let mut files = vec![(format!("{name}-whole.ops"), failure.history.to_string())];
    if let Trouble::Impossible(contradiction) = &failure.trouble {
        files.insert(0, (format!("{name}.ops"), contradiction.window.to_string()));
        files.insert(1, (format!("{name}.txt"), contradiction.picture()));
    }
    let mut saved = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        let text = text.replacen("ops 1\n", &format!("ops 1\n{about}"), 1);
        show::write(&path, text.as_bytes())?;
        saved.push(path);
    }
    Ok(saved)
}

fn human(report: &ThreadReport, quiet: bool, saved: &[PathBuf]) {
    let tally = &report.tally;
    if let Some(failure) = &report.failure {
        println!("\n{failure}");
        for path in saved {
            println!("wrote {}", path.display());
        }
        if let (Trouble::Impossible(_), Some(path)) = (&failure.trouble, saved.first()) {
            println!("decide again: etalon replay {}", path.display());
        }
        println!("found after {} operations", grouped(tally.operations()));
    } else if !quiet {
        println!("\noperations");
        for kind in etalon_spec::OpKind::ALL {
            if tally.of(kind).sent > 0 {
                println!("  {:<14}{:>14}", kind.word(), grouped(tally.of(kind).sent));
            }
        }
    }
    println!("\n{report}");
}

/// The result as one JSON object.
fn json(report: &ThreadReport, saved: &[PathBuf]) -> String {
    let (tally, searched) = (&report.tally, &report.searched);
    let (verdict, missing) = match report.verdict() {
        _ if report.interrupted && report.failure.is_none() => ("INTERRUPTED", Vec::new()),
        Verdict::Pass => ("PASS", Vec::new()),
        Verdict::Fail => ("FAIL", Vec::new()),
        Verdict::Vacuous(missing) => ("VACUOUS", missing.clone()),
    };
    let files: Vec<String> = saved
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    json!({
        "verdict": verdict,
        "missing": missing,
        "store": report.store,
        "seed": report.seed,
        "threads": report.threads,
        "operations": tally.operations(),
        "histories": report.histories(),
        "undecided": report.undecided(),
        "windows": searched.windows,
        "overlapping": searched.overlapping,
        "structure_overlapping": searched.structure_overlapping,
        "configurations": searched.configurations,
        "seconds": report.elapsed.as_secs_f64(),
        "failure": report.failure.as_ref().map(ToString::to_string),
        "files": files,
    })
    .to_string()
}
