//! Makes checksums right, as far as the blocks and records can be found, so that a fuzzer gets
//! past them. The layouts are those of `spec/FORMAT.md`; nothing of the engine's is used, so that
//! a mistake there is not made here again.
//!
//! ```text
//!   log     | crc | length | type | data |     ...for every header whose data fits its block
//!   table   footer -> index -> data blocks; footer -> metaindex -> filter
//! ```

/// The mask of a stored checksum.
const MASK: u32 = 0xa282_ead8;

const LOG_BLOCK: usize = 32 * 1024;
const LOG_HEADER: usize = 7;

const FOOTER: usize = 48;
const MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();
const TRAILER: usize = 5;

/// Blocks that are mended in one table: a hostile index may name the same large one ever again.
const BLOCKS: usize = 256;

/// The checksum as it is stored.
pub fn masked_crc(bytes: &[u8]) -> [u8; 4] {
    let crc = crc32c::crc32c(bytes);
    crc.rotate_right(15).wrapping_add(MASK).to_le_bytes()
}

/// Makes the checksums of a log's records right; a manifest is a log, too.
///
/// ```
/// let mut bytes = *b"????\x01\x00\x01k";
/// etalon_fuzz::repair::log(&mut bytes);
/// assert_eq!(bytes[..4], etalon_fuzz::repair::masked_crc(b"\x01k"));
/// ```
pub fn log(bytes: &mut [u8]) {
    for block in bytes.chunks_mut(LOG_BLOCK) {
        let mut at = 0;
        while let Some(header) = block.get(at..at + LOG_HEADER) {
            let length = usize::from(u16::from_le_bytes([header[4], header[5]]));
            let is_zero = header.iter().all(|byte| *byte == 0);
            let end = at + LOG_HEADER + length;
            if is_zero || end > block.len() {
                break;
            }
            let crc = masked_crc(&block[at + 6..end]);
            block[at..at + 4].copy_from_slice(&crc);
            at = end;
        }
    }
}

/// Makes a table's magic number and the checksums of its blocks right.
pub fn table(bytes: &mut [u8]) {
    let Some(at) = bytes.len().checked_sub(FOOTER) else {
        return;
    };
    bytes[at + 40..].copy_from_slice(&MAGIC);
    let footer = bytes[at..at + 40].to_vec();
    let mut input = &footer[..];
    let (metaindex, index) = (handle(&mut input), handle(&mut input));
    for root in [metaindex, index].into_iter().flatten() {
        for leaf in handles_in(bytes, root) {
            mend(bytes, leaf);
        }
        mend(bytes, root);
    }
}

/// Where a block begins and how long it is, without its trailer.
type Handle = (usize, usize);

/// Writes the checksum of a block, if block and trailer are inside.
fn mend(bytes: &mut [u8], (offset, size): Handle) {
    let Some(end) = offset.checked_add(size) else {
        return;
    };
    if bytes.len() < TRAILER || end > bytes.len() - TRAILER {
        return;
    }
    let crc = masked_crc(&bytes[offset..=end]);
    bytes[end + 1..end + TRAILER].copy_from_slice(&crc);
}

/// The handles that the values of an uncompressed block begin with.
fn handles_in(bytes: &[u8], (offset, size): Handle) -> Vec<Handle> {
    let end = offset.checked_add(size);
    let Some(mut rest) = end.and_then(|end| bytes.get(offset..end)) else {
        return Vec::new();
    };
    let mut handles = Vec::new();
    while handles.len() < BLOCKS {
        let lengths = (varint(&mut rest), varint(&mut rest), varint(&mut rest));
        let (Some(_), Some(key), Some(value)) = lengths else {
            break;
        };
        let Some(mut found) = rest.get(key..) else {
            break;
        };
        let Some(after) = found.get(value..) else {
            break;
        };
        handles.extend(handle(&mut found));
        rest = after;
    }
    handles
}

fn handle(input: &mut &[u8]) -> Option<Handle> {
    Some((varint(input)?, varint(input)?))
}

fn varint(input: &mut &[u8]) -> Option<usize> {
    let mut value = 0_usize;
    for (place, byte) in input.iter().enumerate().take(9) {
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            *input = &input[place + 1..];
            return Some(value);
        }
    }
    None
}
