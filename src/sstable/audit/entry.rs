//! One entry: whether it is one, and whether a search would find it where it is.

use super::{Auditor, Found, Place};
use crate::error::Result;
use crate::key::{self, Kind, MAX_SEQUENCE_READ, compare};
use crate::sstable::bloom;
use crate::sstable::filter_block::FilterBlock;
use crate::sstable::reader::NO_KEY;

impl Auditor<'_, '_> {
    /// Hands an entry on, and says what is wrong with it.
    pub(super) fn entry(
        &mut self,
        place: &Place,
        offset: u64,
        key: &[u8],
        value: &[u8],
    ) -> Result<()> {
        let Some((user, sequence, kind)) = key::split(key) else {
            let lost = Some(place.lost(offset, offset));
            return self.wrong(self.source.damaged(offset, NO_KEY), lost);
        };
        if sequence > MAX_SEQUENCE_READ {
            let what = format!("sequence number {sequence} is near its end");
            let lost = Some(place.lost(offset, offset));
            return self.wrong(self.source.damaged(offset, what), lost);
        }
        if let Some(what) = self.out_of_place(place, key) {
            let what = format!("key \"{}\" {what}", user.escape_ascii());
            self.wrong(self.source.damaged(offset, what), None)?;
        }
        let audit = &mut self.audit;
        if audit.entries == 0 {
            audit.first.extend_from_slice(key);
        }
        audit.last.clear();
        audit.last.extend_from_slice(key);
        audit.entries += 1;
        audit.tombstones += u64::from(kind == Kind::Delete);
        audit.newest = audit.newest.max(sequence);
        (self.visit)(Found::Entry { key, value })
    }

    /// Why a search would not find a key where it is.
    fn out_of_place(&self, place: &Place, key: &[u8]) -> Option<&'static str> {
        if self.audit.entries > 0 && compare(&self.audit.last, key).is_ge() {
            return Some("is out of order");
        }
        if !place.after.is_empty() && compare(&place.after, key).is_ge() {
            return Some("is looked for in the block before, by the index");
        }
        if !place.up_to.is_empty() && compare(key, &place.up_to).is_gt() {
            return Some("is looked for in a later block, by the index");
        }
        let hash = bloom::hash(key::user_key(key));
        let denied = |filter: &FilterBlock| !filter.may_contain(place.handle.offset, hash);
        self.filter
            .as_ref()
            .is_some_and(denied)
            .then_some("is denied by the filter of its block")
    }
}
