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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::MemoryDisk;
    use crate::key::{Kind, internal_key, user_key};
    use crate::sstable::{TableOptions, TableWriter};

    /// Tables of these keys; one may be without any.
    fn tables(disk: &MemoryDisk, tables: &[&[&str]]) -> Vec<PathBuf> {
        let mut writer = TableWriter::new(TableOptions::default());
        let mut paths = Vec::new();
        for (number, keys) in tables.iter().enumerate() {
            let path = PathBuf::from(format!("table{number}"));
            writer.begin(disk.create(&path).expect("new"), path.clone());
            for key in *keys {
                let key = internal_key(key.as_bytes(), 1, Kind::Put);
                writer.add(&key, b"").expect("in memory");
            }
            writer.finish().expect("in memory");
            paths.push(path);
        }
        paths
    }

    fn here(chain: &Chain<'_>) -> String {
        String::from_utf8(user_key(chain.key()).to_vec()).expect("text")
    }

    #[test]
    fn tables_are_walked_as_one_both_ways_and_a_seek_lands_in_the_right_one() {
        let disk = MemoryDisk::default();
        let paths = tables(&disk, &[&["a", "b"], &[], &["c"], &["d", "e"], &[]]);
        let mut chain = Chain::new(&disk, paths);
        let mut keys = String::new();
        chain.seek_to_first().expect("reads");
        while chain.valid() {
            keys += &here(&chain);
            chain.next().expect("reads");
        }
        chain.seek_to_last().expect("reads");
        while chain.valid() {
            keys += &here(&chain);
            chain.prev().expect("reads");
        }
        assert_eq!(keys, "abcdeedcba");
        for (sought, found) in [("", "a"), ("b", "b"), ("bb", "c"), ("d", "d"), ("dd", "e")] {
            let sought = internal_key(sought.as_bytes(), 9, Kind::Put);
            chain.seek(&sought).expect("reads");
            assert_eq!(here(&chain), found);
        }
        let after = internal_key(b"f", 9, Kind::Put);
        chain.seek(&after).expect("reads");
        assert!(!chain.valid());
    }
}
