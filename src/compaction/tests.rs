//! Runs and merges over real tables, against lists.

use super::*;
use crate::cursor::Cursor;
use crate::disk::{Disk, MemoryDisk};
use crate::key::{compare, internal_key};
use crate::manifest::FileMeta;
use crate::sstable::{TableOptions, TableWriter};
use quickcheck::quickcheck;

type Entry = (Vec<u8>, Vec<u8>);

/// A table file of these entries, which are in order; not of none.
fn file(number: u64, entries: &[Entry]) -> Arc<TableFile> {
    let disk = MemoryDisk::default();
    let path = format!("{number:06}.ldb");
    let file = disk.create(path.as_ref()).expect("a new file");
    let mut writer = TableWriter::new(TableOptions {
        block_bytes: 40,
        ..TableOptions::default()
    });
    writer.begin(file, path.into());
    for (key, value) in entries {
        writer.add(key, value).expect("added");
    }
    let summary = writer.finish().expect("finished");
    let meta = Arc::new(FileMeta {
        number,
        size: summary.size,
        smallest: summary.first_key,
        largest: summary.last_key,
    });
    let table = Arc::new(writer.table());
    Arc::new(TableFile { meta, table })
}

/// Versions of few keys, numbered in the order given; in order, by run.
fn runs_of(changes: &[(u8, bool, u8)]) -> Vec<Vec<Entry>> {
    let mut runs = vec![Vec::new(); 3];
    for (sequence, (key, put, run)) in (1..).zip(changes) {
        let user_key = format!("shared{}", key % 8).into_bytes();
        let kind = if *put { Kind::Put } else { Kind::Delete };
        let entry = (internal_key(&user_key, sequence, kind), vec![*key]);
        runs[usize::from(run % 3)].push(entry);
    }
    for run in &mut runs {
        run.sort_by(|a, b| compare(&a.0, &b.0));
    }
    runs
}

/// A run's entries as files of at most `length` entries.
fn files_of(run: &[Entry], length: usize) -> Vec<Arc<TableFile>> {
    let pieces = run.chunks(length.max(1));
    (1..)
        .zip(pieces)
        .map(|(number, piece)| file(number, piece))
        .collect()
}

fn here(cursor: &RunCursor) -> Option<Entry> {
    cursor
        .valid()
        .then(|| (cursor.key().to_vec(), cursor.value().to_vec()))
}

quickcheck! {
    fn a_run_of_files_is_walked_as_one_list(changes: Vec<(u8, bool, u8)>, length: u8) -> bool {
        let list = runs_of(&changes).swap_remove(0);
        let mut cursor = RunCursor::new(files_of(&list, usize::from(length % 5)));
        cursor.seek_to_first().expect("readable");
        for entry in &list {
            assert_eq!(here(&cursor).as_ref(), Some(entry));
            cursor.next().expect("readable");
        }
        assert_eq!(here(&cursor), None);
        cursor.seek_to_last().expect("readable");
        for entry in list.iter().rev() {
            assert_eq!(here(&cursor).as_ref(), Some(entry));
            cursor.prev().expect("readable");
        }
        for target in runs_of(&changes).concat() {
            cursor.seek(&target.0).expect("readable");
            let expected = list.iter().find(|entry| compare(&entry.0, &target.0).is_ge());
            assert_eq!(here(&cursor).as_ref(), expected);
            cursor.prev().expect("readable");
            let before = list.iter().rfind(|entry| compare(&entry.0, &target.0).is_lt());
            assert!(expected.is_none() || here(&cursor).as_ref() == before);
        }
        here(&cursor).is_none() || !list.is_empty()
    }

    fn a_merge_keeps_what_somebody_sees(
        changes: Vec<(u8, bool, u8)>,
        length: u8,
        snapshots: Vec<u8>,
        shared: bool
    ) -> bool {
        let runs = runs_of(&changes);
        let mut snapshots: Vec<u64> = snapshots.into_iter().map(u64::from).collect();
        snapshots.sort_unstable();
        let cursors = runs.iter().map(|run| {
            let mut cursor = RunCursor::new(files_of(run, usize::from(length % 5)));
            cursor.seek_to_first().expect("readable");
            cursor
        });
        let shared = if shared { "shared".len() } else { 0 };
        let merge = Merge::with_shared(cursors.collect(), Direction::Forward, shared);
        let version = Version::default();
        let (mut kept, mut begun) = (Vec::new(), Vec::new());
        let dropped = merge_runs(merge, Retain::new(&snapshots), Deeper::from(&version, 0), |entry| {
            kept.push((entry.internal_key.to_vec(), entry.value.to_vec()));
            begun.push(entry.begins_key);
            Ok(())
        });
        let dropped = dropped.expect("in order");
        let mut all = runs.concat();
        all.sort_by(|a, b| compare(&a.0, &b.0));
        assert_eq!(kept.len() as u64 + dropped.versions + dropped.tombstones, all.len() as u64);
        let mut retain = Retain::new(&snapshots);
        let (mut expected, mut last) = (Vec::new(), None);
        for entry in all {
            let (user_key, sequence, kind) = split(&entry.0).expect("an internal key");
            if last.as_deref() != Some(user_key) {
                retain.next_key();
                last = Some(user_key.to_vec());
            }
            if retain.decide(sequence, kind, || true) == Fate::Kept {
                expected.push(entry);
            }
        }
        let users: Vec<_> = kept.iter().map(|(key, _)| split(key).expect("a key").0).collect();
        let begins = |at: usize| at == 0 || users[at - 1] != users[at];
        begun == (0..users.len()).map(begins).collect::<Vec<_>>() && kept == expected
    }
}

#[test]
fn keys_out_of_order_are_damage_and_no_wrong_answer() {
    let of = |user_key: &[u8], sequence| internal_key(user_key, sequence, Kind::Put);
    let one = |number, key| file(number, &[(key, vec![])]);
    for (first, second) in [
        (of(b"b", 1), of(b"a", 2)),
        (of(b"a", 1), of(b"a", 2)),
        (of(b"a", 1), of(b"a", 1)),
    ] {
        let mut run = RunCursor::new(vec![one(1, first), one(2, second)]);
        run.seek_to_first().expect("readable");
        let merge = Merge::new(vec![run], Direction::Forward);
        let version = Version::default();
        let deeper = Deeper::from(&version, 0);
        let error = merge_runs(merge, Retain::new(&[]), deeper, |_| Ok(())).expect_err("disorder");
        assert_eq!(
            error.to_string(),
            "000002.ldb: damaged at offset 0: its keys are not in order"
        );
    }
}

#[test]
fn a_tombstone_stays_while_a_deeper_level_may_hold_its_key() {
    let deep = |number, first: &[u8], last: &[u8]| {
        let entry = |key: &[u8]| (internal_key(key, number, Kind::Put), vec![]);
        file(number, &[entry(first), entry(last)])
    };
    let files = [
        (3, deep(1, b"a", b"c")),
        (3, deep(2, b"k", b"m")),
        (2, deep(3, b"f", b"g")),
    ];
    let version = Version::new(files).expect("disjoint");
    let asked = [b"a", b"b", b"d", b"f", b"h", b"l", b"n"];
    let answers = |level| {
        let mut deeper = Deeper::from(&version, level);
        asked.map(|key| deeper.may_hold(key))
    };
    assert_eq!(answers(2), [true, true, false, true, false, true, false]);
    assert_eq!(answers(3), [true, true, false, false, false, true, false]);
    assert_eq!(answers(4), [false; 7]);
}
