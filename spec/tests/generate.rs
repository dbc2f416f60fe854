//! The generator keeps to its profile, and its cases never change.

#[path = "shared/everything.rs"]
mod everything;

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};

use etalon_spec::{
    Abilities, Ability, Alphabet, Case, Conflict, FixedState, Generator, Kinds, Op, OpKind, Order,
    Profile, Taken, View, restrict,
};
use everything::everything;

/// Profiles that refuse what others take, one thing each, and all of them together.
fn narrow() -> Vec<Profile> {
    let can = |ability| everything().can.without(ability);
    vec![
        everything(),
        Profile::new("bare"),
        everything().keys(1..=3).values(1..=8),
        everything().keys(16..=16),
        everything().keys(0..=0),
        Profile {
            alphabet: Alphabet::Text,
            ..everything()
        },
        Profile {
            alphabet: Alphabet::NoNul,
            ..everything().keys(1..=511)
        },
        Profile {
            batch_repeats: Taken::Refused,
            batch_max: 3,
            ..everything()
        },
        Profile {
            range_inverted: Taken::Refused,
            range_to_included: Taken::Refused,
            ..everything()
        },
        Profile {
            range_from_excluded: Taken::Refused,
            range_prefix_reverse: Taken::Refused,
            ..everything()
        },
        Profile {
            delete_absent: Taken::Refused,
            ..everything()
        },
        Profile {
            order: Order::None,
            ..everything()
        },
        Profile {
            snapshot_max: 1,
            iterator_max: 2,
            iterator_back: false,
            ..everything()
        },
        Profile {
            snapshot_max: 0,
            iterator_view: View::Live,
            ..everything()
        },
        Profile {
            iterator_max: 0,
            can: can(Ability::Sync),
            ..everything()
        },
        Profile {
            can: can(Ability::Snapshot),
            ..everything()
        },
        Profile {
            can: can(Ability::Reverse),
            ..everything()
        },
        Profile {
            can: can(Ability::Prefix),
            ..everything()
        },
        Profile {
            alphabet: Alphabet::Text,
            batch_repeats: Taken::Refused,
            range_inverted: Taken::Refused,
            delete_absent: Taken::Refused,
            order: Order::None,
            ..everything().keys(1..=2).values(0..=0)
        },
    ]
}

/// The same, of transactions and key spaces.
fn narrow_scopes() -> Vec<Profile> {
    let can = |ability| everything().can.without(ability);
    vec![
        Profile {
            can: can(Ability::Savepoint),
            transaction_conflict: Conflict::Refused,
            transaction_max: 2,
            ..everything()
        },
        Profile {
            transaction_reads_own: false,
            ..everything()
        },
        Profile {
            transaction_reads_own: false,
            transaction_conflict: Conflict::Refused,
            transaction_max: 8,
            iterator_view: View::Live,
            ..everything()
        },
        Profile {
            can: can(Ability::Transaction),
            ..everything()
        },
        Profile {
            transaction_max: 0,
            can: can(Ability::Spaces),
            delete_absent: Taken::Refused,
            transaction_conflict: Conflict::Refused,
            ..everything()
        },
    ]
}

/// Invariants 2 and 3 of the generator, and invariant 2 of `restrict`. Letting `Keys::fit` pass
/// one byte more, or `Generator::delete` draw from all keys, fails here.
#[test]
fn every_case_is_inside_its_profile_and_of_full_length() {
    for profile in narrow().into_iter().chain(narrow_scopes()) {
        let mut generator = Generator::new(3, &profile);
        for index in 0..3_000 {
            let mut case = generator.case(index, 60);
            let drawn = case.clone();
            let restricted = restrict(&mut case, &profile);
            assert!(
                restricted.is_untouched(),
                "{profile:?} {index} {restricted:?}"
            );
            assert_eq!(case, drawn);
            assert_eq!(drawn.ops.len(), 60, "{profile:?} {index}");
        }
    }
}

/// Invariant 1: leaving any part of the generator's state over to the next case fails here.
#[test]
fn a_case_does_not_depend_on_the_cases_before_it() {
    let profile = everything();
    let mut one = Generator::new(9, &profile);
    let mut reused = Case::default();
    for index in (0..100).rev().chain([2_000, 5]) {
        one.case_into(index, 100, &mut reused);
        assert_eq!(reused, Generator::new(9, &profile).case(index, 100));
    }
    assert_ne!(one.case(0, 100), one.case(1, 100));
    assert_ne!(one.case(0, 100), Generator::new(10, &profile).case(0, 100));
}

/// A published seed means the same cases for ever. If this fails, the generator has changed: all
/// seeds that anybody wrote down are void, and the change needs a very good reason.
#[test]
fn the_cases_of_a_published_seed_never_change() {
    let hash = |can| {
        let profile = Profile {
            can,
            ..everything()
        };
        let mut generator = Generator::new(1, &profile);
        let mut hasher = FixedState::default().build_hasher();
        for index in 0..1_000 {
            hasher.write(generator.case(index, 100).to_string().as_bytes());
        }
        format!("{:016x}", hasher.finish())
    };
    assert_eq!(hash(Abilities::PLAIN), "75203759119e1ee1");
    assert_eq!(hash(Abilities::ALL), "5c3ccc664402244b");
}

#[test]
fn only_and_without_leave_what_they_say() {
    let generator = |seed| Generator::new(seed, &everything());
    let mut reads = generator(1).only(&[OpKind::Get, OpKind::Put, OpKind::Scan]);
    let mut no_flush = generator(1).without(&[OpKind::Flush]);
    let mut nothing = generator(1).only(&[OpKind::Get]).without(&[OpKind::Get]);
    for index in 0..200 {
        let allowed = [OpKind::Get, OpKind::Put, OpKind::Scan];
        assert!(
            reads
                .case(index, 50)
                .ops
                .iter()
                .all(|op| allowed.contains(&op.kind()))
        );
        assert!(
            no_flush
                .case(index, 50)
                .ops
                .iter()
                .all(|op| op.kind() != OpKind::Flush)
        );
        assert!(nothing.case(index, 50).ops.is_empty());
    }
    let breakages = OpKind::ALL.into_iter().filter(|kind| kind.is_breakage());
    let others = Kinds::ALL.minus(breakages.collect());
    assert_eq!(generator(1).only(&[]).kinds(), others);
}

/// Making way for something else counts, too. Fails if the end of a transaction, or the making of a
/// key space, is drawn whatever is withheld.
#[test]
fn what_is_withheld_is_never_sent() {
    let transactions = [
        OpKind::Begin,
        OpKind::Savepoint,
        OpKind::Rollback,
        OpKind::Commit,
    ];
    let spaces = [OpKind::Create, OpKind::Rename, OpKind::Drop];
    let all: [&[OpKind]; 2] = [&transactions, &spaces];
    let both = [OpKind::Commit, OpKind::Rollback];
    let singles = all.into_iter().flatten().map(std::slice::from_ref);
    for withheld in singles.chain([both.as_slice()]) {
        let mut generator = Generator::new(1, &everything()).without(withheld);
        let mut seen = BTreeSet::new();
        for index in 0..400 {
            seen.extend(generator.case(index, 100).ops.iter().map(Op::kind));
        }
        assert!(
            withheld.iter().all(|kind| !seen.contains(kind)),
            "{withheld:?}"
        );
        let ends = both.iter().any(|kind| seen.contains(kind));
        assert_eq!(
            seen.contains(&OpKind::Begin),
            ends,
            "{withheld:?}: begun and never ended"
        );
    }
}
