//! The engine under shuttle: longer scenarios than loom can explore, at random schedules.
//!
//! ```text
//!   seed --> plan: clients, operations --shuttle, a schedule--> history --> linearizable?
//!        '-> schedules, random or PCT
//! ```
//!
//! What holds for every run of this test:
//! 1. Every history is decided, and can be ordered (G9), scans, snapshots and iterators
//!    included. One that the checker gives up on is a failure.
//! 2. The runs met what they are for: clients whose calls overlap, flushes and compactions beside
//!    them, stores that were opened again. A run that met less fails.
//! 3. A failure prints the command that brings it back, to the very schedule.
//!
//! Shuttle takes every ordering for sequentially consistent: what is too weak in an atomic
//! operation, only loom can find (`tests/loom`).

mod clients;
mod plan;
mod trial;

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use etalon_spec::history::{Effort, decide};

use plan::Plan;
use trial::{SCHEDULES, Scheduler, Trial};

/// Trials of each scheduler.
const TRIALS: u64 = 1000;

const KEPT: &str = include_str!("../../seeds.txt");
const MANIFEST: &str = include_str!("../../Cargo.toml");

/// What the schedules of a trial met.
#[derive(Clone, Copy, Debug, Default)]
struct Met {
    operations: usize,
    overlaps: usize,
    flushes: u64,
    compactions: u64,
    /// Writes that waited for the background.
    stalls: u64,
    /// Writes of several clients as one.
    groups: u64,
    largest_group: u64,
    reopened: usize,
}

/// Runs a trial over the engine; every history must be linearizable.
fn run(trial: Trial, met: &Arc<Mutex<Met>>) -> Result<(), trial::Failed> {
    let (plan, met) = (Plan::from_seed(trial.seed), Arc::clone(met));
    trial.run(move || {
        let (history, stats) = clients::run(&plan);
        decide(&history, Effort::default()).unwrap();
        let mut met = met.lock().expect("held for a moment only");
        let calls = history.calls();
        met.operations += plan.operations();
        met.overlaps += calls
            .windows(2)
            .filter(|pair| pair[0].overlaps(&pair[1]))
            .count();
        met.flushes += stats.iter().map(|stats| stats.flushes).sum::<u64>();
        met.compactions += stats.iter().map(|stats| stats.compactions).sum::<u64>();
        met.stalls += stats.iter().map(|stats| stats.write_stalls).sum::<u64>();
        met.groups += stats.iter().map(|stats| stats.write_groups).sum::<u64>();
        let largest = stats.iter().map(|stats| stats.write_group_largest).max();
        met.largest_group = met.largest_group.max(largest.unwrap_or(0));
        met.reopened += plan.rounds.len() - 1;
    })
}

/// The trials of this run: those of seeds 1, 2, ..., or the one asked for.
fn trials() -> Vec<Trial> {
    if let Ok(text) = std::env::var("ETALON_TRIAL") {
        return vec![text.parse().expect("ETALON_TRIAL")];
    }
    let both = [Scheduler::Random, Scheduler::Pct];
    let of = |scheduler| (1..=TRIALS).map(move |seed| Trial { scheduler, seed });
    both.into_iter().flat_map(of).collect()
}

#[test]
fn every_history_of_random_schedules_is_linearizable() {
    let (trials, met) = (trials(), Arc::new(Mutex::new(Met::default())));
    for trial in &trials {
        run(*trial, &met).unwrap_or_else(|failed| panic!("{failed}"));
    }
    let met = *met.lock().expect("nobody else has it");
    let said = writeln!(
        std::io::stdout(),
        "shuttle: {} trials of {SCHEDULES} schedules, all linearizable: {met:?}",
        trials.len()
    );
    said.expect("standard output takes a line");
    if trials.len() > 1 {
        // A fraction of it would do; none at all would prove nothing.
        assert!(met.overlaps * 4 > met.operations, "{met:?}");
        let enough = trials.len() as u64;
        assert!(met.flushes > enough && met.compactions > enough, "{met:?}");
        assert!(met.stalls > enough && met.groups > enough, "{met:?}");
        assert!(
            met.largest_group > 2 && met.reopened > trials.len(),
            "{met:?}"
        );
    }
}

#[test]
fn trials_kept_pass() {
    let version = MANIFEST
        .lines()
        .find_map(|line| line.strip_prefix("shuttle = { version = \"="))
        .and_then(|rest| rest.split('"').next())
        .expect("Cargo.toml asks for one exact shuttle");
    let prefix = format!("shuttle {version}: ");
    let kept = KEPT.lines().filter(|line| !line.starts_with('#'));
    for line in kept {
        let trial = line.strip_prefix(&prefix).unwrap_or_else(|| {
            panic!("{line}: kept by another shuttle; find it again under {version}")
        });
        let trial = trial.split(", ").next().unwrap_or_default();
        let trial: Trial = trial.parse().unwrap_or_else(|error| panic!("{error}"));
        run(trial, &Arc::default()).unwrap_or_else(|failed| panic!("{failed}"));
    }
}

/// Two clients that count by get and put, which loses a count in some schedules. Each does
/// something else first, so that not all schedules are such.
fn count_twice() {
    use etalon_shuttle::{Options, Store, disk::MemoryDisk};
    let store = Store::open_on(MemoryDisk::default(), "store", Options::default());
    let store = Arc::new(store.expect("a disk in memory works"));
    let count = |store: Arc<Store>| {
        move || {
            store.put(b"m", b"").expect("writes");
            let count = store.get(b"n").expect("reads").map_or(0, |value| value[0]);
            store.put(b"n", &[count + 1]).expect("writes");
        }
    };
    let other = shuttle::thread::spawn(count(Arc::clone(&store)));
    count(Arc::clone(&store))();
    other.join().expect("counts");
    let counted = store.get(b"n").expect("reads");
    assert_eq!(counted, Some(vec![2]), "a count is lost");
}

#[test]
fn a_failure_comes_back_by_the_trial_that_it_prints() {
    for scheduler in [Scheduler::Random, Scheduler::Pct] {
        let fails = |seed| Trial { scheduler, seed }.run(count_twice).err();
        let failed = (1..100).find_map(fails).expect("a count is lost somewhere");
        let text = failed.to_string();
        assert!(text.contains("a count is lost"), "{text}");
        let printed = text.split("ETALON_TRIAL='").nth(1).expect("a command");
        let printed = printed.split('\'').next().expect("quoted");
        let trial: Trial = printed.parse().expect("as printed");
        assert_eq!(trial.run(count_twice), Err(failed), "to the schedule");
    }
}
