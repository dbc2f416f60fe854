//! What a run did to a disk, taken out to be looked at.

use super::effect::Effect;
use super::point::CrashPoint;
use super::state::Log;

/// An entry of a recording, for a person or a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A disk operation, in words.
    Disk(String),
    /// The harness was about to send this operation.
    Invoked(u32),
    /// This operation was answered.
    Acknowledged(u32),
}

/// The effect log of a run, and what the disk held at its beginning.
#[derive(Debug)]
pub struct Recording {
    pub(super) log: Log,
}

impl Recording {
    pub(super) fn new(log: Log) -> Self {
        Recording { log }
    }

    /// How many entries there are, marks included.
    pub fn len(&self) -> usize {
        self.log.effects.len()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.log.effects.is_empty()
    }

    /// The crash point before everything; it is moved on by [`CrashPoint::advance`].
    pub fn first_point(&self) -> CrashPoint<'_> {
        CrashPoint::new(&self.log)
    }

    /// The crash point after everything.
    pub fn last_point(&self) -> CrashPoint<'_> {
        self.point_after(self.len())
    }

    /// The crash point after so many entries, or the last.
    pub fn point_after(&self, entries: usize) -> CrashPoint<'_> {
        let mut point = self.first_point();
        while point.passed() < entries && point.advance().is_some() {}
        point
    }

    /// The crash point in operation `number` of the harness after so many disk operations of it,
    /// or at its end if it did fewer; `None` if it never came.
    pub fn point_in(&self, number: u32, operations: u64) -> Option<CrashPoint<'_>> {
        let effects = &self.log.effects;
        let invoked = Effect::Invoked(number);
        let start = effects.iter().position(|effect| *effect == invoked)? + 1;
        let own = effects[start..].iter().take_while(|e| e.is_operation());
        let steps = (own.count() as u64).min(operations) as usize;
        Some(self.point_after(start + steps))
    }

    /// Forgets what came after an operation was acknowledged.
    pub(crate) fn cut_at_acknowledgement(&mut self, number: u32) {
        let mark = Effect::Acknowledged(number);
        let effects = &mut self.log.effects;
        if let Some(at) = effects.iter().position(|effect| *effect == mark) {
            effects.truncate(at);
        }
    }

    /// What the entries were, in order.
    pub fn operations(&self) -> impl Iterator<Item = Operation> + '_ {
        self.log.effects.iter().map(|effect| match effect {
            Effect::Invoked(number) => Operation::Invoked(*number),
            Effect::Acknowledged(number) => Operation::Acknowledged(*number),
            effect => Operation::Disk(self.log.describe(effect)),
        })
    }
}

impl Log {
    /// An effect in words: `write 12 bytes at 30 of store/000003.log`.
    pub(super) fn describe(&self, effect: &Effect) -> String {
        let path = |name: &u32| self.names[*name as usize].path.display().to_string();
        let file = |file: &u32| self.first_name_of(*file);
        match effect {
            Effect::Name { name, .. } => format!("create {}", path(name)),
            Effect::Rename { from, to, .. } => format!("rename {} to {}", path(from), path(to)),
            Effect::Remove { name } => format!("remove {}", path(name)),
            Effect::Directory { name } => format!("create directory {}", path(name)),
            Effect::Write {
                file: id,
                offset,
                bytes,
            } => format!("write {} bytes at {offset} of {}", bytes.len(), file(id)),
            Effect::Resize { file: id, size } => format!("resize {} to {size}", file(id)),
            Effect::Sync { file: id } => format!("sync {}", file(id)),
            Effect::SyncDirectory { name } => format!("sync directory {:?}", path(name)),
            Effect::LostSync { file: id } => format!("failed sync of {}", file(id)),
            Effect::LostSyncDirectory { name } => {
                format!("failed sync of directory {:?}", path(name))
            }
            Effect::Invoked(number) => format!("invoke operation {number}"),
            Effect::Acknowledged(number) => format!("acknowledge operation {number}"),
        }
    }

    /// The first name that a file had.
    fn first_name_of(&self, file: u32) -> String {
        let created = self.effects.iter().find_map(|effect| match effect {
            Effect::Name { name, file: named } if *named == file => Some(*name),
            _ => None,
        });
        let given = self.first_names.iter().find(|(_, named)| *named == file);
        let name = given.map(|(name, _)| *name).or(created);
        name.map_or_else(
            || format!("file {file}"),
            |name| self.names[name as usize].path.display().to_string(),
        )
    }
}
