//! Open files of the simulated disk.

use std::io;

use super::effect::{Effect, FileId};
use super::fault::{Call, FaultKind};
use super::state::State;
use crate::disk::File;
use crate::sync::{Arc, LeafLock};

/// An open file. When its disk's recording is taken, every call fails.
#[derive(Debug)]
pub(super) struct SimulatedFile {
    state: Arc<LeafLock<State>>,
    file: FileId,
}

impl SimulatedFile {
    pub(super) fn new(state: &Arc<LeafLock<State>>, file: FileId) -> Self {
        let state = Arc::clone(state);
        SimulatedFile { state, file }
    }

    /// Counts a call and does it, unless it fails or the disk is gone.
    fn call<R>(
        &self,
        call: Call,
        work: impl FnOnce(&mut State, Option<FaultKind>) -> io::Result<R>,
    ) -> io::Result<R> {
        let mut state = self.state.lock();
        if self.file as usize >= state.log.files.len() {
            return Err(io::Error::other("the disk that this file was on is gone"));
        }
        let fault = state.call(call)?;
        work(&mut state, fault)
    }
}

impl File for SimulatedFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.call(Call::Append, |state, fault| {
            if let Some(kind) = fault {
                state.append(self.file, &bytes[..bytes.len() / 2]);
                return Err(kind.error());
            }
            state.append(self.file, bytes);
            Ok(())
        })
    }

    fn read<'a>(
        &'a self,
        offset: u64,
        length: usize,
        scratch: &'a mut Vec<u8>,
    ) -> io::Result<&'a [u8]> {
        scratch.clear();
        self.call(Call::ReadBytes, |state, fault| {
            let bytes = &state.log.files[self.file as usize].bytes;
            let wanted = usize::try_from(offset).ok().and_then(|start| {
                let end = start.checked_add(length)?;
                bytes.get(start..end)
            });
            scratch.extend_from_slice(wanted.ok_or(io::ErrorKind::UnexpectedEof)?);
            if let Some(FaultKind::Flip(bit)) = fault
                && !scratch.is_empty()
            {
                let bit = bit % (8 * scratch.len() as u64);
                scratch[(bit / 8) as usize] ^= 1 << (bit % 8);
            }
            Ok(())
        })?;
        Ok(scratch)
    }

    fn size(&self) -> io::Result<u64> {
        self.call(Call::Ask, |state, _| {
            Ok(state.log.files[self.file as usize].bytes.len() as u64)
        })
    }

    fn sync(&self) -> io::Result<()> {
        let file = self.file;
        self.call(Call::Sync, |state, fault| {
            if let Some(kind) = fault {
                state.record(Effect::LostSync { file });
                return Err(kind.error());
            }
            if !state.lies.sync {
                state.record(Effect::Sync { file });
            }
            Ok(())
        })
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.call(Call::Other, |state, _| {
            state.resize(self.file, size);
            Ok(())
        })
    }

    fn preallocate(&self, size: u64) -> io::Result<()> {
        self.call(Call::Append, |state, fault| {
            if let Some(kind) = fault {
                return Err(kind.error());
            }
            if size > state.log.files[self.file as usize].bytes.len() as u64 {
                state.resize(self.file, size);
            }
            Ok(())
        })
    }
}
