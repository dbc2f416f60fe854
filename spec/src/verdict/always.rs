//! V1: what makes any run vacuous, however short it was meant to be.

use super::Scope;
use super::tally::{Sent, Tally};
use crate::op::OpKind;
use crate::profile::Ability;

/// After this many without one carried out, an ability is declared in vain.
const OFTEN: u64 = 20;

/// A run of so many operations should have met what any run must meet.
const FEW: u64 = 1000;

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
    missing.extend(gets(tally, scope));
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
fn gets(tally: &Tally, scope: &Scope<'_>) -> Option<String> {
    let gets = tally.gets_found + tally.gets_absent;
    let of = |kind: OpKind| {
        if scope.kinds.has(kind) {
            format!("look at '{}' in your driver", kind.word())
        } else {
            format!("send `{}`", kind.word())
        }
    };
    let (what, remedy) = match (tally.gets_found, tally.gets_absent) {
        (0, 0) => ("no get was answered".to_owned(), of(OpKind::Get)),
        (0, _) => (
            format!("none of {gets} gets found a value"),
            of(OpKind::Put),
        ),
        (_, 0) => (
            format!("each of {gets} gets found a value"),
            of(OpKind::Delete),
        ),
        _ => return None,
    };
    Some(format!("{what}. {}", or_longer(tally, &remedy)))
}

/// A remedy, and before it a longer run, where so few operations were sent that it may help.
fn or_longer(tally: &Tally, remedy: &str) -> String {
    if tally.operations() < FEW {
        return format!("Try --ops {FEW}, or {remedy}");
    }
    let (first, rest) = remedy.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

fn structure(tally: &Tally, scope: &Scope<'_>) -> Option<String> {
    let structural = |kind: &OpKind| kind.is_structural() && scope.kinds.has(*kind);
    let kinds: Vec<OpKind> = OpKind::ALL.into_iter().filter(structural).collect();
    let carried_out: u64 = kinds.iter().map(|kind| tally.of(*kind).ok).sum();
    let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
    (!kinds.is_empty() && carried_out == 0).then(|| {
        format!(
            "no {} was carried out. {}",
            words.join(", no "),
            or_longer(tally, "look at your driver")
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
