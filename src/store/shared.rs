//! What readers, the writer and whoever changes the structure have in common.

use std::path::PathBuf;

use super::View;
use super::handles::Handles;
use super::snapshot::Snapshots;
use super::stats::Counters;
use super::stopped::Stopped;
use super::structure::{FileNumbers, Structure};
use crate::disk::Disk;
use crate::options::Options;
use crate::sync::{Arc, Mutex, RwLock};

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
    /// `None`: opened read-only.
    pub(super) structure: Option<Mutex<Structure>>,
}
