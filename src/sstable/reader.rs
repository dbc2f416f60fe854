//! An open table: one search, and what a listing needs.
//!
//! ```text
//!   get(key) --> index, in memory --> filter of that block --no--> Skipped
//!                                            |maybe
//!                                            v
//!                                     one block, its checksum verified --> Found or Missed
//! ```
//!
//! Invariants:
//! 1. A block is read only if its filter says "maybe".
//! 2. The index alone says where a key can be: a separator is at or after every key of its block
//!    and before every key of the next. So the version sought may be the first of the next block
//!    only where the separator has the very user key sought, and only then that block is tried.
//! 3. A table whose metaindex names no filter of the known policy is searched without.

use std::path::{Path, PathBuf};

use super::block::BlockCursor;
use super::bloom;
use super::entry::BadBlock;
use super::filter_block::FilterBlock;
use super::footer::{FOOTER_BYTES, Footer};
use super::handle::BlockHandle;
use super::storage::{Origin, Source};
use crate::codec::Decoder;
use crate::disk::File;
use crate::error::{OrPath, Result};
use crate::key::{self, Kind, Target};
use crate::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(crate) struct Table {
    pub(super) source: Source,
    pub(super) footer: Footer,
    pub(super) index: Arc<[u8]>,
    pub(super) index_origin: Origin,
    filter: Option<FilterBlock>,
}

/// What a search in one table gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// Not here, and no block was read to know it.
    Skipped,
    /// Not here, but blocks were read.
    Missed,
    /// The newest version at or before the sequence number asked for.
    Found {
        /// Its sequence number.
        sequence: u64,
        /// Whether it is a value or a tombstone.
        kind: Kind,
        /// The value; empty for a tombstone.
        value: Vec<u8>,
    },
}

/// A data block in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockListing {
    /// Where it is.
    pub(crate) handle: BlockHandle,
    /// Its key in the index.
    pub(crate) index_key: Vec<u8>,
}

impl Table {
    /// Opens a table of `size` bytes, as the manifest says; verifies footer, index and filters.
    pub(crate) fn open(file: Arc<dyn File>, path: PathBuf, size: u64) -> Result<Table> {
        let real = file.size().or_path(&path, "read the size of the table")?;
        let source = Source { file, path, size };
        if real != size {
            return Err(source.damaged(real, format!("{real} bytes instead of {size}")));
        }
        let Some(at) = size.checked_sub(FOOTER_BYTES as u64) else {
            return Err(source.damaged(0, "too short for a table"));
        };
        let mut scratch = Vec::new();
        let bytes = source
            .file
            .read(at, FOOTER_BYTES, &mut scratch)
            .or_path(&source.path, "read the footer of the table")?;
        let footer = Footer::decode(bytes).map_err(|what| source.damaged(at, what))?;
        source.check(footer.metaindex, at)?;
        source.check(footer.index, at)?;
        let (index, index_origin) = {
            let (content, origin) = source.read(footer.index, &mut scratch)?;
            BlockCursor::new(&*content).map_err(|bad| source.bad(origin, bad))?;
            (Arc::from(&*content), origin)
        };
        let filter = read_filter(&source, footer)?;
        Ok(Table {
            source,
            footer,
            index,
            index_origin,
            filter,
        })
    }

    /// A table whose parts are in memory already.
    pub(super) fn from_parts(
        source: Source,
        footer: Footer,
        index: Arc<[u8]>,
        index_origin: Origin,
        filter: Option<FilterBlock>,
    ) -> Table {
        Table {
            source,
            footer,
            index,
            index_origin,
            filter,
        }
    }

    /// Looks for the newest version of a key at or before a sequence number.
    pub(crate) fn get(&self, user_key: &[u8], sequence: u64) -> Result<Lookup> {
        let target = Target::new(user_key, sequence);
        let mut index = self.index_cursor()?;
        index.seek(target).map_err(|bad| self.bad_index(bad))?;
        let mut hash = None;
        let mut answer = Lookup::Skipped;
        while index.valid() {
            let handle = self.handle(&index)?;
            let maybe = self.filter.as_ref().is_none_or(|filter| {
                let hash = *hash.get_or_insert_with(|| bloom::hash(user_key));
                filter.may_contain(handle.offset, hash)
            });
            if maybe {
                if let Some(found) = self.search(handle, target)? {
                    return Ok(found);
                }
                answer = Lookup::Missed;
            }
            if key::user_key(index.key()) != user_key {
                break;
            }
            index.next().map_err(|bad| self.bad_index(bad))?;
        }
        Ok(answer)
    }

    /// Looks into one block. Nothing: the target is after everything in it.
    fn search(&self, handle: BlockHandle, target: Target<'_>) -> Result<Option<Lookup>> {
        let mut scratch = Vec::new();
        let (content, origin) = self.source.read(handle, &mut scratch)?;
        let bad = |bad| self.source.bad(origin, bad);
        let mut block = BlockCursor::new(&*content).map_err(bad)?;
        block.seek(target).map_err(bad)?;
        if !block.valid() {
            return Ok(None);
        }
        let Some((user, sequence, kind)) = key::split(block.key()) else {
            return Err(bad(BadBlock {
                at: block.offset(),
                what: NO_KEY,
            }));
        };
        if user != target.user {
            return Ok(Some(Lookup::Missed));
        }
        Ok(Some(Lookup::Found {
            sequence,
            kind,
            value: block.value().to_vec(),
        }))
    }

    fn index_cursor(&self) -> Result<BlockCursor<&[u8]>> {
        BlockCursor::new(&*self.index).map_err(|bad| self.bad_index(bad))
    }

    /// The block that an index entry leads to.
    pub(super) fn handle<B: AsRef<[u8]>>(&self, index: &BlockCursor<B>) -> Result<BlockHandle> {
        let mut input = Decoder::new(index.value());
        BlockHandle::decode(&mut input).ok_or_else(|| {
            self.bad_index(BadBlock {
                at: index.offset(),
                what: "a handle cannot be read",
            })
        })
    }

    #[cold]
    pub(super) fn bad_index(&self, bad: BadBlock) -> crate::Error {
        self.source.bad(self.index_origin, bad)
    }

    /// The same table, read through another file of the same bytes.
    pub(crate) fn with_file(
        mut self,
        wrap: impl FnOnce(Arc<dyn File>, &Path) -> Arc<dyn File>,
    ) -> Table {
        self.source.file = wrap(self.source.file, &self.source.path);
        self
    }

    /// The file's name.
    pub(crate) fn path(&self) -> &Path {
        &self.source.path
    }

    /// The size of the filter block, if there is one that is used.
    pub(crate) fn filter_size(&self) -> Option<usize> {
        self.filter.as_ref().map(FilterBlock::size)
    }

    /// All data blocks, in order.
    pub(crate) fn blocks(&self) -> Result<Vec<BlockListing>> {
        let mut index = self.index_cursor()?;
        let mut blocks = Vec::new();
        index.seek_to_first().map_err(|bad| self.bad_index(bad))?;
        while index.valid() {
            let handle = self.handle(&index)?;
            self.source.check(handle, self.footer.index.offset)?;
            blocks.push(BlockListing {
                handle,
                index_key: index.key().to_vec(),
            });
            index.next().map_err(|bad| self.bad_index(bad))?;
        }
        Ok(blocks)
    }

    /// The entries of the metaindex: names and, mostly, handles.
    pub(crate) fn metaindex(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        read_metaindex(&self.source, self.footer)
    }
}

/// What is said of a key that is none.
pub(super) const NO_KEY: &str = "a key without a sequence number and kind";

fn read_metaindex(source: &Source, footer: Footer) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut scratch = Vec::new();
    let (content, origin) = source.read(footer.metaindex, &mut scratch)?;
    let bad = |bad| source.bad(origin, bad);
    let mut cursor = BlockCursor::new(&*content).map_err(bad)?;
    let mut entries = Vec::new();
    cursor.seek_to_first().map_err(bad)?;
    while cursor.valid() {
        entries.push((cursor.key().to_vec(), cursor.value().to_vec()));
        cursor.next().map_err(bad)?;
    }
    Ok(entries)
}

/// The filters, if the metaindex names a policy that is known.
fn read_filter(source: &Source, footer: Footer) -> Result<Option<FilterBlock>> {
    let entries = read_metaindex(source, footer)?;
    let known = |name: &[u8]| name.strip_prefix(b"filter.") == Some(bloom::NAME.as_bytes());
    let Some((_, value)) = entries.iter().find(|(name, _)| known(name)) else {
        return Ok(None);
    };
    let at = footer.metaindex.offset;
    let handle = BlockHandle::decode(&mut Decoder::new(value))
        .ok_or_else(|| source.damaged(at, "the handle of the filter block cannot be read"))?;
    source.check(handle, at)?;
    let mut scratch = Vec::new();
    let (content, origin) = source.read(handle, &mut scratch)?;
    let filter = FilterBlock::new(content.into())
        .map_err(|what| source.damaged(origin.handle.offset, what))?;
    Ok(Some(filter))
}
