//! The counts of this process, written to a file as they grow and when the process ends.
//!
//! Strategy: one campaign a process. The file is written after 1, 2, 4, .. cases, then every
//! [`EVERY`] cases, and by a destructor of the fuzzing thread, which runs when the process ends
//! by itself: not when it is killed or aborts, and then the file says that it did not end.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{env, fs, io, process};

use super::running;
use super::statistics::Statistics;
use crate::profile::Profile;
use crate::restrict::Restricted;
use crate::verdict::Survey;

/// Where the statistics go.
const STATS: &str = "ETALON_STATS";

/// Cases between two writes of the file.
const EVERY: u64 = 10_000;

static CAMPAIGN: Mutex<Option<Campaign>> = Mutex::new(None);

thread_local! {
    static AT_EXIT: AtExit = const { AtExit };
}

/// Ends the campaign when the thread that began it ends.
struct AtExit;

impl Drop for AtExit {
    fn drop(&mut self) {
        if let Ok(mut campaign) = CAMPAIGN.try_lock() {
            if let Some(campaign) = &mut *campaign {
                campaign.end();
            }
        }
    }
}

pub(super) struct Campaign {
    pub(super) survey: Survey<true>,
    /// All but the tally, which grows in `survey`.
    statistics: Statistics,
    file: Option<PathBuf>,
    next_write: u64,
}

pub(super) fn lock() -> MutexGuard<'static, Option<Campaign>> {
    CAMPAIGN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The first input has come.
pub(super) fn begin() -> Campaign {
    running::install_hook();
    AT_EXIT.with(|_| ());
    let campaign = Campaign {
        survey: Survey::default(),
        statistics: Statistics::default(),
        file: env::var(STATS).ok().map(|name| of_this_process(&name)),
        next_write: 1,
    };
    // Better now than after an hour. And should the first case abort, it is known that one began.
    if let Some(file) = &campaign.file {
        if let Err(error) = replace(file, &campaign.statistics.to_string()) {
            panic!("{STATS}: {}: cannot be written: {error}", file.display());
        }
    }
    campaign
}

fn of_this_process(name: &str) -> PathBuf {
    name.replace("%p", &process::id().to_string()).into()
}

impl Campaign {
    pub(super) fn unknown_version(&mut self) {
        self.statistics.unknown_version += 1;
    }

    pub(super) fn restricted(&mut self, profile: &Profile, restricted: &Restricted) {
        if self.statistics.target != profile.name || self.statistics.can != profile.can {
            self.statistics.target = profile.name.to_string();
            self.statistics.can = profile.can;
        }
        self.statistics.restricted.add(restricted);
        self.survey.tally.dropped += restricted.total();
    }

    pub(super) fn agreed(&mut self) {
        if self.survey.tally.sequences >= self.next_write {
            self.next_write += self.next_write.min(EVERY);
            self.write(false);
        }
    }

    pub(super) fn failed(&mut self) {
        self.statistics.failures += 1;
        self.write(false);
    }

    fn end(&mut self) {
        self.write(true);
        eprintln!("etalon: {}", self.statistics.summary());
    }

    fn write(&mut self, ended: bool) {
        self.statistics.ended = ended;
        self.statistics.tally = self.survey.tally;
        let Some(file) = &self.file else { return };
        if let Err(error) = replace(file, &self.statistics.to_string()) {
            eprintln!("etalon: {}: cannot be written: {error}", file.display());
        }
    }
}

/// Puts a whole file in the place of another, so that nobody ever reads half of one.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{}.new", process::id()));
    fs::write(&name, text)?;
    fs::rename(&name, file)
}
