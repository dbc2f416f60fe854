//! The report as one JSON object; `spec/report.schema.json` says what each field is.

use std::path::Path;

use etalon_spec::{Group, Situation};
use serde_json::{Map, Value, json};

use super::Run;
use crate::check::Proved;
use crate::show;

/// Changes when a field goes or means something else; new fields leave it as it is.
const VERSION: u32 = 1;

pub(super) fn object(run: &Run<'_>) -> String {
    let (report, tally) = (run.report, &run.report.tally);
    let failures: Vec<Value> = run
        .groups()
        .map(|(group, file)| failure(run, group, file))
        .collect();
    let narrowings: Vec<Value> = report
        .narrowings
        .iter()
        .map(|narrowing| {
            json!({
                "after": narrowing.after,
                "failure": narrowing.group,
                "without": narrowing.need.as_ref().map(ToString::to_string),
            })
        })
        .collect();
    let phases = report.phases;
    let object = json!({
        "schema": VERSION,
        "etalon": env!("CARGO_PKG_VERSION"),
        "verdict": run.verdict(),
        "missing": run.missing(),
        "floors": report.judgement.floors,
        "store": report.store,
        "target": run.subject.target,
        "seed": report.seed,
        "length": run.settings.length,
        "shard": run.settings.shard.to_string(),
        "jobs": run.settings.jobs,
        "sequences": tally.sequences,
        "operations": tally.operations(),
        "compared": tally.compared,
        "contents": tally.contents,
        "kinds": kinds(run),
        "situations": situations(run),
        "not_met": report.judgement.not_met,
        "not_covered": report.not_covered,
        "layers": layers(run),
        "seconds": report.elapsed.as_secs_f64(),
        "phases": {
            "measuring": phases.measuring.as_secs_f64(),
            "searching": phases.searching.as_secs_f64(),
            "shrinking": phases.shrinking.as_secs_f64(),
        },
        "failures": failures,
        "narrowings": narrowings,
        "passing_hangs": report.passing_hangs,
        "gave_up": report.gave_up,
        "known": run.known.iter().map(known).collect::<Vec<Value>>(),
    });
    format!("{object}\n")
}

/// What became of each kind of operation that was allowed.
fn kinds(run: &Run<'_>) -> Map<String, Value> {
    let kind = |kind: etalon_spec::OpKind| {
        let tally = run.report.tally.of(kind);
        let counts = json!({
            "sent": tally.sent,
            "ok": tally.ok,
            "unsupported": tally.unsupported,
        });
        (kind.word().to_owned(), counts)
    };
    run.report.kinds.iter().map(kind).collect()
}

/// How often each situation was met, and the share of sequences that should.
fn situations(run: &Run<'_>) -> Map<String, Value> {
    let report = run.report;
    let situations = Situation::ALL.iter().filter_map(|situation| {
        let met = report.tally.situations.get(*situation);
        let share = report.expected.share(*situation);
        let is_told = met > 0 || share.is_some_and(|share| share > 0.0);
        let counts = json!({"met": met, "expected_share": share});
        is_told.then(|| (situation.name().to_owned(), counts))
    });
    situations.collect()
}

fn layers(run: &Run<'_>) -> Map<String, Value> {
    let layers = show::layers(&run.report.events).into_iter();
    layers
        .map(|(name, n)| (name.to_owned(), n.into()))
        .collect()
}

fn failure(run: &Run<'_>, group: &Group, file: &Path) -> Value {
    let failed = &group.shortest;
    let left_out: Vec<String> = group.left_out.iter().map(ToString::to_string).collect();
    json!({
        "shape": group.shape.to_string(),
        "class": failed.shrunk.divergence.class.name(),
        "occurrences": group.occurrences,
        "first": group.first,
        "left_out": left_out,
        "lesson": run.subject.lesson.map(|lesson| lesson(failed)),
        "summary": failed.summary(),
        "explanation": failed.explanation.as_ref().map(ToString::to_string),
        "sequence": failed.index,
        "lane": failed.lane,
        "path": failed.shrunk.path,
        "one_minimal": failed.shrunk.one_minimal,
        "reproduced": failed.reproduced,
        "ops": failed.script.print(),
        "file": file.display().to_string(),
        "replay": run.replay(file),
        "stderr": run.subject.stderr,
    })
}

fn known(known: &Proved) -> Value {
    json!({
        "id": known.entry.id,
        "link": known.entry.link,
        "until": known.entry.until.to_string(),
        "proof": known.entry.proof,
        "standing": known.word(),
        "problem": known.problem,
    })
}
