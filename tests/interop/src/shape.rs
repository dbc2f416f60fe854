//! What a directory holds at the moment when another program opens it: whether reading it right
//! takes more than reading one table.
//!
//! Counted on the files, after everything was written and before anything else opens them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use etalon::disk::Files;
use etalon::inspect::{self, FileKind};
use etalon::{Result, SegmentEntry, Store};

/// One directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// How many tables.
    pub tables: u64,
    /// How many of them below level 0.
    pub deeper: u64,
    /// Whether the keys of two tables overlap.
    pub overlapping: bool,
    /// Whether the newest version of some key is a tombstone, and the next older one a value in
    /// a table that the tombstone is not in: a reader that misses the tombstone shows it.
    pub hiding: bool,
    /// How many changes are in a log and in no table.
    pub logged: u64,
}

/// One version of a key: its sequence number, whether it is a value, and the layer it is in,
/// which is none for a log.
type Version = (u64, bool, Option<usize>);

impl Shape {
    /// The shape of a directory that nobody has open.
    pub fn of(directory: &Path) -> Result<Shape> {
        Shape::of_store(&Store::open_read_only(directory)?)
    }

    /// The shape of an open store's directory.
    pub fn of_store(store: &Store) -> Result<Shape> {
        let mut shape = Shape::default();
        let mut versions: BTreeMap<Vec<u8>, Vec<Version>> = BTreeMap::new();
        let mut add = |entry: SegmentEntry, layer| {
            let version = (entry.sequence, entry.value.is_some(), layer);
            versions.entry(entry.key).or_default().push(version);
        };
        let mut spans: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for (at, segment) in store.segments().into_iter().enumerate() {
            let entries = segment.entries()?;
            shape.tables += 1;
            shape.deeper += u64::from(segment.level() > 0);
            if let (Some(first), Some(last)) = (entries.first(), entries.last()) {
                let overlaps = |(from, to): &(_, _)| first.key <= *to && *from <= last.key;
                shape.overlapping |= spans.iter().any(overlaps);
                spans.push((first.key.clone(), last.key.clone()));
            }
            for entry in entries {
                add(entry, Some(at));
            }
        }
        for file in fs::read_dir(store.directory()).expect("just read") {
            let path = file.expect("just read").path();
            if FileKind::of(&path) == FileKind::Log {
                inspect::log(&Files, &path, &mut |batch| {
                    shape.logged += batch.changes.len() as u64;
                    batch
                        .changes
                        .into_iter()
                        .for_each(|change| add(change, None));
                })?;
            }
        }
        shape.hiding = versions.into_values().any(hides);
        Ok(shape)
    }

    /// Whether it has everything that the tests ask of most directories.
    pub fn is_whole(&self) -> bool {
        self.overlapping && self.hiding && self.logged > 0
    }
}

fn hides(mut versions: Vec<Version>) -> bool {
    versions.sort_unstable();
    match versions[..] {
        [.., (_, true, older @ Some(_)), (_, false, newer)] => older != newer,
        _ => false,
    }
}

/// Many directories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shapes {
    /// How many directories.
    pub directories: u64,
    /// How many are [`Shape::is_whole`].
    pub whole: u64,
    /// How many have overlapping tables.
    pub overlapping: u64,
    /// How many have a tombstone that hides a value in another table.
    pub hiding: u64,
    /// How many have changes that are in a log only.
    pub logged: u64,
    /// How many have a table below level 0.
    pub deep: u64,
    /// Tables of all.
    pub tables: u64,
}

impl Shapes {
    /// Counts one more.
    pub fn add(&mut self, shape: &Shape) {
        self.directories += 1;
        self.whole += u64::from(shape.is_whole());
        self.overlapping += u64::from(shape.overlapping);
        self.hiding += u64::from(shape.hiding);
        self.logged += u64::from(shape.logged > 0);
        self.deep += u64::from(shape.deeper > 0);
        self.tables += shape.tables;
    }

    /// Whether at least 80 percent are [`Shape::is_whole`].
    pub fn mostly_whole(&self) -> bool {
        self.whole * 10 >= self.directories * 8
    }
}

impl fmt::Display for Shapes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shapes {
            directories,
            tables,
            overlapping,
            hiding,
            logged,
            deep,
            whole,
        } = self;
        write!(
            f,
            "{directories} directories, {tables} tables: overlapping in {overlapping}, below level \
             0 in {deep}; a tombstone over an older value in {hiding}; unflushed changes in \
             {logged}; all of overlap, tombstone and unflushed in {whole}"
        )
    }
}
