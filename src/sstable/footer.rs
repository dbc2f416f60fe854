//! The last 48 bytes of a table.
//!
//! ```text
//!   | metaindex handle | index handle | zeros up to 40 bytes | magic DB4775248B80FB57, fixed64 |
//! ```

use super::handle::BlockHandle;
use crate::codec::{self, Decoder};

/// The length of a footer.
pub(crate) const FOOTER_BYTES: usize = 48;

/// What a table ends with.
const MAGIC: u64 = 0xdb47_7524_8b80_fb57;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Footer {
    /// Where the metaindex block is.
    pub(crate) metaindex: BlockHandle,
    /// Where the index block is.
    pub(crate) index: BlockHandle,
}

impl Footer {
    /// Appends the footer.
    pub(super) fn encode(self, out: &mut Vec<u8>) {
        let start = out.len();
        self.metaindex.encode(out);
        self.index.encode(out);
        out.resize(start + FOOTER_BYTES - 8, 0);
        codec::put_fixed64(out, MAGIC);
    }

    /// Reads a footer, or says what is wrong with it.
    pub(super) fn decode(bytes: &[u8]) -> Result<Footer, &'static str> {
        let (handles, magic) = bytes
            .split_last_chunk::<8>()
            .ok_or("no room for a footer")?;
        if u64::from_le_bytes(*magic) != MAGIC {
            return Err("the magic number of a table is not there");
        }
        let mut input = Decoder::new(handles);
        let mut handle = || BlockHandle::decode(&mut input).ok_or("a handle cannot be read");
        let footer = Footer {
            metaindex: handle()?,
            index: handle()?,
        };
        if input.rest().iter().any(|&byte| byte != 0) {
            return Err("the padding of the footer is not zero");
        }
        Ok(footer)
    }
}
