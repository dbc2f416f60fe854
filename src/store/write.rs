//! The write path: room in the memtable, then the log, then the memtable.
//!
//! ```text
//!   flush, if the memtable is full --> append to the log --> sync it, if asked --> memtable
//!                                                                   the reader sees it --'
//! ```
//!
//! Invariants:
//! 1. A change becomes visible when nothing of its operation can fail any more: one that returned
//!    an error is invisible on this handle. After the next opening it is there whole or not at
//!    all.
//! 2. After the first error this handle writes no more to any file.

use super::batch::{Batch, mark};
use super::flush::Cause;
use super::{Store, Writer};
use crate::error::{Error, Result};
use crate::memtable::MemtableWriter;
use crate::options::{Options, WriteOptions};

impl Store {
    /// Sets `key` to `value`.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"")?;
    /// assert_eq!(store.get(b"k")?, Some(vec![]), "an empty value is a value");
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn put(&self, key: &[u8], value: &[u8]) -> Result<()> {
        self.put_with(key, value, WriteOptions::default())
    }

    /// [`Store::put`], written as the options say.
    ///
    /// ```
    /// use etalon::{Options, Store, WriteOptions, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put_with(b"k", b"v", WriteOptions::synced())?;
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn put_with(&self, key: &[u8], value: &[u8], options: WriteOptions) -> Result<()> {
        self.change(options, |batch| batch.put(key, value))
    }

    /// Removes `key`; an absent key is no error.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// store.delete(b"k")?;
    /// assert_eq!(store.get(b"k")?, None);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn delete(&self, key: &[u8]) -> Result<()> {
        self.delete_with(key, WriteOptions::default())
    }

    /// [`Store::delete`], written as the options say.
    pub fn delete_with(&self, key: &[u8], options: WriteOptions) -> Result<()> {
        self.change(options, |batch| batch.delete(key))
    }

    /// Applies all changes of a batch as one.
    ///
    /// ```
    /// use etalon::{Batch, Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// let mut batch = Batch::default();
    /// batch.put(b"from", b"90");
    /// batch.put(b"to", b"110");
    /// store.write(&batch)?;
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn write(&self, batch: &Batch) -> Result<()> {
        self.write_with(batch, WriteOptions::default())
    }

    /// [`Store::write`], written as the options say. A batch without changes writes nothing; with
    /// `sync` it is a [`Store::sync`].
    pub fn write_with(&self, batch: &Batch, options: WriteOptions) -> Result<()> {
        self.change(options, |own| own.copy_from(batch))
    }

    /// Makes every change that was acknowledged so far durable.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"a", b"1")?;
    /// store.put(b"b", b"2")?;
    /// store.sync()?; // one sync for both
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn sync(&self) -> Result<()> {
        self.change(WriteOptions::synced(), |_| ())
    }

    /// Fills the writer's own batch and commits it.
    fn change(&self, options: WriteOptions, fill: impl FnOnce(&mut Batch)) -> Result<()> {
        let mut guard = self.writer()?.lock();
        let writer = &mut *guard;
        self.shared.stopped.refuse()?;
        writer.batch.clear();
        fill(&mut writer.batch);
        refuse_too_large(&writer.batch, &self.shared.options)?;
        let result = if !writer.batch.is_empty() {
            self.commit(writer, options)
        } else if options.sync {
            writer.log.sync()
        } else {
            Ok(())
        };
        self.shared.stopped.on_error(result)
    }

    /// Makes room for the writer's batch, logs it, and only then shows it to readers: what fails
    /// before has not happened on this handle.
    fn commit(&self, writer: &mut Writer, options: WriteOptions) -> Result<()> {
        if writer.memtable_is_full {
            self.make_room(writer)?;
        }
        let first = writer.sequence + 1;
        if writer.log.mark_is_due() {
            writer.log.mark(&mark(first));
        }
        let record = writer.batch.record_behind_room(first);
        writer.log.append_behind(record)?;
        if options.sync {
            writer.log.sync()?;
        }
        for change in writer.batch.changes() {
            let (key, value) = change.expect("encoded by Batch");
            insert(&mut writer.memtable, &mut writer.sequence, key, value);
        }
        writer.memtable_is_full = writer.memtable.bytes() >= self.shared.options.memtable_bytes;
        self.shared.show_up_to(writer.sequence);
        Ok(())
    }

    /// Flushes the memtable that an earlier write has filled. That write was acknowledged, so a
    /// failure here belongs to the one that needs the room.
    #[cold]
    fn make_room(&self, writer: &mut Writer) -> Result<()> {
        let structure = &mut *self.shared.structure();
        self.shared.roll_manifest(structure)?;
        self.shared
            .flush_memtable(writer, structure, Cause::FullMemtable)?;
        self.shared.settle(structure)
    }
}

/// Inserts the next change; readers do not look for it yet.
fn insert(memtable: &mut MemtableWriter, last: &mut u64, key: &[u8], value: Option<&[u8]>) {
    *last += 1;
    memtable.insert(key, *last, value);
}

/// Refuses what the limits do not allow, before anything has happened.
fn refuse_too_large(batch: &Batch, options: &Options) -> Result<()> {
    let encoded = batch.record_bytes() as u64;
    for (what, bytes, limit) in [
        (
            "key",
            batch.longest_key() as u64,
            options.key_bytes_max as u64,
        ),
        (
            "value",
            batch.longest_value() as u64,
            options.value_bytes_max as u64,
        ),
        ("batch", encoded, options.batch_bytes_max),
    ] {
        if bytes > limit {
            return Err(Error::TooLarge { what, bytes, limit });
        }
    }
    Ok(())
}
