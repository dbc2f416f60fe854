//! The pinned counts: `tests/loom/crashes.txt`.

use std::fs;
use std::io::Write as _;

use crate::judge::Visited;
use crate::plan::Plan;
use crate::switches::Switches;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crashes.txt");

const HEADER: &str = "\
# Two threads and a crash: what tests/crashes/ visited, plan by plan, and where threads were switched.
# Everything is complete but for torn bytes, which are tried at two places of a write.
# To accept new numbers, without and with ETALON_LOOM_FULL=1, which runs every line:
#   ETALON_BLESS=1 cargo test -p etalon-loom --test crashes
";

/// What a line begins with.
fn name(plan: &Plan, switches: Switches) -> String {
    format!("{}, {switches}: ", plan.name)
}

/// What was visited, which is also said.
pub(crate) fn line(plan: &Plan, switches: Switches, executions: usize, found: &Visited) -> String {
    let (name, traces) = (name(plan, switches), found.traces.len());
    let Visited {
        points,
        states,
        images,
        ..
    } = found;
    let line = format!(
        "{name}{executions} executions, {traces} traces, {points} crash points, {states} states, \
         {images} images"
    );
    // Not by `println!`: what a green run visited is said though the test passes.
    writeln!(std::io::stdout(), "crashes: {line}").expect("standard output takes a line");
    line
}

/// Compares these lines with those of the file, or rewrites them if asked to. Lines of the plans
/// that this run was not for stay as they are.
pub(crate) fn check(plans: &[Plan], found: &[String]) {
    let pinned = fs::read_to_string(PATH).unwrap_or_default();
    let mut text = HEADER.to_owned();
    for plan in plans {
        for switches in plan.full {
            let name = name(plan, *switches);
            let mut own = found.iter().map(String::as_str).chain(pinned.lines());
            if let Some(line) = own.find(|line| line.starts_with(&name)) {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    if std::env::var_os("ETALON_BLESS").is_some() {
        fs::write(PATH, &text).expect("crashes.txt can be written");
        return;
    }
    assert_eq!(pinned, text, "crashes.txt; see its head");
}
