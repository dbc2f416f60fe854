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
use super::line::{Arrived, Change, Turn};
use super::{Store, Writer};
use crate::error::{Error, Result};
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
        self.change(Given::One(key, Some(value)), options)
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
        self.change(Given::One(key, None), options)
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
        self.change(Given::Batch(batch), options)
    }

    /// Makes every change that was acknowledged so far durable. After an opening that found a log
    /// left behind, by a process that was killed, the first time takes longer: it copies that log.
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
        self.change(Given::Nothing, WriteOptions::synced())
    }

    /// Writes changes: alone, or in a group with those of other threads.
    fn change(&self, given: Given<'_>, options: WriteOptions) -> Result<()> {
        if let Some(mut turn) = self.writer_at_once()? {
            return self.write_alone(&mut turn, given, options);
        }
        let mut batch = Batch::default();
        given.fill(&mut batch);
        refuse_too_large(&batch, &self.shared.options)?;
        let sync = options.sync;
        match self.wait_in_line(Some(Change { batch, sync }))? {
            Arrived::Written(result) => result,
            Arrived::First(mut turn) => {
                let result = self.write_group(&mut turn);
                turn.end(result)
            }
        }
    }

    pub(super) fn write_alone(
        &self,
        writer: &mut Writer,
        given: Given<'_>,
        options: WriteOptions,
    ) -> Result<()> {
        self.shared.stopped.refuse()?;
        writer.batch.clear();
        given.fill(&mut writer.batch);
        refuse_too_large(&writer.batch, &self.shared.options)?;
        let result = if !writer.batch.is_empty() {
            self.commit(writer, given, options)
        } else if options.sync {
            self.sync_log(writer)
        } else {
            Ok(())
        };
        self.shared.stop_on_error(result)
    }

    /// Makes room for the writer's batch, logs it, and only then shows it to readers: what fails
    /// before has not happened on this handle.
    fn commit(&self, writer: &mut Writer, given: Given<'_>, options: WriteOptions) -> Result<()> {
        self.prepare(writer, options.sync)?;
        let first = writer.sequence + 1;
        let record = writer.batch.record_behind_room(first);
        writer.log.append_behind(record)?;
        if options.sync {
            writer.log.sync()?;
        }
        match given {
            Given::One(key, value) => insert(writer, key, value),
            Given::Batch(batch) => insert_all(writer, batch),
            Given::Nothing => {}
        }
        self.show(writer);
        Ok(())
    }

    fn write_group(&self, turn: &mut Turn<'_>) -> Result<()> {
        self.shared.stopped.refuse()?;
        self.shared.counters.count_group(turn.group_length());
        let result = self.commit_group(turn);
        self.shared.stop_on_error(result)
    }

    /// As `commit`, for all changes of a group: a record for each batch, one append, one sync.
    fn commit_group(&self, turn: &mut Turn<'_>) -> Result<()> {
        let sync = turn.parts().1.any(|change| change.sync);
        if turn.parts().1.any(|change| !change.batch.is_empty()) {
            self.prepare(turn, sync)?;
        }
        let (writer, changes) = turn.parts();
        let mut next = writer.sequence + 1;
        for change in changes {
            if !change.batch.is_empty() {
                writer.log.frame_ahead(change.batch.record(next));
                next += change.batch.len() as u64;
            }
        }
        writer.log.append_framed()?;
        if sync {
            self.sync_log(writer)?;
        }
        let (writer, changes) = turn.parts();
        for change in changes {
            insert_all(writer, &change.batch);
        }
        self.show(writer);
        Ok(())
    }

    fn sync_log(&self, writer: &mut Writer) -> Result<()> {
        self.shared.end_doubt(writer)?;
        writer.log.sync()
    }

    /// Before the log is appended to: room in the memtable, and the mark that is due.
    #[inline]
    fn prepare(&self, writer: &mut Writer, sync: bool) -> Result<()> {
        if sync {
            self.shared.end_doubt(writer)?;
        }
        if writer.memtable_is_full {
            self.make_room(writer)?;
        }
        if writer.log.mark_is_due() {
            writer.log.mark(&mark(writer.sequence + 1));
        }
        Ok(())
    }

    /// Shows readers what was inserted.
    #[inline]
    fn show(&self, writer: &mut Writer) {
        writer.memtable_is_full = writer.memtable.bytes() >= self.shared.options.memtable_bytes;
        self.shared.show_up_to(writer.sequence);
    }

    /// Flushes the memtable that an earlier write has filled. That write was acknowledged, so a
    /// failure here belongs to the one that needs the room.
    #[cold]
    fn make_room(&self, writer: &mut Writer) -> Result<()> {
        let shared = &*self.shared;
        if shared.options.compaction.is_beside() {
            shared.freeze_beside(writer)?;
            shared.counters.automatic_flushes.add(1);
            return Ok(());
        }
        shared.end_doubt(writer)?;
        let structure = &mut *shared.take();
        shared.roll_manifest(structure)?;
        shared.flush_memtable(writer, structure)?;
        shared.counters.automatic_flushes.add(1);
        shared.settle(structure)
    }
}

/// What a caller wants written.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Nothing,
    /// A key with its value; without one it is a delete.
    One(&'a [u8], Option<&'a [u8]>),
    Batch(&'a Batch),
}

impl Given<'_> {
    /// Encodes it in an empty batch.
    #[inline]
    pub(super) fn fill(self, batch: &mut Batch) {
        match self {
            Given::Nothing => {}
            Given::One(key, Some(value)) => batch.put(key, value),
            Given::One(key, None) => batch.delete(key),
            Given::Batch(given) => batch.copy_from(given),
        }
    }
}

/// Inserts the next change; readers do not look for it yet.
#[inline]
fn insert(writer: &mut Writer, key: &[u8], value: Option<&[u8]>) {
    writer.sequence += 1;
    writer.memtable.insert(key, writer.sequence, value);
}

fn insert_all(writer: &mut Writer, batch: &Batch) {
    for change in batch.changes() {
        let (key, value) = change.expect("encoded by Batch");
        insert(writer, key, value);
    }
}

/// Refuses what the limits do not allow, before anything has happened.
pub(super) fn refuse_too_large(batch: &Batch, options: &Options) -> Result<()> {
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
        refuse_above(what, bytes, limit)?;
    }
    Ok(())
}

#[inline]
pub(super) fn refuse_above(what: &'static str, bytes: u64, limit: u64) -> Result<()> {
    if bytes > limit {
        return Err(Error::TooLarge { what, bytes, limit });
    }
    Ok(())
}
