//! Sorting entries that come in any order: so many in memory at a time, then a run on disk.

use super::gather::Run;
use super::output::Output;
use crate::error::Result;
use crate::key::{compare, user_key};

/// How many bytes of entries are sorted in memory.
pub(super) const SORTED_BYTES: usize = 8 << 20;

/// What an entry takes beside its key and value.
const ENTRY_BYTES: usize = 64;

/// See the module.
pub(super) struct Sorter<'a, 'b> {
    output: &'a mut Output<'b>,
    entries: Vec<(Vec<u8>, Vec<u8>)>,
    bytes: usize,
    runs: Vec<Run>,
}

impl<'a, 'b> Sorter<'a, 'b> {
    /// Writes runs where the output writes its tables.
    pub(super) fn new(output: &'a mut Output<'b>) -> Self {
        Sorter {
            output,
            entries: Vec::new(),
            bytes: 0,
            runs: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, internal_key: &[u8], value: &[u8]) -> Result<()> {
        self.entries.push((internal_key.to_vec(), value.to_vec()));
        self.bytes += internal_key.len() + value.len() + ENTRY_BYTES;
        if self.bytes >= SORTED_BYTES {
            self.spill()?;
        }
        Ok(())
    }

    /// Ends the last run. All of them.
    pub(super) fn finish(mut self) -> Result<Vec<Run>> {
        self.spill()?;
        Ok(self.runs)
    }

    /// Writes what is in memory as a run, of each key the newest change alone.
    fn spill(&mut self) -> Result<()> {
        if self.entries.is_empty() {
            return Ok(());
        }
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_by(|(a, _), (b, _)| compare(a, b));
        entries.dedup_by(|(older, _), (newer, _)| user_key(older) == user_key(newer));
        for (key, value) in &entries {
            self.output.add(key, value)?;
        }
        self.runs.extend(self.output.finish_run()?);
        self.bytes = 0;
        Ok(())
    }
}
