//! A sorted run: files whose keys follow one another, walked as one.
//!
//! ```text
//!   files     [a..f]   [g..m]   [n..z]
//!   cursor               ^ one file is open at a time
//! ```
//!
//! Invariants:
//! 1. The files are disjoint and in key order, as those of a level below 0 are; a single file of
//!    level 0 is a run, too.
//! 2. `cursor` walks the file at `at`; without one the run stands nowhere.

use crate::cursor::Cursor;
use crate::error::Result;
use crate::key::compare;
use crate::manifest::TableFile;
use crate::sstable::{Table, TableCursor};
use crate::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(crate) struct RunCursor {
    files: Vec<Arc<TableFile>>,
    at: usize,
    cursor: Option<TableCursor>,
    /// How a file is opened.
    open: fn(Arc<Table>) -> Result<TableCursor>,
}

impl RunCursor {
    /// Stands nowhere yet.
    pub(crate) fn new(files: Vec<Arc<TableFile>>) -> Self {
        RunCursor {
            files,
            at: 0,
            cursor: None,
            open: TableCursor::new,
        }
    }

    /// The same for one who will read all of it: blocks are read many at a time.
    pub(crate) fn reading_ahead(files: Vec<Arc<TableFile>>) -> Self {
        RunCursor {
            open: TableCursor::reading_ahead,
            ..RunCursor::new(files)
        }
    }

    /// The file that it stands in.
    pub(crate) fn file(&self) -> Option<&TableFile> {
        self.files.get(self.at).map(Arc::as_ref)
    }

    /// Opens the file at `at` and sends its cursor somewhere; past the files there is nowhere.
    fn enter(
        &mut self,
        at: usize,
        seek: impl FnOnce(&mut TableCursor) -> Result<()>,
    ) -> Result<()> {
        let same = self.at == at;
        self.at = at;
        let Some(file) = self.files.get(at) else {
            self.cursor = None;
            return Ok(());
        };
        let mut cursor = match self.cursor.take() {
            Some(cursor) if same => cursor,
            _ => (self.open)(Arc::clone(&file.table))?,
        };
        seek(&mut cursor)?;
        self.cursor = Some(cursor);
        Ok(())
    }

    /// Goes on to the next file where this one is at its end.
    fn settle_forward(&mut self) -> Result<()> {
        while !self.valid() && self.at < self.files.len() {
            self.enter(self.at + 1, TableCursor::seek_to_first)?;
        }
        Ok(())
    }

    /// Goes back to the file before where this one has no more.
    fn settle_backward(&mut self) -> Result<()> {
        while !self.valid() && self.at > 0 {
            self.enter(self.at - 1, TableCursor::seek_to_last)?;
        }
        Ok(())
    }
}

impl Cursor for RunCursor {
    #[inline]
    fn valid(&self) -> bool {
        self.cursor.as_ref().is_some_and(TableCursor::valid)
    }

    fn seek_to_first(&mut self) -> Result<()> {
        self.enter(0, TableCursor::seek_to_first)?;
        self.settle_forward()
    }

    fn seek_to_last(&mut self) -> Result<()> {
        let last = self.files.len().saturating_sub(1);
        self.enter(last, TableCursor::seek_to_last)?;
        self.settle_backward()
    }

    fn seek(&mut self, internal_key: &[u8]) -> Result<()> {
        let ends_before = |file: &Arc<TableFile>| compare(&file.meta.largest, internal_key).is_lt();
        let at = self.files.partition_point(ends_before);
        self.enter(at, |cursor| cursor.seek(internal_key))?;
        self.settle_forward()
    }

    #[inline]
    fn next(&mut self) -> Result<()> {
        match &mut self.cursor {
            Some(cursor) if cursor.valid() => {
                cursor.next()?;
                if cursor.valid() {
                    return Ok(());
                }
                self.settle_forward()
            }
            _ => Ok(()),
        }
    }

    fn prev(&mut self) -> Result<()> {
        match &mut self.cursor {
            Some(cursor) if cursor.valid() => {
                cursor.prev()?;
                self.settle_backward()
            }
            _ => Ok(()),
        }
    }

    #[inline]
    fn key(&self) -> &[u8] {
        self.cursor.as_ref().map_or(&[], TableCursor::key)
    }

    #[inline]
    fn value(&self) -> &[u8] {
        self.cursor.as_ref().map_or(&[], TableCursor::value)
    }

    #[inline]
    fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.cursor.as_ref()?.entry()
    }
}
