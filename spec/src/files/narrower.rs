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
    let checks = [(values_are_within, &["options"] as Path)];
    let checks = limits(before, &after)
        .into_iter()
        .chain(words(before, &after))
        .chain(checks);
    match checks.into_iter().find(|(is_narrower, _)| !is_narrower) {
        Some((_, path)) => Err(path),
        None => Ok(after),
    }
}

/// The fields that are numbers, and whether each is narrower.
fn limits(before: &Profile, after: &Profile) -> [(bool, Path); 9] {
    [
        (
            within(before.keys, after.keys),
            lengths_path("keys", before.keys, after.keys),
        ),
        (
            within(before.values, after.values),
            lengths_path("values", before.values, after.values),
        ),
        (after.batch_max <= before.batch_max, &["batch", "max"]),
        (
            after.snapshot_max <= before.snapshot_max,
            &["snapshot", "max"],
        ),
        (
            after.iterator_max <= before.iterator_max,
            &["iterator", "max"],
        ),
        (after.threads <= before.threads, &["threads"]),
        // A longer one would hide a hang, a shorter one make one.
        (before.timeout == after.timeout, &["timeout"]),
        (
            before.timeout_open == after.timeout_open,
            &["timeout", "open"],
        ),
        // Says what a directory is, not what is asked.
        (before.fresh_dir == after.fresh_dir, &["open", "fresh_dir"]),
    ]
}

/// The fields that are words.
fn words(before: &Profile, after: &Profile) -> [(bool, Path); 13] {
    let refused = |before: Taken, after: Taken| before == after || after == Taken::Refused;
    let survives_less = after.survives_close <= before.survives_close
        && after.survives_kill <= before.survives_kill
        && after.survives_power <= before.survives_power;
    let (order, length) = (after.order, after.length);
    let (view, shape) = (after.iterator_view, after.survives_shape);
    [
        (
            is_part(before.alphabet, after.alphabet),
            &["keys", "alphabet"],
        ),
        (
            refused(before.batch_repeats, after.batch_repeats),
            &["batch", "repeats"],
        ),
        (order == before.order || order == Order::None, &["order"]),
        (
            refused(before.range_inverted, after.range_inverted),
            &["range", "inverted"],
        ),
        (
            refused(before.range_from_excluded, after.range_from_excluded),
            &["range", "from_excluded"],
        ),
        (
            refused(before.range_to_included, after.range_to_included),
            &["range", "to_included"],
        ),
        (
            refused(before.range_prefix_reverse, after.range_prefix_reverse),
            &["range", "prefix_reverse"],
        ),
        (
            refused(before.delete_absent, after.delete_absent),
            &["delete", "absent"],
        ),
        (
            length == before.length || length == LengthKind::Estimate,
            &["length"],
        ),
        (
            before.iterator_back || !after.iterator_back,
            &["iterator", "back"],
        ),
        (
            view == before.iterator_view || view == View::Live,
            &["iterator", "view"],
        ),
        (survives_less, &["survives"]),
        (
            shape == before.survives_shape || shape == Shape::Any,
            &["survives", "shape"],
        ),
    ]
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
