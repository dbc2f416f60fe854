//! A store as somebody writes it on a first afternoon: a map in memory and a log on disk.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

pub(crate) struct FirstStore {
    map: BTreeMap<Vec<u8>, Vec<u8>>,
    log: File,
}

impl FirstStore {
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let path = directory.join("log");
        let mut map = BTreeMap::new();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let mut rest = bytes.as_slice();
        while let (Some(key), Some(value)) = (take(&mut rest), take(&mut rest)) {
            if value.is_empty() {
                map.remove(&key); // a delete
            } else {
                map.insert(key, value);
            }
        }
        let log = OpenOptions::new().create(true).append(true).open(&path)?;
        Ok(FirstStore { map, log })
    }

    pub(crate) fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.map.get(key).cloned()
    }

    pub(crate) fn set(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.append(key, value)?;
        self.map.insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    pub(crate) fn remove(&mut self, key: &[u8]) -> io::Result<()> {
        self.append(key, b"")?;
        self.map.remove(key);
        Ok(())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + '_ {
        self.map
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
    }

    fn append(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let mut record = Vec::new();
        for part in [key, value] {
            record.extend((part.len() as u32).to_le_bytes());
            record.extend(part);
        }
        self.log.write_all(&record)
    }
}

fn take(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (part, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = after;
    Some(part.to_vec())
}
