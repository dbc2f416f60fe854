//! The memtable against an ordered map of all versions.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use quickcheck::quickcheck;

use super::nodes::NodeWriter;
use super::skiplist::{Entry, MAX_HEIGHT};
use super::{Memtable, MemtableBuilder, MemtableWriter, Slot};
use crate::cursor::Cursor;
use crate::error::Error;
use crate::key::{Kind, MAX_SEQUENCE, Target, internal_key, split};

type Place = (Vec<u8>, Reverse<u64>);
type Versions = BTreeMap<Place, Option<Vec<u8>>>;

/// Few bytes, so that keys repeat and are prefixes of each other, also beyond eight bytes.
fn narrow(key: &[u8]) -> Vec<u8> {
    let long = key.first().is_some_and(|byte| byte % 3 == 0);
    let mut narrow = if long {
        b"12345678".to_vec()
    } else {
        Vec::new()
    };
    narrow.extend(
        key.iter()
            .take(3)
            .map(|byte| [0, 1, 0xfe, 0xff][usize::from(byte % 4)]),
    );
    narrow
}

fn fill(changes: &[(Vec<u8>, Option<Vec<u8>>)]) -> (Memtable, Versions) {
    let (mut writer, mut versions) = (MemtableWriter::default(), Versions::new());
    for (sequence, (key, value)) in (1..).zip(changes) {
        let key = narrow(key);
        writer.insert(&key, sequence, value.as_deref());
        versions.insert((key, Reverse(sequence)), value.clone());
    }
    (writer.memtable(), versions)
}

fn here(cursor: &impl Cursor) -> (Place, Option<Vec<u8>>) {
    let (key, sequence, kind) = split(cursor.key()).expect("an internal key");
    let value = (kind == Kind::Put).then(|| cursor.value().to_vec());
    ((key.to_vec(), Reverse(sequence)), value)
}

quickcheck! {
    fn a_get_finds_the_newest_version_that_old(
        changes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
        key: Vec<u8>,
        at: u64
    ) -> bool {
        let (memtable, versions) = fill(&changes);
        let at = at % (changes.len() as u64 + 2);
        let keys = changes.iter().map(|(key, _)| narrow(key)).chain([narrow(&key)]);
        keys.into_iter().all(|key| {
            let newest = versions
                .range((key.clone(), Reverse(at))..)
                .next()
                .filter(|((found, _), _)| *found == key);
            let expected = newest.map(|((_, sequence), value)| Slot {
                sequence: sequence.0,
                value: value.as_deref(),
            });
            memtable.get(&key, at) == expected
        })
    }

    fn a_cursor_walks_all_versions_in_both_directions(
        changes: Vec<(Vec<u8>, Option<Vec<u8>>)>
    ) -> bool {
        let (memtable, versions) = fill(&changes);
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        let mut cursor = memtable.cursor();
        cursor.seek_to_first().expect("memory");
        while cursor.valid() {
            forward.push(here(&cursor));
            cursor.next().expect("memory");
        }
        cursor.seek_to_last().expect("memory");
        while cursor.valid() {
            backward.push(here(&cursor));
            cursor.prev().expect("memory");
        }
        backward.reverse();
        let expected: Vec<_> = versions.into_iter().collect();
        forward == expected && backward == expected && memtable.is_empty() == expected.is_empty()
    }

    fn a_seek_lands_at_or_after(changes: Vec<(Vec<u8>, Option<Vec<u8>>)>, key: Vec<u8>, at: u64) -> bool {
        let (memtable, versions) = fill(&changes);
        let (key, at) = (narrow(&key), at % (changes.len() as u64 + 2));
        let mut cursor = memtable.cursor();
        cursor.seek(&internal_key(&key, at, Kind::Put)).expect("memory");
        let expected = versions.range((key, Reverse(at))..).next();
        let found = cursor.valid().then(|| here(&cursor).0);
        found.as_ref() == expected.map(|(place, _)| place)
    }
}

#[test]
fn every_change_counts_its_key_its_value_and_eight_bytes() {
    let mut writer = MemtableWriter::default();
    let memtable = writer.memtable();
    writer.insert(b"k", 1, Some(b"old"));
    writer.insert(b"k", 2, None);
    assert_eq!(writer.bytes(), (1 + 3 + 8) + (1 + 8));
    assert_eq!(
        memtable.get(b"k", 1).and_then(|slot| slot.value),
        Some(&b"old"[..])
    );
    assert_eq!(
        memtable.get(b"k", MAX_SEQUENCE),
        Some(Slot {
            sequence: 2,
            value: None
        })
    );
}

#[test]
fn large_values_and_many_entries_fit_and_stay_where_they_are() {
    let mut writer = MemtableWriter::default();
    let memtable = writer.memtable();
    let large = vec![7; 300_000];
    for sequence in 1..=3_000_u64 {
        let value = if sequence % 1_000 == 0 {
            &large[..]
        } else {
            b"small"
        };
        let key = sequence.wrapping_mul(0x9e37_79b9).to_be_bytes();
        writer.insert(&key, sequence, Some(value));
    }
    for sequence in 1..=3_000_u64 {
        let key = sequence.wrapping_mul(0x9e37_79b9).to_be_bytes();
        let length = if sequence % 1_000 == 0 {
            large.len()
        } else {
            5
        };
        let found = memtable.get(&key, MAX_SEQUENCE).and_then(|slot| slot.value);
        assert_eq!(found.map(<[u8]>::len), Some(length), "{sequence}");
    }
}

/// A sequence number, a key and its value.
type Change<'a> = (u64, (&'a Vec<u8>, Option<&'a [u8]>));

/// The same changes, inserted, pushed, and pushed in two parts that are joined; so many keys at
/// the beginning in order.
fn built(changes: &[(Vec<u8>, Option<Vec<u8>>)], sorted: usize) -> [MemtableWriter; 3] {
    let mut keys: Vec<_> = changes.iter().map(|(key, _)| narrow(key)).collect();
    let first = sorted.min(keys.len());
    keys[..first].sort();
    let values = changes.iter().map(|(_, value)| value.as_deref());
    let changes: Vec<_> = (1..).zip(keys.iter().zip(values)).collect();
    let mut inserted = MemtableWriter::default();
    for (sequence, (key, value)) in &changes {
        inserted.insert(key, *sequence, *value);
    }
    let push_all = |into: &mut MemtableBuilder<'_>, changes: &[Change<'_>]| {
        for (sequence, (key, value)) in changes {
            into.push(key, *sequence, *value);
        }
    };
    let pushed = build(|builder| push_all(builder, &changes));
    let joined = build(|earlier| {
        let cut = changes.len() / 3 * 2;
        let mut later = earlier.later(cut as u64);
        push_all(earlier, &changes[..cut]);
        push_all(&mut later, &changes[cut..]);
        let elsewhere = earlier.later(cut as u64 + 1);
        assert!(!earlier.join(elsewhere), "made for another place");
        assert!(earlier.join(later));
    });
    [inserted, pushed, joined]
}

fn build(work: impl FnOnce(&mut MemtableBuilder<'_>)) -> MemtableWriter {
    let built = MemtableWriter::build(|builder| {
        work(builder);
        Ok::<_, Error>(())
    });
    built.expect("memory").0
}

fn all(memtable: &Memtable) -> Vec<(Place, Option<Vec<u8>>)> {
    let mut entries = Vec::new();
    let mut cursor = memtable.cursor();
    cursor.seek_to_first().expect("memory");
    while cursor.valid() {
        entries.push(here(&cursor));
        cursor.next().expect("memory");
    }
    entries
}

quickcheck! {
    fn what_is_built_at_once_is_what_is_built_one_by_one(
        changes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
        more: Vec<(Vec<u8>, Option<Vec<u8>>)>,
        sorted: usize
    ) -> bool {
        // Again, so that keys have several versions.
        let changes = [&changes[..], &changes[..], &changes[..]].concat();
        let mut all_three = built(&changes, sorted % (changes.len() + 1));
        let is_same = |a: &MemtableWriter, b: &MemtableWriter| {
            let (a_list, b_list) = (a.memtable(), b.memtable());
            a.bytes() == b.bytes() && all(&a_list) == all(&b_list) && a_list.levels() == b_list.levels()
        };
        let same = |[a, b, c]: &[MemtableWriter; 3]| is_same(a, b) && is_same(a, c);
        let built_alike = same(&all_three);
        for (sequence, (key, value)) in (changes.len() as u64 + 1..).zip(&more) {
            for writer in &mut all_three {
                writer.insert(&narrow(key), sequence, value.as_deref());
            }
        }
        built_alike && same(&all_three)
    }
}

/// Each of them in order or not, and beginning anywhere in the one before.
#[test]
fn parts_are_joined_whatever_is_in_them_and_taken_further() {
    let shuffled = (0..70).map(|number| number * 29 % 70).collect();
    let runs: [Vec<u64>; 5] = [
        Vec::new(),
        (0..100).collect(),
        (50..150).collect(),
        (100..200).collect(),
        shuffled,
    ];
    let all_three = runs.iter().flat_map(|a| {
        let pairs = runs.iter().flat_map(|b| runs.iter().map(move |c| (b, c)));
        pairs.map(move |(b, c)| [a, b, c])
    });
    for [a, b, c] in all_three {
        let mut inserted = MemtableWriter::default();
        let built = build(|earlier| {
            let mut put = |numbers: &[u64], before: usize, into: &mut MemtableBuilder<'_>| {
                for (number, sequence) in numbers.iter().zip(1 + before as u64..) {
                    let key = format!("{number:04}");
                    into.push(key.as_bytes(), sequence, None);
                    inserted.insert(key.as_bytes(), sequence, None);
                }
            };
            let mut later = earlier.later(a.len() as u64);
            put(a, 0, earlier);
            put(b, a.len(), &mut later);
            assert!(earlier.join(later));
            put(c, a.len() + b.len(), earlier);
        });
        assert_eq!(built.bytes(), inserted.bytes());
        assert_eq!(built.memtable().levels(), inserted.memtable().levels());
    }
}

/// Heads decide nothing here: the keys agree in their first bytes, up to more than are sorted so.
#[test]
fn keys_that_agree_for_long_are_sorted() {
    let shuffled = (0..5_000_u64).map(|number| number * 2_999 % 5_000);
    for length in [0, 3, 8, 20, 56, 64, 100] {
        let pushed = build(|builder| {
            for (sequence, number) in (1..).zip(shuffled.clone()) {
                let key = [&vec![b'p'; length][..], format!("{number:04}").as_bytes()].concat();
                builder.push(&key, sequence, None);
            }
        });
        let entries = all(&pushed.memtable());
        assert_eq!(entries.len(), 5_000);
        assert!(
            entries.is_sorted_by_key(|(place, _)| place.clone()),
            "{length}"
        );
    }
}

/// A node without content.
fn node_of(height: usize) -> Entry<'static> {
    Entry {
        height,
        prefix: 0,
        key: Target::new(b"", 1),
        value: b"",
    }
}

// What follows is what keeps safe code from reaching, by a mistake, what is not there.

#[test]
#[should_panic(expected = "a node without level 1")]
fn no_link_leads_to_a_node_that_has_not_its_level() {
    NodeWriter::build(|mut nodes| {
        let low = nodes.node(&node_of(1));
        nodes.link(nodes.list.head(1), Some(low));
    });
}

#[test]
#[should_panic(expected = "a link a level")]
fn no_node_is_inserted_behind_links_of_other_levels() {
    NodeWriter::default().insert(&node_of(2), |list| [list.head(0); MAX_HEIGHT]);
}

#[test]
#[should_panic(expected = "no level 12")]
fn a_head_has_no_more_levels_than_any_node() {
    let nodes = NodeWriter::default();
    nodes.nodes().entry(|list| list.head(MAX_HEIGHT).node());
}

#[test]
#[should_panic(expected = "0 levels")]
fn every_node_has_a_level() {
    NodeWriter::build(|mut nodes| nodes.node(&node_of(0)).height);
}
