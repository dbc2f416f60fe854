//! What the check costs: a Node child at a window of 64, through the bare pipe and under the
//! check, in the same run, with the very same requests.
//!
//! ```text
//!   once:         check --> tee requests --> node      records what a check sends
//!   bare round:   requests, 64 at a time     --> node --> lines counted
//!   check round:  draws, sends ahead         --> node --> every reply compared with the model
//! ```
//!
//! Both rounds make Node do the same work, so their ratio is the check's own cost and nothing
//! else's. The target is half of the bare pipe's rate; a round beside other work on the machine
//! says little, so a miss is said and does not end the run.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use etalon_spec::process::Program;
use etalon_spec::{Settings, Verdict, check};

const WINDOW: usize = 64;
const ROUNDS: usize = 5;
/// Operations of the cases, without the reads of the whole contents that the check adds.
const OPERATIONS: u64 = 240_000;
/// Less than any pipe holds.
const PIPE_BYTES: usize = 16 << 10;
const TARGET: f64 = 0.5;

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
    let requests = requests_of_a_check(driver, &folder.path().join("requests"));
    println!("{} requests a round", requests.len());
    println!(
        "{:>20}{:>20}{:>10}",
        "bare pipe, ops/s", "check, ops/s", "ratio"
    );
    let (mut best_bare, mut best_checked) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        let node = ["node".to_owned(), driver.to_owned()];
        let (bare, checked) = (bare_pipe(driver, &requests), under_check(&node));
        let rates = [bare, checked].map(|seconds| count(requests.len()) / seconds);
        println!(
            "{:>20.0}{:>20.0}{:>10.2}",
            rates[0],
            rates[1],
            bare / checked
        );
        best_bare = best_bare.max(rates[0]);
        best_checked = best_checked.max(rates[1]);
    }
    let ratio = best_checked / best_bare;
    let met = if ratio < TARGET { "MISSED" } else { "met" };
    println!(
        "{best_bare:>20.0}{best_checked:>20.0}{ratio:>10.2}  the best of each; \
         the target of {TARGET} is {met}"
    );
}

fn count(requests: usize) -> f64 {
    f64::from(u32::try_from(requests).expect("a few seconds' worth"))
}

/// The lines that a check of this length sends, each with its end.
fn requests_of_a_check(driver: &str, record: &Path) -> Vec<String> {
    let script = format!("tee '{}' | node '{driver}'", record.display());
    under_check(&["sh".to_owned(), "-c".to_owned(), script]);
    let text = fs::read_to_string(record).expect("recorded");
    text.split_inclusive('\n').map(str::to_owned).collect()
}

/// The seconds that they take, 64 at a time.
fn bare_pipe(driver: &str, requests: &[String]) -> f64 {
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
    let rounds = rounds(requests);
    let begun = Instant::now();
    for (lines, round) in rounds {
        input.write_all(round.as_bytes()).expect("it reads");
        for _ in 0..lines {
            line.clear();
            let read = output.read_line(&mut line).expect("it answers");
            assert!(read > 0 && line.contains("\"ok\""), "no answer: {line}");
        }
    }
    let took = begun.elapsed().as_secs_f64();
    drop(input);
    child.wait().expect("it ends");
    took
}

/// Requests to be written at once, and how many they are: as many as fit into the pipe, so that
/// nobody waits for a reader who is writing.
fn rounds(requests: &[String]) -> Vec<(usize, String)> {
    let mut rounds: Vec<(usize, String)> = Vec::new();
    for request in requests {
        match rounds.last_mut() {
            Some((lines, round))
                if *lines < WINDOW && round.len() + request.len() <= PIPE_BYTES =>
            {
                *lines += 1;
                round.push_str(request);
            }
            _ => rounds.push((1, request.clone())),
        }
    }
    rounds
}

/// The seconds that the check takes; it draws the same cases every time.
fn under_check(command: &[String]) -> f64 {
    let program = Program::start(command, std::env::temp_dir()).expect("it greets");
    let settings = Settings {
        time: None,
        operations: Some(OPERATIONS),
        ..Settings::default()
    };
    let report = check(program, &settings);
    assert_eq!(*report.verdict(), Verdict::Pass);
    report.elapsed.as_secs_f64()
}
