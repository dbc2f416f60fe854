//! Looking into the files of a store, one by one, without opening the store.
//!
//! Each function reads one file from its first byte to its last, verifies what it reads, and
//! hands it to `visit` piece by piece. Nothing is changed on disk. Any bytes at all may stand in
//! the file: the outcome is what they say or an error that names the place.

use std::path::{Path, PathBuf};

use crate::cursor::Cursor;
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::key::{Kind, compare, split};
use crate::log::{LogReader, Step, valid_record_follows};
use crate::manifest::{Edit, FileMeta, FileName};
use crate::sstable::{Table, TableCursor};
use crate::store::{BatchRecord, Notice, SegmentEntry, read_current};
use crate::sync::Arc;

/// What a file of a store is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A write-ahead log.
    Log,
    /// A segment.
    Table,
    /// A manifest.
    Manifest,
    /// The file that names the manifest that counts.
    Current,
    /// Something else.
    Other,
}

impl FileKind {
    /// The kind that a file's name says.
    ///
    /// ```
    /// use etalon::inspect::FileKind;
    ///
    /// assert_eq!(FileKind::of("some/dir/000005.ldb".as_ref()), FileKind::Table);
    /// assert_eq!(FileKind::of("notes.txt".as_ref()), FileKind::Other);
    /// ```
    pub fn of(path: &Path) -> FileKind {
        let name = path.file_name().and_then(|name| name.to_str());
        match name.and_then(FileName::parse) {
            Some(FileName::Log(_)) => FileKind::Log,
            Some(FileName::Table(_) | FileName::OldTable(_)) => FileKind::Table,
            Some(FileName::Manifest(_)) => FileKind::Manifest,
            Some(FileName::Current) => FileKind::Current,
            Some(FileName::Lock | FileName::Temporary(_)) | None => FileKind::Other,
        }
    }
}

/// One record of a write-ahead log: a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogBatch {
    /// Where the record begins, in bytes from the start of the file.
    pub offset: u64,
    /// The changes, each with its sequence number; none in a mark of durability.
    pub changes: Vec<SegmentEntry>,
}

/// Reads a write-ahead log. Returns the torn tail, if there is one.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk, inspect};
///
/// let disk = MemoryDisk::default();
/// let store = Store::open_on(disk.clone(), "dir", Options::default())?;
/// store.put(b"k", b"v")?;
/// let mut seen = Vec::new();
/// inspect::log(&disk, "dir/000002.log".as_ref(), &mut |batch| seen.extend(batch.changes))?;
/// assert_eq!(seen[0].key, b"k");
/// # Ok::<(), etalon::Error>(())
/// ```
pub fn log(
    disk: &dyn Disk,
    path: &Path,
    visit: &mut dyn FnMut(LogBatch),
) -> Result<Option<Notice>> {
    records(disk, path, Tail::MayBeTorn, &mut |offset, record| {
        let batch = BatchRecord::decode(record)?;
        let mut changes = Vec::new();
        for (sequence, change) in (batch.sequence..).zip(batch.changes()) {
            let (key, value) = change?;
            changes.push(SegmentEntry {
                key: key.to_vec(),
                sequence,
                value: value.map(<[u8]>::to_vec),
            });
        }
        visit(LogBatch { offset, changes });
        Ok(())
    })
}

/// Tells a torn tail of a log from damage: an error if a good record stands anywhere after the
/// first bad one, which a single torn write does not leave behind.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk, inspect};
///
/// let disk = MemoryDisk::default();
/// let store = Store::open_on(disk.clone(), "dir", Options::default())?;
/// store.put(b"k", b"1")?;
/// store.put(b"k", b"2")?;
/// let mut bytes = disk.read_file("dir/000002.log".as_ref()).unwrap();
/// bytes[0] ^= 1; // in the first of two records
/// disk.write_file("dir/other.log".as_ref(), &bytes);
/// assert!(inspect::log(&disk, "dir/other.log".as_ref(), &mut |_| ())?.is_some());
/// assert!(inspect::torn_tail(&disk, "dir/other.log".as_ref()).is_err());
/// # Ok::<(), etalon::Error>(())
/// ```
pub fn torn_tail(disk: &dyn Disk, path: &Path) -> Result<Option<Notice>> {
    records(disk, path, Tail::TornIfLast, &mut |_, _| Ok(()))
}

/// The manifest that a directory's `CURRENT` names. Whether there is one is not looked at.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk, inspect};
///
/// let disk = MemoryDisk::default();
/// Store::open_on(disk.clone(), "dir", Options::default())?;
/// let manifest = inspect::current(&disk, "dir".as_ref())?;
/// assert_eq!(manifest.to_str(), Some("dir/MANIFEST-000001"));
/// # Ok::<(), etalon::Error>(())
/// ```
pub fn current(disk: &dyn Disk, directory: &Path) -> Result<PathBuf> {
    Ok(read_current(disk, directory)?.path(directory))
}

/// One edit of a manifest, field by field; absent fields are `None` or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestEdit {
    /// Where the record begins, in bytes from the start of the file.
    pub offset: u64,
    /// The name of the key order.
    pub comparator: Option<Vec<u8>>,
    /// The oldest log that counts.
    pub log_number: Option<u64>,
    /// `LevelDB`'s log before that.
    pub previous_log: Option<u64>,
    /// The next free file number.
    pub next_file: Option<u64>,
    /// The newest sequence number.
    pub last_sequence: Option<u64>,
    /// Levels and numbers of segments that go.
    pub removed: Vec<(usize, u64)>,
    /// Segments that come.
    pub added: Vec<AddedSegment>,
}

/// A segment that a manifest's edit adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedSegment {
    /// The level it is in.
    pub level: usize,
    /// The number of its file.
    pub number: u64,
    /// The size of its file in bytes.
    pub bytes: u64,
    /// Its first key.
    pub first: Vec<u8>,
    /// Its last key.
    pub last: Vec<u8>,
}

/// Reads a manifest. Returns the torn tail, if there is one.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk, inspect};
///
/// let disk = MemoryDisk::default();
/// let store = Store::open_on(disk.clone(), "dir", Options::default())?;
/// let mut comparator = None;
/// inspect::manifest(&disk, "dir/MANIFEST-000001".as_ref(), &mut |edit| {
///     comparator = edit.comparator;
/// })?;
/// assert_eq!(comparator.as_deref(), Some(&b"leveldb.BytewiseComparator"[..]));
/// # Ok::<(), etalon::Error>(())
/// ```
pub fn manifest(
    disk: &dyn Disk,
    path: &Path,
    visit: &mut dyn FnMut(ManifestEdit),
) -> Result<Option<Notice>> {
    records(disk, path, Tail::TornIfLast, &mut |offset, record| {
        let edit = Edit::decode(record)?;
        let user_key = |key: &[u8]| split(key).map_or_else(Vec::new, |(user, _, _)| user.to_vec());
        let segment = |(level, file): (usize, Arc<FileMeta>)| AddedSegment {
            level,
            number: file.number,
            bytes: file.size,
            first: user_key(&file.smallest),
            last: user_key(&file.largest),
        };
        visit(ManifestEdit {
            offset,
            comparator: edit.comparator,
            log_number: edit.log_number,
            previous_log: edit.previous_log,
            next_file: edit.next_file,
            last_sequence: edit.last_sequence,
            removed: edit.deleted,
            added: edit.added.into_iter().map(segment).collect(),
        });
        Ok(())
    })
}

/// Which bad record is a torn tail, and which is damage.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    MayBeTorn,
    TornIfLast,
}

type VisitRecord<'a> = dyn FnMut(u64, &[u8]) -> Result<(), String> + 'a;

fn records(
    disk: &dyn Disk,
    path: &Path,
    tail: Tail,
    visit: &mut VisitRecord<'_>,
) -> Result<Option<Notice>> {
    let file = disk.open(path).or_path(path, "open the file")?;
    let mut reader = LogReader::new(Arc::clone(&file), path.to_path_buf())?;
    loop {
        match reader.step()? {
            Step::Record(record) => visit(record.offset, record.bytes)
                .map_err(|what| Error::damaged(path, record.offset, what))?,
            Step::End { .. } => return Ok(None),
            Step::Bad(bad) => {
                let damage = tail == Tail::TornIfLast && valid_record_follows(&file, path, &bad)?;
                return if damage {
                    Err(bad.error(path))
                } else {
                    Ok(Some(Notice::torn(path, &bad)))
                };
            }
        }
    }
}

/// The outline of a segment's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableOutline {
    /// The size of the file in bytes.
    pub bytes: u64,
    /// Data blocks: offset, size, and the key that the index has for each.
    pub blocks: Vec<(u64, u64, Vec<u8>)>,
    /// The size of the filter block, if there is a filter.
    pub filter_bytes: Option<usize>,
    /// Names in the metaindex.
    pub metaindex: Vec<Vec<u8>>,
    /// How many entries there are.
    pub entries: u64,
    /// How many of them are tombstones.
    pub tombstones: u64,
}

/// Reads a segment: every block, every entry, and that the entries ascend.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk, inspect};
///
/// let disk = MemoryDisk::default();
/// let store = Store::open_on(disk.clone(), "dir", Options::default())?;
/// store.put(b"k", b"v")?;
/// store.flush()?;
/// let table = disk.paths().into_iter().find(|path| path.ends_with("000004.ldb")).unwrap();
/// let outline = inspect::table(&disk, &table, &mut |_| ())?;
/// assert_eq!(outline.entries, 1);
/// # Ok::<(), etalon::Error>(())
/// ```
pub fn table(
    disk: &dyn Disk,
    path: &Path,
    visit: &mut dyn FnMut(SegmentEntry),
) -> Result<TableOutline> {
    let file = disk.open(path).or_path(path, "open the segment")?;
    let bytes = file.size().or_path(path, "read the segment's size")?;
    let table = Arc::new(Table::open(file, path.to_path_buf(), bytes)?);
    let blocks = table.blocks()?.into_iter();
    let blocks = blocks.map(|block| (block.handle.offset, block.handle.size, block.index_key));
    let mut outline = TableOutline {
        bytes,
        blocks: blocks.collect(),
        filter_bytes: table.filter_size(),
        metaindex: table
            .metaindex()?
            .into_iter()
            .map(|(name, _)| name)
            .collect(),
        ..TableOutline::default()
    };
    let mut before: Option<Vec<u8>> = None;
    let mut cursor = TableCursor::new(table)?;
    cursor.seek_to_first()?;
    while cursor.valid() {
        let Some((key, sequence, kind)) = split(cursor.key()) else {
            return Err(Error::damaged(
                path,
                0,
                "an entry's key is not an internal key",
            ));
        };
        if before
            .as_deref()
            .is_some_and(|before| compare(before, cursor.key()).is_ge())
        {
            let what = format!("key \"{}\" is out of order", key.escape_ascii());
            return Err(Error::damaged(path, 0, what));
        }
        outline.entries += 1;
        outline.tombstones += u64::from(kind == Kind::Delete);
        let value = (kind == Kind::Put).then(|| cursor.value().to_vec());
        visit(SegmentEntry {
            key: key.to_vec(),
            sequence,
            value,
        });
        let last = before.get_or_insert_default();
        last.clear();
        last.extend_from_slice(cursor.key());
        cursor.next()?;
    }
    Ok(outline)
}
