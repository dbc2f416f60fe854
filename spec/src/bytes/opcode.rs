//! The tables of opcodes, one a version. Each is frozen for ever.
//!
//! Frequent operations have many opcodes, so that random bytes are many gets and puts, some
//! deletes and flushes, and few fills. The first opcode of a range is the canonical one.

use crate::breakage::Within;
use crate::op::{Op, OpKind};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// An operation of this kind.
    Op(OpKind),
    /// An operation of this kind with what may be added to it: a change that is synced, a read
    /// or an iterator at a snapshot, a rollback to a savepoint.
    More(OpKind),
    /// An option of the case, wherever the record stands; the last one of a name counts.
    Option,
    /// A scope, and the operation that takes place there.
    Scope,
}

/// First opcode, last opcode, what they are; every byte is in exactly one range.
pub type Ranges = [(u8, u8, Opcode)];

/// The table of version 1.
const RANGES_1: [(u8, u8, Opcode); 13] = [
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

/// The table of version 2.
const RANGES_2: [(u8, u8, Opcode); 35] = [
    (0x00, 0x2b, Opcode::Op(OpKind::Get)),
    (0x2c, 0x37, Opcode::More(OpKind::Get)),
    (0x38, 0x6f, Opcode::Op(OpKind::Put)),
    (0x70, 0x77, Opcode::More(OpKind::Put)),
    (0x78, 0x91, Opcode::Op(OpKind::Delete)),
    (0x92, 0x95, Opcode::More(OpKind::Delete)),
    (0x96, 0xa3, Opcode::Op(OpKind::Flush)),
    (0xa4, 0xa7, Opcode::Op(OpKind::Sync)),
    (0xa8, 0xaf, Opcode::Op(OpKind::Scan)),
    (0xb0, 0xb5, Opcode::More(OpKind::Scan)),
    (0xb6, 0xb9, Opcode::Op(OpKind::Write)),
    (0xba, 0xbb, Opcode::More(OpKind::Write)),
    (0xbc, 0xc1, Opcode::Op(OpKind::Compact)),
    (0xc2, 0xc5, Opcode::Op(OpKind::Reopen)),
    (0xc6, 0xc7, Opcode::Op(OpKind::Length)),
    (0xc8, 0xc8, Opcode::More(OpKind::Length)),
    (0xc9, 0xca, Opcode::Op(OpKind::DeleteRange)),
    (0xcb, 0xcb, Opcode::More(OpKind::DeleteRange)),
    (0xcc, 0xcc, Opcode::Op(OpKind::Fill)),
    (0xcd, 0xcd, Opcode::Op(OpKind::Clear)),
    (0xce, 0xce, Opcode::More(OpKind::Clear)),
    (0xcf, 0xd6, Opcode::Op(OpKind::Snapshot)),
    (0xd7, 0xd8, Opcode::Op(OpKind::Release)),
    (0xd9, 0xdd, Opcode::Op(OpKind::Iterator)),
    (0xde, 0xe0, Opcode::More(OpKind::Iterator)),
    (0xe1, 0xe5, Opcode::Op(OpKind::Seek)),
    (0xe6, 0xe7, Opcode::Op(OpKind::SeekFirst)),
    (0xe8, 0xe9, Opcode::Op(OpKind::SeekLast)),
    (0xea, 0xf1, Opcode::Op(OpKind::Next)),
    (0xf2, 0xf6, Opcode::Op(OpKind::Prev)),
    (0xf7, 0xf7, Opcode::Op(OpKind::Close)),
    (0xf8, 0xf8, Opcode::Op(OpKind::Kill)),
    (0xf9, 0xfa, Opcode::Op(OpKind::Crash)),
    (0xfb, 0xfb, Opcode::Op(OpKind::Fail)),
    (0xfc, 0xff, Opcode::Option),
];

// Version 3 has the table of version 2; what it adds are places in what only reads.

/// The table of version 4: that of version 2, with less room, and what only some stores have.
const RANGES_4: [(u8, u8, Opcode); 52] = [
    (0x00, 0x25, Opcode::Op(OpKind::Get)),
    (0x26, 0x2c, Opcode::More(OpKind::Get)),
    (0x2d, 0x5a, Opcode::Op(OpKind::Put)),
    (0x5b, 0x5f, Opcode::More(OpKind::Put)),
    (0x60, 0x73, Opcode::Op(OpKind::Delete)),
    (0x74, 0x76, Opcode::More(OpKind::Delete)),
    (0x77, 0x80, Opcode::Op(OpKind::Flush)),
    (0x81, 0x82, Opcode::Op(OpKind::Sync)),
    (0x83, 0x89, Opcode::Op(OpKind::Scan)),
    (0x8a, 0x8d, Opcode::More(OpKind::Scan)),
    (0x8e, 0x90, Opcode::Op(OpKind::Write)),
    (0x91, 0x91, Opcode::More(OpKind::Write)),
    (0x92, 0x95, Opcode::Op(OpKind::Compact)),
    (0x96, 0x98, Opcode::Op(OpKind::Reopen)),
    (0x99, 0x9a, Opcode::Op(OpKind::Length)),
    (0x9b, 0x9b, Opcode::More(OpKind::Length)),
    (0x9c, 0x9d, Opcode::Op(OpKind::DeleteRange)),
    (0x9e, 0x9e, Opcode::More(OpKind::DeleteRange)),
    (0x9f, 0x9f, Opcode::Op(OpKind::Fill)),
    (0xa0, 0xa0, Opcode::Op(OpKind::Clear)),
    (0xa1, 0xa1, Opcode::More(OpKind::Clear)),
    (0xa2, 0xa6, Opcode::Op(OpKind::Snapshot)),
    (0xa7, 0xa7, Opcode::Op(OpKind::Release)),
    (0xa8, 0xaa, Opcode::Op(OpKind::Iterator)),
    (0xab, 0xab, Opcode::More(OpKind::Iterator)),
    (0xac, 0xae, Opcode::Op(OpKind::Seek)),
    (0xaf, 0xaf, Opcode::Op(OpKind::SeekFirst)),
    (0xb0, 0xb0, Opcode::Op(OpKind::SeekLast)),
    (0xb1, 0xb5, Opcode::Op(OpKind::Next)),
    (0xb6, 0xb8, Opcode::Op(OpKind::Prev)),
    (0xb9, 0xb9, Opcode::Op(OpKind::Close)),
    (0xba, 0xba, Opcode::Op(OpKind::Kill)),
    (0xbb, 0xbb, Opcode::Op(OpKind::Crash)),
    (0xbc, 0xbc, Opcode::Op(OpKind::Fail)),
    (0xbd, 0xbf, Opcode::Op(OpKind::First)),
    (0xc0, 0xc0, Opcode::More(OpKind::First)),
    (0xc1, 0xc3, Opcode::Op(OpKind::Last)),
    (0xc4, 0xc4, Opcode::More(OpKind::Last)),
    (0xc5, 0xcb, Opcode::Op(OpKind::Cas)),
    (0xcc, 0xcc, Opcode::More(OpKind::Cas)),
    (0xcd, 0xcf, Opcode::Op(OpKind::Ingest)),
    (0xd0, 0xd0, Opcode::More(OpKind::Ingest)),
    (0xd1, 0xd5, Opcode::Op(OpKind::Begin)),
    (0xd6, 0xd8, Opcode::Op(OpKind::Savepoint)),
    (0xd9, 0xda, Opcode::Op(OpKind::Rollback)),
    (0xdb, 0xdc, Opcode::More(OpKind::Rollback)),
    (0xdd, 0xdf, Opcode::Op(OpKind::Commit)),
    (0xe0, 0xe2, Opcode::Op(OpKind::Create)),
    (0xe3, 0xe3, Opcode::Op(OpKind::Rename)),
    (0xe4, 0xe4, Opcode::Op(OpKind::Drop)),
    (0xe5, 0xfb, Opcode::Scope),
    (0xfc, 0xff, Opcode::Option),
];

/// The table of a version; none if the version is not known.
///
/// ```
/// use etalon_spec::OpKind;
/// use etalon_spec::bytes::{Opcode, ranges};
///
/// assert_eq!(ranges(1).unwrap()[0], (0x00, 0x3f, Opcode::Op(OpKind::Get)));
/// assert_eq!(ranges(b'o'), None, "this is text");
/// ```
pub const fn ranges(version: u8) -> Option<&'static Ranges> {
    match version {
        1 => Some(&RANGES_1),
        2 | 3 => Some(&RANGES_2),
        4 => Some(&RANGES_4),
        _ => None,
    }
}

/// One version's table, ready for both ways.
pub(super) struct Table {
    pub(super) version: u8,
    records: [Opcode; 256],
    /// The first opcode of each kind, alone and with more; none if the version has it not.
    first: [[Option<u8>; 2]; OpKind::COUNT],
    /// The first opcode of options.
    pub(super) option: u8,
    /// The first opcode of scopes.
    pub(super) scope: Option<u8>,
}

/// Oldest first.
pub(super) static TABLES: [Table; 4] = [
    Table::of(1, &RANGES_1),
    Table::of(2, &RANGES_2),
    Table::of(3, &RANGES_2),
    Table::of(4, &RANGES_4),
];

impl Table {
    const fn of(version: u8, ranges: &Ranges) -> Table {
        let mut table = Table {
            version,
            records: [Opcode::Option; 256],
            first: [[None; 2]; OpKind::COUNT],
            option: 0,
            scope: None,
        };
        let mut range = 0;
        while range < ranges.len() {
            let (first, last, what) = ranges[range];
            match what {
                Opcode::Op(kind) => table.first[kind as usize][0] = Some(first),
                Opcode::More(kind) => table.first[kind as usize][1] = Some(first),
                Opcode::Option => table.option = first,
                Opcode::Scope => table.scope = Some(first),
            }
            let mut byte = first as usize;
            while byte <= last as usize {
                table.records[byte] = what;
                byte += 1;
            }
            range += 1;
        }
        table
    }

    /// The table of this version.
    pub(super) fn of_version(version: u8) -> Option<&'static Table> {
        TABLES.iter().find(|table| table.version == version)
    }

    /// What a record is that begins with this byte.
    pub(super) fn record(&self, byte: u8) -> Opcode {
        self.records[usize::from(byte)]
    }

    /// Whether the version has an operation, and what that breaks off.
    pub(super) fn has(&self, op: &Op) -> bool {
        if let Op::In(inside) = op {
            return self.scope.is_some() && self.has(inside.op());
        }
        let within = op.within();
        let has_place = within.is_none_or(|op| self.has_place_in(op.kind()) && self.has(op));
        has_place && self.canonical(op).is_some()
    }

    /// Whether a place can be in operations of this kind.
    pub(super) fn has_place_in(&self, kind: OpKind) -> bool {
        Within::is_possible(kind) && (self.version > 2 || !kind.only_reads())
    }

    /// The canonical opcode of an operation that is in no scope, if the version has it.
    #[inline]
    pub(super) fn canonical(&self, op: &Op) -> Option<u8> {
        let to_savepoint = matches!(op, Op::Rollback { to: Some(_), .. });
        let more = op.is_synced() || op.snapshot_read().is_some() || to_savepoint;
        self.first[op.kind() as usize][usize::from(more)]
    }
}
