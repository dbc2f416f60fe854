//! Picking, over small versions made up by hand.

use super::*;
use crate::disk::{Disk, MemoryDisk};
use crate::key::{Kind, internal_key};
use crate::manifest::{Change, FileMeta};
use crate::sstable::{Table, TableOptions, TableWriter};

/// Some table: what is picked depends on what the manifest says of the files alone.
fn table() -> Arc<Table> {
    let disk = MemoryDisk::default();
    let file = disk.create("table".as_ref()).expect("a new file");
    let mut writer = TableWriter::new(TableOptions::default());
    writer.begin(file, "table".into());
    writer
        .add(&internal_key(b"k", 1, Kind::Put), b"")
        .expect("added");
    writer.finish().expect("finished");
    Arc::new(writer.table())
}

/// A file from one key to another, with a sequence number of its own: later files are newer.
pub(in crate::compaction) fn file(
    number: u64,
    first: &str,
    last: &str,
    size: u64,
) -> Arc<TableFile> {
    let at = |key: &str| internal_key(key.as_bytes(), 100 + number, Kind::Put);
    file_of(number, at(first), at(last), size)
}

fn file_of(number: u64, smallest: Vec<u8>, largest: Vec<u8>, size: u64) -> Arc<TableFile> {
    let meta = Arc::new(FileMeta {
        number,
        size,
        smallest,
        largest,
    });
    let table = table();
    Arc::new(TableFile { meta, table })
}

/// Four files in level 0, ten target sizes in level 1, growing tenfold.
pub(in crate::compaction) fn limits(segment_bytes: u64) -> Limits {
    Limits {
        level0_segments: 4,
        level1_bytes: 10 * segment_bytes,
        level_growth: 10,
        segment_bytes,
    }
}

/// Level, number, first and last key, size.
type Sketch = (usize, u64, &'static str, &'static str, u64);

fn version(files: &[Sketch]) -> Version {
    let made = files
        .iter()
        .map(|&(level, number, first, last, size)| (level, file(number, first, last, size)));
    Version::new(made).expect("levels are disjoint")
}

/// That version, with the compaction of a level to begin after a key.
fn after(version: &Version, level: usize, key: &str) -> Version {
    let key = internal_key(key.as_bytes(), 1, Kind::Put);
    version.after(&Change {
        pointer: Some((level, key.into())),
        ..Change::default()
    })
}

/// The numbers of the inputs by level, as `0:7,9 1:3`.
fn drawn(task: Option<&Task>) -> String {
    let Some(task) = task else {
        return "nothing".to_owned();
    };
    let levels = task.inputs.chunk_by(|a, b| a.0 == b.0).map(|files| {
        let numbers = files.iter().map(|(_, file)| file.meta.number.to_string());
        format!("{}:{}", files[0].0, numbers.collect::<Vec<_>>().join(","))
    });
    levels.collect::<Vec<_>>().join(" ")
}

fn picked(version: &Version) -> String {
    drawn(pick(version, &limits(100)).as_ref())
}

/// What the case is, the files, and what is picked of them at the limits above.
type Picking = (&'static str, &'static [Sketch], &'static str);

const PICKINGS: &[Picking] = &[
    ("an empty store", &[], "nothing"),
    (
        "level 0 below its threshold",
        &[
            (0, 1, "a", "z", 9),
            (0, 2, "a", "z", 9),
            (0, 3, "a", "z", 9),
        ],
        "nothing",
    ),
    (
        "level 0: all that overlap, older and newer, also through one another",
        &[
            (0, 1, "a", "c", 9),
            (0, 2, "x", "z", 9),
            (0, 3, "e", "g", 9),
            (0, 4, "b", "f", 9),
        ],
        "0:1,3,4",
    ),
    (
        "level 0 takes what it overlaps in level 1, and grows no further than that",
        &[
            (0, 4, "d", "e", 9),
            (0, 5, "d", "e", 9),
            (0, 6, "d", "e", 9),
            (0, 7, "y", "z", 9),
            (1, 1, "a", "b", 9),
            (1, 2, "c", "g", 9),
            (1, 3, "h", "z", 9),
        ],
        "0:4,5,6 1:2",
    ),
    (
        "level 1 by bytes",
        &[
            (1, 1, "a", "c", 500),
            (1, 2, "d", "f", 500),
            (2, 3, "b", "e", 9),
        ],
        "1:1,2 2:3",
    ),
    (
        "upper inputs do not grow beyond 25 target sizes",
        &[
            (1, 1, "a", "c", 1_300),
            (1, 2, "d", "f", 1_300),
            (2, 3, "b", "e", 9),
        ],
        "1:1 2:3",
    ),
    (
        "upper inputs do not grow where that takes another lower file",
        &[
            (1, 1, "a", "c", 500),
            (1, 2, "d", "h", 500),
            (2, 3, "b", "e", 9),
            (2, 4, "g", "i", 9),
        ],
        "1:1 2:3",
    ),
    (
        "the level that is most over its threshold",
        &[
            (1, 1, "a", "c", 1_000),
            (2, 2, "d", "f", 20_000),
            (2, 3, "g", "h", 1),
        ],
        "2:2",
    ),
    (
        "the last level is never over one",
        &[(6, 1, "a", "c", 1 << 60)],
        "nothing",
    ),
];

#[test]
fn what_is_picked() {
    for (what, files, expected) in PICKINGS {
        assert_eq!(picked(&version(files)), *expected, "{what}");
    }
}

#[test]
fn compactions_of_a_level_go_round_the_keys() {
    let level = version(&[
        (1, 1, "a", "c", 400),
        (1, 2, "d", "f", 400),
        (1, 3, "g", "i", 400),
    ]);
    let next = [
        ("", "1:1"),
        ("b", "1:1"),
        ("c", "1:2"),
        ("f", "1:3"),
        ("i", "1:1"),
        ("z", "1:1"),
    ];
    for (pointer, expected) in next {
        assert_eq!(
            picked(&after(&level, 1, pointer)),
            expected,
            "after {pointer:?}"
        );
    }
    let task = pick(&after(&level, 1, "c"), &limits(100)).expect("over its threshold");
    let end = internal_key(b"f", 102, Kind::Put);
    assert_eq!(
        task.pointer,
        Some((1, end.into())),
        "the next begins after this one"
    );
}

#[test]
fn files_that_share_the_versions_of_a_key_go_together() {
    // LevelDB may cut between two versions of "c"; compacting the first file alone would put
    // the newer version below the older one.
    let key = |key: &str, sequence| internal_key(key.as_bytes(), sequence, Kind::Put);
    let files = [
        (1, file_of(1, key("a", 9), key("c", 9), 1_000)),
        (1, file_of(2, key("c", 5), key("f", 5), 9)),
        (1, file_of(3, key("g", 5), key("h", 5), 9)),
        (2, file_of(4, key("a", 2), key("b", 3), 9)),
        (2, file_of(5, key("b", 2), key("b", 1), 9)),
    ];
    let version = Version::new(files).expect("disjoint by internal keys");
    assert_eq!(picked(&version), "1:1,2 2:4,5");
}

#[test]
fn one_file_that_overlaps_with_nothing_is_moved_unless_it_lies_over_too_much() {
    let is_move = |files: &[Sketch]| {
        let task = pick(&version(files), &limits(100)).expect("over its threshold");
        task.is_move(&limits(100))
    };
    let alone = (1, 1, "c", "f", 1_000);
    assert!(is_move(&[alone]));
    assert!(is_move(&[
        alone,
        (2, 2, "g", "h", 9),
        (3, 3, "a", "z", 1_000)
    ]));
    assert!(
        !is_move(&[alone, (3, 3, "a", "z", 1_001)]),
        "too much two levels below"
    );
    assert!(
        !is_move(&[alone, (2, 2, "f", "h", 9)]),
        "the next level overlaps"
    );
    let by_hand = everything(&version(&[alone]), &limits(100));
    assert!(
        !by_hand.is_move(&limits(100)),
        "by hand everything is merged"
    );
}

#[test]
fn everything_goes_to_the_first_level_that_holds_it() {
    let output = |size| {
        let all = version(&[
            (0, 3, "a", "z", size),
            (0, 2, "b", "c", 1),
            (5, 1, "a", "z", 1),
        ]);
        let task = everything(&all, &limits(100));
        assert_eq!(drawn(Some(&task)), "0:2,3 5:1");
        assert_eq!(task.deepest(), task.output_level.max(5));
        task.output_level
    };
    assert_eq!(output(900), 1);
    assert_eq!(output(2_000), 2);
    assert_eq!(output(1 << 60), 6);
}

#[test]
fn thresholds_do_not_overflow() {
    let huge = Limits {
        level0_segments: usize::MAX,
        level1_bytes: u64::MAX,
        level_growth: u64::MAX,
        segment_bytes: u64::MAX,
    };
    assert!(
        pick(
            &version(&[(0, 1, "a", "b", u64::MAX), (1, 2, "a", "b", 9)]),
            &huge
        )
        .is_none()
    );
    assert_eq!(huge.level_bytes(6), u64::MAX);
}
