//! The words of each field that has a few.

use crate::profile::{Alphabet, Conflict, LengthKind, Order, Shape, Survives, Taken, View};
use crate::protocol::Encoding;

/// The words of a field, each with what it stands for.
pub(super) type Words<T, const N: usize> = [(&'static str, T); N];

pub(super) const ALPHABETS: Words<Alphabet, 3> = [
    ("bytes", Alphabet::Bytes),
    ("nonul", Alphabet::NoNul),
    ("text", Alphabet::Text),
];
pub(super) const ORDERS: Words<Order, 2> = [("bytes", Order::Bytes), ("none", Order::None)];
pub(super) const LENGTHS: Words<LengthKind, 2> = [
    ("exact", LengthKind::Exact),
    ("live-estimate", LengthKind::Estimate),
];
pub(super) const REPEATS: Words<Taken, 2> =
    [("last", Taken::Answered), ("refused", Taken::Refused)];
pub(super) const INVERTED: Words<Taken, 2> =
    [("empty", Taken::Answered), ("refused", Taken::Refused)];
pub(super) const TAKEN: Words<Taken, 2> =
    [("answered", Taken::Answered), ("refused", Taken::Refused)];
pub(super) const ABSENT: Words<Taken, 2> = [("ok", Taken::Answered), ("refused", Taken::Refused)];
pub(super) const VIEWS: Words<View, 2> = [("snapshot", View::Snapshot), ("live", View::Live)];
pub(super) const CONFLICTS: Words<Conflict, 2> = [
    ("one-at-a-time", Conflict::OneAtATime),
    ("refused", Conflict::Refused),
];
pub(super) const SHAPES: Words<Shape, 2> = [("prefix", Shape::Prefix), ("any", Shape::Any)];
pub(super) const SURVIVES: Words<Survives, 4> = [
    ("none", Survives::None),
    ("flushed", Survives::Flushed),
    ("synced", Survives::Synced),
    ("all", Survives::All),
];
pub(super) const ENCODINGS: Words<Encoding, 2> =
    [("latin1", Encoding::Latin1), ("hex", Encoding::Hex)];

/// The word for a value.
pub(super) fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    let found = words.iter().find(|(_, other)| *other == value);
    found.map_or("", |(word, _)| word)
}
