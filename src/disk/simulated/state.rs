//! The disk as the running process sees it, and the log of what was done to it.
//!
//! Invariants:
//! 1. Every change of names or bytes is in the log, in the order in which it was done.
//! 2. The bytes of a write are in the arena; those that a file had at the beginning stay known.

use std::io;
use std::path::{Path, PathBuf};

use super::super::memory::{bytes_of, missing, parent_and_name};
use super::effect::{Effect, FileId, NameId};
use super::fault::{Call, FaultKind, Faults, Lies};
use super::image::Image;
use crate::disk::LockKind;

/// The name of what has no parent: the root, or the place where relative paths begin.
pub(super) const NOWHERE: NameId = 0;

#[derive(Debug)]
pub(super) struct LiveFile {
    pub(super) bytes: Vec<u8>,
    /// How many of them were there at the beginning, unless the file was cut.
    base: usize,
    /// What was there at the beginning, once the file was cut.
    original: Option<Vec<u8>>,
}

impl LiveFile {
    fn new(bytes: Vec<u8>) -> Self {
        LiveFile {
            base: bytes.len(),
            bytes,
            original: None,
        }
    }

    /// What was there at the beginning.
    pub(super) fn original(&self) -> &[u8] {
        let original = self.original.as_deref();
        original.unwrap_or_else(|| &self.bytes[..self.base])
    }

    /// Whether bytes were ever cut off, and perhaps written again.
    pub(super) fn was_cut(&self) -> bool {
        self.original.is_some()
    }
}

/// A path, and the number of its parent.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) path: PathBuf,
    pub(super) parent: NameId,
}

/// What was recorded, and what it began with.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) names: Vec<Name>,
    pub(super) files: Vec<LiveFile>,
    /// Names and directories at the beginning.
    pub(super) first_names: Vec<(NameId, FileId)>,
    pub(super) first_directories: Vec<NameId>,
    pub(super) effects: Vec<Effect>,
    pub(super) arena: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) log: Log,
    names: Vec<(NameId, FileId)>,
    directories: Vec<NameId>,
    pub(super) locks: Vec<(NameId, LockKind)>,
    pub(super) faults: Faults,
    pub(super) lies: Lies,
}

impl State {
    pub(super) fn new(image: Image) -> State {
        let mut state = State {
            log: Log::default(),
            names: Vec::new(),
            directories: Vec::new(),
            locks: Vec::new(),
            faults: Faults::default(),
            lies: Lies::default(),
        };
        let nowhere = state.name(Path::new(""));
        debug_assert_eq!(nowhere, NOWHERE);
        for path in image.directories {
            let name = state.name(&path);
            state.directories.push(name);
        }
        for (path, bytes) in image.files {
            let name = state.name(&path);
            state.names.push((name, state.log.files.len() as FileId));
            state.log.files.push(LiveFile::new(bytes));
        }
        state.log.first_names.clone_from(&state.names);
        state.log.first_directories.clone_from(&state.directories);
        state
    }

    /// The number of a path, a new one if it was never met.
    pub(super) fn name(&mut self, path: &Path) -> NameId {
        let wanted = bytes_of(path);
        let known = |name: &Name| name.path.as_os_str().as_encoded_bytes() == wanted;
        if let Some(at) = self.log.names.iter().position(known) {
            return at as NameId;
        }
        // Without separators at its end, so that one path has one number.
        let path = if wanted.len() == path.as_os_str().len() {
            path.to_path_buf()
        } else {
            path.components().collect()
        };
        let parent_length = parent_and_name(bytes_of(&path)).0.len();
        let parent = match path.parent() {
            Some(parent) if parent_length > 0 => self.name(parent),
            _ => NOWHERE,
        };
        self.log.names.push(Name { path, parent });
        (self.log.names.len() - 1) as NameId
    }

    pub(super) fn path(&self, name: NameId) -> &Path {
        &self.log.names[name as usize].path
    }

    pub(super) fn find(&self, name: NameId) -> Option<usize> {
        self.names.iter().position(|(known, _)| *known == name)
    }

    pub(super) fn file(&self, name: NameId) -> io::Result<FileId> {
        let index = self.find(name).ok_or_else(|| missing(self.path(name)))?;
        Ok(self.names[index].1)
    }

    pub(super) fn is_directory(&self, name: NameId) -> bool {
        name == NOWHERE || self.directories.contains(&name)
    }

    /// Whether a name is free and has a parent.
    pub(super) fn check_new(&self, name: NameId) -> io::Result<()> {
        if self.find(name).is_some() || self.is_directory(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if self.is_directory(self.log.names[name as usize].parent) {
            Ok(())
        } else {
            Err(missing(self.path(name)))
        }
    }

    /// Counts a call, and fails it if that is due. A short write or a flipped bit is the
    /// caller's to carry out.
    pub(super) fn call(&mut self, call: Call) -> io::Result<Option<FaultKind>> {
        if self.faults.has_stopped(call) {
            return Err(io::Error::other("the machine has stopped"));
        }
        match self.faults.strikes(call) {
            Some(kind @ (FaultKind::Io | FaultKind::NoSpace)) => Err(kind.error()),
            other => Ok(other),
        }
    }

    pub(super) fn record(&mut self, effect: Effect) {
        self.log.effects.push(effect);
    }

    pub(super) fn create(&mut self, name: NameId) -> io::Result<FileId> {
        self.check_new(name)?;
        let file = self.log.files.len() as FileId;
        self.log.files.push(LiveFile::new(Vec::new()));
        self.names.push((name, file));
        self.record(Effect::Name { name, file });
        Ok(file)
    }

    pub(super) fn link(&mut self, from: NameId, to: NameId) -> io::Result<()> {
        let file = self.file(from)?;
        self.check_new(to)?;
        self.names.push((to, file));
        self.record(Effect::Name { name: to, file });
        Ok(())
    }

    pub(super) fn rename(&mut self, from: NameId, to: NameId) -> io::Result<()> {
        let index = self.find(from).ok_or_else(|| missing(self.path(from)))?;
        if from == to {
            return Ok(());
        }
        let file = self.names[index].1;
        if let Some(replaced) = self.find(to) {
            self.names[replaced].1 = file;
            self.names.swap_remove(index);
        } else {
            self.check_new(to)?;
            self.names[index].0 = to;
        }
        self.record(Effect::Rename { from, to, file });
        Ok(())
    }

    pub(super) fn remove(&mut self, name: NameId) -> io::Result<()> {
        let index = self.find(name).ok_or_else(|| missing(self.path(name)))?;
        self.names.swap_remove(index);
        self.record(Effect::Remove { name });
        Ok(())
    }

    pub(super) fn create_directory(&mut self, name: NameId) -> io::Result<()> {
        if self.is_directory(name) {
            return Ok(());
        }
        self.check_new(name)?;
        self.directories.push(name);
        self.record(Effect::Directory { name });
        Ok(())
    }

    pub(super) fn append(&mut self, file: FileId, bytes: &[u8]) {
        let content = &mut self.log.files[file as usize].bytes;
        let offset = content.len() as u64;
        content.extend_from_slice(bytes);
        let start = self.log.arena.len();
        self.log.arena.extend_from_slice(bytes);
        let bytes = start..self.log.arena.len();
        self.record(Effect::Write {
            file,
            offset,
            bytes,
        });
    }

    pub(super) fn resize(&mut self, file: FileId, size: u64) {
        let live = &mut self.log.files[file as usize];
        if (size as usize) < live.bytes.len() && live.original.is_none() {
            live.original = Some(live.bytes[..live.base].to_vec());
        }
        live.bytes.resize(size as usize, 0);
        self.record(Effect::Resize { file, size });
    }

    /// Names of files and directories in a directory.
    pub(super) fn list(&self, directory: NameId) -> Vec<String> {
        let files = self.names.iter().map(|(name, _)| *name);
        files
            .chain(self.directories.iter().copied())
            .filter(|name| self.log.names[*name as usize].parent == directory)
            .map(|name| {
                let name = parent_and_name(bytes_of(self.path(name))).1;
                String::from_utf8_lossy(name).into_owned()
            })
            .collect()
    }

    /// Names and bytes as they are now.
    pub(super) fn image(&self) -> Image {
        let path = |name: &NameId| self.path(*name).to_path_buf();
        let bytes = |file: &FileId| self.log.files[*file as usize].bytes.clone();
        Image {
            directories: self.directories.iter().map(path).collect(),
            files: self
                .names
                .iter()
                .map(|(name, file)| (path(name), bytes(file)))
                .collect(),
        }
    }
}
