//! A run as `JUnit` and GitHub are told of it: the same for `check` with threads and without.

use super::{Run, ThreadRun};
use crate::show::grouped;

/// What a run came to, in texts.
pub(super) struct Account {
    pub(super) store: String,
    /// The target and the flags, after a space; empty for the engine.
    pub(super) suffix: String,
    pub(super) verdict: &'static str,
    /// What the search is called where there are several cases.
    pub(super) search: String,
    /// What it explored, in one line.
    pub(super) explored: String,
    pub(super) missing: Vec<String>,
    pub(super) seconds: f64,
    pub(super) failures: Vec<Failure>,
    pub(super) known: Vec<Known>,
    /// The end of what a program wrote to standard error.
    pub(super) stderr: String,
}

/// One failure, or all of one shape.
pub(super) struct Failure {
    /// The shape, or the history.
    pub(super) name: String,
    pub(super) times: u64,
    pub(super) class: String,
    /// In one line.
    pub(super) summary: String,
    /// What shows it.
    pub(super) text: String,
    pub(super) file: Option<String>,
    /// The command that shows it again, if one can.
    pub(super) replay: Option<String>,
}

/// An entry of `--known`.
pub(super) struct Known {
    pub(super) id: String,
    pub(super) file: String,
    pub(super) link: String,
    pub(super) standing: &'static str,
    pub(super) problem: Option<String>,
}

impl Failure {
    /// What shows it, and how to see it again.
    pub(super) fn body(&self) -> String {
        let replay = self.replay.as_deref().unwrap_or_default();
        format!("{}\n{replay}", self.text)
    }
}

impl Account {
    /// Of a check of one operation after the other.
    pub(super) fn of(run: &Run<'_>) -> Account {
        let (report, tally) = (run.report, &run.report.tally);
        let failures = run.groups().map(|(group, file)| {
            let failed = &group.shortest;
            Failure {
                name: group.shape.to_string(),
                times: group.occurrences,
                class: failed.shrunk.divergence.class.name().to_owned(),
                summary: failed.summary(),
                text: failed.script.print(),
                file: Some(file.display().to_string()),
                replay: Some(run.replay(file)),
            }
        });
        let known = run.known.iter().map(|known| Known {
            id: known.entry.id.clone(),
            file: known.file.clone(),
            link: known.entry.link.clone(),
            standing: known.word(),
            problem: known.problem.clone(),
        });
        Account {
            store: report.store.clone(),
            suffix: run.subject.suffix(),
            verdict: run.verdict(),
            search: format!("sequences of seed {}", report.seed),
            explored: format!(
                "seed {}, {} sequences, {} operations, {} replies compared, {} situations, {:.1} s",
                report.seed,
                grouped(tally.sequences),
                grouped(tally.operations()),
                grouped(tally.compared),
                tally.situations.iter().count(),
                report.elapsed.as_secs_f64()
            ),
            missing: run.missing().to_vec(),
            seconds: report.elapsed.as_secs_f64(),
            failures: failures.collect(),
            known: known.collect(),
            stderr: run.subject.stderr.clone(),
        }
    }

    /// Of a check with threads.
    pub(super) fn of_threads(run: &ThreadRun<'_>) -> Account {
        let report = run.report;
        let failure = report.failure.as_ref().map(|failure| Failure {
            name: format!("history {}", failure.index),
            times: 1,
            class: failure.trouble.class().to_owned(),
            summary: ThreadRun::summary(failure),
            text: ThreadRun::text(failure),
            file: run.saved.first().map(|file| file.display().to_string()),
            replay: run.replay(failure),
        });
        Account {
            store: report.store.clone(),
            suffix: format!("{} --threads {}", run.target(), run.settings.threads),
            verdict: run.verdict(),
            search: format!("histories of seed {}", report.seed),
            explored: format!(
                "seed {}, {} clients, {} histories, {} operations, {} overlapped another, {:.1} s",
                report.seed,
                report.threads,
                grouped(report.histories()),
                grouped(report.tally.operations()),
                grouped(report.searched.overlapping),
                report.elapsed.as_secs_f64()
            ),
            missing: run.missing().to_vec(),
            seconds: report.elapsed.as_secs_f64(),
            failures: failure.into_iter().collect(),
            known: Vec::new(),
            stderr: String::new(),
        }
    }
}
