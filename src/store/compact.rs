//! Compaction: by hand, everything at once or one step at a time, and by itself after a flush.
//!
//! ```text
//!   1 write the outputs, sync each, then the directory     readers see the inputs
//!   2 append the change to the manifest, sync it
//!   3 publish: outputs in, inputs out, in one swap         readers see the outputs
//!   4 remove the inputs that no reader holds               what is held waits for a later time
//! ```
//!
//! The order is that of a flush. A segment that overlaps with nothing below it is moved to the
//! next level by the manifest alone: steps 2 and 3.

use super::Store;
use super::flush::Flush;
use super::output::Output;
use super::shared::Shared;
use super::structure::Structure;
use super::view::View;
use crate::codec;
use crate::compaction::{
    Cut, Deeper, Direction, Dropped, Merge, Retain, RunCursor, Task, everything, merge_runs, pick,
};
use crate::cursor::Cursor;
use crate::error::{OrPath, Result};
use crate::key::user_key;
use crate::manifest::{Change, TableFile, Version};
use crate::options::Compaction;
use crate::sync::Arc;

impl Store {
    /// Flushes, then merges all segments into one sorted run in one level: the newest value of
    /// each key, no tombstones. A store without live keys is left without segments.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// store.flush()?;
    /// store.delete(b"k")?;
    /// store.compact()?;
    /// assert!(store.segments().is_empty());
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn compact(&self) -> Result<()> {
        self.structural(Flush::IfAny, |shared, structure| {
            let version = shared.version();
            if version.is_empty() {
                return Ok(());
            }
            let task = everything(&version, &shared.options.limits());
            shared.run(structure, version, task)?;
            shared.remove_obsolete(structure)
        })
    }

    /// Takes one step of levelled compaction: the level that is most over its threshold gives
    /// some of its segments to the next. `false` if no level is over its threshold; then nothing
    /// has happened.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let options = Options { level0_segments: 2, ..Options::default() };
    /// let store = Store::open_on(MemoryDisk::default(), "dir", options)?;
    /// for value in [b"1", b"2"] {
    ///     store.put(b"k", value)?;
    ///     store.flush()?;
    /// }
    /// assert!(store.compact_once()?);
    /// assert!(!store.compact_once()?);
    /// assert_eq!(store.segments().len(), 1);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn compact_once(&self) -> Result<bool> {
        self.structural(Flush::Not, |shared, structure| {
            let stepped = shared.step(structure)?;
            shared.remove_obsolete(structure)?;
            Ok(stepped)
        })
    }
}

impl Shared {
    /// What follows a flush: compactions, if the options say so, and removing what readers have
    /// let go of.
    pub(super) fn settle(&self, structure: &mut Structure) -> Result<()> {
        match self.options.compaction {
            // In the background it is done there, and in its time.
            Compaction::Manual | Compaction::Background | Compaction::OnCall => {}
            Compaction::InCaller => while self.step(structure)? {},
        }
        self.remove_obsolete(structure)
    }

    /// The next compaction that the thresholds ask for, if they do.
    pub(super) fn step(&self, structure: &mut Structure) -> Result<bool> {
        let version = self.version();
        let Some(task) = pick(&version, &self.options.limits()) else {
            return Ok(false);
        };
        self.run(structure, version, task)?;
        Ok(true)
    }

    /// Does what a task says, up to step 3.
    fn run(&self, structure: &mut Structure, version: Arc<Version>, task: Task) -> Result<()> {
        let added = if task.is_move(&self.options.limits()) {
            self.counters.segments_moved.add(1);
            let inputs = task.inputs.iter();
            let down = inputs.map(|(level, file)| (level + 1, Arc::clone(file)));
            down.collect()
        } else {
            self.merge(structure, &version, &task)?
        };
        let change = Change {
            removed: task.inputs,
            added,
            pointer: task.pointer,
        };
        structure.log_edit(self, change.edit())?;
        drop(version);
        // Not the one that the task was made for: meanwhile level 0 may have got more.
        let next = Arc::new(self.version().after(&change));
        self.view.update(|view| View {
            memtable: view.memtable.clone(),
            frozen: view.frozen.clone(),
            version: next,
        });
        self.counters.compactions.add(1);
        let stays = |file: &Arc<TableFile>| change.added.iter().any(|(_, a)| Arc::ptr_eq(a, file));
        let removed = change.removed.iter().map(|(_, file)| file);
        structure
            .obsolete
            .extend(removed.filter(|file| !stays(file)).cloned());
        Ok(())
    }

    /// Writes what is still needed of the inputs into new files, and makes them durable: these
    /// files with their level.
    fn merge(
        &self,
        structure: &mut Structure,
        version: &Version,
        task: &Task,
    ) -> Result<Vec<(usize, Arc<TableFile>)>> {
        let merge = Merge::with_shared(runs(task)?, Direction::Forward, shared_prefix(task));
        let deeper = Deeper::from(version, task.deepest() + 1);
        let mut cut = Cut::new(&self.options.limits(), &task.grandparents);
        // Once the inputs are fixed: whoever takes a snapshot later sees their newest versions.
        let snapshots = self.snapshots.list();
        let mut output = Output::new(self, structure);
        let dropped = merge_runs(merge, Retain::new(&snapshots), deeper, |entry| {
            if entry.begins_key && cut.before(user_key(entry.internal_key), output.bytes()) {
                output.cut()?;
                output.give_way()?;
            }
            output.add(entry.internal_key, entry.value)
        })?;
        let finished = output.finish()?;
        self.count(dropped);
        let level = task.output_level;
        let with_level = finished.map(|finished| (level, Arc::new(finished.file)));
        Ok(with_level.collect())
    }

    fn count(&self, dropped: Dropped) {
        self.counters.versions_dropped.add(dropped.versions);
        self.counters.tombstones_dropped.add(dropped.tombstones);
        self.counters.tombstones_kept.add(dropped.tombstones_kept);
    }

    /// Removes the segments that a compaction has replaced, unless a reader holds them: then it
    /// is tried again after the next flush or compaction. A reader removes nothing itself.
    pub(super) fn remove_obsolete(&self, structure: &mut Structure) -> Result<()> {
        if structure.obsolete.is_empty() {
            return Ok(());
        }
        // Views that have been replaced hold files, too.
        self.view.sweep();
        // Once nobody else has it, nobody but this thread can get at it any more.
        let is_free = |file: &mut Arc<TableFile>| {
            Arc::get_mut(file).is_some_and(|file| Arc::get_mut(&mut file.table).is_some())
        };
        let mut at = 0;
        while let Some(file) = structure.obsolete.get_mut(at) {
            if is_free(file) {
                let file = structure.obsolete.remove(at);
                let path = file.table.path();
                let removed = self.disk.remove(path);
                removed.or_path(path, "remove the merged segment")?;
            } else {
                at += 1;
            }
        }
        Ok(())
    }
}

/// Cursors over the inputs, at their first entries: one for each file of level 0, one for each
/// other level.
fn runs(task: &Task) -> Result<Vec<RunCursor>> {
    let mut cursors = Vec::with_capacity(task.inputs.len());
    let same_run = |a: &(usize, _), b: &(usize, _)| a.0 == b.0 && a.0 > 0;
    for files in task.inputs.chunk_by(same_run) {
        let files = files.iter().map(|(_, file)| Arc::clone(file));
        let mut run = RunCursor::reading_ahead(files.collect());
        run.seek_to_first()?;
        cursors.push(run);
    }
    Ok(cursors)
}

/// How many bytes all user keys of the inputs begin with alike.
fn shared_prefix(task: &Task) -> usize {
    let files = || task.inputs.iter().map(|(_, file)| file);
    let first = files().map(|file| file.first()).min().unwrap_or_default();
    let last = files().map(|file| file.last()).max().unwrap_or_default();
    codec::shared_prefix(first, last)
}
