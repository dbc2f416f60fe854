//! Compaction: which entries of many segments are still needed, in one sorted run.
//!
//! ```text
//!   in:   (a,9,-) (a,7,"x") (b,8,"y") (c,4,"z") (c,2,"w")     all versions, all layers
//!   out:                    (b,8,"y") (c,4,"z")               the newest of each key, if alive
//! ```
//!
//! Invariants:
//! 1. Of each key only the newest version is kept: nobody can read an older one, for there are
//!    no snapshots yet.
//! 2. A tombstone is dropped only because the merge takes in every older segment: there is
//!    nothing left for it to hide (G3).

mod merge;

pub(crate) use merge::{Direction, Merge};

use crate::cursor::Cursor;
use crate::error::{Error, Result};
use crate::key::{Kind, split};

/// What a compaction left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) versions: u64,
    pub(crate) tombstones: u64,
}

/// Takes an entry that is still needed.
pub(crate) type Keep<'a> = dyn FnMut(&[u8], u64, &[u8]) -> Result<()> + 'a;

/// Walks all versions of all keys, and hands on what is still needed: user key, sequence number
/// and value, in key order. The merge must cover every segment of the store (invariant 2).
pub(crate) fn merge_all<C: Cursor>(mut merge: Merge<C>, keep: &mut Keep<'_>) -> Result<Dropped> {
    let mut dropped = Dropped::default();
    // The user key whose newest version has been seen.
    let mut decided: Option<Vec<u8>> = None;
    while let Some((internal_key, value)) = merge.current() {
        let (user_key, sequence, kind) = split(internal_key).ok_or_else(not_a_key)?;
        if decided.as_deref() == Some(user_key) {
            dropped.versions += 1;
        } else {
            let decided = decided.get_or_insert_default();
            decided.clear();
            decided.extend_from_slice(user_key);
            match kind {
                Kind::Put => keep(user_key, sequence, value)?,
                Kind::Delete => dropped.tombstones += 1,
            }
        }
        merge.advance()?;
    }
    Ok(dropped)
}

/// Cursors of tables have verified their keys; this is for one that has not.
fn not_a_key() -> Error {
    Error::damaged(
        std::path::Path::new("a segment"),
        0,
        "an entry's key is not an internal key",
    )
}
