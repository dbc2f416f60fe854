//! Internal keys: a user key, the sequence number of the write, and what the write was.
//!
//! ```text
//!   user key ......... | kind | sequence, 7 bytes, the lowest first |
//!                      '--- tag: fixed64 of (sequence << 8 | kind) -'
//! ```
//!
//! Invariants:
//! 1. Order: user keys ascending by their bytes, then tags descending, so that the newest version
//!    of a key comes first and a search for (key, sequence) lands on the newest one that old.
//! 2. [`split`] accepts exactly what [`set`] makes. Other functions are total: they answer
//!    something for any bytes, so that a damaged file cannot make them panic.
//! 3. A separator `s` of `a < b` has `a <= s < b` and is at most as long as `a`.

use std::cmp::Ordering;

use crate::codec;

/// The length of a tag.
pub(crate) const TAG_BYTES: usize = 8;

/// The greatest sequence number that fits into a tag.
pub(crate) const MAX_SEQUENCE: u64 = (1 << 56) - 1;

/// The greatest sequence number that is accepted from a log or a manifest: whoever opens the
/// store must be able to go on from there.
pub(crate) const MAX_SEQUENCE_READ: u64 = MAX_SEQUENCE - (1 << 40);

/// What a write was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A tombstone.
    Delete = 0,
    /// A value.
    Put = 1,
}

impl Kind {
    /// The kind of that number.
    #[inline]
    pub(crate) fn from_byte(byte: u8) -> Option<Kind> {
        match byte {
            0 => Some(Kind::Delete),
            1 => Some(Kind::Put),
            _ => None,
        }
    }
}

/// Sequence and kind in one number.
#[inline]
pub(crate) fn tag(sequence: u64, kind: Kind) -> u64 {
    debug_assert!(sequence <= MAX_SEQUENCE);
    sequence << 8 | kind as u64
}

/// Makes `out` that internal key.
#[inline]
pub(crate) fn set(out: &mut Vec<u8>, user: &[u8], sequence: u64, kind: Kind) {
    out.clear();
    out.reserve(user.len() + TAG_BYTES);
    append(out, user, sequence, kind);
}

/// Appends that internal key.
#[inline]
pub(crate) fn append(out: &mut Vec<u8>, user: &[u8], sequence: u64, kind: Kind) {
    out.extend_from_slice(user);
    codec::put_fixed64(out, tag(sequence, kind));
}

/// That internal key in a buffer of its own.
#[inline]
pub(crate) fn internal_key(user: &[u8], sequence: u64, kind: Kind) -> Vec<u8> {
    let mut out = Vec::new();
    set(&mut out, user, sequence, kind);
    out
}

/// User key, sequence and kind; nothing if the bytes are no internal key.
#[inline]
pub(crate) fn split(internal: &[u8]) -> Option<(&[u8], u64, Kind)> {
    let (user, tag) = internal.split_last_chunk::<TAG_BYTES>()?;
    let tag = u64::from_le_bytes(*tag);
    Some((user, tag >> 8, Kind::from_byte(tag as u8)?))
}

/// The user key of an internal key.
#[inline]
pub(crate) fn user_key(internal: &[u8]) -> &[u8] {
    Target::of(internal).user
}

/// Invariant 1.
#[inline]
pub(crate) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    Target::of(b).compare_to(a).reverse()
}

/// The same for two that begin with `shared` bytes alike, and no more.
#[inline]
pub(crate) fn compare_sharing(a: &[u8], b: &[u8], shared: usize) -> Ordering {
    if shared + TAG_BYTES < a.len().min(b.len()) {
        a[shared].cmp(&b[shared])
    } else {
        compare(a, b)
    }
}

/// A place in the order of internal keys: what searches look for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    /// The user key.
    pub(crate) user: &'a [u8],
    /// The tag.
    pub(crate) tag: u64,
}

impl<'a> Target<'a> {
    /// Where the newest version of `user` at or before `sequence` is, or would be.
    #[inline]
    pub(crate) fn new(user: &'a [u8], sequence: u64) -> Self {
        Target {
            user,
            tag: tag(sequence.min(MAX_SEQUENCE), Kind::Put),
        }
    }

    /// Where `internal` is, or would be. Bytes too short for a tag count as a user key.
    #[inline]
    pub(crate) fn of(internal: &'a [u8]) -> Self {
        match internal.split_last_chunk::<TAG_BYTES>() {
            Some((user, tag)) => Target {
                user,
                tag: u64::from_le_bytes(*tag),
            },
            None => Target {
                user: internal,
                tag: u64::MAX,
            },
        }
    }

    /// How this place compares with an internal key.
    #[inline]
    pub(crate) fn compare_to(self, internal: &[u8]) -> Ordering {
        let other = Target::of(internal);
        self.user
            .cmp(other.user)
            .then_with(|| other.tag.cmp(&self.tag))
    }
}

/// Makes `out` a short separator of two neighbouring internal keys (invariant 3).
pub(crate) fn separator(out: &mut Vec<u8>, a: &[u8], b: &[u8]) {
    let (from, to) = (user_key(a), user_key(b));
    let differing = codec::shared_prefix(from, to);
    out.clear();
    // Only a user key that really becomes shorter is worth a byte that exists in neither key.
    if let (Some(&low), Some(&high)) = (from.get(differing), to.get(differing))
        && low.checked_add(1).is_some_and(|between| between < high)
        && differing + 1 < from.len()
    {
        out.extend_from_slice(&from[..differing]);
        out.push(low + 1);
        codec::put_fixed64(out, tag(MAX_SEQUENCE, Kind::Put));
    } else {
        out.extend_from_slice(a);
    }
}

/// Makes `out` a short internal key at or after `a`.
pub(crate) fn successor(out: &mut Vec<u8>, a: &[u8]) {
    let user = user_key(a);
    out.clear();
    match user.iter().position(|&byte| byte != 0xff) {
        Some(index) if index + 1 < user.len() => {
            out.extend_from_slice(&user[..index]);
            out.push(user[index] + 1);
            codec::put_fixed64(out, tag(MAX_SEQUENCE, Kind::Put));
        }
        _ => out.extend_from_slice(a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::{TestResult, quickcheck};

    fn some_key(user: &[u8], sequence: u64, put: bool) -> Vec<u8> {
        internal_key(
            user,
            sequence & MAX_SEQUENCE,
            if put { Kind::Put } else { Kind::Delete },
        )
    }

    /// Few bytes, so that keys share prefixes and are prefixes of each other.
    fn narrow(user: &[u8]) -> Vec<u8> {
        user.iter()
            .map(|byte| [0, 1, 0xfe, 0xff][usize::from(byte % 4)])
            .take(6)
            .collect()
    }

    quickcheck! {
        fn split_undoes_set(user: Vec<u8>, sequence: u64, put: bool) -> bool {
            let key = some_key(&user, sequence, put);
            let kind = if put { Kind::Put } else { Kind::Delete };
            split(&key) == Some((&user[..], sequence & MAX_SEQUENCE, kind)) && user_key(&key) == user
        }

        fn order_is_user_key_up_then_tag_down(a: (Vec<u8>, u8, bool), b: (Vec<u8>, u8, bool)) -> bool {
            let of = |(user, sequence, put): &(Vec<u8>, u8, bool)| {
                let tag = u64::from(sequence % 4) << 8 | u64::from(*put);
                (narrow(user), std::cmp::Reverse(tag))
            };
            let key = |(user, sequence, put): &(Vec<u8>, u8, bool)| {
                some_key(&narrow(user), u64::from(sequence % 4), *put)
            };
            let (order, a, b) = (of(&a).cmp(&of(&b)), key(&a), key(&b));
            let shared = codec::shared_prefix(&a, &b);
            compare(&a, &b) == order && compare_sharing(&a, &b, shared) == order
        }

        fn a_separator_lies_between(a: (Vec<u8>, u8), b: (Vec<u8>, u8)) -> TestResult {
            let a = some_key(&narrow(&a.0), u64::from(a.1), true);
            let b = some_key(&narrow(&b.0), u64::from(b.1), true);
            if compare(&a, &b) != Ordering::Less {
                return TestResult::discard();
            }
            let (mut between, mut after) = (Vec::new(), Vec::new());
            separator(&mut between, &a, &b);
            successor(&mut after, &b);
            TestResult::from_bool(
                compare(&a, &between) != Ordering::Greater
                    && compare(&between, &b) == Ordering::Less
                    && between.len() <= a.len()
                    && compare(&b, &after) != Ordering::Greater
                    && after.len() <= b.len(),
            )
        }

        fn any_bytes_compare_without_panic(a: Vec<u8>, b: Vec<u8>) -> bool {
            compare(&a, &b) == compare(&b, &a).reverse()
        }
    }

    #[test]
    fn a_search_lands_on_the_newest_version_that_old() {
        let versions = [9, 7, 3].map(|sequence| some_key(b"k", sequence, true));
        let landed = |sequence| {
            let target = Target::new(b"k", sequence);
            versions
                .iter()
                .position(|key| target.compare_to(key) != Ordering::Greater)
        };
        assert_eq!(
            [10, 9, 8, 7, 3, 2].map(landed),
            [Some(0), Some(0), Some(1), Some(1), Some(2), None]
        );
    }

    #[test]
    fn short_keys_and_unknown_kinds_are_no_internal_keys() {
        assert_eq!(split(b"1234567"), None);
        assert_eq!(split(&[2, 0, 0, 0, 0, 0, 0, 0]), None);
        assert!(split(&[1, 0, 0, 0, 0, 0, 0, 0]).is_some_and(|(user, ..)| user.is_empty()));
    }

    #[test]
    fn separators_are_those_of_leveldb() {
        let separate = |a: &[u8], b: &[u8]| {
            let mut out = Vec::new();
            separator(&mut out, &some_key(a, 5, true), &some_key(b, 4, true));
            user_key(&out).to_vec()
        };
        assert_eq!(separate(b"the quick brown fox", b"the who"), b"the r");
        assert_eq!(separate(b"abc", b"abd"), b"abc", "no byte between");
        assert_eq!(separate(b"ab", b"abcd"), b"ab", "one is the other's prefix");
        assert_eq!(separate(b"a", b"c"), b"a", "not shorter");
        let mut out = Vec::new();
        successor(&mut out, &some_key(b"\xff\xffkey", 5, true));
        assert_eq!(out, some_key(b"\xff\xffl", MAX_SEQUENCE, true));
        successor(&mut out, &some_key(b"\xff\xff", 5, true));
        assert_eq!(out, some_key(b"\xff\xff", 5, true));
    }
}
