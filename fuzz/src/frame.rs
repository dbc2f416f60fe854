//! A whole table around hostile blocks: a fuzzer that inserts a byte into a file moves everything
//! behind it away from the handles that lead there; here the handles are made last.
//!
//! ```text
//!   input   | filter | block | index key | block | index key | ..      each: length, 2 bytes; bytes
//!   table   | block | block | .. | filter | metaindex | index | footer |
//! ```

use crate::repair::masked_crc;

const FILTER_NAME: &[u8] = b"filter.leveldb.BuiltinBloomFilter2";
const MAGIC: u64 = 0xdb47_7524_8b80_fb57;

/// The table of these sections; blocks are stored with this compression type.
pub fn table(mut input: &[u8], compression: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let filter = section(&mut input);
    let mut index = Vec::new();
    while !input.is_empty() {
        let handle = append(&mut out, section(&mut input), compression);
        index.push((section(&mut input), handle));
    }
    let mut metaindex = Vec::new();
    if !filter.is_empty() {
        metaindex.push((FILTER_NAME, append(&mut out, filter, 0)));
    }
    let metaindex = block(&metaindex);
    let metaindex = append(&mut out, &metaindex, 0);
    let index = block(&index);
    let index = append(&mut out, &index, 0);
    let mut footer = [metaindex, index].concat();
    footer.resize(40, 0);
    out.extend_from_slice(&footer);
    out.extend_from_slice(&MAGIC.to_le_bytes());
    out
}

/// The sections of a table: its filter, then of each block the content and the index key.
pub fn sections<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        out.extend_from_slice(&(part.len() as u16).to_le_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// The next section, as much of it as there is.
fn section<'a>(input: &mut &'a [u8]) -> &'a [u8] {
    let Some((length, rest)) = input.split_first_chunk() else {
        *input = &[];
        return &[];
    };
    let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
    let (section, rest) = rest.split_at(length);
    *input = rest;
    section
}

/// Appends a block with its trailer. Returns its handle.
fn append(out: &mut Vec<u8>, content: &[u8], compression: u8) -> Vec<u8> {
    let at = out.len();
    out.extend_from_slice(content);
    out.push(compression);
    let crc = masked_crc(&out[at..]);
    out.extend_from_slice(&crc);
    let mut handle = Vec::new();
    varint(&mut handle, at);
    varint(&mut handle, content.len());
    handle
}

/// A block of these entries, each with a restart point.
fn block(entries: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut restarts = Vec::new();
    for (key, value) in entries {
        restarts.push(out.len() as u32);
        out.push(0);
        varint(&mut out, key.len());
        varint(&mut out, value.len());
        out.extend_from_slice(key);
        out.extend_from_slice(value);
    }
    restarts.resize(restarts.len().max(1), 0);
    restarts.push(restarts.len() as u32);
    for restart in restarts {
        out.extend_from_slice(&restart.to_le_bytes());
    }
    out
}

fn varint(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use etalon::inspect;

    /// A frame that the engine does not read would let no block through.
    #[test]
    fn the_engine_reads_a_framed_block() {
        let key = crate::files::internal_key(b"k", 1, true);
        let content = block(&[(&key, b"v".to_vec())]);
        let bytes = table(&sections([&b""[..], &content, &key]), 0);
        let disk = crate::files::empty_disk();
        crate::files::put(&disk, "000005.ldb", &bytes);
        let mut keys = Vec::new();
        let path = std::path::Path::new("store/000005.ldb");
        inspect::table(&disk, path, &mut |entry| keys.push(entry.key)).unwrap();
        assert_eq!(keys, [b"k"]);
    }
}
