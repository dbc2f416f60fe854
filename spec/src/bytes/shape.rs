//! The tags that say in which shape bytes, ranges, changes and settings come. Frozen; five came
//! with version 2, the last three with version 4.
//!
//! ```text
//!   bytes    00..7f      short: keys: of the pool, below 20 the tag-th, else tag mod 8
//!                         values: 00 is empty, else that byte
//!            80..9f      inline: tag - 80 bytes follow
//!            a0..a7      run: a number n and a byte follow: n times that byte
//!            a8          inline: a number n and n bytes follow
//!            a9..ff      short again: keys: of the pool, tag mod 8; values: the byte tag - 80
//!   range    r mod 10    0 = ..   9 = prefix
//!                        else from = r / 3, to = r mod 3, of (none, included, excluded)
//!   scan     s mod 40    range = s mod 10; s / 10: bit 0 = reverse, bit 1 = a limit follows
//!   change   00..3f end of the batch    40..bf put    c0..ff delete
//!   name     00..0f      of the pool        ff   inline: a number n and n bytes
//!            10..fe      of the pool, tag mod 5
//!   setting  00 off  01 on  02 number follows  03 bytes follow, as a value
//!            04..0f      word of the pool, tag mod 4
//!            10..9f      2 to the power of (tag mod 21)
//!            a0..ff      the number tag - a0
//!   named    00..07      of the pool        f0..fe inline: tag - ef bytes follow
//!            08..ef, ff  of the pool, the first; the second if tag mod 4 is 3
//!   then     00..bf end of the list   c0..df at a number   e0..ff at a number, keep
//!   crash    c mod 2     1 = a place comes first; then keep and a list of then
//!   keep     k mod 8     k mod 4 = (none, all, first a number, only: a number n, n numbers)
//!                        k / 4 = 1: torn: a number, and r mod 3 of (old, zero, garbage)
//!   fault    f mod 8     f mod 4 of (eio, enospc, short, sync); f / 4 = 1: forever
//!   cas      c mod 4     bit 0 = a value is expected, bit 1 = a new one is set; these follow
//!   entry    00..3f end of the run      40..ff an entry
//!   scope    s mod 3     (transaction, space, both: the space first)
//! ```
//!
//! The canonical tag is the least, except that settings with a number are 02 always.

use crate::name::Name;

/// Bytes: inline, by the length in the tag.
pub(super) const INLINE: u8 = 0x80;
/// Bytes: the longest length that fits the tag.
pub(super) const INLINE_MAX: usize = (RUN - INLINE - 1) as usize;
/// Bytes: one byte, many times.
pub(super) const RUN: u8 = 0xa0;
/// Bytes: inline, by a number.
pub(super) const INLINE_LONG: u8 = 0xa8;
/// Bytes: the shortest that is written as a run.
pub(super) const RUN_MIN: usize = 4;

/// Ranges: how many shapes there are.
pub(super) const RANGES: u8 = 10;
/// Ranges: by prefix.
pub(super) const PREFIX: u8 = 9;

/// Changes: a put; below it the end of the batch.
pub(super) const CHANGE_PUT: u8 = 0x40;
/// Changes: a delete.
pub(super) const CHANGE_DELETE: u8 = 0xc0;

/// Names: inline.
pub(super) const NAME_INLINE: u8 = 0xff;

/// Settings: off; on is the next.
pub(super) const SETTING_OFF: u8 = 0x00;
/// Settings: on.
pub(super) const SETTING_ON: u8 = 0x01;
/// Settings: a number.
pub(super) const SETTING_NUMBER: u8 = 0x02;
/// Settings: bytes.
pub(super) const SETTING_BYTES: u8 = 0x03;
/// Settings: words of the pool, from here on.
pub(super) const SETTING_WORD: u8 = 0x04;
/// Settings: powers of two, from here on.
pub(super) const SETTING_POWER: u8 = 0x10;
/// Settings: small numbers, from here on.
pub(super) const SETTING_SMALL: u8 = 0xa0;

/// Names of snapshots and iterators: inline, by length from 1, from here on.
pub(super) const NAMED_INLINE: u8 = 0xf0;
/// Names: inline, of the longest length.
pub(super) const NAMED_INLINE_LAST: u8 = NAMED_INLINE + Name::LONGEST as u8 - 1;

/// Crashes of recoveries: the process dies; below it the end of the list.
pub(super) const THEN: u8 = 0xc0;
/// Crashes of recoveries: power is lost.
pub(super) const THEN_KEEP: u8 = 0xe0;

/// What survives: a write is torn.
pub(super) const TORN: u8 = 4;

/// Faults: forever.
pub(super) const FOREVER: u8 = 4;

/// Compare-and-swap: a value is expected.
pub(super) const EXPECTED: u8 = 1;
/// Compare-and-swap: a new value is set.
pub(super) const NEW: u8 = 2;

/// Runs: an entry; below it the end of the run.
pub(super) const ENTRY: u8 = 0x40;

/// Scopes: a transaction.
pub(super) const IN_TRANSACTION: u8 = 0;
/// Scopes: a space.
pub(super) const IN_SPACE: u8 = 1;
/// Scopes: both.
pub(super) const IN_BOTH: u8 = 2;
