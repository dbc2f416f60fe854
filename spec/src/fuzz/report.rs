//! What is printed of a failure, before anything else happens.
//!
//! ```text
//!   ops 1
//!   # why: wrong answer: get "k": expected none, got "v"
//!   # found: by fuzzing etalon
//!   put "k" "v"
//!   delete "k"
//!   get "k" -> none
//!
//!   wrong answer: get "k": expected none, got "v"
//!   replay: etalon replay etalon-out/fuzz-0123456789abcdef.ops
//! ```

use std::hash::BuildHasher;
use std::path::PathBuf;
use std::{env, fs};

use crate::bytes::encode;
use crate::check::{Divergence, Moment};
use crate::hash::FixedState;
use crate::model::Model;
use crate::op::{Case, Op, Reply};
use crate::profile::Profile;
use crate::text::Script;

/// The directory in which the `.ops` of a failure is saved.
const OUT: &str = "ETALON_OUT";

/// Prints a case that the store answered wrongly, and what would have been right.
pub(super) fn divergence(case: &Case, divergence: &Divergence, profile: &Profile) {
    let summary = format!("{}: {divergence}", divergence.class.name());
    print(script(case, divergence), &summary, &profile.name);
}

/// Prints a case in which something panicked where the checker could not catch it.
pub(super) fn panicked(case: &Case, panic: &str, target: &str) {
    let summary = format!("died, not in answering: {}", one_line(panic));
    print(Script::from(case.clone()), &summary, target);
}

/// The case cut after the failure, ending with the read that diverged and the reply expected.
fn script(case: &Case, divergence: &Divergence) -> Script {
    let mut case = case.clone();
    match divergence.moment {
        Moment::Create => case.ops.clear(),
        Moment::Operation(at) => case.ops.truncate(at + 1),
        Moment::Contents(at) => {
            case.ops.truncate(at + 1);
            case.ops.push(divergence.read.clone());
        }
        Moment::Close => {}
    }
    let mut script = Script::from(case);
    if let Some(answer) = specified(&script.case.ops) {
        script
            .expected
            .last_mut()
            .expect("one for each")
            .push(answer);
    }
    script
}

/// What the specification answers to the last of these operations.
fn specified(ops: &[Op]) -> Option<Reply> {
    let mut model = Model::default();
    let mut reply = None;
    for op in ops {
        reply = Some(crate::replay::specified(&mut model, op));
    }
    reply
}

/// To stderr, as everything that a fuzzer says.
fn print(mut script: Script, summary: &str, target: &str) {
    script.set_note("why", &one_line(summary));
    script.set_note("found", &format!("by fuzzing {}", one_line(target)));
    eprintln!("\n{script}\n{summary}");
    match save(&script) {
        Some(path) if target == "etalon" => eprintln!("replay: etalon replay {}", path.display()),
        Some(path) => eprintln!(
            "replay: etalon_spec::replay(&mut target, include_str!(\"{}\"))",
            path.display()
        ),
        None => eprintln!(
            "replay: save the lines above as a file, or take the fuzzer's input file; then \
             `etalon replay FILE` for etalon's own engine, `etalon_spec::replay` for another store"
        ),
    }
}

/// Saves the script where `ETALON_OUT` says; none if that is not set, or if it cannot be done.
fn save(script: &Script) -> Option<PathBuf> {
    let directory = PathBuf::from(env::var_os(OUT)?);
    let hash = FixedState::default().hash_one(encode(&script.case));
    let path = directory.join(format!("fuzz-{hash:016x}.ops"));
    let saved = fs::create_dir_all(&directory).and_then(|()| fs::write(&path, script.print()));
    match saved {
        Ok(()) => Some(path),
        Err(error) => {
            eprintln!("etalon: {}: cannot be written: {error}", path.display());
            None
        }
    }
}

/// A text that fits into a comment.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
