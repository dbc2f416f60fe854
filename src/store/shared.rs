//! What readers, the writer and whoever changes the structure have in common.

use std::path::PathBuf;

use super::handles::Handles;
use super::published::Published;
use super::snapshot::Snapshots;
use super::stats::Counters;
use super::stopped::Stopped;
use super::structure::FileNumbers;
use super::view::View;
use super::work::Work;
use crate::disk::Disk;
use crate::manifest::Version;
use crate::options::Options;
use crate::sync::{Arc, AtomicU64, Ordering};

/// See the module. In this order: `sequence` stands beside the generation of the view, which
/// readers load with it, and the counters, which they write, cache lines away.
#[repr(C)]
pub(super) struct Shared {
    /// What readers see, together with `sequence`; see [`View`].
    pub(super) view: Published<View>,
    /// Of the newest change that readers see.
    pub(super) sequence: AtomicU64,
    pub(super) options: Options,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) directory: PathBuf,
    pub(super) handles: Handles,
    pub(super) snapshots: Arc<Snapshots>,
    pub(super) counters: Counters,
    pub(super) stopped: Stopped,
    pub(super) file_numbers: FileNumbers,
    pub(super) work: Work,
}

impl Shared {
    /// The sequence number of the newest change that readers see. Whoever takes a view as well
    /// takes it before.
    #[inline]
    pub(super) fn last_sequence(&self) -> u64 {
        self.sequence.load(Ordering::Acquire)
    }

    /// Shows readers the changes up to this one, all of which are in the memtable.
    pub(super) fn show_up_to(&self, sequence: u64) {
        self.sequence.store(sequence, Ordering::Release);
    }

    /// The segments of now. Only whoever has the structure replaces them.
    pub(super) fn version(&self) -> Arc<Version> {
        self.view.read(|view| Arc::clone(&view.version))
    }
}
