//! The seed corpus of `fuzz/`, and the regressions that checkers found, hold on the engine: each
//! file reads, expects what the specification answers, and agrees. `fuzz/run` feeds the seeds to
//! libFuzzer in the byte form.

use std::fs;
use std::path::{Path, PathBuf};

use etalon::oracle::Memory;
use etalon_spec::bytes::{decode, encode};
use etalon_spec::{Script, Target, expectations, replay_case, restrict};

/// The `.ops` files of a folder of this package, by name.
fn scripts(folder: &str) -> Vec<(PathBuf, Script)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let script = Script::load(&fs::read(&path).unwrap());
        let script = script.unwrap_or_else(|error| panic!("{}:{error}", path.display()));
        (path, script)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_seed_says_why_it_is_there_and_agrees_with_the_engine() {
    let seeds = scripts("fuzz/seeds/differential");
    assert!((15..=40).contains(&seeds.len()), "{}", seeds.len());
    for (path, script) in &seeds {
        let path = path.display();
        assert!(script.note("why").is_some(), "{path}: no # why:");
        expectations(script).unwrap_or_else(|wrong| panic!("{path}:{wrong}"));
        let replay = replay_case(&mut Memory::default(), &script.case);
        let replay = replay.unwrap_or_else(|reason| panic!("{path}: {reason}"));
        assert_eq!(replay.divergence, None, "{path}");
    }
}

/// A seed that the fuzzer would see restricted is not the seed that somebody wrote.
#[test]
fn every_seed_reaches_the_fuzzer_whole() {
    for (path, script) in scripts("fuzz/seeds/differential") {
        let mut case = decode(&encode(&script.case)).case;
        assert_eq!(case, script.case, "{}", path.display());
        let restricted = restrict(&mut case, &Memory::default().profile());
        assert!(
            restricted.is_untouched(),
            "{}: {restricted:?}",
            path.display()
        );
    }
}
