//! A disk that crashes, tears, loses and fails, as often as it is told to.
//!
//! ```text
//!   Store --> SimulatedDisk: answers as a disk does, and writes down each effect
//!                 |
//!             Recording:  create write write sync | write rename . . .
//!                 |                               ^ crash point: a prefix of the log
//!             CrashPoint: what is durable there, what is pending
//!                 |
//!             CrashModel: which of the pending effects survive --> Image --> SimulatedDisk
//! ```
//!
//! One run gives every crash point, and each crash point every surviving state: the store does
//! not run again for any of them.
//!
//! What is durable (DESIGN: G7; `disk`, invariant 2):
//! 1. Bytes and sizes of a file once `sync` of it has returned; a name, new, moved or removed,
//!    once `sync_directory` of its directory has. Neither makes the other durable.
//! 2. A rename survives whole or not at all.
//! 3. What failed to become durable in a sync that failed is readable, and never survives
//!    ([`FaultKind::Sync`]).
//!
//! It does not model: a file system that loses what was durable, or that writes to one file what
//! belongs to another. Locks go with the process.

use std::io;
use std::path::Path;

use super::{Disk, File, Lock, LockKind};
use crate::sync::{Arc, LeafLock};

mod apply;
mod digest;
mod effect;
mod fault;
mod file;
mod image;
mod models;
mod point;
mod recording;
mod state;
mod survival;
#[cfg(test)]
mod tests;

pub use digest::ImageDigest;
pub use fault::{Calls, Fault, FaultKind, Lies};
pub use image::Image;
pub use models::{CrashModel, Extent, Limits};
pub use point::CrashPoint;
pub(crate) use point::Passed;
pub use recording::{Operation, Recording};
pub use survival::{Filler, Survival, Tear};

use effect::Effect;
use fault::Call;
use file::SimulatedFile;
use state::State;

/// A disk in memory that remembers what was done to it; a clone is the same disk.
///
/// ```
/// use etalon::disk::{Disk, simulated::{CrashModel, Limits, SimulatedDisk}};
///
/// let disk = SimulatedDisk::default();
/// let file = disk.create("log".as_ref())?;
/// disk.sync_directory("".as_ref())?;
/// file.append(b"synced")?;
/// file.sync()?;
/// file.append(b", not")?;
///
/// let recording = disk.take_recording();
/// let mut contents = Vec::new();
/// let end = recording.last_point();
/// CrashModel::Prefix.each(&end, &Limits::default(), &mut |survival| {
///     let image = end.image(survival);
///     contents.push(image.read("log".as_ref()).unwrap_or_default().to_vec());
///     true
/// });
/// assert_eq!(contents, [b"synced".to_vec(), b"synced, not".to_vec()]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SimulatedDisk {
    state: Arc<LeafLock<State>>,
}

impl Default for SimulatedDisk {
    fn default() -> Self {
        SimulatedDisk::from_image(Image::default())
    }
}

impl SimulatedDisk {
    /// A disk that holds an image, all of it durable.
    pub fn from_image(image: Image) -> Self {
        SimulatedDisk {
            state: Arc::new(LeafLock::new(State::new(image))),
        }
    }

    /// The names and bytes as they are for the running process: what `kill` leaves.
    pub fn image(&self) -> Image {
        self.state.lock().image()
    }

    /// Marks the moment before an operation of the harness.
    pub fn invoked(&self, number: u32) {
        self.state.lock().record(Effect::Invoked(number));
    }

    /// Marks the moment after its answer.
    pub fn acknowledged(&self, number: u32) {
        self.state.lock().record(Effect::Acknowledged(number));
    }

    /// Arms a failure, counted from now, in place of any that was armed; `None` disarms.
    pub fn arm(&self, fault: Option<Fault>) {
        self.state.lock().faults.arm(fault);
    }

    /// Lets the machine stop after so many changes of the disk from now on: every call after them
    /// fails and does nothing. `None` lets it run.
    pub fn stop_after(&self, changes: Option<u64>) {
        self.state.lock().faults.stop_after(changes);
    }

    /// How often the armed failure has struck.
    pub fn struck(&self) -> u64 {
        self.state.lock().faults.struck
    }

    /// How many calls there were since the last arming, whether or not a failure was armed.
    pub fn calls(&self, family: Calls) -> u64 {
        let state = self.state.lock();
        match family {
            Calls::Changes => state.faults.changes,
            Calls::Reads => state.faults.reads,
        }
    }

    /// Lies from now on about syncs.
    pub fn lie(&self, lies: Lies) {
        self.state.lock().lies = lies;
    }

    /// Takes out what was recorded. The disk is empty afterwards, and its open files are gone.
    pub fn take_recording(&self) -> Recording {
        let state = std::mem::replace(&mut *self.state.lock(), State::new(Image::default()));
        Recording::new(state.log)
    }

    fn open_file(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut state = self.state.lock();
        state.call(Call::Ask)?;
        let name = state.name(path);
        let file = state.file(name)?;
        Ok(Arc::new(SimulatedFile::new(&self.state, file)))
    }

    /// Counts a call and does it with the number of a path.
    fn with_name(
        &self,
        call: Call,
        path: &Path,
        work: impl FnOnce(&mut State, u32) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut state = self.state.lock();
        state.call(call)?;
        let name = state.name(path);
        work(&mut state, name)
    }
}

impl Disk for SimulatedDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut state = self.state.lock();
        state.call(Call::Name)?;
        let name = state.name(path);
        let file = state.create(name)?;
        Ok(Arc::new(SimulatedFile::new(&self.state, file)))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.open_file(path)
    }

    fn open_append(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.open_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.with_name(Call::Other, from, |state, from| {
            let to = state.name(to);
            state.rename(from, to)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.with_name(Call::Other, path, State::remove)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.with_name(Call::Name, from, |state, from| {
            let to = state.name(to);
            state.link(from, to)
        })
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let mut state = self.state.lock();
        state.call(Call::Ask)?;
        let name = state.name(directory);
        if state.is_directory(name) {
            Ok(state.list(name))
        } else {
            Err(super::memory::missing(directory))
        }
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        self.with_name(Call::Name, directory, State::create_directory)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let failed = state.call(Call::Sync)?;
        let name = state.name(directory);
        if !state.is_directory(name) {
            return Err(super::memory::missing(directory));
        }
        if let Some(kind) = failed {
            state.record(Effect::LostSyncDirectory { name });
            return Err(kind.error());
        }
        if !state.lies.sync_directory {
            state.record(Effect::SyncDirectory { name });
        }
        Ok(())
    }

    fn lock(&self, path: &Path, kind: LockKind) -> io::Result<Box<dyn Lock>> {
        let mut state = self.state.lock();
        let name = state.name(path);
        let mut others = state.locks.iter().filter(|(held, _)| *held == name);
        if others.any(|&(_, held)| held == LockKind::Exclusive || kind == LockKind::Exclusive) {
            return Err(io::Error::new(
                io::ErrorKind::WouldBlock,
                "held by another handle in this process",
            ));
        }
        if state.find(name).is_none() {
            if kind == LockKind::Shared {
                return Err(super::memory::missing(path));
            }
            state.call(Call::Name)?;
            state.create(name)?;
        }
        state.locks.push((name, kind));
        Ok(Box::new(SimulatedLock {
            name,
            state: Arc::clone(&self.state),
        }))
    }
}

#[derive(Debug)]
struct SimulatedLock {
    name: u32,
    state: Arc<LeafLock<State>>,
}

impl Lock for SimulatedLock {}

impl Drop for SimulatedLock {
    fn drop(&mut self) {
        let mut state = self.state.lock();
        // Holders of one path are alike, so any entry of it will do.
        if let Some(at) = state.locks.iter().position(|(name, _)| *name == self.name) {
            state.locks.swap_remove(at);
        }
    }
}
