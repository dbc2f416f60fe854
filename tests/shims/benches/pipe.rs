//! What the check costs: operations a second of a Node child at a window of 64, through the bare
//! pipe and under the check, in the same run.
//!
//! The bare pipe sends the same requests, written beforehand, in rounds of 64, and counts the
//! lines that come back. The check draws cases, sends ahead, compares every reply with the model.
//! It fails where the best round of the check has less than half the rate of the best of the pipe.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use etalon_spec::process::Program;
use etalon_spec::{Settings, Verdict, check};

const WINDOW: usize = 64;
const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_millis(1500);

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = |from: &str, name: &str| {
        fs::copy(here.join(from), folder.path().join(name)).expect("copied");
    };
    copy("../../spec/shims/driver.js", "driver.js");
    copy("stores/store.js", "store.js");
    let driver = folder.path().join("driver.js");
    let driver = driver.to_str().expect("text");
    println!(
        "{:>20}{:>20}{:>10}",
        "bare pipe, ops/s", "check, ops/s", "ratio"
    );
    let (mut best_bare, mut best_checked) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        let (bare, checked) = (bare_pipe(driver), under_check(driver));
        println!("{bare:>20.0}{checked:>20.0}{:>10.2}", checked / bare);
        best_bare = best_bare.max(bare);
        best_checked = best_checked.max(checked);
    }
    let ratio = best_checked / best_bare;
    println!("{best_bare:>20.0}{best_checked:>20.0}{ratio:>10.2}  the best of each");
    assert!(
        ratio >= 0.5,
        "the check takes more than half of the pipe's rate"
    );
}

fn bare_pipe(driver: &str) -> f64 {
    let mut child = Command::new("node")
        .arg(driver)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut input = child.stdin.take().expect("piped");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    output.read_line(&mut line).expect("a greeting");
    let mut round = String::from("{\"id\":1,\"op\":\"open\",\"dir\":\"/tmp\",\"options\":{}}\n");
    for key in 0..WINDOW / 2 - 1 {
        let k = format!("key{key}");
        writeln!(round, r#"{{"id":1,"op":"put","key":"{k}","value":"{k}"}}"#).expect("a string");
        writeln!(round, r#"{{"id":1,"op":"get","key":"{k}"}}"#).expect("a string");
    }
    let lines = round.lines().count();
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < TIME {
        input.write_all(round.as_bytes()).expect("it reads");
        for _ in 0..lines {
            line.clear();
            output.read_line(&mut line).expect("it answers");
            done += 1;
        }
    }
    drop(input);
    child.wait().expect("it ends");
    f64::from(done) / TIME.as_secs_f64()
}

fn under_check(driver: &str) -> f64 {
    let command = ["node".to_owned(), driver.to_owned()];
    let program = Program::start(&command, std::env::temp_dir()).expect("it greets");
    let settings = Settings {
        time: Some(TIME),
        ..Settings::default()
    };
    let report = check(program, &settings);
    assert_eq!(*report.verdict(), Verdict::Pass);
    // Every reply compared was a request, and so was every change.
    let tally = &report.tally;
    let changes: u64 = report
        .kinds
        .iter()
        .filter(|kind| !kind.is_read())
        .map(|kind| tally.of(kind).sent)
        .sum();
    let operations = u32::try_from(tally.compared + changes).expect("a few seconds' worth");
    f64::from(operations) / report.elapsed.as_secs_f64()
}
