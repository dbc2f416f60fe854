//! One record of the manifest: how one version of the store differs from the version before.
//!
//! ```text
//!   record = { tag varint32, fields }
//!     1 comparator     length-prefixed name       5 compact pointer  level, internal key
//!     2 log number     varint64                   6 deleted file     level, number
//!     3 next file      varint64                   7 new file         level, number, size,
//!     4 last sequence  varint64                                      smallest key, largest key
//!     9 previous log   varint64
//! ```
//!
//! The authority is LevelDB's `db/version_edit.cc`. Invariants:
//! 1. Decoding takes any bytes, never panics, and allocates no more than the record is long.
//! 2. `decode(encode(edit)) == edit`.

use crate::codec::{Decoder, put_slice, put_varint32, put_varint64};
use crate::key::split;
use crate::sync::Arc;

/// How many levels the format knows.
pub(crate) const LEVELS: usize = 7;

/// For each level, the internal key after which its next compaction begins, if there was one.
pub(crate) type Pointers = [Option<Arc<[u8]>>; LEVELS];

/// The name of the only key order that this engine has.
pub(crate) const COMPARATOR: &[u8] = b"leveldb.BytewiseComparator";

/// A segment as the manifest describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileMeta {
    pub(crate) number: u64,
    pub(crate) size: u64,
    /// The first internal key.
    pub(crate) smallest: Vec<u8>,
    /// The last internal key.
    pub(crate) largest: Vec<u8>,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) comparator: Option<Vec<u8>>,
    pub(crate) log_number: Option<u64>,
    pub(crate) previous_log: Option<u64>,
    pub(crate) next_file: Option<u64>,
    pub(crate) last_sequence: Option<u64>,
    /// Level, and the internal key after which its next compaction begins.
    pub(crate) pointers: Vec<(usize, Arc<[u8]>)>,
    /// Level and number.
    pub(crate) deleted: Vec<(usize, u64)>,
    /// Level and file.
    pub(crate) added: Vec<(usize, Arc<FileMeta>)>,
}

const TAG_COMPARATOR: u32 = 1;
const TAG_LOG_NUMBER: u32 = 2;
const TAG_NEXT_FILE: u32 = 3;
const TAG_LAST_SEQUENCE: u32 = 4;
const TAG_COMPACT_POINTER: u32 = 5;
const TAG_DELETED_FILE: u32 = 6;
const TAG_NEW_FILE: u32 = 7;
const TAG_PREVIOUS_LOG: u32 = 9;

impl Edit {
    /// Appends the record to `out`.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        if let Some(name) = &self.comparator {
            put_varint32(out, TAG_COMPARATOR);
            put_slice(out, name);
        }
        for (tag, field) in [
            (TAG_LOG_NUMBER, self.log_number),
            (TAG_PREVIOUS_LOG, self.previous_log),
            (TAG_NEXT_FILE, self.next_file),
            (TAG_LAST_SEQUENCE, self.last_sequence),
        ] {
            if let Some(number) = field {
                put_varint32(out, tag);
                put_varint64(out, number);
            }
        }
        for (level, key) in &self.pointers {
            put_varint32(out, TAG_COMPACT_POINTER);
            put_varint32(out, *level as u32);
            put_slice(out, key);
        }
        for (level, number) in &self.deleted {
            put_varint32(out, TAG_DELETED_FILE);
            put_varint32(out, *level as u32);
            put_varint64(out, *number);
        }
        for (level, file) in &self.added {
            put_varint32(out, TAG_NEW_FILE);
            put_varint32(out, *level as u32);
            put_varint64(out, file.number);
            put_varint64(out, file.size);
            put_slice(out, &file.smallest);
            put_slice(out, &file.largest);
        }
    }

    /// Reads a record; an error says what is wrong with it.
    pub(crate) fn decode(record: &[u8]) -> Result<Edit, String> {
        let mut edit = Edit::default();
        let mut from = Decoder::new(record);
        while !from.is_empty() {
            let tag = from.varint32().ok_or("a tag is cut off")?;
            edit.decode_field(tag, &mut from)?;
        }
        Ok(edit)
    }

    fn decode_field(&mut self, tag: u32, from: &mut Decoder<'_>) -> Result<(), String> {
        let number = |from: &mut Decoder<'_>, what: &str| {
            from.varint64()
                .ok_or_else(|| format!("the {what} is cut off or too long"))
        };
        match tag {
            TAG_COMPARATOR => {
                let name = from.slice().ok_or("the comparator's name is cut off")?;
                self.comparator = Some(name.to_vec());
            }
            TAG_LOG_NUMBER => self.log_number = Some(number(from, "log number")?),
            TAG_PREVIOUS_LOG => self.previous_log = Some(number(from, "previous log number")?),
            TAG_NEXT_FILE => self.next_file = Some(number(from, "next file number")?),
            TAG_LAST_SEQUENCE => self.last_sequence = Some(number(from, "last sequence")?),
            TAG_COMPACT_POINTER => {
                let level = level(from)?;
                self.pointers
                    .push((level, key(from, "a compact pointer")?.into()));
            }
            TAG_DELETED_FILE => {
                let level = level(from)?;
                self.deleted
                    .push((level, number(from, "number of a deleted file")?));
            }
            TAG_NEW_FILE => {
                let level = level(from)?;
                let file = FileMeta {
                    number: number(from, "number of a new file")?,
                    size: number(from, "size of a new file")?,
                    smallest: key(from, "the smallest key")?,
                    largest: key(from, "the largest key")?,
                };
                self.added.push((level, Arc::new(file)));
            }
            _ => return Err(format!("unknown tag {tag}")),
        }
        Ok(())
    }
}

fn level(from: &mut Decoder<'_>) -> Result<usize, String> {
    match from.varint32() {
        Some(level) if (level as usize) < LEVELS => Ok(level as usize),
        Some(level) => Err(format!(
            "level {level}, where {} is the deepest",
            LEVELS - 1
        )),
        None => Err("a level is cut off".into()),
    }
}

fn key(from: &mut Decoder<'_>, what: &str) -> Result<Vec<u8>, String> {
    let key = from.slice().ok_or_else(|| format!("{what} is cut off"))?;
    match split(key) {
        Some(_) => Ok(key.to_vec()),
        None => Err(format!("{what} is not an internal key")),
    }
}
