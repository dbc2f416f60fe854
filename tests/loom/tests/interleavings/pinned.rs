//! The pinned numbers of executions: `tests/loom/executions.txt`.
//!
//! A number that drifts without a change of the engine's synchronization means that something
//! else has become a point of interleaving, or ceased to be one. Lines are keyed by loom's version
//! and by whether debug assertions are on. The README's table is made of them (`tests/readme`).

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;

use crate::explore::Scenario;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/executions.txt");
const MANIFEST: &str = include_str!("../../Cargo.toml");

const HEADER: &str = "\
# Interleavings of each scenario of tests/interleavings/.
# Compared by the test `executions_are_as_pinned`; to accept new numbers:
#   ETALON_BLESS=1 cargo test -p etalon-loom       (and with --release, and with ETALON_LOOM_FULL=1)
# scenario: threads, operations, executions, how far, tool, profile
";

/// Compares the scenarios' executions with the file, or rewrites it if asked to.
pub(crate) fn check(scenarios: &[&'static Scenario]) {
    let key = format!("loom {}, debug assertions {}", loom_version(), profile());
    let line = |scenario: &&'static Scenario| {
        let (name, executions) = (scenario.name, scenario.explored().executions);
        let (threads, operations) = (scenario.threads(), scenario.operations());
        let (how_far, _) = scenario.how_far();
        format!(
            "{name}: {threads} threads, {operations} operations, {executions} executions, \
             {how_far}, {key}"
        )
    };
    let found: BTreeSet<String> = scenarios.iter().map(line).collect();
    let text = fs::read_to_string(PATH).unwrap_or_default();
    let pinned: BTreeSet<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    // Lines of the other profile and of the other extent stay as they are; those of another loom,
    // or of a scenario or an extent that is no more, go.
    let tool = format!(", loom {}, ", loom_version());
    let stays = |line: &&&str| {
        let name = line.split(':').next();
        let mut named = scenarios
            .iter()
            .filter(|scenario| name == Some(scenario.name));
        named.any(|scenario| {
            let (own, any) = scenario.how_far();
            let is_to = |far: &String| line.contains(&format!(", {far}{tool}"));
            any.iter().any(is_to) && !(is_to(&own) && line.ends_with(&key))
        })
    };
    let others = pinned.iter().copied().filter(|line| stays(&line));
    let wanted: BTreeSet<&str> = others.chain(found.iter().map(String::as_str)).collect();

    let gone = pinned.difference(&wanted).map(|line| ["- ", line, "\n"]);
    let new = wanted.difference(&pinned).map(|line| ["+ ", line, "\n"]);
    let difference: String = gone.chain(new).flatten().collect();
    if std::env::var_os("ETALON_BLESS").is_none() {
        assert!(
            difference.is_empty(),
            "executions.txt differs:\n{difference}accept with ETALON_BLESS=1 cargo test -p etalon-loom"
        );
        return;
    }
    let lines: Vec<&str> = wanted.into_iter().collect();
    fs::write(PATH, format!("{HEADER}{}\n", lines.join("\n")))
        .expect("executions.txt can be written");
    let said = write!(std::io::stdout(), "executions.txt blessed:\n{difference}");
    said.expect("standard output takes text");
}

/// The exact version that this package asks for.
fn loom_version() -> &'static str {
    let version = MANIFEST
        .lines()
        .find_map(|line| line.strip_prefix("loom = { version = \"="))
        .and_then(|rest| rest.split('"').next());
    version.expect("Cargo.toml asks for one exact loom")
}

fn profile() -> &'static str {
    if cfg!(debug_assertions) { "on" } else { "off" }
}
