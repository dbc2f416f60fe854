//! Where a segment's keys lie among all keys of the store, as a bar, so that levels one below the
//! other show what overlaps and what does not.
//!
//! ```text
//!   |####            |   "a"..="f"     the scale is that of all first and last keys, in order,
//!   |   #############|   "f"..="z"     not of their distance: keys have none
//! ```

use etalon::inspect::AddedSegment;

/// Columns between the edges.
const WIDTH: usize = 24;

/// The first and last keys of all segments, in order.
pub(super) struct Scale<'a> {
    marks: Vec<&'a [u8]>,
}

impl<'a> Scale<'a> {
    pub(super) fn of(segments: impl Iterator<Item = &'a AddedSegment>) -> Self {
        let mut marks: Vec<&[u8]> = segments
            .flat_map(|segment| [&segment.first[..], &segment.last[..]])
            .collect();
        marks.sort_unstable();
        marks.dedup();
        Scale { marks }
    }

    /// The bar of one of the segments.
    pub(super) fn bar(&self, segment: &AddedSegment) -> String {
        let column = |key: &[u8]| {
            let rank = self.marks.partition_point(|mark| *mark < key);
            rank * (WIDTH - 1) / (self.marks.len() - 1).max(1)
        };
        let (from, to) = (column(&segment.first), column(&segment.last));
        let cell = |at| if (from..=to).contains(&at) { '#' } else { ' ' };
        let cells: String = (0..WIDTH).map(cell).collect();
        format!("|{cells}|")
    }
}
