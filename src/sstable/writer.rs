//! Writing a table.
//!
//! Strategy: one writer makes many tables and keeps its buffers. Data blocks are built one after
//! the other in one buffer, `data`, which goes to the file a whole piece at a time, so that a
//! small table is one append:
//!
//! ```text
//!   file:   | piece | piece | data: finished blocks ..... | block in the making |
//!           0               ^ written, a multiple of PIECE_BYTES
//! ```
//!
//! A system keeps files in pages: an append that begins and ends between two of them has it find
//! the page, and look after it, twice. What reading needs of the table, its index and its filters,
//! is still here when it is finished: the table can be opened without reading a byte.
//!
//! Invariants:
//! 1. Internal keys ascend strictly, or the writer panics: it is the last to see them in order.
//! 2. An index entry is written when the next block's first key is known, so that it can be short.
//! 3. The same entries and options give the same bytes, and they are the ones `LevelDB` would
//!    write, compressed blocks aside.

use std::cmp::Ordering;
use std::path::PathBuf;

use super::builder::BlockBuilder;
use super::filter_block::{FilterBlock, FilterBuilder};
use super::footer::Footer;
use super::handle::{BlockHandle, HANDLE_BYTES_MAX};
use super::reader::Table;
use super::storage::{self, Origin, Source};
use super::{Compression, bloom};
use crate::codec;
use crate::disk::File;
use crate::error::{OrPath, Result};
use crate::key::{self, Kind};
use crate::sync::Arc;

/// How many bytes go to the file at once.
const PIECE_BYTES: usize = 128 << 10;

/// How tables are written; reading needs none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TableOptions {
    /// A data block ends when it has reached this size.
    pub(crate) block_bytes: usize,
    /// Every so many entries a key is stored whole.
    pub(crate) restart_interval: u32,
    /// Bits of the Bloom filter for each key; 0 for no filter.
    pub(crate) filter_bits: u32,
    /// How blocks are compressed.
    pub(crate) compression: Compression,
}

impl Default for TableOptions {
    fn default() -> Self {
        TableOptions {
            block_bytes: 4096,
            restart_interval: 16,
            filter_bits: 10,
            compression: Compression::None,
        }
    }
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableSummary {
    /// The size of the file.
    pub(crate) size: u64,
    /// The first internal key; empty if there is no entry.
    pub(crate) first_key: Vec<u8>,
    /// The last internal key; empty if there is no entry.
    pub(crate) last_key: Vec<u8>,
    /// How many entries.
    pub(crate) entries: u64,
    /// How many of them are tombstones.
    pub(crate) tombstones: u64,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct TableWriter {
    options: TableOptions,
    file: Option<(Arc<dyn File>, PathBuf)>,
    /// Bytes that are in the file already.
    written: u64,
    /// What is not in the file yet: finished blocks, then the data block in the making.
    data: BlockBuilder,
    index: BlockBuilder,
    metaindex: BlockBuilder,
    filter: FilterBuilder,
    /// A finished block without an index entry yet.
    pending: Option<BlockHandle>,
    first_key: Vec<u8>,
    entries: u64,
    tombstones: u64,
    footer: Footer,
    scratch: Vec<u8>,
    packer: storage::Packer,
}

impl TableWriter {
    pub(crate) fn new(options: TableOptions) -> Self {
        TableWriter {
            options,
            file: None,
            written: 0,
            data: BlockBuilder::new(options.restart_interval),
            index: BlockBuilder::new(1),
            metaindex: BlockBuilder::new(1),
            filter: FilterBuilder::default(),
            pending: None,
            first_key: Vec::new(),
            entries: 0,
            tombstones: 0,
            footer: Footer::default(),
            scratch: Vec::new(),
            packer: storage::Packer::default(),
        }
    }

    /// Begins a table in an empty file; one that was begun and not finished is forgotten.
    pub(crate) fn begin(&mut self, file: Arc<dyn File>, path: PathBuf) {
        self.file = Some((file, path));
        self.written = 0;
        self.data.reset();
        self.index.reset();
        self.metaindex.reset();
        self.filter.reset(self.options.filter_bits);
        self.pending = None;
        self.first_key.clear();
        self.entries = 0;
        self.tombstones = 0;
    }

    /// Adds an entry, whose key comes after the one before.
    pub(crate) fn add(&mut self, internal_key: &[u8], value: &[u8]) -> Result<()> {
        let (user, _, kind) = key::split(internal_key).expect("an internal key");
        let mut shared = 0;
        if self.entries == 0 {
            self.first_key.extend_from_slice(internal_key);
        } else {
            let last = self.data.last_key();
            shared = codec::shared_prefix(last, internal_key);
            let order = key::compare_sharing(last, internal_key, shared);
            assert!(order == Ordering::Less, "keys of a table must ascend");
        }
        if let Some(handle) = self.pending.take() {
            key::separator(&mut self.scratch, self.data.last_key(), internal_key);
            add_handle(&mut self.index, &self.scratch, handle);
        }
        if self.options.filter_bits > 0 {
            self.filter.add(user);
        }
        self.data.add_sharing(shared, internal_key, value);
        self.entries += 1;
        self.tombstones += u64::from(kind == Kind::Delete);
        if self.data.size() >= self.options.block_bytes {
            self.end_block();
            self.hand_over_pieces()?;
        }
        Ok(())
    }

    /// How many bytes the table has taken so far; index and filters come on top.
    #[inline]
    pub(crate) fn size(&self) -> u64 {
        self.block_start() + self.data.size() as u64
    }

    /// Writes what is left. Syncing the file is the caller's.
    pub(crate) fn finish(&mut self) -> Result<TableSummary> {
        if !self.data.is_empty() {
            self.end_block();
        }
        if self.options.filter_bits > 0 {
            let handle = self.append_block(Block::Filter);
            self.scratch.clear();
            self.scratch.extend_from_slice(b"filter.");
            self.scratch.extend_from_slice(bloom::NAME.as_bytes());
            add_handle(&mut self.metaindex, &self.scratch, handle);
        }
        self.footer.metaindex = self.append_block(Block::Metaindex);
        if let Some(handle) = self.pending.take() {
            key::successor(&mut self.scratch, self.data.last_key());
            add_handle(&mut self.index, &self.scratch, handle);
        }
        self.footer.index = self.append_block(Block::Index);
        let (out, _) = self.data.buffer();
        self.footer.encode(out);
        let end = out.len();
        self.hand_over(end)?;
        let last_key = if self.entries == 0 {
            &[]
        } else {
            self.data.last_key()
        };
        Ok(TableSummary {
            size: self.written,
            first_key: self.first_key.clone(),
            last_key: last_key.to_vec(),
            entries: self.entries,
            tombstones: self.tombstones,
        })
    }

    /// The table just finished, open, without reading it.
    pub(crate) fn table(&mut self) -> Table {
        let (file, path) = self.file.take().expect("a finished table");
        let source = Source {
            file,
            path,
            size: self.written,
        };
        let index = Arc::from(self.index.finished());
        let filter = (self.options.filter_bits > 0).then(|| {
            FilterBlock::new(self.filter.finished().into()).expect("a filter block just made")
        });
        let origin = Origin {
            handle: self.footer.index,
            compressed: false,
        };
        Table::from_parts(source, self.footer, index, origin, filter)
    }

    /// Where in the file the data block in the making begins.
    fn block_start(&self) -> u64 {
        self.written + self.data.start() as u64
    }

    /// Finishes the data block in the making and begins the next one.
    fn end_block(&mut self) {
        self.data.finish();
        let (out, at) = self.data.buffer();
        let compression = self.options.compression;
        let handle = storage::seal(out, at, self.written, compression, &mut self.packer);
        self.data.begin_after();
        self.pending = Some(handle);
        if self.options.filter_bits > 0 {
            self.filter.start_block(self.block_start());
        }
    }

    /// Finishes another block and appends it.
    fn append_block(&mut self, block: Block) -> BlockHandle {
        let compression = self.options.compression;
        let (content, compression) = match block {
            Block::Filter => (self.filter.finish(), Compression::None),
            Block::Metaindex => (self.metaindex.finish(), compression),
            Block::Index => (self.index.finish(), compression),
        };
        let (out, _) = self.data.buffer();
        storage::append(out, self.written, content, compression, &mut self.packer)
    }

    /// Appends to the file what are whole pieces.
    fn hand_over_pieces(&mut self) -> Result<()> {
        let finished = self.data.start();
        if finished >= PIECE_BYTES {
            self.hand_over(finished - finished % PIECE_BYTES)?;
        }
        Ok(())
    }

    /// Appends the first `length` bytes of what is finished to the file.
    fn hand_over(&mut self, length: usize) -> Result<()> {
        let (file, path) = self.file.as_ref().expect("a table was begun");
        let (out, _) = self.data.buffer();
        file.append(&out[..length])
            .or_path(path, "append to the table")?;
        out.drain(..length);
        self.data.begin_after();
        self.written += length as u64;
        Ok(())
    }
}

/// The blocks that are not data.
#[derive(Clone, Copy)]
enum Block {
    Filter,
    Metaindex,
    Index,
}

fn add_handle(block: &mut BlockBuilder, key: &[u8], handle: BlockHandle) {
    let mut value = [0; HANDLE_BYTES_MAX];
    let length = handle.write(&mut value);
    block.add(key, &value[..length]);
}
