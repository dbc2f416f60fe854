//! A crash point: what is durable there, what is pending, and what a state looks like.
//!
//! Invariants:
//! 1. Every effect passed is durable, pending or lost; pending ones are in the order of issue.
//! 2. The digest of a state is that of the image that the state gives.

use super::apply::{Content, apply_data, apply_names, put, torn};
use super::digest::{ImageDigest, Sum};
use super::effect::{Effect, FileId, NameId};
use super::image::Image;
use super::recording::Operation;
use super::state::{Log, NOWHERE};
use super::survival::Survival;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Pending,
    Durable,
    Lost,
}

/// A prefix of a recording. See the module.
#[derive(Clone, Debug)]
pub struct CrashPoint<'a> {
    log: &'a Log,
    passed: usize,
    fates: Vec<Fate>,
    pending: Vec<usize>,
    /// What a write adds to its file's digest, by effect.
    sums: Vec<Sum>,
    name_sums: Vec<Sum>,
    /// Durable names, directories and contents.
    names: Vec<(NameId, FileId)>,
    directories: Vec<NameId>,
    contents: Vec<Content>,
}

/// What belongs together in a model that keeps prefixes: one file's bytes or one directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    File(FileId),
    Directory(NameId),
}

impl<'a> CrashPoint<'a> {
    pub(super) fn new(log: &'a Log) -> Self {
        let content = |file: &super::state::LiveFile| Content {
            sum: Sum::of(0, file.original()),
            length: file.original().len() as u64,
        };
        let name = |name: &super::state::Name| Sum::of(0, name.path.as_os_str().as_encoded_bytes());
        CrashPoint {
            log,
            passed: 0,
            fates: Vec::with_capacity(log.effects.len()),
            pending: Vec::new(),
            sums: Vec::with_capacity(log.effects.len()),
            name_sums: log.names.iter().map(name).collect(),
            names: log.first_names.clone(),
            directories: log.first_directories.clone(),
            contents: log.files.iter().map(content).collect(),
        }
    }

    /// How many entries of the recording lie before this point.
    pub fn passed(&self) -> usize {
        self.passed
    }

    /// Moves past the next entry, and says what it was.
    pub fn advance(&mut self) -> Option<Operation> {
        let effect = self.step()?;
        Some(match effect {
            Effect::Invoked(number) => Operation::Invoked(*number),
            Effect::Acknowledged(number) => Operation::Acknowledged(*number),
            effect => Operation::Disk(self.log.describe(effect)),
        })
    }

    /// Moves past the next entry.
    pub(crate) fn step_over(&mut self) -> Option<Passed> {
        Some(match self.step()? {
            Effect::Invoked(number) => Passed::Invoked(*number),
            Effect::Acknowledged(number) => Passed::Acknowledged(*number),
            _ => Passed::Disk,
        })
    }

    fn step(&mut self) -> Option<&'a Effect> {
        let at = self.passed;
        let effect = self.log.effects.get(at)?;
        self.passed += 1;
        let mut sum = Sum::default();
        if let Effect::Write { offset, bytes, .. } = effect {
            sum = Sum::of(*offset, &self.log.arena[bytes.clone()]);
        }
        self.sums.push(sum);
        let is_pending = effect.data_of().is_some() || effect.named().is_some();
        self.fates.push(if is_pending {
            Fate::Pending
        } else {
            Fate::Durable
        });
        if is_pending {
            self.pending.push(at);
        }
        match effect {
            Effect::Sync { file } => self.settle(Stream::File(*file), Fate::Durable),
            Effect::LostSync { file } => self.settle(Stream::File(*file), Fate::Lost),
            Effect::SyncDirectory { name } => self.settle(Stream::Directory(*name), Fate::Durable),
            Effect::LostSyncDirectory { name } => {
                self.settle(Stream::Directory(*name), Fate::Lost);
            }
            _ => {}
        }
        Some(effect)
    }

    /// Ends the waiting of what is pending in a file or a directory.
    fn settle(&mut self, stream: Stream, fate: Fate) {
        for at in std::mem::take(&mut self.pending) {
            if self.stream_of(at) != stream {
                self.pending.push(at);
                continue;
            }
            self.fates[at] = fate;
            if fate == Fate::Durable {
                let sum = self.sums[at];
                let effect = &self.log.effects[at];
                apply_names(effect, &mut self.names, &mut self.directories);
                apply_data(effect, sum, &mut self.contents);
            }
        }
    }

    /// How many effects are pending.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Whether a pending effect is a write, which can be torn.
    pub fn is_write(&self, pending: usize) -> bool {
        matches!(self.pending_effect(pending), Effect::Write { .. })
    }

    /// A pending effect in words.
    pub fn describe(&self, pending: usize) -> String {
        self.log.describe(self.pending_effect(pending))
    }

    /// A state in words.
    pub fn tell(&self, survival: &Survival) -> String {
        let mut lines = vec![format!("crash after {}", self.last_passed())];
        for pending in 0..self.pending() {
            let kept = survival.kept.get(pending) == Some(&true);
            let torn = survival.tear.filter(|tear| tear.pending == pending);
            let fate = match (kept, torn) {
                (_, Some(tear)) => {
                    format!("torn after {} bytes, then {:?}", tear.bytes, tear.filler)
                }
                (true, None) => "survives".to_owned(),
                (false, None) => "lost".to_owned(),
            };
            lines.push(format!("  {}: {fate}", self.describe(pending)));
        }
        lines.join("\n")
    }

    fn last_passed(&self) -> String {
        let last = self.log.effects[..self.passed]
            .iter()
            .enumerate()
            .next_back();
        last.map_or_else(
            || "nothing".to_owned(),
            |(at, effect)| format!("entry {at}: {}", self.log.describe(effect)),
        )
    }

    pub(super) fn pending_effect(&self, pending: usize) -> &Effect {
        &self.log.effects[self.pending[pending]]
    }

    /// The file or directory that a pending effect belongs to.
    pub(super) fn stream(&self, pending: usize) -> Stream {
        self.stream_of(self.pending[pending])
    }

    fn stream_of(&self, at: usize) -> Stream {
        let effect = &self.log.effects[at];
        match (effect.data_of(), effect.named()) {
            (Some(file), _) => Stream::File(file),
            (None, Some(name)) => Stream::Directory(self.log.names[name as usize].parent),
            (None, None) => unreachable!("neither bytes nor names are pending in {effect:?}"),
        }
    }

    /// The digest of a state.
    pub fn digest(&self, survival: &Survival) -> ImageDigest {
        let mut names = self.names.clone();
        let mut directories = self.directories.clone();
        let mut contents = self.contents.clone();
        for (pending, at) in self.kept(survival) {
            let effect = &self.log.effects[at];
            match torn(self.log, effect, pending, survival) {
                None => {
                    apply_names(effect, &mut names, &mut directories);
                    apply_data(effect, self.sums[at], &mut contents);
                }
                Some((file, offset, bytes)) => {
                    let content = &mut contents[file as usize];
                    content.sum = content.sum.plus(Sum::of(offset, &bytes));
                    content.length = content.length.max(offset + bytes.len() as u64);
                }
            }
        }
        let mut digest = ImageDigest::default();
        self.drop_unreachable(&mut names, &mut directories);
        for name in directories {
            digest.add_directory(self.name_sums[name as usize]);
        }
        for (name, file) in names {
            let mut content = contents[file as usize];
            if self.log.files[file as usize].was_cut() {
                let bytes = self.bytes(file, survival);
                content.sum = Sum::of(0, &bytes);
                content.length = bytes.len() as u64;
            }
            let name = self.name_sums[name as usize];
            digest.add_file(name, content.length, content.sum);
        }
        digest
    }

    /// What the disk holds in a state.
    pub fn image(&self, survival: &Survival) -> Image {
        let mut names = self.names.clone();
        let mut directories = self.directories.clone();
        for (_, at) in self.kept(survival) {
            apply_names(&self.log.effects[at], &mut names, &mut directories);
        }
        self.drop_unreachable(&mut names, &mut directories);
        let path = |name: NameId| self.log.names[name as usize].path.clone();
        let directories = directories.into_iter().map(path).collect();
        let files = names
            .into_iter()
            .map(|(name, file)| (path(name), self.bytes(file, survival)));
        Image {
            files: files.collect(),
            directories,
        }
    }

    /// What is in a directory that did not survive is gone with it.
    fn drop_unreachable(&self, names: &mut Vec<(NameId, FileId)>, directories: &mut Vec<NameId>) {
        let parent = |name: NameId| self.log.names[name as usize].parent;
        loop {
            let known = directories.clone();
            let is_known = |name: NameId| name == NOWHERE || known.contains(&name);
            directories.retain(|name| is_known(parent(*name)));
            if directories.len() == known.len() {
                names.retain(|(name, _)| is_known(parent(*name)));
                return;
            }
        }
    }

    /// Pending effects that survive: their numbers among the pending, and in the log.
    fn kept<'s>(&'s self, survival: &'s Survival) -> impl Iterator<Item = (usize, usize)> + 's {
        let pending = self.pending.iter().copied().enumerate();
        pending.filter(|(number, _)| survival.kept.get(*number) == Some(&true))
    }

    /// The bytes of a file in a state.
    fn bytes(&self, file: FileId, survival: &Survival) -> Vec<u8> {
        let mut content = self.log.files[file as usize].original().to_vec();
        let mut pending = 0;
        for at in 0..self.passed {
            let number = pending;
            let is_pending = self.fates[at] == Fate::Pending;
            pending += usize::from(is_pending);
            let survives = match self.fates[at] {
                Fate::Durable => true,
                Fate::Lost => false,
                Fate::Pending => survival.kept.get(number) == Some(&true),
            };
            let effect = &self.log.effects[at];
            if !survives || effect.data_of() != Some(file) {
                continue;
            }
            let torn = torn(self.log, effect, number, survival).filter(|_| is_pending);
            match (torn, effect) {
                (Some((_, offset, bytes)), _) => put(&mut content, offset, &bytes),
                (None, Effect::Write { offset, bytes, .. }) => {
                    put(&mut content, *offset, &self.log.arena[bytes.clone()]);
                }
                (None, Effect::Resize { size, .. }) => content.resize(*size as usize, 0),
                _ => unreachable!("{effect:?} changes no bytes"),
            }
        }
        content
    }
}

/// What [`CrashPoint::step_over`] passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    Disk,
    Invoked(u32),
    Acknowledged(u32),
}
