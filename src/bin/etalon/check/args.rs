//! The flags of `etalon check`.

use std::path::PathBuf;
use std::time::Duration;

use etalon_spec::sabotage::Lie;
use etalon_spec::{OpKind, Shard};

use super::values::{duration, jobs, kind, length, lies, seed, threads};
use crate::show::Format;
use crate::{profile, program, server};

/// What `check` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A green run says what it explored; a run that decided nothing is VACUOUS, \
                        not a pass. Exit codes: 0 PASS, 1 FAIL, 2 VACUOUS."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Args {
    /// Which sequences: a number, or `random`
    #[arg(long, default_value = "1", value_name = "N|random", value_parser = seed)]
    pub seed: u64,
    /// How long to search: 30s, 2m, 500ms; a bare number is seconds [default: 10s, or no limit
    /// with --ops]
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub time: Option<Duration>,
    /// Stop after this many operations
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub ops: Option<u64>,
    /// Operations in a sequence; with --threads, of one client in a history
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = length)]
    pub length: usize,
    /// Call one store from so many threads at once, record what each was answered, and decide
    /// whether it can be put in one order; beside them a thread flushes and compacts
    #[arg(long, value_name = "N", value_parser = threads,
        conflicts_with_all = ["crash", "require", "profile", "command", "create_store", "resp"])]
    pub threads: Option<usize>,
    /// Make the store lie, in one way after the other, and see whether the check notices: `all`,
    /// or names such as ignored-delete; each has the whole budget
    #[arg(long, value_name = "LIE,..", value_delimiter = ',', value_parser = lies,
        conflicts_with_all = ["crash", "threads", "report"])]
    pub sabotage: Option<Vec<&'static [Lie]>>,
    /// Send only these kinds of operations, such as get,put,flush
    #[arg(long, value_name = "OP,..", value_delimiter = ',', value_parser = kind)]
    pub only: Vec<OpKind>,
    /// Send none of these kinds
    #[arg(long, value_name = "OP,..", value_delimiter = ',', value_parser = kind)]
    pub without: Vec<OpKind>,
    /// Send keys and values one byte longer than the limits, too: a definite refusal or a right
    /// answer
    #[arg(long, conflicts_with = "threads")]
    pub strict: bool,
    /// Do not stop at the first failure: group failures by shape, and leave what a frequent one
    /// needs out of nine of ten further sequences, so that it does not hide others
    #[arg(long, conflicts_with_all = ["threads", "sabotage"])]
    pub keep_going: bool,
    /// Run only the K-th of N parts of the seed's sequences; the parts are disjoint
    #[arg(
        long,
        value_name = "K/N",
        default_value = "1/1",
        conflicts_with = "threads"
    )]
    pub shard: Shard,
    /// Run so many sequences at once, each on a store of its own; which failure comes first then
    /// depends on the machine
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = jobs,
        conflicts_with_all = ["threads", "resp"])]
    pub jobs: usize,
    /// Ask for a situation at least so often: 'compact twice>=10'; `none` asks for no floor
    #[arg(long, value_name = "NAME>=N")]
    pub require: Vec<String>,
    /// How long to shrink a failure
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = duration)]
    pub shrink_for: Duration,
    /// Check the bare model instead of the engine: a check of the checker
    #[arg(long, conflicts_with_all = ["engine", "command", "create_store", "resp"])]
    pub model: bool,
    /// Check the engine on a disk that crashes, tears, loses and fails: kills, power losses and
    /// failing disks come between the operations, and in the midst of them
    #[arg(long, conflicts_with_all = ["model", "command", "create_store", "resp"])]
    pub crash: bool,
    /// Check the engine; the default
    #[arg(long, conflicts_with_all = ["command", "create_store", "resp"])]
    pub engine: bool,
    /// How long one operation of a program may take [default: as it greets, or 10s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// What is known to be wrong, in TOML: each entry narrows what is sent, and its proof is run
    #[arg(long, value_name = "FILE", conflicts_with_all = ["threads", "sabotage"])]
    pub known: Option<PathBuf>,
    #[command(flatten)]
    pub profile: profile::File,
    #[command(flatten)]
    pub program: program::Named,
    #[command(flatten)]
    pub server: server::Address,
    /// Write report.json, junit.xml and failures/*.ops into this folder; without it a failing case
    /// goes into etalon-out
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// How to print the result
    #[arg(long, default_value = "human", value_enum, value_name = "FORMAT")]
    pub format: Format,
    /// Print the verdict only
    #[arg(long, short)]
    pub quiet: bool,
}

impl Args {
    /// `--known` as it stands on the command line, after a space; empty if it does not.
    pub fn known_flag(&self) -> String {
        let flag =
            |path: &PathBuf| format!(" --known {}", program::quoted(&path.to_string_lossy()));
        self.known.as_ref().map_or_else(String::new, flag)
    }
}
