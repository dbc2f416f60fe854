//! What a failure needs: the operation, option value, or class of key or value without which its
//! shrunk case does not fail.
//!
//! ```text
//!   put "" "" -> died       the empty value?  put "" "v": does not die.   Needed.
//!                           the empty key?    put "a" "": dies.           Not needed.
//! ```
//!
//! Invariant: a need is found by trying, never by guessing: the case rewritten without it was run
//! and did not fail alike.

use std::fmt;

use super::rewrite::{
    begins_behind, ends_with, longest_value, range_of, uses, with_other_keys, with_values, without,
    without_absent_deletes, without_repeats,
};
use crate::check::keys_named;
use crate::kinds::Kinds;
use crate::op::{Case, Op, OpKind};
use crate::options::Setting;
use crate::profile::{Ability, Alphabet, Profile, Taken};
use crate::range::Range;

/// Something that a failing case has, and that can be left out of further cases.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// An option at this value.
    Option(String, Setting),
    /// Values of no bytes.
    EmptyValue,
    /// Values of so many bytes or more.
    LongValue(usize),
    /// The key of no bytes.
    EmptyKey,
    /// Keys of so many bytes or more.
    LongKey(usize),
    /// Keys with bytes outside this alphabet.
    KeyBytes(Alphabet),
    /// Something that a profile declares: ranges by prefix, scans backwards, synced changes.
    Ability(Ability),
    /// Ranges whose bounds are out of order.
    Inverted,
    /// Ranges that begin behind a key.
    FromExcluded,
    /// Ranges that end with a key.
    ToIncluded,
    /// Scans backwards of a range by prefix.
    PrefixReverse,
    /// A key twice in a batch.
    Repeats,
    /// Deletes of keys that are not there.
    AbsentDelete,
    /// Operations of a kind.
    Kind(OpKind),
}

impl Need {
    /// What of this case may be needed: what costs the further cases least comes first.
    pub(super) fn candidates(case: &Case) -> Vec<Need> {
        let options = case.options.iter();
        let mut needs: Vec<Need> = options
            .map(|(name, value)| Need::Option(name.to_owned(), value.clone()))
            .collect();
        needs.push(Need::EmptyValue);
        needs.extend(
            Some(longest_value(case))
                .filter(|length| *length > 1)
                .map(Need::LongValue),
        );
        needs.push(Need::EmptyKey);
        let keys = keys_named(&case.ops);
        let longest = keys.iter().map(Vec::len).max().unwrap_or(0);
        needs.extend((longest > 1).then_some(Need::LongKey(longest)));
        needs.extend([Alphabet::NoNul, Alphabet::Text].map(Need::KeyBytes));
        needs.extend([Need::FromExcluded, Need::ToIncluded, Need::PrefixReverse]);
        needs.extend([Ability::Prefix, Ability::Reverse, Ability::Sync].map(Need::Ability));
        needs.extend([Need::Inverted, Need::Repeats, Need::AbsentDelete]);
        let kinds: Kinds = case.ops.iter().map(Op::kind).collect();
        let always = [OpKind::Get, OpKind::Put];
        let mut kinds: Vec<OpKind> = kinds.iter().filter(|kind| !always.contains(kind)).collect();
        kinds.reverse();
        needs.extend(kinds.into_iter().map(Need::Kind));
        needs.retain(|need| need.rewrite(case) != *case);
        needs
    }

    /// The case without it: with other keys and values in the place of those of a class, and
    /// without the operations that there is nothing else for.
    pub(super) fn rewrite(&self, case: &Case) -> Case {
        match self {
            Need::Option(name, value) => {
                let mut case = case.clone();
                if case.options.get(name) == Some(value) {
                    case.options.remove(name);
                }
                case
            }
            Need::EmptyValue => with_values(case, &|value| {
                if value.is_empty() {
                    value.push(b'v');
                }
            }),
            Need::LongValue(length) => with_values(case, &|value| value.truncate(length - 1)),
            Need::EmptyKey => with_other_keys(case, &<[u8]>::is_empty),
            Need::LongKey(length) => with_other_keys(case, &|key| key.len() >= *length),
            Need::KeyBytes(alphabet) => {
                with_other_keys(case, &|key| !key.iter().all(|byte| alphabet.has(*byte)))
            }
            Need::Ability(Ability::Sync) => {
                let mut case = case.clone();
                for flag in case.ops.iter_mut().filter_map(Op::sync_flag_mut) {
                    *flag = false;
                }
                case
            }
            Need::Ability(ability) => without(case, &|op| uses(op, *ability)),
            Need::Inverted => without(case, &|op| range_of(op).is_some_and(Range::is_inverted)),
            Need::FromExcluded => without(case, &begins_behind),
            Need::ToIncluded => without(case, &ends_with),
            Need::PrefixReverse => without(case, &|op| {
                uses(op, Ability::Prefix) && uses(op, Ability::Reverse)
            }),
            Need::Repeats => without_repeats(case),
            Need::AbsentDelete => without_absent_deletes(case),
            Need::Kind(kind) => without(case, &|op| op.kind() == *kind),
        }
    }

    /// Narrows what is generated, so that it does not come any more.
    pub(super) fn leave_out(&self, profile: &mut Profile, without: &mut Vec<OpKind>) {
        match self {
            Need::Option(name, value) => {
                for option in profile
                    .options
                    .iter_mut()
                    .filter(|o| o.name == name.as_str())
                {
                    option.values.retain(|other| other != value);
                }
            }
            Need::EmptyValue => profile.values.min = profile.values.min.max(1),
            Need::LongValue(length) => {
                profile.values.max = (length - 1).clamp(profile.values.min, profile.values.max);
            }
            Need::EmptyKey => profile.keys.min = profile.keys.min.max(1),
            Need::LongKey(length) => {
                profile.keys.max = (length - 1).clamp(profile.keys.min, profile.keys.max);
            }
            Need::KeyBytes(alphabet) => profile.alphabet = *alphabet,
            Need::Ability(ability) => profile.can = profile.can.without(*ability),
            Need::Inverted => profile.range_inverted = Taken::Refused,
            Need::FromExcluded => profile.range_from_excluded = Taken::Refused,
            Need::ToIncluded => profile.range_to_included = Taken::Refused,
            Need::PrefixReverse => profile.range_prefix_reverse = Taken::Refused,
            Need::Repeats => profile.batch_repeats = Taken::Refused,
            Need::AbsentDelete => profile.delete_absent = Taken::Refused,
            Need::Kind(kind) => without.push(*kind),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Option(name, Setting::Integer(value)) => write!(f, "option {name} = {value}"),
            Need::Option(name, Setting::Switch(on)) => {
                write!(f, "option {name} = {}", if *on { "on" } else { "off" })
            }
            Need::Option(name, Setting::Text(text)) => {
                write!(f, "option {name} = \"{}\"", text.escape_ascii())
            }
            Need::EmptyValue => f.write_str("empty values"),
            Need::LongValue(length) => write!(f, "values of {length} bytes or more"),
            Need::EmptyKey => f.write_str("the empty key"),
            Need::LongKey(length) => write!(f, "keys of {length} bytes or more"),
            Need::KeyBytes(Alphabet::NoNul) => f.write_str("keys with a zero byte"),
            Need::KeyBytes(_) => f.write_str("keys with bytes outside 0x20 to 0x7e"),
            Need::Ability(Ability::Sync) => f.write_str("synced changes"),
            Need::Ability(Ability::Prefix) => f.write_str("ranges by prefix"),
            Need::Ability(Ability::Reverse) => f.write_str("scans backwards"),
            Need::Ability(ability) => f.write_str(ability.word()),
            Need::Inverted => f.write_str("bounds out of order"),
            Need::FromExcluded => f.write_str("ranges that begin behind a key"),
            Need::ToIncluded => f.write_str("ranges that end with a key"),
            Need::PrefixReverse => f.write_str("scans backwards by prefix"),
            Need::Repeats => f.write_str("a key twice in a batch"),
            Need::AbsentDelete => f.write_str("deletes of absent keys"),
            Need::Kind(kind) => f.write_str(kind.word()),
        }
    }
}
