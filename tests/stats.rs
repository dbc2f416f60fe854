//! `etalon stats`: the table, the verdict and its exit code; files that hold no statistics.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use etalon_spec::{Op, Reply, Situation, Statistics, Tally};

fn stats(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_etalon"))
        .arg("stats")
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// Enough for a pass.
fn campaign() -> Statistics {
    let mut tally = Tally {
        sequences: 2,
        compared: 9,
        ..Tally::default()
    };
    let get = Op::get(Vec::new());
    tally.record(&get, &Reply::Absent);
    tally.record(&get, &Reply::Value(Vec::new()));
    tally.situations.count(Situation::CompactTwice);
    Statistics {
        target: "etalon".to_owned(),
        tally,
        ended: true,
        ..Statistics::default()
    }
}

#[test]
fn files_are_added_up_and_the_verdict_is_the_exit_code() {
    let scratch = tempfile::tempdir().unwrap();
    let write = |name: &str, statistics: &Statistics| {
        fs::write(scratch.path().join(name), statistics.to_string()).unwrap();
    };
    write("a", &campaign());
    write("b", &campaign());
    let (code, said, _) = stats(scratch.path(), &["a", "b", "--require", "compact twice>=2"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("             4  cases\n"), "{said}");
    assert!(said.contains("             4             4             0             0  get\n"));
    assert!(said.contains("             2  compact twice\n"), "{said}");
    assert!(said.ends_with(
        "floors in proportion: not applied, for coverage steers what a fuzzer runs\nPASS\n"
    ));

    let (code, said, _) = stats(scratch.path(), &["a", "--require", "compact twice>=2"]);
    assert_eq!(code, Some(2), "{said}");
    write(
        "cut",
        &Statistics {
            ended: false,
            ..campaign()
        },
    );
    let (code, said, _) = stats(scratch.path(), &["a", "cut"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("VACUOUS: the campaign did not end by itself"),
        "{said}"
    );
    write(
        "failed",
        &Statistics {
            failures: 1,
            ..campaign()
        },
    );
    let (code, said, _) = stats(scratch.path(), &["failed", "a"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.ends_with("FAIL\n"), "{said}");
}

#[test]
fn what_is_no_statistics_is_said_with_file_and_line() {
    let scratch = tempfile::tempdir().unwrap();
    let text = campaign()
        .to_string()
        .replace("compared = 9", "compared = nine");
    fs::write(scratch.path().join("bad"), text).unwrap();
    for (arguments, says) in [
        (&["bad"][..], "bad:11: expected a number, found `nine`"),
        (&["missing"], "missing: cannot be read"),
        (
            &["bad", "--require", "compact"],
            "--require: expected `NAME>=N`",
        ),
        (&[], "FILE"),
    ] {
        let (code, _, said) = stats(scratch.path(), arguments);
        assert_eq!(code, Some(4), "{said}");
        assert!(said.contains(says), "{said}");
    }
    let other = Statistics {
        target: "other".to_owned(),
        ..campaign()
    };
    fs::write(scratch.path().join("a"), campaign().to_string()).unwrap();
    fs::write(scratch.path().join("b"), other.to_string()).unwrap();
    let (code, _, said) = stats(scratch.path(), &["a", "b"]);
    assert_eq!(code, Some(4), "{said}");
}
