//! The table of crash models, as it stands in `CRASHES.md`.

use std::fmt::Write as _;

use crate::crash::{Crashes, MODELS, Shortest};
use crate::fault::{Checker, Fault};
use crate::kill::Kill;
use crate::table::case;

const HEAD: &str = "\
# Crashes

Which crash models find which bug. Every bug below was planted in a copy of the engine, alone. This
file is held against a fresh run by `cargo test -p etalon-mutants`, and written by
`ETALON_BLESS=1 cargo test -p etalon-mutants`: all runs are deterministic.

- prefix to torn at bytes: `etalon explore --crash --models MODEL`: every string of operations up
  to the length in the first row, every crash point, crashes of recovery by the same model (torn
  writes: without). The number is the length of the shortest string that shows the bug; 0 is the
  opening of a new store. A dash: no string up to that length shows it. Where there are two lengths
  the second is for what nothing else finds: it takes twenty times as long.
- failing disk: `--models faults`. Every operation of the disk fails, in every way, or none does;
  then the process dies, or the power goes in the models prefix and prefix per file.
- subset, with a background: `--models subset --background`. Each write fills a memtable, and nothing
  is flushed before something waits for it, so that two logs have changes.
- check --crash, check: random cases, `--seed 1 --ops 200000`. The number is that of the operations
  sent until the bug was found.

";

/// The table of these bugs; of those that need no crash, what `check` did is in the other table.
pub fn crash_table(faults: &[(Fault, Crashes)], without_crash: &[(Fault, Kill)]) -> String {
    let mut table = HEAD.to_owned();
    let names = MODELS.map(|model| format!(" {} |", model.name)).concat();
    let _ = writeln!(table, "| bug |{names} check --crash | check |");
    let _ = writeln!(table, "|---|{}", "---:|".repeat(MODELS.len() + 2));
    let longest = MODELS.map(|model| {
        if model.alone == model.longest {
            format!(" {} |", model.longest)
        } else {
            format!(" {}, or {} |", model.longest, model.alone)
        }
    });
    let longest = longest.concat();
    let _ = writeln!(table, "| strings to length |{longest} | |");
    for (fault, crashes) in faults {
        let lengths = crashes.models.iter().map(|shortest| {
            let length = shortest.as_ref().map(|shortest| shortest.operations);
            format!(" {} |", number(length))
        });
        let random = number(crashes.random.as_ref().map(|kill| kill.sent));
        let without = number(crashes.without);
        let lengths: String = lengths.collect();
        let what = fault.what;
        let _ = writeln!(table, "| {what} |{lengths} {random} | {without} |");
    }
    for (fault, kill) in without_crash {
        let _ = writeln!(
            table,
            "| {} |{} | {} |",
            fault.what,
            " |".repeat(MODELS.len()),
            kill.sent
        );
    }
    table.push_str(
        "\nThe last rows are bugs that need no crash: `KILLS.md` has their smallest cases.\n\n\
         # The smallest cases\n",
    );
    for (fault, crashes) in faults {
        let _ = write!(table, "\n## {}\n", fault.what);
        if let Checker::Crash {
            survives: Some(why),
        } = fault.checker
        {
            let _ = write!(table, "\nNothing finds it: {why}\n");
        }
        if let Some((name, shortest)) = first(crashes) {
            let lines = shortest.text.lines();
            let text: String = lines.flat_map(|line| ["    ", line, "\n"]).collect();
            let _ = write!(table, "\n{name}:\n\n{text}");
        }
        if let Some(kill) = &crashes.random {
            let _ = write!(table, "\ncheck --crash:\n\n{}", case(kill));
        }
    }
    table
}

/// The shortest string of all, in the first model that has one so short.
fn first(crashes: &Crashes) -> Option<(&'static str, &Shortest)> {
    let found = MODELS.iter().zip(&crashes.models);
    found
        .filter_map(|(model, shortest)| Some((model.name, shortest.as_ref()?)))
        .min_by_key(|(_, shortest)| shortest.operations)
}

fn number(number: Option<impl ToString>) -> String {
    number.map_or("-".to_owned(), |number| number.to_string())
}
