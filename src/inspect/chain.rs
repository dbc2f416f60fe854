//! Tables of which each begins after the one before ends, walked as one: only the table that the
//! cursor stands in is open.

use std::path::PathBuf;

use crate::cursor::Cursor;
use crate::disk::Disk;
use crate::error::{OrPath, Result};
use crate::key::compare;
use crate::sstable::{Table, TableCursor};
use crate::sync::Arc;

/// See the module.
pub(crate) struct Chain<'a> {
    disk: &'a dyn Disk,
    paths: Vec<PathBuf>,
    at: usize,
    /// `None`: it stands nowhere.
    cursor: Option<TableCursor>,
}

impl<'a> Chain<'a> {
    /// Stands nowhere yet.
    pub(crate) fn new(disk: &'a dyn Disk, paths: Vec<PathBuf>) -> Self {
        Chain {
            disk,
            paths,
            at: 0,
            cursor: None,
        }
    }

    /// Opens the table at a place, if there is one.
    fn open(&mut self, at: usize) -> Result<Option<&mut TableCursor>> {
        self.cursor = None;
        self.at = at;
        let Some(path) = self.paths.get(at) else {
            return Ok(None);
        };
        let file = self.disk.open(path).or_path(path, "open the table")?;
        let size = file.size().or_path(path, "read the size of the table")?;
        let table = Table::open(file, path.clone(), size)?;
        Ok(Some(self.cursor.insert(TableCursor::new(Arc::new(table))?)))
    }

    /// Goes on to the first entry of the tables from a place on.
    fn first_from(&mut self, mut at: usize) -> Result<()> {
        while let Some(cursor) = self.open(at)? {
            cursor.seek_to_first()?;
            if cursor.valid() {
                return Ok(());
            }
            at += 1;
        }
        Ok(())
    }

    /// Goes back to the last entry of the tables before a place.
    fn last_before(&mut self, before: usize) -> Result<()> {
        for at in (0..before).rev() {
            if let Some(cursor) = self.open(at)? {
                cursor.seek_to_last()?;
                if cursor.valid() {
                    return Ok(());
                }
            }
        }
        self.cursor = None;
        Ok(())
    }
}

impl Cursor for Chain<'_> {
    fn valid(&self) -> bool {
        self.cursor.as_ref().is_some_and(Cursor::valid)
    }

    fn seek_to_first(&mut self) -> Result<()> {
        self.first_from(0)
    }

    fn seek_to_last(&mut self) -> Result<()> {
        self.last_before(self.paths.len())
    }

    fn seek(&mut self, internal_key: &[u8]) -> Result<()> {
        self.first_from(0)?;
        while self.valid() && compare(self.key(), internal_key).is_lt() {
            if let Some(cursor) = &mut self.cursor {
                cursor.seek(internal_key)?;
            }
            if !self.valid() {
                self.first_from(self.at + 1)?;
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<()> {
        let Some(cursor) = &mut self.cursor else {
            return Ok(());
        };
        cursor.next()?;
        if cursor.valid() {
            return Ok(());
        }
        self.first_from(self.at + 1)
    }

    fn prev(&mut self) -> Result<()> {
        let Some(cursor) = &mut self.cursor else {
            return Ok(());
        };
        cursor.prev()?;
        if cursor.valid() {
            return Ok(());
        }
        self.last_before(self.at)
    }

    fn key(&self) -> &[u8] {
        self.cursor.as_ref().map_or(&[], Cursor::key)
    }

    fn value(&self) -> &[u8] {
        self.cursor.as_ref().map_or(&[], Cursor::value)
    }
}
