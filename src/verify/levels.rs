//! The tables together: deeper levels are disjoint, and newer changes stand above older ones.
//!
//! ```text
//!   level 0  000012   k,9        a get takes the first that it meets, from above:
//!   level 0  000007   k,7        so of each key the numbers must fall on the way down
//!   level 1  [a..m] [n..z]   k,4
//! ```
//!
//! The second is found by a merge of all tables, a cursor for each table of level 0 and one for
//! each deeper level. It is only tried where every table is intact.

use std::path::{Path, PathBuf};

use super::findings::Findings;
use crate::compaction::{Direction, Merge};
use crate::cursor::Cursor;
use crate::disk::Disk;
use crate::error::Result;
use crate::inspect::Chain;
use crate::key::{compare, split};
use crate::manifest::FileMeta;
use crate::sync::Arc;

/// A table of a level.
pub(super) struct Placed {
    pub(super) level: usize,
    pub(super) path: PathBuf,
    pub(super) meta: Arc<FileMeta>,
}

/// Puts tables into the order in which a get asks, and reports those that overlap in a level.
pub(super) fn disjoint(tables: &mut [Placed], manifest: &Path, findings: &mut Findings) -> bool {
    tables.sort_by(|a, b| {
        let within = if a.level == 0 {
            b.meta.number.cmp(&a.meta.number)
        } else {
            compare(&a.meta.smallest, &b.meta.smallest)
        };
        a.level.cmp(&b.level).then(within)
    });
    let mut are_disjoint = true;
    for pair in tables.windows(2) {
        let [left, right] = pair else { continue };
        let overlap = compare(&left.meta.largest, &right.meta.smallest).is_ge();
        if left.level == right.level && left.level > 0 && overlap {
            let (left, right, level) = (left.meta.number, right.meta.number, left.level);
            let what = format!("files {left} and {right} overlap in level {level}");
            findings.damage(manifest, 0, what);
            are_disjoint = false;
        }
    }
    are_disjoint
}

/// Tables that are asked at the same time, and the cursor over them.
struct Layer<'a> {
    tables: &'a [Placed],
}

/// Reports versions of a key that a get would meet in the wrong order. The tables are in the
/// order of [`disjoint`].
pub(super) fn ages(disk: &dyn Disk, tables: &[Placed], findings: &mut Findings) -> Result<()> {
    let same = |a: &Placed, b: &Placed| a.level == b.level && a.level > 0;
    let layers: Vec<Layer<'_>> = tables
        .chunk_by(same)
        .map(|tables| Layer { tables })
        .collect();
    if layers.len() < 2 {
        return Ok(());
    }
    let mut cursors = Vec::with_capacity(layers.len());
    for layer in &layers {
        let paths = layer.tables.iter().map(|table| table.path.clone());
        let mut chain = Chain::new(disk, paths.collect());
        chain.seek_to_first()?;
        cursors.push(chain);
    }
    let mut merge = Merge::new(cursors, Direction::Forward);
    // Of the entry before: its user key, sequence number and layer.
    let mut before: (Vec<u8>, u64, usize) = (Vec::new(), 0, usize::MAX);
    while let (Some(layer), Some((key, _))) = (merge.source_index(), merge.current()) {
        if let Some((user, sequence, _)) = split(key) {
            let is_same_key = before.2 != usize::MAX && before.0 == user;
            if is_same_key && (layer < before.2 || sequence == before.1) {
                let where_else = if sequence == before.1 {
                    ", which another table holds, too".into()
                } else {
                    format!(" above change {}, which is newer", before.1)
                };
                let key_is = user.escape_ascii();
                let what = format!("holds change {sequence} of key \"{key_is}\"{where_else}");
                findings.damage(layers[layer].holding(key), 0, what);
            }
            before.0.clear();
            before.0.extend_from_slice(user);
            (before.1, before.2) = (sequence, layer);
        }
        merge.advance()?;
    }
    Ok(())
}

impl Layer<'_> {
    /// The table in which an internal key is.
    fn holding(&self, key: &[u8]) -> &Path {
        let at = self
            .tables
            .partition_point(|table| compare(&table.meta.largest, key).is_lt());
        &self.tables[at.min(self.tables.len() - 1)].path
    }
}
