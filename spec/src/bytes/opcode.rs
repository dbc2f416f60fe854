//! The table of opcodes, version 1. Frozen for ever.
//!
//! Frequent operations have many opcodes, so that random bytes are many gets and puts, some
//! deletes and flushes, and few fills. The first opcode of a range is the canonical one.

use crate::op::OpKind;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// An operation of this kind.
    Op(OpKind),
    /// An option of the case, wherever the record stands; the last one of a name counts.
    Option,
}

/// First opcode, last opcode, what they are; every byte is in exactly one range.
pub const RANGES: [(u8, u8, Opcode); 13] = [
    (0x00, 0x3f, Opcode::Op(OpKind::Get)),
    (0x40, 0x8f, Opcode::Op(OpKind::Put)),
    (0x90, 0xb3, Opcode::Op(OpKind::Delete)),
    (0xb4, 0xc7, Opcode::Op(OpKind::Flush)),
    (0xc8, 0xd7, Opcode::Op(OpKind::Scan)),
    (0xd8, 0xdf, Opcode::Op(OpKind::Write)),
    (0xe0, 0xe7, Opcode::Op(OpKind::Compact)),
    (0xe8, 0xef, Opcode::Op(OpKind::Reopen)),
    (0xf0, 0xf3, Opcode::Op(OpKind::Length)),
    (0xf4, 0xf6, Opcode::Op(OpKind::DeleteRange)),
    (0xf7, 0xf8, Opcode::Op(OpKind::Fill)),
    (0xf9, 0xf9, Opcode::Op(OpKind::Clear)),
    (0xfa, 0xff, Opcode::Option),
];

/// The canonical opcode of options.
pub(super) const OPTION: u8 = 0xfa;

const TABLE: [Opcode; 256] = table();

const fn table() -> [Opcode; 256] {
    let mut table = [Opcode::Option; 256];
    let mut range = 0;
    while range < RANGES.len() {
        let (first, last, what) = RANGES[range];
        let mut byte = first as usize;
        while byte <= last as usize {
            table[byte] = what;
            byte += 1;
        }
        range += 1;
    }
    table
}

/// What a record is that begins with this byte.
///
/// ```
/// use etalon_spec::OpKind;
/// use etalon_spec::bytes::{Opcode, opcode};
///
/// assert_eq!(opcode(0x40), Opcode::Op(OpKind::Put));
/// assert_eq!(opcode(0xff), Opcode::Option);
/// ```
pub const fn opcode(byte: u8) -> Opcode {
    TABLE[byte as usize]
}

/// The canonical opcode of an operation.
pub(super) const fn canonical(kind: OpKind) -> u8 {
    match kind {
        OpKind::Get => 0x00,
        OpKind::Put => 0x40,
        OpKind::Delete => 0x90,
        OpKind::Flush => 0xb4,
        OpKind::Scan => 0xc8,
        OpKind::Write => 0xd8,
        OpKind::Compact => 0xe0,
        OpKind::Reopen => 0xe8,
        OpKind::Length => 0xf0,
        OpKind::DeleteRange => 0xf4,
        OpKind::Fill => 0xf7,
        OpKind::Clear => 0xf9,
    }
}
