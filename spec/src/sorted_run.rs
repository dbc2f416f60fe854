//! Entries in order, as they are ingested.

use crate::op::Entry;

/// At least one entry; the keys ascend, each once.
///
/// ```
/// use etalon_spec::SortedRun;
///
/// let entry = |key: &str| (key.as_bytes().to_vec(), Vec::new());
/// assert!(SortedRun::new(vec![entry("a"), entry("b")]).is_some());
/// assert_eq!(SortedRun::new(vec![entry("b"), entry("a")]), None);
/// assert_eq!(SortedRun::new(vec![]), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SortedRun(Vec<Entry>);

impl SortedRun {
    /// What such a run is, for a person.
    pub(crate) const EXPECTED: &str = "entries whose keys ascend, each once";

    /// These entries, if they are such.
    pub fn new(entries: Vec<Entry>) -> Option<SortedRun> {
        let ascends = entries.windows(2).all(|pair| pair[0].0 < pair[1].0);
        (ascends && !entries.is_empty()).then_some(SortedRun(entries))
    }

    /// These entries, put in order; the last one of a key counts. None if there are none.
    pub fn sorted(mut entries: Vec<Entry>) -> Option<SortedRun> {
        // Stable, so that among equal keys the last one stays the last; reversed, the first is kept.
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.reverse();
        entries.dedup_by(|(a, _), (b, _)| a == b);
        entries.reverse();
        SortedRun::new(entries)
    }

    /// Lets the entries be changed, and puts them in order again.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Vec<Entry>)) {
        let mut entries = self.0.clone();
        change(&mut entries);
        if let Some(changed) = SortedRun::sorted(entries) {
            *self = changed;
        }
    }

    /// The entries, ascending.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }
}
