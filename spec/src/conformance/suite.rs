//! The tests themselves: what each sends, and when it fails.

use std::path::{Path, PathBuf};

use super::example::example;
use super::silence::within;
use super::{budget, report};
use crate::campaign::{Lane, Report, check, examine};
use crate::check::{Class, Contents, Divergence};
use crate::explore::{Letter, PlainCounts, Plan, ends, explore, words};
use crate::op::Case;
use crate::profile::{Abilities, Ability, Profile};
use crate::replay::expectations;
use crate::restrict::applicable;
use crate::store::{KeyValueStore, Target};
use crate::text::Script;
use crate::under::Under;
use crate::verdict::Verdict;
use crate::{Options, Sandbox};

/// The longest strings of `scopes` that must have been explored (V1).
const SHORTEST_SCOPE: usize = 3;

/// What `conformance!` makes its tests of.
#[derive(Clone, Debug)]
pub struct Suite<T> {
    target: T,
    sources: PathBuf,
}

impl<T: Target + Clone + Send + 'static> Suite<T> {
    /// The tests of this target. `sources` is the directory of the crate whose tests these are:
    /// saved failures are looked for in `tests/etalon` there.
    pub fn new(target: T, sources: impl AsRef<Path>) -> Self {
        let sources = sources.as_ref().to_path_buf();
        Suite { target, sources }
    }

    /// Replays what was saved, however long that takes; then generated sequences of everything
    /// that the store can do.
    ///
    /// # Panics
    /// If the store diverges, a saved file cannot be used, or the run decided nothing.
    pub fn differential(&self) {
        self.saved();
        self.campaign("differential", self.target.profile());
    }

    /// Generated sequences about one ability.
    ///
    /// # Panics
    /// If the store diverges or the run decided nothing.
    pub fn ability(&self, ability: Ability) {
        let mut profile = self.target.profile();
        profile.can = with_what_it_needs(ability, profile.can);
        self.campaign(ability.word(), profile);
    }

    /// Every string of plain operations on two keys, as long as the time allows; those of length
    /// 3 at least.
    ///
    /// # Panics
    /// If the store diverges, or the time was too short.
    pub fn scopes(&self) {
        let profile = self.target.profile();
        // A string is a few openings and operations.
        let silence = 4 * profile.timeout.max(profile.timeout_open);
        let mut target = self.target.clone();
        let explored = within(silence, "scopes", move |beat| explored(&mut target, beat));
        if let Err(failed) = explored {
            self.diverged("scopes", failed.0, *failed.1);
        }
    }

    /// One small case for each declared ability.
    ///
    /// # Panics
    /// If one of them answers that it is unsupported, names them all.
    pub fn abilities_are_real(&self) {
        let profile = self.target.profile();
        let mut sandbox = Sandbox::new(self.target.clone(), profile.timeout);
        let unreal: Vec<&str> = profile
            .can
            .iter()
            .filter(|ability| {
                let case = Case::new(example(*ability, &profile));
                let divergence = sandbox.run(&case, Contents::NotCompared);
                divergence.is_some_and(|divergence| divergence.class == Class::Refused)
                    || !is_told(*ability, self.target.clone())
            })
            .map(Ability::word)
            .collect();
        assert!(
            unreal.is_empty(),
            "declared, and answered as unsupported or refused: {}. Implement it, or take it out \
             of the list",
            unreal.join(", ")
        );
    }

    /// Generated sequences once more, for what they reach: prints what is not covered.
    ///
    /// # Panics
    /// If the store diverges or the run decided nothing.
    pub fn coverage(&self) {
        let report = self.campaign("coverage", self.target.profile());
        println!("not covered: {}", report.not_covered.join(" "));
        for line in &report.judgement.not_met {
            println!("{line}");
        }
    }

    fn campaign(&self, test: &str, profile: Profile) -> Report {
        let settings = budget::settings();
        println!("seed {}", settings.seed);
        let target = Under::new(self.target.clone(), profile);
        let found = check(target, &settings);
        if let Some(failed) = &found.failure {
            report::fail(test, failed);
        }
        assert!(*found.verdict() == Verdict::Pass, "{}", found.verdict());
        found
    }

    fn diverged(&self, test: &str, case: Case, divergence: Divergence) -> ! {
        let lane = Lane {
            name: test.to_owned(),
            target: self.target.clone(),
            share: 1,
        };
        let failed = examine(lane, case, divergence, &budget::settings(), &mut ());
        report::fail(test, &failed)
    }

    /// Replays `tests/etalon/*.ops`.
    fn saved(&self) {
        let directory = self.sources.join("tests").join("etalon");
        let Ok(listed) = std::fs::read_dir(&directory) else {
            return;
        };
        let paths = listed.filter_map(|entry| Some(entry.ok()?.path()));
        let mut paths: Vec<PathBuf> = paths
            .filter(|path| path.extension().is_some_and(|ending| ending == "ops"))
            .collect();
        paths.sort();
        let profile = self.target.profile();
        let mut sandbox = Sandbox::new(self.target.clone(), profile.timeout);
        let mut not_applicable = 0;
        for path in &paths {
            let shown = path.display();
            let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{shown}: {e}"));
            let script = Script::parse(&text).unwrap_or_else(|e| panic!("{shown}:{e}"));
            expectations(&script).unwrap_or_else(|wrong| panic!("{shown}:{wrong}"));
            let mut case = script.case;
            if applicable(&mut case, &profile).is_err() {
                not_applicable += 1;
            } else if let Some(divergence) = sandbox.run(&case, Contents::Compared) {
                println!("{shown}");
                self.diverged("differential", case, divergence);
            }
        }
        println!(
            "{}: {} files, {not_applicable} not applicable",
            directory.display(),
            paths.len()
        );
        assert!(
            paths.is_empty() || not_applicable < paths.len(),
            "{}: no file can be asked of this store: that decides nothing",
            directory.display()
        );
    }
}

/// What diverged in a string of plain operations, if something did.
fn explored<T: Target>(
    target: &mut T,
    beat: &dyn Fn(),
) -> Result<(), Box<(Case, Box<Divergence>)>> {
    let begun = std::time::Instant::now();
    let time = budget::settings().time.unwrap_or_default();
    let profile = target.profile();
    let mut alphabet = Letter::plain(2);
    alphabet.retain(|letter| profile.sends(letter.op(0, 2).kind()));
    let plan = Plan {
        alphabet: &alphabet,
        keys: 2,
        configurations: &ends(&profile),
    };
    let mut counts = PlainCounts::default();
    for length in 0.. {
        // What must be reached is not cut by the budget.
        let must = length <= SHORTEST_SCOPE;
        let go_on = &mut || {
            beat();
            must || begun.elapsed() < time
        };
        let whole = explore(target, &plan, length, &mut counts, go_on)?;
        if !whole || !must && begun.elapsed() >= time {
            let reached = if whole { length } else { length - 1 };
            let words = words(&alphabet);
            println!("every string of {words} on 2 keys to length {reached}: {counts:?}");
            break;
        }
    }
    Ok(())
}

/// The ability, and those of the declared ones without which it says nothing.
fn with_what_it_needs(ability: Ability, declared: Abilities) -> Abilities {
    let needed: &[Ability] = match ability {
        Ability::Reverse | Ability::Prefix => &[Ability::Scan],
        Ability::Snapshot | Ability::Iterator => &[Ability::Scan, Ability::Flush, Ability::Compact],
        Ability::Compact | Ability::Layers => &[Ability::Flush],
        Ability::FirstLast | Ability::Ingest | Ability::Transaction | Ability::Spaces => {
            &[Ability::Scan, Ability::Flush]
        }
        Ability::Savepoint => &[Ability::Transaction, Ability::Scan],
        _ => &[],
    };
    let needed = needed.iter().filter(|needed| declared.has(**needed));
    needed.fold(Abilities::from([ability]), |all, one| all.with(*one))
}

/// What only a direct question shows.
fn is_told<T: Target>(ability: Ability, mut target: T) -> bool {
    if ability != Ability::Layers {
        return true;
    }
    // What is wrong with opening shows in every other test.
    target
        .create(&Options::default())
        .is_ok_and(|mut store| store.trace(b"k").is_ok())
}
