//! Other engines under threads: `etalon check --threads`, over them.
//!
//! Run: `cargo run -p etalon-peers --release -- 4 60` for 4 clients and 60 seconds.

use std::process::ExitCode;
use std::time::Duration;

use etalon_peers::SharedRedb;
use etalon_spec::{ThreadSettings, check_threads};

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let mut next = |default| numbers.next().unwrap_or(Ok(default));
    let (Ok(threads), Ok(seconds)) = (next(4), next(10)) else {
        eprintln!("usage: etalon-peers [CLIENTS [SECONDS]]");
        return ExitCode::from(4);
    };
    let settings = ThreadSettings {
        threads: threads as usize,
        time: Some(Duration::from_secs(seconds)),
        ..ThreadSettings::default()
    };
    println!("seed {}", settings.seed);
    let report = check_threads(SharedRedb, &settings, &mut ());
    if let Some(failure) = &report.failure {
        println!("{failure}");
    }
    println!("{}: {report}", report.store);
    ExitCode::from(report.verdict().exit_code())
}
