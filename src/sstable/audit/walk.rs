//! Every entry of one block, and whether its restart points lead to entries.
//!
//! Invariant: a block that is walked without an error answers every search in it rightly, as long
//! as its keys ascend, which is for the caller to see.

use crate::sstable::block::BlockCursor;
use crate::sstable::entry::BadBlock;

/// Takes an entry: its place in the block, its key and its value. An error ends the walk.
pub(super) type EntryOf<'a> = dyn FnMut(usize, &[u8], &[u8]) -> Result<(), BadBlock> + 'a;

/// Walks a block to its end. Gives its bytes back in any case.
pub(super) fn walk<B: AsRef<[u8]> + Default>(
    bytes: B,
    buffer: Vec<u8>,
    each: &mut EntryOf<'_>,
) -> (B, Result<(), BadBlock>) {
    match BlockCursor::with_buffer(bytes, buffer) {
        Ok(mut cursor) => {
            let walked = entries(&mut cursor, each);
            (cursor.into_parts().0, walked)
        }
        Err(bad) => (B::default(), Err(bad)),
    }
}

fn entries<B: AsRef<[u8]>>(
    cursor: &mut BlockCursor<B>,
    each: &mut EntryOf<'_>,
) -> Result<(), BadBlock> {
    let mut restarts = 0;
    cursor.seek_to_first()?;
    if !cursor.valid() {
        return Ok(());
    }
    while cursor.valid() {
        let is_restart = restarts < cursor.restarts && cursor.restart(restarts)? == cursor.offset();
        if is_restart && cursor.key_in_place.is_none() {
            let what = "a restart point leads to a key that is not whole";
            return Err(BadBlock {
                at: cursor.offset(),
                what,
            });
        }
        restarts += usize::from(is_restart);
        if restarts == 0 {
            return Err(BadBlock {
                at: cursor.entries_end,
                what: "the first restart point is not the first entry",
            });
        }
        each(cursor.offset(), cursor.key(), cursor.value())?;
        cursor.next()?;
    }
    if restarts == cursor.restarts {
        return Ok(());
    }
    Err(BadBlock {
        at: cursor.entries_end + 4 * restarts,
        what: "a restart point leads to no entry",
    })
}
