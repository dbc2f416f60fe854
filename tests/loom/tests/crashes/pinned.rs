//! The pinned counts: `tests/loom/crashes.txt`.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::judge::Visited;
use crate::plan::Plan;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crashes.txt");

const HEADER: &str = "\
# Two threads and a crash: what tests/crashes/ visited, plan by plan; everything is complete but
# for torn bytes, which are tried at two places of a write.
# To accept new numbers: ETALON_BLESS=1 cargo test -p etalon-loom --test crashes
";

/// Compares the counts with the file, or rewrites it if asked to.
pub(crate) fn check(found: &[(&Plan, Visited)]) {
    let mut text = HEADER.to_owned();
    for (plan, visited) in found {
        let Visited {
            executions,
            traces,
            points,
            states,
            images,
        } = visited;
        let line = format!(
            "{}: {executions} executions, {traces} traces, {points} crash points, {states} \
             states, {images} images",
            plan.name
        );
        // Not by `println!`: what a green run visited is said though the test passes.
        writeln!(std::io::stdout(), "crashes: {line}").expect("standard output takes a line");
        writeln!(text, "{line}").expect("a string takes all");
    }
    if std::env::var_os("ETALON_BLESS").is_some() {
        std::fs::write(PATH, &text).expect("crashes.txt can be written");
    }
    let pinned = std::fs::read_to_string(PATH).unwrap_or_default();
    assert_eq!(pinned, text, "crashes.txt; see its head");
}
