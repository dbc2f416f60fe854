//! Ingestion: entries in order become a segment, past log and memtable.
//!
//! ```text
//!   1 take sequence numbers, one an entry             nobody sees them yet
//!   2 flush the memtable; with nothing in it, begin    the manifest now says that these numbers
//!     another log all the same; compact, if so asked   are taken, and which log follows them
//!   3 write the table, sync it, then the directory
//!   4 append to the manifest, sync it                  from here on it is there after a crash
//!   5 publish: segment in, behind a new memtable
//!   6 show readers the numbers                         from here on they see it, all at once
//! ```
//!
//! Invariants:
//! 1. The segment is newer than everything below it, and older than every change that comes after
//!    it: the thread has the writer and the structure from 1 to 6.
//! 2. A table that 4 does not name is what a crash leaves, and recovery takes it for that: by 2
//!    its numbers are none that the manifest does not know (`tables`). After a crash they may be
//!    taken by nothing.
//! 3. The manifest's log begins with the change after the last one in the segments, as after a
//!    flush.
//! 4. Once readers see it nothing can fail any more, as with every change (`write`). So what a
//!    flush asks for, compactions and removals, comes before 3: the run's own segment waits for
//!    the next one.
//! 5. Whoever reads by an older view, with whatever number, sees nothing of what comes after: its
//!    memtable takes no more changes. Between 5 and 6 nothing is compacted, so that readers with
//!    the older number find what the segment is about to hide.

use super::output::Output;
use super::shared::Shared;
use super::structure::Structure;
use super::view::View;
use super::write::refuse_above;
use super::{Store, Writer};
use crate::error::{Error, OrPath, Result};
use crate::key::{Kind, internal_key};
use crate::manifest::{Edit, TableFile};
use crate::memtable::MemtableWriter;
use crate::options::Options;
use crate::sync::Arc;

impl Store {
    /// Puts all entries of a run, whose keys ascend, each once: as one, over whatever is there,
    /// and durable when it returns. No entry goes through the log or a memtable, so it suits
    /// what is large and there as a whole. No entries are nothing to be done.
    ///
    /// Flushes the memtable, so that the new segment of level 0 is the newest; compactions that are
    /// due by then are done as after any flush. A run that is not
    /// in order, or has a key or a value that is too large, is refused, and nothing has happened.
    ///
    /// ```
    /// use etalon::{Error, Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"a", b"old")?;
    /// store.ingest(&[("a", "1"), ("b", "2")])?;
    /// assert_eq!(store.get(b"a")?, Some(b"1".to_vec()));
    /// assert_eq!(store.segments().len(), 2, "the memtable's, and the run's");
    ///
    /// let unordered = store.ingest(&[("d", ""), ("c", "")]);
    /// assert!(matches!(unordered, Err(Error::NotAscending { entry: 1 })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn ingest<K, V>(&self, run: &[(K, V)]) -> Result<()>
    where
        K: AsRef<[u8]>,
        V: AsRef<[u8]>,
    {
        let run: Vec<Pair<'_>> = run.iter().map(|(k, v)| (k.as_ref(), v.as_ref())).collect();
        let shared = &*self.shared;
        let mut writer = self.writer()?;
        refuse(&run, &shared.options)?;
        shared.stopped.refuse()?;
        if run.is_empty() {
            return Ok(());
        }
        shared.stop_on_error(shared.ingest(&mut writer, &run))
    }
}

/// A key and its value.
type Pair<'a> = (&'a [u8], &'a [u8]);

/// Refuses what is out of order or too large, before anything has happened.
fn refuse(run: &[Pair<'_>], options: &Options) -> Result<()> {
    let ascends = |pair: &[Pair<'_>]| pair[0].0 < pair[1].0;
    if let Some(at) = run.windows(2).position(|pair| !ascends(pair)) {
        return Err(Error::NotAscending { entry: at + 1 });
    }
    for (key, value) in run {
        refuse_above("key", key.len() as u64, options.key_bytes_max as u64)?;
        refuse_above("value", value.len() as u64, options.value_bytes_max as u64)?;
    }
    Ok(())
}

impl Shared {
    /// The steps of the module's drawing.
    fn ingest(&self, writer: &mut Writer, run: &[Pair<'_>]) -> Result<()> {
        self.end_doubt(writer)?;
        if self.options.compaction.is_beside() {
            self.make_way()?;
        }
        let structure = &mut *self.take();
        self.stopped.refuse()?;
        self.roll_manifest(structure)?;
        let first = writer.sequence + 1;
        writer.sequence += run.len() as u64;
        if writer.memtable.is_empty() {
            self.begin_log(writer, structure)?;
        } else {
            self.flush_memtable(writer, structure)?;
        }
        self.settle(structure)?;
        let file = self.write_run(structure, run, first)?;
        let edit = Edit {
            added: vec![(0, Arc::clone(&file.meta))],
            ..Edit::default()
        };
        structure.log_edit(self, edit)?;
        self.publish_run(writer, file);
        self.show_up_to(writer.sequence);
        self.counters.ingestions.add(1);
        Ok(())
    }

    /// Step 2 with nothing in the memtable: what a flush does besides writing a segment.
    fn begin_log(&self, writer: &mut Writer, structure: &mut Structure) -> Result<()> {
        let next = self.next_log(writer)?;
        self.sync_directory()?;
        structure.flushed_sequence = writer.sequence;
        let edit = Edit {
            log_number: Some(next.number),
            previous_log: Some(0),
            ..Edit::default()
        };
        structure.log_edit(self, edit)?;
        structure.log_number = next.number;
        let old = writer.log.switch(next.file, next.path);
        self.disk
            .remove(old.path())
            .or_path(old.path(), "remove the log that has no changes")
    }

    /// Step 3.
    fn write_run(
        &self,
        structure: &mut Structure,
        run: &[Pair<'_>],
        first: u64,
    ) -> Result<TableFile> {
        let mut output = Output::new(self, structure);
        for ((key, value), sequence) in run.iter().zip(first..) {
            output.add(&internal_key(key, sequence, Kind::Put), value)?;
        }
        let finished = output.finish()?.next();
        Ok(finished.expect("the run is not empty").file)
    }

    /// Step 5. The memtable that it takes the place of is empty, and stays so: see invariant 5.
    fn publish_run(&self, writer: &mut Writer, file: TableFile) {
        writer.memtable = MemtableWriter::default();
        self.view.update(|view| View {
            memtable: writer.memtable.memtable(),
            frozen: view.frozen.clone(),
            version: Arc::new(view.version.with_newest(Arc::new(file))),
        });
    }
}
