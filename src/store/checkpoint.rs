//! Checkpoint: a copy of the store that shares its segments' bytes.
//!
//! ```text
//!   store/     000005.ldb ----- the same file ----- 000005.ldb     copy/
//!              000009.log  (flushed first)          MANIFEST-000012   one edit
//!              MANIFEST-000002                      CURRENT           written last
//! ```
//!
//! Segments never change, so a hard link is as good as a copy. The memtable is flushed before, so
//! that no log is needed; the copy's manifest names log 0, as that of a new store does.

use std::io::{Error as IoError, ErrorKind};
use std::path::Path;

use super::Store;
use super::current::{install_manifest, sync_directory};
use super::flush::Flush;
use crate::error::{Error, OrPath, Result};
use crate::manifest::{Edit, Version};
use crate::sync::Arc;

/// What a checkpoint holds.
struct Moment {
    version: Arc<Version>,
    sequence: u64,
    next_file: u64,
}

impl Store {
    /// Makes a copy of the store in `directory`, as it is at this moment, and durable when this
    /// returns. The segments are hard links, so it is made in no time, wants no space of its own,
    /// and must be on the same file system; from then on the two are independent.
    ///
    /// The directory is created in a parent that exists; one that is there already must be empty.
    /// Writers wait only while the memtable is flushed. After an error the store goes on, unless
    /// that flush failed, and what is left in `directory` can be removed: there is no `CURRENT`
    /// that would make it a store.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let disk = MemoryDisk::default();
    /// let store = Store::open_on(disk.clone(), "dir", Options::default())?;
    /// store.put(b"k", b"then")?;
    /// store.checkpoint("copy")?;
    /// store.put(b"k", b"now")?;
    ///
    /// let copy = Store::open_on(disk, "copy", Options::default())?;
    /// assert_eq!(copy.get(b"k")?, Some(b"then".to_vec()));
    /// assert!(store.checkpoint("copy").is_err(), "not a second time into the same place");
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn checkpoint(&self, directory: impl AsRef<Path>) -> Result<()> {
        let directory = directory.as_ref();
        let created = self.shared.disk.create_directory(directory);
        created.or_path(directory, "create the directory")?;
        let present = self.shared.disk.list(directory);
        if !present.or_path(directory, "list the directory")?.is_empty() {
            return Err(Error::Io {
                path: directory.to_path_buf(),
                action: "make a checkpoint in the directory",
                source: IoError::new(ErrorKind::AlreadyExists, "there are files in it"),
            });
        }
        // From here on the version keeps its files from being removed.
        let moment = self.moment()?;
        self.link_segments(&moment.version, directory)?;
        sync_directory(&*self.shared.disk, directory)?;
        let edit = Edit {
            log_number: Some(0),
            last_sequence: Some(moment.sequence),
            ..moment.version.snapshot()
        };
        let number = moment.next_file;
        install_manifest(&*self.shared.disk, directory, number, edit, number + 1)?;
        let parent = directory.parent().unwrap_or(directory);
        sync_directory(&*self.shared.disk, parent)
    }

    /// Flushes, and holds on to what there is then.
    fn moment(&self) -> Result<Moment> {
        self.structural(Flush::IfAny, |shared, structure| {
            Ok(Moment {
                version: shared.version(),
                sequence: structure.flushed_sequence,
                next_file: shared.file_numbers.next(),
            })
        })
    }

    fn link_segments(&self, version: &Version, directory: &Path) -> Result<()> {
        for (_, file) in version.oldest_to_newest() {
            let from = file.table.path();
            let to = directory.join(from.file_name().expect("a segment's name"));
            let linked = self.shared.disk.link(from, &to);
            linked.or_path(&to, "link the segment into the checkpoint")?;
        }
        Ok(())
    }
}
