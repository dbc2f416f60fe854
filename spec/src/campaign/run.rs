//! A campaign from its beginning to its report.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::draws::{Draws, generator};
use super::failure::Found;
use super::groups::{Groups, MOST};
use super::sandbox::{Patience, opens};
use super::search::Search;
use super::{Lane, Phases, Progress, Report, Settings};
use crate::check::{Contents, check_case_under};
use crate::op::{Case, OpKind};
use crate::profile::{Ability, Profile};
use crate::stage::BoxedTarget;
use crate::store::Target;
use crate::verdict::{Expected, Scope, Survey, judge, measure, measure_those, measured};

pub(super) fn run(
    mut lanes: Vec<Lane<BoxedTarget>>,
    settings: &Settings,
    progress: &mut dyn Progress,
) -> Report {
    let profile = lanes.first().expect("at least one lane").target.0.profile();
    let mut generator = generator(settings, &profile);
    let kinds = generator.kinds();
    let begun = Instant::now();
    let mut expected = measure(&mut generator, settings.length);
    if let Some(engine_side) = &settings.engine_side {
        expected = expected.with_engine_side(engine_side);
    }
    let measuring = begun.elapsed();
    let limits = lanes
        .iter_mut()
        .map(|lane| Patience::with(&mut *lane.target.0, profile.timeout, profile.timeout_open));
    let patience = limits.reduce(Patience::max).expect("at least one lane");
    let mut search = Search::new(&lanes, settings, &profile, patience);
    let (groups, mut phases) = hunt(&mut search, settings, progress);
    phases.measuring = measuring;
    if search.passed_over() > 0 {
        // Those that restart the store were too many, and only they were passed over.
        let never_restarts = |case: &Case| !case.ops.iter().any(opens);
        expected = measure_those(&mut generator, settings.length, &never_restarts);
    }
    let (facts, elapsed) = (search.facts, phases.searching);
    let scope = Scope {
        profile: &profile,
        kinds,
    };
    let failures = groups.all.len() as u64;
    let judgement = judge(failures, &facts.tally, &scope, &expected, &settings.floors);
    Report {
        store: profile.name.to_string(),
        seed: settings.seed,
        tally: facts.tally,
        events: facts.events,
        kinds,
        not_covered: not_covered(&profile),
        expected,
        judgement,
        failure: groups
            .all
            .first()
            .map(|group| Box::new(group.shortest.clone())),
        groups: groups.all,
        passing_hangs: groups.passing_hangs,
        narrowings: groups.narrowings,
        gave_up: groups.gave_up,
        interrupted: settings.interrupt.load(Ordering::Relaxed),
        elapsed,
        phases,
    }
}

/// After so many sequences in a row that all failed as others did, nothing new is to come.
const IN_VAIN: u32 = 50;

/// Searches, round by round; what fails is shrunk and grouped in between.
fn hunt(
    search: &mut Search<'_>,
    settings: &Settings,
    progress: &mut dyn Progress,
) -> (Groups, Phases) {
    let mut draws = Draws::new(settings, search.profile);
    let mut groups = Groups::default();
    let mut phases = Phases::default();
    let mut in_vain = 0;
    loop {
        let before = (
            search.facts.tally.sequences,
            groups.all.len(),
            groups.narrowings.len(),
        );
        let begun = Instant::now();
        let mut found = search.round(&draws, progress);
        phases.searching += begun.elapsed();
        if !settings.keep_going {
            found.truncate(1);
        }
        let was_over = found.is_empty();
        let begun = Instant::now();
        found.retain_mut(|found| {
            let repeats = !found.hangs() || found.hangs_again(&search.lanes[found.lane]);
            groups.passing_hangs += u64::from(!repeats);
            repeats
        });
        let is_last = was_over || !(found.is_empty() || settings.keep_going);
        for found in found {
            let is_more = take(search, &draws, found, settings, (&mut groups, progress));
            if is_more {
                draws.narrow(settings, &groups.left_out());
            }
        }
        phases.shrinking += begun.elapsed();
        let after = (
            search.facts.tally.sequences,
            groups.all.len(),
            groups.narrowings.len(),
        );
        in_vain = if after == before { in_vain + 1 } else { 0 };
        groups.gave_up = in_vain >= IN_VAIN || groups.all.len() >= MOST;
        let interrupted = settings.interrupt.load(Ordering::Relaxed);
        if is_last || interrupted || groups.gave_up {
            return (groups, phases);
        }
    }
}

fn take(
    search: &Search<'_>,
    draws: &Draws,
    found: Found,
    settings: &Settings,
    (groups, progress): (&mut Groups, &mut dyn Progress),
) -> bool {
    let lane = search.lanes[found.lane].clone();
    let is_narrowed = draws.narrows(found.index);
    groups.take(lane, found, is_narrowed, settings, progress)
}

fn not_covered(profile: &Profile) -> Vec<&'static str> {
    let lacking = Ability::ALL
        .into_iter()
        .filter(|ability| !profile.can.has(*ability));
    lacking
        .map(Ability::word)
        .chain(excluded(profile))
        .collect()
}

/// What is declared, each by itself, and never comes together: what survives of key spaces is not
/// specified.
fn excluded(profile: &Profile) -> impl Iterator<Item = &'static str> {
    let has_spaces = profile.can.has(Ability::Spaces);
    let pairs = [
        (OpKind::Kill, "kill+spaces"),
        (OpKind::Crash, "crash+spaces"),
    ];
    let sent = pairs.map(|(kind, words)| (has_spaces && profile.sends(kind)).then_some(words));
    sent.into_iter().flatten()
}

/// Measures the engine-side situations on the reference engine, or on any target that reports
/// its layers: in how many of the first sequences of a seed each is met.
///
/// A sequence that diverges is left out: the campaign itself will find it.
///
/// ```
/// use etalon_spec::{ModelTarget, Settings, measure_engine_side};
///
/// let seen = measure_engine_side(&mut ModelTarget, &Settings::default());
/// assert_eq!(seen.share(etalon_spec::Situation::EmptyFlush), Some(0.0), "a model has no layers");
/// ```
pub fn measure_engine_side<T: Target>(target: &mut T, settings: &Settings) -> Expected {
    let profile = target.profile();
    let mut generator = generator(settings, &profile);
    let mut survey = Survey::<true>::default();
    let mut case = Case::default();
    for index in 0..measured(settings.length) {
        if settings.interrupt.load(Ordering::Relaxed) {
            break;
        }
        generator.case_into(index, settings.length, &mut case);
        let contents = Contents::NotCompared;
        // Left out if it diverges; see above.
        let _ = check_case_under(target, &profile, &case, contents, &mut survey);
    }
    survey.seen()
}
