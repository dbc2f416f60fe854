//! V1: what makes any run vacuous, however short it was meant to be.

use super::Scope;
use super::tally::{Sent, Tally};
use crate::op::OpKind;
use crate::profile::Ability;

/// After this many without one carried out, an ability is declared in vain.
const OFTEN: u64 = 20;

/// `explore` below this length has shown nothing.
const EXPLORED: usize = 3;

/// What the run lacks under V1, each with what would meet it.
pub(super) fn missing(tally: &Tally, scope: &Scope<'_>) -> Vec<String> {
    let mut missing = Vec::new();
    let extent = &tally.extent;
    if let Some(files) = extent.files {
        if files.applicable == 0 {
            missing.push(super::replay::no_file(files));
        }
    }
    if tally.compared == 0 {
        missing.push("nothing was compared. Try --for 10s".to_string());
        return missing;
    }
    missing.extend(gets(tally));
    missing.extend(structure(tally, scope));
    missing.extend(
        Ability::ALL
            .into_iter()
            .filter_map(|ability| declared_in_vain(tally, scope, ability)),
    );
    let (sent, unsupported) = (tally.operations(), tally.unsupported());
    if unsupported * 5 > sent {
        missing.push(format!(
            "{unsupported} of {sent} operations came back unsupported. Take them out of `can`"
        ));
    }
    if extent.interleavings == Some(0) {
        missing.push("0 interleavings were run. Look at the scenario".to_string());
    }
    if extent.undecided > 0 {
        missing.push(format!(
            "{} histories could not be decided within their budget. Try shorter ones",
            extent.undecided
        ));
    }
    if let Some(length) = extent.explored_length.filter(|length| *length < EXPLORED) {
        missing.push(format!(
            "explored length {length}, at least {EXPLORED} is needed. Try --for 60s"
        ));
    }
    missing
}

/// A run whose gets all found a value, or all found nothing, has not looked at both answers.
fn gets(tally: &Tally) -> Option<String> {
    let gets = tally.gets_found + tally.gets_absent;
    match (tally.gets_found, tally.gets_absent) {
        (0, 0) => Some("no get was answered. Try --ops 1000, or send `get`".to_string()),
        (0, _) => Some(format!(
            "none of {gets} gets found a value. Try --ops 1000, or look at 'put' in your driver"
        )),
        (_, 0) => Some(format!(
            "each of {gets} gets found a value. Try --ops 1000, or look at 'delete' in your driver"
        )),
        _ => None,
    }
}

fn structure(tally: &Tally, scope: &Scope<'_>) -> Option<String> {
    let structural = |kind: &OpKind| kind.is_structural() && scope.kinds.has(*kind);
    let kinds: Vec<OpKind> = OpKind::ALL.into_iter().filter(structural).collect();
    let carried_out: u64 = kinds.iter().map(|kind| tally.of(*kind).ok).sum();
    let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
    (!kinds.is_empty() && carried_out == 0).then(|| {
        format!(
            "no {} was carried out. Try --ops 1000, or look at your driver",
            words.join(", no ")
        )
    })
}

fn declared_in_vain(tally: &Tally, scope: &Scope<'_>, ability: Ability) -> Option<String> {
    let Sent { sent, ok, .. } = tally.of_ability(ability)?;
    let in_vain = scope.profile.can.has(ability) && sent >= OFTEN && ok == 0;
    in_vain.then(|| {
        let word = ability.word();
        format!(
            "none of {sent} `{word}` was carried out. Look at `{word}`, or take it out of `can`"
        )
    })
}
