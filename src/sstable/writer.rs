//! Writing a table.
//!
//! Strategy: one writer makes many tables and keeps its buffers. Finished blocks gather in `out`
//! and go to the file 64 KiB at a time, so that a small table is one append. What reading needs of
//! the table, its index and its filters, is still here when it is finished: the table can be
//! opened without reading a byte.
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
use crate::disk::File;
use crate::error::{OrPath, Result};
use crate::key::{self, Kind};
use crate::sync::Arc;

/// How many finished bytes are gathered before they go to the file.
const OUT_BYTES: usize = 64 * 1024;

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
    out: Vec<u8>,
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
            out: Vec::new(),
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
        self.out.clear();
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
        if self.entries == 0 {
            self.first_key.extend_from_slice(internal_key);
        } else {
            let order = key::compare(self.data.last_key(), internal_key);
            assert!(order == Ordering::Less, "keys of a table must ascend");
        }
        if let Some(handle) = self.pending.take() {
            key::separator(&mut self.scratch, self.data.last_key(), internal_key);
            add_handle(&mut self.index, &self.scratch, handle);
        }
        if self.options.filter_bits > 0 {
            self.filter.add(user);
        }
        self.data.add(internal_key, value);
        self.entries += 1;
        self.tombstones += u64::from(kind == Kind::Delete);
        if self.data.size() >= self.options.block_bytes {
            self.end_block();
            self.hand_over(OUT_BYTES)?;
        }
        Ok(())
    }

    /// How many bytes the table has taken so far; index and filters come on top.
    #[inline]
    pub(crate) fn size(&self) -> u64 {
        self.written + (self.out.len() + self.data.size()) as u64
    }

    /// Writes what is left. Syncing the file is the caller's.
    pub(crate) fn finish(&mut self) -> Result<TableSummary> {
        if !self.data.is_empty() {
            self.end_block();
        }
        if self.options.filter_bits > 0 {
            let content = self.filter.finish();
            let handle = storage::append(
                &mut self.out,
                self.written,
                content,
                Compression::None,
                &mut self.packer,
            );
            self.scratch.clear();
            self.scratch.extend_from_slice(b"filter.");
            self.scratch.extend_from_slice(bloom::NAME.as_bytes());
            add_handle(&mut self.metaindex, &self.scratch, handle);
        }
        self.footer.metaindex = self.append_block(|writer| &mut writer.metaindex);
        if let Some(handle) = self.pending.take() {
            key::successor(&mut self.scratch, self.data.last_key());
            add_handle(&mut self.index, &self.scratch, handle);
        }
        self.footer.index = self.append_block(|writer| &mut writer.index);
        self.footer.encode(&mut self.out);
        self.hand_over(0)?;
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

    fn end_block(&mut self) {
        let handle = self.append_block(|writer| &mut writer.data);
        self.data.reset();
        self.pending = Some(handle);
        if self.options.filter_bits > 0 {
            self.filter
                .start_block(self.written + self.out.len() as u64);
        }
    }

    /// Finishes a block and appends it.
    fn append_block(&mut self, block: fn(&mut Self) -> &mut BlockBuilder) -> BlockHandle {
        let mut out = std::mem::take(&mut self.out);
        let mut packer = std::mem::take(&mut self.packer);
        let (start, compression) = (self.written, self.options.compression);
        let content = block(self).finish();
        let handle = storage::append(&mut out, start, content, compression, &mut packer);
        (self.out, self.packer) = (out, packer);
        handle
    }

    /// Appends what has gathered to the file if it is `enough`.
    fn hand_over(&mut self, enough: usize) -> Result<()> {
        if self.out.len() >= enough {
            let (file, path) = self.file.as_ref().expect("a table was begun");
            file.append(&self.out)
                .or_path(path, "append to the table")?;
            self.written += self.out.len() as u64;
            self.out.clear();
        }
        Ok(())
    }
}

fn add_handle(block: &mut BlockBuilder, key: &[u8], handle: BlockHandle) {
    let mut value = [0; HANDLE_BYTES_MAX];
    let length = handle.write(&mut value);
    block.add(key, &value[..length]);
}
