//! What readers, the writer and whoever changes the structure have in common.

use std::path::PathBuf;

use super::View;
use super::handles::Handles;
use super::snapshot::Snapshots;
use super::stats::Counters;
use super::stopped::Stopped;
use super::structure::FileNumbers;
use super::work::Work;
use crate::disk::Disk;
use crate::manifest::Version;
use crate::options::Options;
use crate::sync::{Arc, RwLock};

/// See the module.
pub(super) struct Shared {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) directory: PathBuf,
    pub(super) options: Options,
    pub(super) handles: Handles,
    pub(super) view: RwLock<View>,
    pub(super) snapshots: Arc<Snapshots>,
    pub(super) counters: Counters,
    pub(super) stopped: Stopped,
    pub(super) file_numbers: FileNumbers,
    pub(super) work: Work,
}

impl Shared {
    /// The segments of now. Only whoever has the structure replaces them.
    pub(super) fn version(&self) -> Arc<Version> {
        Arc::clone(&self.view.read().version)
    }
}
