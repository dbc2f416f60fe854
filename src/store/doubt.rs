//! A log in doubt: one that a process left behind which had no time to close it.
//!
//! ```text
//!   left behind          | a | mark | b |                 what of b is durable nobody knows
//!   writes               | a | mark | b | c |             acknowledged: the process may die
//!   sync, flush, close   copied, durable, and named by the manifest: | mark | a | b | c |
//! ```
//!
//! What such a log holds may be in the system's memory alone. A sync would not help: if one has
//! failed before, the next one may say yes and mean nothing. So the log is copied (`copy`), yet
//! not before anything is to be durable that is in it: to open the store, to read and to write it
//! without a sync promises nothing of the kind.
//!
//! Invariants, as long as the doubt lasts:
//! 1. The log is appended to, and neither cut nor synced. What a crash leaves of it is its
//!    beginning, perhaps with a torn end, and all that was durable before, as of any log that is
//!    not synced (G7). What follows a gap does not count.
//! 2. It gets no mark: nothing behind the last one is known to be durable.
//! 3. No newer log is begun, no memtable is frozen, and no manifest counts its changes as flushed.
//!
//! The doubt ends with the copy. From its name being durable until the log is gone both are there,
//! and the copy counts (`logs`, invariant 2), whichever of them the manifest names.

use super::Writer;
use super::copy::copy_logs;
use super::replay::Stretch;
use super::shared::Shared;
use crate::error::{OrPath, Result};
use crate::manifest::Edit;

impl Shared {
    /// Before anything in the writer's log is made durable. The caller does not have the
    /// structure.
    #[inline]
    pub(super) fn end_doubt(&self, writer: &mut Writer) -> Result<()> {
        if writer.log.is_in_doubt() {
            return self.copy_log(writer);
        }
        Ok(())
    }

    #[cold]
    fn copy_log(&self, writer: &mut Writer) -> Result<()> {
        let mut structure = self.take();
        let number = self.file_numbers.take();
        let stretch = Stretch {
            path: writer.log.path().to_path_buf(),
            from: 0,
            end: writer.log.end(),
        };
        let copy = copy_logs(&*self.disk, &self.directory, [&stretch].into_iter(), number)?;
        let edit = Edit {
            log_number: Some(number),
            previous_log: Some(0),
            ..Edit::default()
        };
        structure.log_edit(self, edit)?;
        structure.log_number = number;
        writer.log = copy;
        self.disk
            .remove(&stretch.path)
            .or_path(&stretch.path, "remove the log that was copied")
    }
}
