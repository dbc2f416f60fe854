//! `etalon check` from the command line: the flags that say what is run, and what is written
//! about it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const ETALON: &str = env!("CARGO_BIN_EXE_etalon");

/// Runs etalon in a directory: exit code, standard output, standard error.
fn etalon(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(ETALON)
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("etalon runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn a_profile_file_takes_the_place_of_what_the_target_says() {
    let scratch = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| etalon(scratch.path(), arguments);
    fs::write(
        scratch.path().join("small.toml"),
        "can = ['flush']\nkeys.max = 9\n",
    )
    .expect("written");
    let arguments = [
        "check",
        "--ops",
        "20000",
        "--model",
        "--profile",
        "small.toml",
    ];
    let (code, out, error) = run(&arguments);
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains("not covered: scan, reverse, "), "{out}");
    assert!(!out.contains("\n  scan  "), "{out}");
    let again = "again: etalon check --seed 1 --profile small.toml --model)";
    assert!(out.contains(again), "{out}");
    let through_a_pipe = [
        &arguments[..3],
        &arguments[4..],
        &["--", ETALON, "serve", "--stdio", "--model"],
    ];
    let (code, out, error) = run(&through_a_pipe.concat());
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains("not covered: scan, reverse, "), "{out}");

    fs::write(scratch.path().join("wrong.toml"), "\n[keys]\n  mim = 1\n").expect("written");
    let (code, _, error) = run(&["check", "--profile", "wrong.toml"]);
    assert_eq!(code, Some(4));
    assert!(
        error.starts_with("etalon: wrong.toml:3:3: `keys`: unknown field `mim`"),
        "{error}"
    );
    assert!(error.contains("Did you mean `min`?"), "{error}");
    let (code, _, error) = run(&["check", "--profile", "none.toml"]);
    assert_eq!(
        (code, error.as_str()),
        (Some(4), "etalon: none.toml: no such file\n")
    );
}
