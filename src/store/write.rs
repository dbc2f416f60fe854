//! The write path: log first, then the memtable, then perhaps a flush.

use super::batch::Batch;
use super::flush::Cause;
use super::{Store, Writer};
use crate::error::{Error, Result};

/// The longest key. The format would take 4 GiB; nobody means that.
const MAX_KEY_BYTES: usize = 16 << 20;
/// The longest value.
const MAX_VALUE_BYTES: usize = 1 << 30;
/// The largest batch, encoded.
const MAX_BATCH_BYTES: usize = 2 << 30;

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
        self.change(|batch| batch.put(key, value))
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
        self.change(|batch| batch.delete(key))
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
        self.change(|own| own.copy_from(batch))
    }

    /// Fills the writer's own batch and commits it.
    fn change(&self, fill: impl FnOnce(&mut Batch)) -> Result<()> {
        let mut guard = self.writer()?.lock();
        let writer = &mut *guard;
        if let Some(reason) = &writer.stopped {
            return Err(Error::Stopped {
                reason: reason.clone(),
            });
        }
        writer.batch.clear();
        fill(&mut writer.batch);
        refuse_too_large(&writer.batch)?;
        if writer.batch.is_empty() {
            return Ok(());
        }
        let committed = self.commit(writer);
        writer.stop_on_error(committed)
    }

    /// Logs the writer's batch, shows it to readers, and flushes if that filled the memtable.
    fn commit(&self, writer: &mut Writer) -> Result<()> {
        let first = writer.sequence + 1;
        writer
            .log
            .append_behind(writer.batch.record_behind_room(first))?;
        let mut sequence = writer.sequence;
        let full = {
            let mut view = self.view.write();
            let bytes = {
                let mut memtable = view.memtable.writer();
                for change in writer.batch.changes() {
                    let (key, value) = change.expect("encoded by Batch");
                    sequence += 1;
                    memtable.insert(key, sequence, value);
                }
                memtable.bytes()
            };
            view.sequence = sequence;
            bytes >= self.options.memtable_bytes
        };
        writer.sequence = sequence;
        if full {
            self.flush_memtable(writer, Cause::FullMemtable)?;
            self.settle(writer)?;
        }
        Ok(())
    }
}

/// Refuses what the limits do not allow, before anything has happened.
fn refuse_too_large(batch: &Batch) -> Result<()> {
    let encoded = batch.record_bytes();
    for (what, bytes, limit) in [
        ("key", batch.longest_key(), MAX_KEY_BYTES),
        ("value", batch.longest_value(), MAX_VALUE_BYTES),
        ("batch", encoded, MAX_BATCH_BYTES),
    ] {
        if bytes > limit {
            return Err(Error::TooLarge {
                what,
                bytes: bytes as u64,
                limit: limit as u64,
            });
        }
    }
    Ok(())
}
