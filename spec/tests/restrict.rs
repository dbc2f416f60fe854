//! What is taken out of a case for a store that cannot do it, each with a neighbour that stays.

#[path = "shared/everything.rs"]
mod everything;
#[path = "shared/lines.rs"]
mod lines;

use std::ops::Bound;

use etalon_spec::{
    Abilities, Ability, Case, Change, Fill, Obstacle, Op, OpKind, Order, Profile, Range, Scan,
    Setting, Survives, Taken, View, applicable, restrict,
};
use everything::everything;
use lines::ops;

fn key(byte: u8) -> Vec<u8> {
    vec![byte]
}

fn put(byte: u8) -> Op {
    Op::put(key(byte), Vec::new())
}

fn delete(byte: u8) -> Op {
    Op::delete(key(byte))
}

/// What `restrict` leaves of these operations.
fn left(profile: &Profile, ops: &[Op]) -> Vec<Op> {
    let mut case = Case::new(ops.to_vec());
    restrict(&mut case, profile);
    case.ops
}

#[test]
fn keys_and_values_outside_their_lengths_are_taken_out() {
    let profile = everything().keys(1..=2).values(1..=2);
    let put = |key: &[u8], value: &[u8]| Op::put(key.to_vec(), value.to_vec());
    let inside = [put(b"a", b"1"), put(b"ab", b"12")];
    let outside = [
        put(b"", b"1"),
        put(b"abc", b"1"),
        put(b"a", b""),
        put(b"a", b"123"),
    ];
    assert_eq!(left(&profile, &inside), inside);
    assert_eq!(left(&profile, &outside), []);
}

#[test]
fn deletes_of_absent_keys_are_taken_out_where_they_are_refused() {
    let refusing = Profile {
        delete_absent: Taken::Refused,
        ..everything()
    };
    let ops = [
        delete(1),
        put(1),
        delete(1),
        delete(1),
        put(2),
        Op::CLEAR,
        delete(2),
    ];
    assert_eq!(
        left(&refusing, &ops),
        [put(1), delete(1), put(2), Op::CLEAR]
    );
    assert_eq!(left(&everything(), &ops), ops);
}

#[test]
fn a_batch_keeps_the_changes_that_can_be_sent() {
    let change = |byte| Change::Put {
        key: key(byte),
        value: Vec::new(),
    };
    let batch = |bytes: &[u8]| Op::Write {
        changes: bytes.iter().copied().map(change).collect(),
        sync: false,
    };
    let refusing = Profile {
        batch_repeats: Taken::Refused,
        batch_max: 2,
        ..everything()
    };
    assert_eq!(left(&refusing, &[batch(&[1, 1, 2, 3])]), [batch(&[1, 2])]);
    assert_eq!(
        left(&everything(), &[batch(&[1, 1, 2, 3])]),
        [batch(&[1, 1, 2, 3])]
    );
}

#[test]
fn scans_are_taken_out_for_what_the_store_lacks() {
    let scan = |range| Op::scan(Scan { range, ..Scan::ALL });
    let inverted = Range::Between(Bound::Included(key(2)), Bound::Included(key(1)));
    let ops = [
        scan(Range::ALL),
        scan(Range::Prefix(key(1))),
        scan(inverted),
        Op::scan(Scan::ALL_REVERSE),
        Op::scan(Scan {
            limit: Some(1),
            ..Scan::ALL
        }),
    ];
    let without = |gone: usize| {
        let mut rest = ops.to_vec();
        rest.remove(gone);
        rest
    };
    let no_prefix = Profile {
        can: Abilities::ALL.without(Ability::Prefix),
        ..everything()
    };
    let no_inverted = Profile {
        range_inverted: Taken::Refused,
        ..everything()
    };
    let no_reverse = Profile {
        can: Abilities::ALL.without(Ability::Reverse),
        ..everything()
    };
    assert_eq!(left(&everything(), &ops), ops);
    assert_eq!(left(&no_prefix, &ops), without(1));
    assert_eq!(left(&no_inverted, &ops), without(2));
    assert_eq!(left(&no_reverse, &ops), without(3));
    let no_order = Profile {
        order: Order::None,
        ..everything()
    };
    assert_eq!(left(&no_order, &ops), ops[..3]);
}

/// Each of the three goes without the other two.
#[test]
fn bounds_and_directions_are_taken_out_one_by_one() {
    let between = |from, to| Range::Between(from, to);
    let behind = between(Bound::Excluded(key(1)), Bound::Excluded(key(3)));
    let with = between(Bound::Included(key(1)), Bound::Included(key(3)));
    let backwards = |range| {
        Op::scan(Scan {
            range,
            ..Scan::ALL_REVERSE
        })
    };
    let ops = [
        backwards(behind.clone()),
        Op::delete_range(behind),
        backwards(with.clone()),
        Op::delete_range(with),
        backwards(Range::Prefix(key(1))),
        Op::delete_range(Range::Prefix(key(1))),
    ];
    let refused = Taken::Refused;
    let no_from = Profile {
        range_from_excluded: refused,
        ..everything()
    };
    let no_to = Profile {
        range_to_included: refused,
        ..everything()
    };
    let no_prefix_reverse = Profile {
        range_prefix_reverse: refused,
        ..everything()
    };
    assert_eq!(left(&everything(), &ops), ops);
    assert_eq!(left(&no_from, &ops), ops[2..]);
    assert_eq!(left(&no_to, &ops), [&ops[..2], &ops[4..]].concat());
    assert_eq!(
        left(&no_prefix_reverse, &ops),
        [&ops[..4], &ops[5..]].concat()
    );
}

/// Four bytes of fuzz input must not cost gigabytes.
#[test]
fn fills_are_cut_to_a_budget() {
    let fill = Op::Fill(Fill {
        prefix: Vec::new(),
        count: u16::MAX,
        size: u16::MAX,
    });
    let mut case = Case::new(vec![fill; 100]);
    let restricted = restrict(&mut case, &everything());
    assert_eq!(restricted.fills_cut, 100);
    let bytes = |op: &Op| match op {
        Op::Fill(fill) => usize::from(fill.count) * (usize::from(fill.size) + 4),
        _ => 0,
    };
    assert!(case.ops.iter().map(bytes).sum::<usize>() <= 256 * 1_024);
    let small = Op::Fill(Fill {
        prefix: Vec::new(),
        count: 100,
        size: 50,
    });
    assert_eq!(left(&everything(), std::slice::from_ref(&small)), [small]);
}

#[test]
fn options_outside_the_profile_are_taken_out() {
    let mut case = Case::default();
    case.options.set("memtable_bytes", Setting::Integer(300));
    case.options.set("unknown", Setting::Switch(true));
    case.options.set("filter", Setting::Switch(true));
    let mut file = case.clone();
    assert_eq!(restrict(&mut case, &everything()).options, 2);
    assert_eq!(case.options.len(), 1);
    // A file says what it means: another value of a known option is handed on.
    assert_eq!(
        applicable(&mut file, &everything()).map(|left_out| left_out.options),
        Ok(1)
    );
    assert_eq!(
        file.options.get("memtable_bytes"),
        Some(&Setting::Integer(300))
    );
}

/// INTERFACES.md section 2, rule 3.
#[test]
fn a_file_loses_structural_operations_and_is_not_applicable_for_others() {
    let profile = Profile::new("bare").can([Ability::Scan]);
    let mut case = Case::new(vec![put(1), Op::Flush, Op::Compact, Op::Reopen, delete(1)]);
    let left_out = applicable(&mut case, &profile).expect("nothing else is in the way");
    assert_eq!(left_out.total(), 3);
    assert_eq!(case.ops, [put(1), delete(1)]);

    let mut case = Case::new(vec![Op::Flush, Op::CLEAR]);
    let not = applicable(&mut case, &profile).expect_err("clear has an effect");
    assert_eq!((not.place, not.obstacle), (1, Obstacle::NotDeclared));
    assert_eq!(case.ops.len(), 2, "as it was");
}

/// What `restrict` leaves of the first is the second; of a profile with everything, all.
fn leaves(profile: &Profile, all: &str, left: &str) {
    assert_eq!(self::left(profile, &ops(all)), ops(left), "{all}");
}

#[test]
fn operations_on_names_that_are_not_open_are_taken_out() {
    let rows = [
        (
            "snapshot s; get \"a\" at t; length at s",
            "snapshot s; length at s",
        ),
        (
            "scan .. at s; snapshot s; release s; release s",
            "snapshot s; release s",
        ),
        (
            "next i; iterator i; next i; close i; prev i",
            "iterator i; next i; close i",
        ),
        ("iterator i at s; next i; length", "length"),
        // Snapshots and iterators are named apart.
        (
            "snapshot a; next a; iterator a; length at a",
            "snapshot a; iterator a; length at a",
        ),
        // A reopen ends both.
        (
            "snapshot s; iterator i; reopen; length at s; next i",
            "snapshot s; iterator i; reopen",
        ),
        // An iterator outlives its snapshot.
        (
            "snapshot s; iterator i at s; release s; next i",
            "snapshot s; iterator i at s; release s; next i",
        ),
    ];
    for (all, left) in rows {
        leaves(&everything(), all, left);
    }
    let mut case = Case::new(ops("flush; get \"a\" at s"));
    let not = applicable(&mut case, &everything()).unwrap_err();
    assert_eq!((not.place, not.obstacle), (1, Obstacle::NotOpen));
}

#[test]
fn more_snapshots_and_iterators_than_may_be_open_are_taken_out() {
    let one = Profile {
        snapshot_max: 1,
        iterator_max: 1,
        ..everything()
    };
    leaves(
        &one,
        "snapshot s; snapshot t; snapshot s; release s; snapshot t",
        "snapshot s; snapshot s; release s; snapshot t",
    );
    leaves(
        &one,
        "iterator i; iterator j; next j; next i",
        "iterator i; next i",
    );
}

#[test]
fn iterators_are_sent_as_far_as_the_store_has_them() {
    let forwards = Profile {
        iterator_back: false,
        ..everything()
    };
    let all = "iterator i; prev i; seeklast i; seek i \"a\"; next i";
    leaves(&forwards, all, "iterator i; seek i \"a\"; next i");
    let unordered = Profile {
        order: Order::None,
        ..everything()
    };
    assert_eq!(left(&unordered, &ops(all)), []);
}

#[test]
fn nothing_is_changed_under_an_iterator_that_would_see_it() {
    let live = Profile {
        iterator_view: View::Live,
        ..everything()
    };
    let all = "iterator i; put \"a\" \"1\"; fill \"a\" 1 1; flush; close i; clear";
    leaves(&live, all, "iterator i; flush; close i; clear");
    leaves(&everything(), all, all);
}

/// A sync changes no answer, so a change loses its flag and stays.
#[test]
fn what_is_not_synced_by_the_store_is_sent_unsynced() {
    let unsynced = Profile {
        can: Abilities::ALL.without(Ability::Sync),
        ..everything()
    };
    let mut case = Case::new(ops("put \"a\" \"1\" sync; sync; clear sync"));
    let mut file = case.clone();
    let restricted = restrict(&mut case, &unsynced);
    assert_eq!(case.ops, ops("put \"a\" \"1\"; clear"));
    assert_eq!((restricted.syncs, restricted.dropped(OpKind::Sync)), (2, 1));
    let left_out = applicable(&mut file, &unsynced).unwrap();
    assert_eq!((file.ops, left_out.syncs), (case.ops, 2));
}

/// A store that survives nothing is not killed; one that does gets the rest of the case as well.
#[test]
fn what_breaks_a_store_is_sent_where_something_survives() {
    let all = "kill; crash in flush at 1; fail in flush at 1 with eio";
    leaves(
        &Profile {
            survives_power: Survives::Synced,
            ..everything()
        },
        all,
        "crash in flush at 1; fail in flush at 1 with eio",
    );
    leaves(
        &Profile {
            survives_kill: Survives::All,
            ..everything()
        },
        all,
        "kill",
    );
    let mut case = Case::new(ops(all));
    assert_eq!(restrict(&mut case, &everything()).total(), 3);
    // What stands inside must be taken, too.
    let narrow = Profile {
        survives_power: Survives::Synced,
        ..everything().keys(1..=1)
    };
    let inside = "crash in put \"a\" \"\" at 0";
    leaves(
        &narrow,
        &format!("{inside}; crash in delete \"ab\" at 0"),
        inside,
    );
}
