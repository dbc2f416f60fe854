//! What the process that is killed writes: change after change, each told by its number alone.
//!
//! ```text
//!   changes   1 2 3 | 4 | 5 | ... | 16 | 17 18 19 | 20 | ...     a batch of three now and then
//!   after each operation: its last number; around a flush or a compaction: begins, ends
//! ```

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use etalon::{Batch, Options, Store, WriteOptions};

pub(crate) type Contents = BTreeMap<Vec<u8>, Vec<u8>>;

/// A message's first byte; eight bytes follow, the number of the newest change.
pub(crate) const ACKNOWLEDGED: u8 = 1;
pub(crate) const BEGINS: u8 = 2;
pub(crate) const ENDS: u8 = 3;

/// Operations that begin where this many divide what was written before are batches.
const BATCH_EVERY: u64 = 16;
const BATCH_CHANGES: u64 = 3;
const FLUSH_EVERY: u64 = 400;
const COMPACT_EVERY: u64 = 2;

/// How many changes the operation after `written` ones makes.
pub(crate) fn changes_after(written: u64) -> u64 {
    match written % BATCH_EVERY {
        0 => BATCH_CHANGES,
        _ => 1,
    }
}

/// A number that looks like chance.
fn scattered(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 20
}

/// The key of a change, and its value or none for a delete.
pub(crate) fn change(number: u64) -> (Vec<u8>, Option<Vec<u8>>) {
    let chance = scattered(number);
    let key = format!("key{:03}", chance % 500).into_bytes();
    let value = format!("{number:0>300}").into_bytes();
    let is_delete = (chance / 500).is_multiple_of(5);
    (key, (!is_delete).then_some(value))
}

/// Writes for ever, or until it is killed. The twin acknowledges before it writes.
pub(crate) fn write_for_ever(directory: &Path, twin: bool) {
    let options = Options {
        memtable_bytes: 100 << 10,
        ..Options::default()
    };
    let store = Store::open(directory, options).expect("opens");
    let mut written = store.sequence();
    for operation in 1_u64.. {
        let last = written + changes_after(written);
        if twin {
            say(ACKNOWLEDGED, last);
        }
        write(&store, written, last);
        if !twin {
            say(ACKNOWLEDGED, last);
        }
        written = last;
        if operation % FLUSH_EVERY == 0 {
            say(BEGINS, written);
            if (operation / FLUSH_EVERY).is_multiple_of(COMPACT_EVERY) {
                store.compact().expect("compacts");
            } else {
                store.flush().expect("flushes");
            }
            say(ENDS, written);
        }
    }
}

/// One operation: the changes behind `written`, up to `last`.
fn write(store: &Store, written: u64, last: u64) {
    let sync = scattered(last).is_multiple_of(97);
    let options = WriteOptions { sync };
    let done = if last == written + 1 {
        match change(last) {
            (key, Some(value)) => store.put_with(&key, &value, options),
            (key, None) => store.delete_with(&key, options),
        }
    } else {
        let mut batch = Batch::default();
        for number in written + 1..=last {
            match change(number) {
                (key, Some(value)) => batch.put(&key, &value),
                (key, None) => batch.delete(&key),
            }
        }
        store.write_with(&batch, options)
    };
    done.expect("writes");
}

/// A message in one piece. The standard error output has no buffer that a kill could empty.
fn say(kind: u8, number: u64) {
    let mut message = [kind; 9];
    message[1..].copy_from_slice(&number.to_le_bytes());
    io::stderr().write_all(&message).expect("somebody reads");
}
