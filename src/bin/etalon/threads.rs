//! `etalon check --threads`: what a campaign with threads looks like to a person.

use std::path::{Path, PathBuf};

use etalon_spec::{
    ConcurrentStore, Target, ThreadFailure, ThreadReport, ThreadSettings, Trouble, check_threads,
};

use crate::check;
use crate::exit::{Outcome, Problem};
use crate::output::{self, say};
use crate::report::{self, ThreadRun, keep};
use crate::show::{Format, Live, grouped};

/// How results are shown, and where they are written.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    pub format: Format,
    pub quiet: bool,
    /// The target as on the command line; empty for the engine.
    pub target: &'static str,
    /// The folder of `--report`.
    pub folder: Option<&'a Path>,
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
        say!(
            "seed {} (the same operations again: etalon check --threads {} --seed {0}; \
             the order of the threads is the machine's)",
            settings.seed,
            settings.threads
        );
    }
    let mut live = Live::new(is_silent, settings.time);
    let report = check_threads(target, settings, &mut live);
    live.finish();
    let saved = match &report.failure {
        None => Vec::new(),
        Some(failure) => save(&report::failures(shown.folder), &report, failure),
    };
    let run = ThreadRun {
        report: &report,
        settings,
        target: shown.target,
        saved: &saved,
    };
    match shown.format {
        Format::Json => output::text(run.json()),
        Format::Human => human(&report, shown.quiet, &saved),
    }
    run.write(shown.folder, shown.format)?;
    Ok(check::ended(run.is_interrupted(), report.verdict()))
}

/// Writes what was recorded, and the smallest window if there is one: to decide it again, and as a
/// picture.
pub fn save(folder: &Path, report: &ThreadReport, failure: &ThreadFailure) -> Vec<PathBuf> {
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
        keep(&path, text.as_bytes());
        saved.push(path);
    }
    saved
}

fn human(report: &ThreadReport, quiet: bool, saved: &[PathBuf]) {
    let tally = &report.tally;
    if let Some(failure) = &report.failure {
        say!("\n{failure}");
        for path in saved {
            say!("wrote {}", path.display());
        }
        if let (Trouble::Impossible(_), Some(path)) = (&failure.trouble, saved.first()) {
            say!("decide again: etalon replay {}", path.display());
        }
        say!("found after {} operations", grouped(tally.operations()));
    } else if !quiet {
        say!("\noperations");
        for kind in etalon_spec::OpKind::ALL {
            if tally.of(kind).sent > 0 {
                say!("  {:<14}{:>14}", kind.word(), grouped(tally.of(kind).sent));
            }
        }
    }
    say!("\n{report}");
}
