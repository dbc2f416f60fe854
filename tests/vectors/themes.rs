//! What is searched: small alphabets, each with the situations of one theme in reach.

/// What a string is run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// The model: its situations are decided from operations and replies.
    Model,
    /// The engine in memory, which reports what its layers answered.
    Engine,
    /// The engine on the simulated disk.
    Disk,
}

/// Every string of letters up to a length, the shortest first. In a letter, `{}` is its place.
#[derive(Debug)]
pub(crate) struct Theme {
    pub(crate) on: On,
    /// What every string begins with.
    pub(crate) before: &'static [&'static str],
    pub(crate) letters: &'static [&'static str],
    /// What every string ends with one of, if there are any.
    pub(crate) last: Vec<String>,
    /// The most letters of a string, the last among them.
    pub(crate) longest: usize,
}

const fn theme(on: On, longest: usize, letters: &'static [&'static str]) -> Theme {
    Theme {
        on,
        before: &[],
        letters,
        last: Vec::new(),
        longest,
    }
}

/// All themes. Of two strings of the same length that meet a situation the first one found
/// stays.
pub(crate) fn all() -> Vec<Theme> {
    let mut all = vec![
        theme(On::Model, 6, &PLAIN),
        theme(On::Model, 3, &BYTES),
        theme(On::Model, 4, &SCANS),
        theme(On::Model, 4, &BATCHES),
        theme(On::Model, 5, &SNAPSHOTS),
        theme(On::Model, 5, &ITERATORS),
        theme(On::Model, 4, &SWAPS),
        theme(On::Model, 4, &TRANSACTIONS),
        theme(On::Model, 4, &SPACES),
        theme(On::Engine, 4, &LAYERS),
        theme(On::Engine, 5, &["put \"a\" \"{}\"", "flush", "get \"a\""]),
        theme(On::Engine, 4, &KEPT),
        theme(On::Engine, 2, &["fill \"k\" 70 65535", "put \"a\" \"{}\""]),
        theme(
            On::Disk,
            2,
            &["put \"a\" \"{}\"", "kill", "kill then at 1", "crash"],
        ),
    ];
    // Between the keys that are there: outside of them no filter is asked.
    let between = |n| format!("get \"k\\x00\\x00\\x00\\x{:02x}\\x{:02x}\"", n / 16, n % 16);
    all.push(Theme {
        before: &["fill \"k\" 200 1", "flush"],
        last: (0..1600).map(between).collect(),
        ..theme(On::Engine, 1, &[])
    });
    all.push(Theme {
        last: breakages(),
        ..theme(On::Disk, 3, &["put \"a\" \"{}\"", "flush"])
    });
    all
}

const PLAIN: [&str; 7] = [
    "put \"a\" \"{}\"",
    "put \"b\" \"{}\"",
    "delete \"a\"",
    "flush",
    "compact",
    "reopen",
    "get \"a\"",
];

const BYTES: [&str; 7] = [
    "put \"a\" \"{}\"",
    "put \"ab\" \"{}\"",
    "get \"a\"",
    "put \"\" \"{}\"",
    "get \"\"",
    "put \"a\" \"\"",
    "put \"a\" \"x\"*4097",
];

const SCANS: [&str; 12] = [
    "put \"a\" \"{}\"",
    "put \"b\" \"{}\"",
    "delete \"a\"",
    "flush",
    "scan ..",
    "scan \"b\"..\"a\"",
    "scan .. limit 0",
    "scan .. reverse limit 1",
    "scan >\"a\"..",
    "put \"a\" \"x\"*4096",
    "put \"\\xff\" \"{}\"",
    "scan prefix \"\\xff\"",
];

const BATCHES: [&str; 11] = [
    "put \"a\" \"{}\"",
    "get \"a\"",
    "flush",
    "clear",
    "deleterange ..",
    "deleterange \"b\"..\"a\"",
    "write",
    "write put \"a\" \"{}\", delete \"a\"",
    "put \"a\" \"{}\" sync",
    "sync",
    "compact",
];

const SNAPSHOTS: [&str; 9] = [
    "put \"a\" \"{}\"",
    "delete \"a\"",
    "flush",
    "compact",
    "snapshot s",
    "get \"a\" at s",
    "scan .. at s",
    "iterator i",
    "reopen",
];

const ITERATORS: [&str; 12] = [
    "put \"a\" \"{}\"",
    "put \"b\" \"{}\"",
    "flush",
    "compact",
    "iterator i",
    "next i",
    "prev i",
    "seek i \"a\"",
    "seek i \"b\"",
    "snapshot s",
    "iterator i at s",
    "release s",
];

const SWAPS: [&str; 8] = [
    "put \"a\" \"1\"",
    "put \"b\" \"{}\"",
    "delete \"a\"",
    "cas \"a\" \"1\" \"2\"",
    "cas \"a\" none \"2\"",
    "ingest \"a\" \"3\", \"b\" \"{}\"",
    "first",
    "last",
];

const TRANSACTIONS: [&str; 9] = [
    "begin t",
    "put \"a\" \"{}\" in t",
    "get \"a\" in t",
    "put \"a\" \"{}\"",
    "get \"a\"",
    "savepoint t a",
    "rollback t to a",
    "rollback t",
    "commit t",
];

const SPACES: [&str; 7] = [
    "create x",
    "x: put \"a\" \"{}\"",
    "x: get \"a\"",
    "put \"a\" \"{}\"",
    "rename x y",
    "y: get \"a\"",
    "drop x",
];

const LAYERS: [&str; 8] = [
    "put \"a\" \"{}\"",
    "put \"b\" \"{}\"",
    "delete \"a\"",
    "flush",
    "compact",
    "reopen",
    "get \"a\"",
    "get \"b\"",
];

const KEPT: [&str; 5] = [
    "put \"a\" \"{}\"",
    "delete \"a\"",
    "snapshot s",
    "flush",
    "compact",
];

/// What breaks in the course of something, and how.
fn breakages() -> Vec<String> {
    let mut all = Vec::new();
    for at in 0..14 {
        for keep in ["", " keep all", " keep first 1", " keep none torn 7 zero"] {
            all.push(format!("crash in flush at {at}{keep}"));
        }
    }
    for at in 0..3 {
        all.push(format!(
            "crash in put \"a\" \"x\" at {at} keep none torn 7 zero"
        ));
        all.push(format!("fail in put \"a\" \"x\" at {at} with eio"));
        all.push(format!("fail in get \"a\" at {at} with eio"));
    }
    all
}
