//! Whether a profile asks for less than another: no field more, and none wider.

use crate::profile::{Alphabet, LengthKind, Lengths, Order, Profile, Shape, Taken, View};

/// The path of a field, as in a file.
pub(super) type Path = &'static [&'static str];

/// `after`, which must be `before` or narrower; else the field that is wider. An option that
/// `after` does not name keeps its values.
pub(super) fn narrower(before: &Profile, mut after: Profile) -> Result<Profile, Path> {
    let named = std::mem::take(&mut after.options);
    for option in &before.options {
        let narrowed = named.iter().find(|other| other.name == option.name);
        after.options.push(narrowed.unwrap_or(option).clone());
    }
    let values_are_within = named.iter().all(|option| {
        let known = before
            .options
            .iter()
            .find(|other| other.name == option.name);
        known.is_some_and(|known| {
            option
                .values
                .iter()
                .all(|value| known.values.contains(value))
        })
    });
    let word = |before: Taken, after: Taken| before == after || after == Taken::Refused;
    let survives_less = after.survives_close <= before.survives_close
        && after.survives_kill <= before.survives_kill
        && after.survives_power <= before.survives_power;
    let checks: [(bool, Path); 18] = [
        (
            within(before.keys, after.keys),
            lengths_path("keys", before.keys, after.keys),
        ),
        (
            within(before.values, after.values),
            lengths_path("values", before.values, after.values),
        ),
        (
            is_part(before.alphabet, after.alphabet),
            &["keys", "alphabet"],
        ),
        (after.batch_max <= before.batch_max, &["batch", "max"]),
        (
            word(before.batch_repeats, after.batch_repeats),
            &["batch", "repeats"],
        ),
        (
            before.order == after.order || after.order == Order::None,
            &["order"],
        ),
        (
            word(before.range_inverted, after.range_inverted),
            &["range", "inverted"],
        ),
        (
            word(before.delete_absent, after.delete_absent),
            &["delete", "absent"],
        ),
        (
            before.length == after.length || after.length == LengthKind::Estimate,
            &["length"],
        ),
        (
            after.snapshot_max <= before.snapshot_max,
            &["snapshot", "max"],
        ),
        (
            after.iterator_max <= before.iterator_max,
            &["iterator", "max"],
        ),
        (
            before.iterator_back || !after.iterator_back,
            &["iterator", "back"],
        ),
        (
            before.iterator_view == after.iterator_view || after.iterator_view == View::Live,
            &["iterator", "view"],
        ),
        (survives_less, &["survives"]),
        (
            before.survives_shape == after.survives_shape || after.survives_shape == Shape::Any,
            &["survives", "shape"],
        ),
        (after.threads <= before.threads, &["threads"]),
        (values_are_within, &["options"]),
        (before.timeout == after.timeout, &["timeout"]),
    ];
    match checks.iter().find(|(is_narrower, _)| !is_narrower) {
        Some((_, path)) => Err(path),
        None => Ok(after),
    }
}

fn within(before: Lengths, after: Lengths) -> bool {
    before.min <= after.min && after.max <= before.max
}

fn lengths_path(name: &'static str, before: Lengths, after: Lengths) -> Path {
    match (name, after.min < before.min) {
        ("keys", true) => &["keys", "min"],
        ("keys", false) => &["keys", "max"],
        (_, true) => &["values", "min"],
        (_, false) => &["values", "max"],
    }
}

fn is_part(before: Alphabet, after: Alphabet) -> bool {
    let size = |alphabet: Alphabet| (0..=255).filter(|byte| alphabet.has(*byte)).count();
    size(after) <= size(before)
}
