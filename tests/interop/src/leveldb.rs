//! `LevelDB` in C++ as a store under the oracle.
//!
//! It has no flush of its own, but whatever its log holds becomes a table of level 0 when it is
//! opened; so a flush is a close and an open.

use std::ops::Bound;
use std::path::{Path, PathBuf};

use etalon_spec::{
    Abilities, Ability, Change, Entry, KeyValueStore, Options, Outcome, Profile, Range, Scan,
    Setting,
};
use serde_json::{Value, json};

use crate::python::{Python, bytes, text};

/// The profile of `LevelDB` in C++. Its options are plyvel's, the smallest that it keeps to
/// first: it takes 64 KiB of write buffer and 1 KiB of block for anything less.
pub fn profile() -> Profile {
    Profile {
        can: Abilities::ALL
            .without(Ability::Layers)
            .without(Ability::Sync)
            .without(Ability::Snapshot)
            .without(Ability::Iterator),
        version: "1.23".into(),
        url: "https://github.com/google/leveldb".into(),
        ..Profile::new("leveldb")
    }
    .option(
        "write_buffer_size",
        [64 << 10, 256 << 10].map(Setting::Integer),
    )
    .option("block_size", [1 << 10, 4 << 10].map(Setting::Integer))
    .option("block_restart_interval", [1, 2, 16].map(Setting::Integer))
    .option("bloom_filter_bits", [10, 0, 1].map(Setting::Integer))
    .option("compression", ["snappy", "none"].map(Setting::from))
}

/// A process of `LevelDB`'s, which has at most one directory open at a time.
#[derive(Debug)]
pub struct LevelDb {
    python: Python,
    directory: PathBuf,
    options: Options,
}

impl LevelDb {
    /// Starts the process.
    ///
    /// # Panics
    /// If `LevelDB` is not installed.
    pub fn start() -> LevelDb {
        LevelDb {
            python: Python::start(),
            directory: PathBuf::new(),
            options: Options::default(),
        }
    }

    /// Closes the directory that is open, if one is, and opens this one, creating it if it is
    /// not there.
    pub fn open(&mut self, directory: &Path, options: &Options) -> Outcome<()> {
        self.directory = directory.to_path_buf();
        self.options = options.clone();
        self.reopen()
    }

    /// Closes the directory and opens it again.
    pub fn reopen(&mut self) -> Outcome<()> {
        self.release()?;
        let mut command = json!({ "do": "open", "path": self.directory });
        for (name, setting) in self.options.iter() {
            command[name] = match setting {
                Setting::Integer(number) => json!(number),
                Setting::Switch(on) => json!(on),
                Setting::Text(none) if none == b"none" => Value::Null,
                Setting::Text(bytes) => text(bytes),
            };
        }
        self.python.ask(&command).map(drop)
    }

    /// Closes the directory. The process goes on.
    pub fn release(&mut self) -> Outcome<()> {
        self.python.ask(&json!({ "do": "close" })).map(drop)
    }

    /// The directory that is open, or was last.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The process that holds the directory.
    pub fn process(&self) -> u32 {
        self.python.id()
    }

    fn change(&mut self, changes: &[(&[u8], Option<&[u8]>)]) -> Outcome<()> {
        let pair = |(key, value): &(&[u8], Option<&[u8]>)| json!([text(key), value.map(text)]);
        let changes: Vec<Value> = changes.iter().map(pair).collect();
        self.python
            .ask(&json!({ "do": "write", "changes": changes }))
            .map(drop)
    }
}

impl KeyValueStore for LevelDb {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let answer = self.python.ask(&json!({ "do": "get", "key": text(key) }))?;
        Ok(bytes(&answer))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(&[(key, Some(value))])
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(&[(key, None)])
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let (start, stop) = half_open(&scan.range);
        let answer = self.python.ask(&json!({
            "do": "scan",
            "start": text(&start),
            "stop": stop.as_deref().map(text),
            "reverse": scan.reverse,
            "limit": scan.limit,
        }))?;
        let entry = |pair: &Value| Some((bytes(&pair[0])?, bytes(&pair[1])?));
        let entries = answer.as_array().expect("a list").iter().map(entry);
        Ok(entries.map(|entry| entry.expect("two strings")).collect())
    }

    fn length(&mut self) -> Outcome<u64> {
        Ok(self.scan(&Scan::ALL)?.len() as u64)
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        let changes = changes.iter().map(|change| (change.key(), change.value()));
        self.change(&changes.collect::<Vec<_>>())
    }

    fn clear(&mut self) -> Outcome<()> {
        self.delete_range(&Range::ALL)
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let entries = self.scan(&Scan {
            range: range.clone(),
            ..Scan::ALL
        })?;
        let deletes = entries.iter().map(|(key, _)| (key.as_slice(), None));
        self.change(&deletes.collect::<Vec<_>>())
    }

    fn flush(&mut self) -> Outcome<()> {
        self.reopen()
    }

    fn compact(&mut self) -> Outcome<()> {
        self.python.ask(&json!({ "do": "compact" })).map(drop)
    }
}

/// The range from a key on, itself included, up to another, itself excluded, if there is an end.
fn half_open(range: &Range) -> (Vec<u8>, Option<Vec<u8>>) {
    let next = |key: &[u8]| [key, &[0]].concat();
    match range {
        Range::Prefix(prefix) => (prefix.clone(), after_prefix(prefix)),
        Range::Between(from, to) => {
            let start = match from {
                Bound::Unbounded => Vec::new(),
                Bound::Included(key) => key.clone(),
                Bound::Excluded(key) => next(key),
            };
            let stop = match to {
                Bound::Unbounded => None,
                Bound::Included(key) => Some(next(key)),
                Bound::Excluded(key) => Some(key.clone()),
            };
            (start, stop)
        }
    }
}

/// The first key after all that begin with `prefix`.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}
