//! Trials: a scheduler and a seed, which say everything about a run; so a failure comes back.
//!
//! ```text
//!   "pct 17"  -->  the plan of seed 17, under PCT with seed 17: schedules 1, 2, ... in order
//!                  fails in schedule 5: always
//! ```
//!
//! A kept trial belongs to one version of shuttle (`seeds.txt`): another may schedule otherwise.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, FailurePersistence, Runner};

/// Schedules of each trial.
pub(crate) const SCHEDULES: usize = 10;

/// At how many points PCT lowers a thread's priority.
const PCT_DEPTH: usize = 3;

/// Bytes of a thread's stack. Shuttle's own 32 KiB would do today, but nothing warns of the day
/// on which they do not.
const STACK_BYTES: usize = 256 * 1024;

/// How the next thread is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheduler {
    /// Any that can go on, at every step.
    Random,
    /// The one of the highest priority; at a few points the running one gets the lowest.
    Pct,
}

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trial {
    pub(crate) scheduler: Scheduler,
    pub(crate) seed: u64,
}

/// A schedule of a trial that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    trial: Trial,
    /// Which schedule, from 1.
    pub(crate) schedule: usize,
    what: String,
}

impl Trial {
    /// Runs `body` once for each schedule.
    pub(crate) fn run(self, body: impl Fn() + Send + Sync + 'static) -> Result<(), Failed> {
        let begun = Arc::new(AtomicUsize::new(0));
        let body = {
            let begun = Arc::clone(&begun);
            move || {
                begun.fetch_add(1, Ordering::Relaxed);
                body();
            }
        };
        let mut config = Config::new();
        config.stack_size = STACK_BYTES;
        // The seed says it all, and shorter.
        config.failure_persistence = FailurePersistence::None;
        let search = || match self.scheduler {
            Scheduler::Random => {
                let scheduler = RandomScheduler::new_from_seed(self.seed, SCHEDULES);
                Runner::new(scheduler, config).run(body)
            }
            Scheduler::Pct => {
                let scheduler = PctScheduler::new_from_seed(self.seed, PCT_DEPTH, SCHEDULES);
                Runner::new(scheduler, config).run(body)
            }
        };
        match catch_unwind(AssertUnwindSafe(search)) {
            Ok(schedules) => {
                assert_eq!(schedules, SCHEDULES, "shuttle stopped early");
                Ok(())
            }
            Err(panic) => Err(Failed {
                trial: self,
                schedule: begun.load(Ordering::Relaxed),
                what: match panic.downcast::<String>() {
                    Ok(text) => *text,
                    Err(panic) => (*panic.downcast::<&str>().unwrap_or_default()).to_owned(),
                },
            }),
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheduler = match self.scheduler {
            Scheduler::Random => "random",
            Scheduler::Pct => "pct",
        };
        write!(f, "{scheduler} {}", self.seed)
    }
}

impl FromStr for Trial {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("a trial is `random SEED` or `pct SEED`, not {text:?}");
        let (scheduler, seed) = text.split_once(' ').ok_or_else(wrong)?;
        let scheduler = match scheduler {
            "random" => Scheduler::Random,
            "pct" => Scheduler::Pct,
            _ => return Err(wrong()),
        };
        let seed = seed.parse().map_err(|_| wrong())?;
        Ok(Trial { scheduler, seed })
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "trial {}, schedule {}:", self.trial, self.schedule)?;
        writeln!(f, "{}", self.what)?;
        write!(
            f,
            "replay: ETALON_TRIAL='{}' cargo test -p etalon-shuttle",
            self.trial
        )
    }
}
