//! Recovering the segments: each that the manifest names is opened and held against what the
//! manifest says of it; each that it does not name must hold nothing new.

use std::path::Path;

use super::losses::Losses;
use super::open::Opening;
use crate::cursor::Cursor;
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::key::split;
use crate::manifest::{FileMeta, FileName, Replayed, TableFile, Version};
use crate::sstable::{Table, TableCursor};
use crate::sync::Arc;

/// Opens every segment and holds it against the manifest.
pub(super) fn open_tables(
    opening: &Opening,
    names: &[FileName],
    replayed: &Replayed,
    manifest_path: &Path,
    losses: &mut Losses,
) -> Result<Version> {
    let mut files = Vec::with_capacity(replayed.files.len());
    for (level, meta) in replayed.files.values() {
        match find_table(opening, names, meta, manifest_path) {
            Ok(file) => files.push((*level, Arc::new(file))),
            Err(error) => losses.leave_out(error)?,
        }
    }
    let version = Version::new(files).map_err(|what| Error::damaged(manifest_path, 0, what))?;
    Ok(version.with_pointers(replayed.pointers.clone()))
}

fn find_table(
    opening: &Opening,
    names: &[FileName],
    meta: &Arc<FileMeta>,
    manifest_path: &Path,
) -> Result<TableFile> {
    let old_name = FileName::OldTable(meta.number);
    let name = if has(names, old_name) {
        old_name
    } else {
        FileName::Table(meta.number)
    };
    let path = opening.path(name);
    if has(names, name) {
        return open_table(opening, &path, meta);
    }
    let name = path.file_name().unwrap_or_default().display();
    let what = format!("names the segment {name}, which is not there");
    Err(Error::damaged(manifest_path, 0, what))
}

/// A segment must have the size and the first and last keys that the manifest gives it.
fn open_table(opening: &Opening, path: &Path, meta: &Arc<FileMeta>) -> Result<TableFile> {
    let file = opening.disk.open(path).or_path(path, "open the segment")?;
    let size = file.size().or_path(path, "read the segment's size")?;
    if size != meta.size {
        let what = format!("has {size} bytes, where the manifest says {}", meta.size);
        return Err(Error::damaged(path, size.min(meta.size), what));
    }
    let table = Table::open(file, path.to_path_buf(), size)?;
    let table = Arc::new(opening.handles.bound(table));
    let mut cursor = TableCursor::new(Arc::clone(&table))?;
    cursor.seek_to_first()?;
    if cursor.key() != meta.smallest {
        return Err(Error::damaged(
            path,
            0,
            "its first key is not the one in the manifest",
        ));
    }
    cursor.seek_to_last()?;
    if cursor.key() != meta.largest {
        return Err(Error::damaged(
            path,
            0,
            "its last key is not the one in the manifest",
        ));
    }
    Ok(TableFile {
        meta: Arc::clone(meta),
        table,
    })
}

/// A segment that the manifest does not name is what a flush or a compaction left that did not
/// come to its end: everything in it is in the logs, too, or in other segments. Or an ingestion did
/// not, and its numbers are the last that the manifest knows of. One that holds newer changes was
/// named once, by an edit that the manifest has lost.
pub(super) fn refuse_newer_orphans(
    disk: &dyn Disk,
    directory: &Path,
    names: &[FileName],
    replayed: &Replayed,
    last_sequence: u64,
    losses: &mut Losses,
) -> Result<()> {
    for name in names {
        let (FileName::Table(number) | FileName::OldTable(number)) = name else {
            continue;
        };
        let path = name.path(directory);
        if replayed.files.contains_key(number) {
            continue;
        }
        // One that cannot be read was not written to its end.
        let newest = newest_change(disk, &path).unwrap_or(0);
        if newest > last_sequence {
            let what = format!(
                "is not in the manifest, but holds change {newest}, where the last one known of \
                 is {last_sequence}: the manifest has lost its end"
            );
            losses.leave_out(Error::damaged(&path, 0, what))?;
        }
    }
    Ok(())
}

/// The greatest sequence number in a segment.
fn newest_change(disk: &dyn Disk, path: &Path) -> Result<u64> {
    let file = disk.open(path).or_path(path, "open the segment")?;
    let size = file.size().or_path(path, "read the segment's size")?;
    let mut cursor = TableCursor::new(Arc::new(Table::open(file, path.to_path_buf(), size)?))?;
    let mut newest = 0;
    cursor.seek_to_first()?;
    while cursor.valid() {
        newest = newest.max(split(cursor.key()).map_or(0, |(_, sequence, _)| sequence));
        cursor.next()?;
    }
    Ok(newest)
}

/// Whether a file is among those of the directory, which are in order.
pub(super) fn has(names: &[FileName], name: FileName) -> bool {
    names.binary_search(&name).is_ok()
}
