//! Checking a whole table, and going on behind damage: what `verify` and `repair` stand on.
//!
//! ```text
//!   footer --> index --> block, block, [bad], block ...     the index leads past a bad block
//!        \--x  no index: block, block, [bad], block ...   read from the front: `scan.rs`
//! ```
//!
//! Reading a store stops at the first damage, and need not look at what it does not use. This
//! looks at everything on which an answer can rest. Invariants:
//! 1. A table of which nothing [`Found::Wrong`] was said answers every search and every walk as
//!    the entries stand in it: keys ascend, index and restart points lead to them, no filter
//!    denies them.
//! 2. An entry is handed out only from a block whose checksum is right, with an internal key, and
//!    a sequence number that a store can go on from. Order is not promised once something is wrong.
//! 3. Memory is bounded by the index, the filters and the largest block.

mod entry;
mod scan;
mod search;
mod walk;

use std::path::PathBuf;

use super::entry::BadBlock;
use super::filter_block::FilterBlock;
use super::footer::{FOOTER_BYTES, Footer};
use super::handle::{BlockHandle, TRAILER_BYTES};
use super::reader::read_filter;
use super::storage::{Origin, Source};
use crate::codec::Decoder;
use crate::disk::File;
use crate::error::{Error, OrPath, Result};
use crate::key::{self, compare};
use crate::sync::Arc;
use walk::walk;

/// What an audit meets, in the order of the file.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    /// An entry that can be read.
    Entry {
        /// Its internal key.
        key: &'a [u8],
        /// Its value; empty for a tombstone.
        value: &'a [u8],
    },
    /// Something that no writer writes.
    Wrong {
        /// What, and where.
        error: Error,
        /// Entries that cannot be read because of it.
        lost: Option<Lost>,
    },
}

/// A stretch of a table whose entries cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// How long it is.
    pub(crate) bytes: u64,
    /// The user keys that it may have held: after the first, up to the second, where known.
    pub(crate) after: Option<Vec<u8>>,
    pub(crate) up_to: Option<Vec<u8>>,
}

/// What a table holds, as far as it can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Audit {
    /// The size of the file.
    pub(crate) size: u64,
    /// The first and the last internal key.
    pub(crate) first: Vec<u8>,
    pub(crate) last: Vec<u8>,
    /// How many entries, and how many of them are tombstones.
    pub(crate) entries: u64,
    pub(crate) tombstones: u64,
    /// The greatest sequence number.
    pub(crate) newest: u64,
    /// How often something was wrong.
    pub(crate) wrong: u64,
}

/// Takes what an audit meets; its error ends the audit.
pub(crate) type Visit<'a> = dyn FnMut(Found<'_>) -> Result<()> + 'a;

/// Reads a table from end to end. Only what `visit` returns, and a file whose size cannot be
/// read, is an error here.
pub(crate) fn audit(file: Arc<dyn File>, path: PathBuf, visit: &mut Visit<'_>) -> Result<Audit> {
    let size = file.size().or_path(&path, "read the size of the table")?;
    let whole = Source { file, path, size };
    // Handles may not reach into the footer; where there is none, blocks may stand up to the end.
    let footless = Source {
        file: Arc::clone(&whole.file),
        path: whole.path.clone(),
        size: size.saturating_add(FOOTER_BYTES as u64),
    };
    let mut auditor = Auditor {
        source: &whole,
        footless: &footless,
        filter: None,
        audit: Audit {
            size,
            ..Audit::default()
        },
        visit,
        buffer: Vec::new(),
    };
    auditor.table()?;
    Ok(auditor.audit)
}

/// What the index says of a block.
#[derive(Clone, Debug, Default)]
struct Place {
    handle: BlockHandle,
    /// Every key of the block is after this one. Empty for the first block.
    after: Vec<u8>,
    /// No key of the block is after this one. Empty if there is no index.
    up_to: Vec<u8>,
}

/// See [`audit`].
struct Auditor<'a, 'b> {
    source: &'a Source,
    /// The same for a file without a footer.
    footless: &'a Source,
    filter: Option<FilterBlock>,
    audit: Audit,
    visit: &'a mut Visit<'b>,
    /// For the bytes of a block.
    buffer: Vec<u8>,
}

impl Auditor<'_, '_> {
    fn wrong(&mut self, error: Error, lost: Option<Lost>) -> Result<()> {
        self.audit.wrong += 1;
        (self.visit)(Found::Wrong { error, lost })
    }

    fn table(&mut self) -> Result<()> {
        let footer = match self.footer() {
            Ok(footer) => footer,
            Err(error) => {
                self.wrong(error, None)?;
                self.source = self.footless;
                return self.scan(0, self.audit.size);
            }
        };
        match read_filter(self.source, footer) {
            Ok(filter) => self.filter = filter,
            Err(error) => self.wrong(error, None)?,
        }
        let mut places = Vec::new();
        let read = self.index(footer, &mut places);
        let mut end = 0;
        for place in places {
            end = place.handle.offset + place.handle.size + TRAILER_BYTES as u64;
            self.block(&place)?;
        }
        if let Err(error) = read {
            self.wrong(error, None)?;
            self.scan(end, footer.metaindex.offset)?;
        }
        Ok(())
    }

    fn footer(&self) -> Result<Footer> {
        let Some(at) = self.audit.size.checked_sub(FOOTER_BYTES as u64) else {
            return Err(self.source.damaged(0, "too short for a table"));
        };
        let mut scratch = Vec::new();
        let bytes = self
            .source
            .file
            .read(at, FOOTER_BYTES, &mut scratch)
            .or_path(&self.source.path, "read the footer of the table")?;
        let footer = Footer::decode(bytes).map_err(|what| self.source.damaged(at, what))?;
        self.source.check(footer.metaindex, at)?;
        self.source.check(footer.index, at)?;
        Ok(footer)
    }

    /// The places of all blocks, as far as the index is good.
    fn index(&self, footer: Footer, places: &mut Vec<Place>) -> Result<()> {
        let mut scratch = Vec::new();
        let (content, origin) = self.source.read(footer.index, &mut scratch)?;
        let mut after = Vec::new();
        let mut outside = None;
        let walked = walk(&*content, Vec::new(), &mut |at, key, value| {
            let bad = |what| Err(BadBlock { at, what });
            let Some(handle) = BlockHandle::decode(&mut Decoder::new(value)) else {
                return bad("a handle cannot be read");
            };
            if let Err(error) = self.source.check(handle, offset_of(origin, at)) {
                outside = Some(error);
                return bad("a block is not inside");
            }
            if key::split(key).is_none() {
                return bad("a key of the index is no internal key");
            }
            if !after.is_empty() && compare(&after, key).is_ge() {
                return bad("a key of the index is out of order");
            }
            places.push(Place {
                handle,
                after: std::mem::replace(&mut after, key.to_vec()),
                up_to: key.to_vec(),
            });
            Ok(())
        });
        match (outside, walked.1) {
            (Some(error), _) => Err(error),
            (None, result) => result.map_err(|bad| self.source.bad(origin, bad)),
        }
    }

    /// One block, with all its entries.
    fn block(&mut self, place: &Place) -> Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        let (bytes, origin) = match self.source.read_owned(place.handle, buffer) {
            Ok(read) => read,
            Err(error) => {
                let lost = Some(place.lost(self.audit.size, place.handle.offset));
                return self.wrong(error, lost);
            }
        };
        let mut reached = place.handle.offset;
        let mut stopped = Ok(());
        let (bytes, walked) = walk(bytes, Vec::new(), &mut |at, key, value| {
            reached = offset_of(origin, at);
            stopped = self.entry(place, reached, key, value);
            // Nothing is wrong with the block; but there is no other way to leave it.
            let stop = BadBlock { at, what: "" };
            stopped.as_ref().map_err(|_| stop).copied()
        });
        self.buffer = bytes;
        stopped?;
        match walked {
            Ok(()) => Ok(()),
            Err(bad) => {
                let lost = Some(place.lost(self.audit.size, reached));
                self.wrong(self.source.bad(origin, bad), lost)
            }
        }
    }
}

/// Where in the file an entry is, as exactly as can be said.
fn offset_of(origin: Origin, at: usize) -> u64 {
    if origin.compressed {
        origin.handle.offset
    } else {
        origin.handle.offset + at as u64
    }
}

impl Place {
    /// What goes where the block cannot be read from `offset` of the file, of `size` bytes, on.
    fn lost(&self, size: u64, offset: u64) -> Lost {
        let end = self.handle.offset.saturating_add(self.handle.size);
        let user = |key: &Vec<u8>| (!key.is_empty()).then(|| key::user_key(key).to_vec());
        Lost {
            bytes: end.min(size).saturating_sub(offset),
            after: user(&self.after),
            up_to: user(&self.up_to),
        }
    }
}
