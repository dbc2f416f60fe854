//! What a run did to the disk: effects, in the order of issue.

use std::ops::Range;

/// A path that the disk has met, by number.
pub(super) type NameId = u32;
/// A file, whatever its names, by number.
pub(super) type FileId = u32;

/// One entry of the log. All but the two marks are disk operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// A name for a new file (`create`), or another name for a file (`link`).
    Name {
        name: NameId,
        file: FileId,
    },
    /// Takes a name away and gives another to the same file, as one.
    Rename {
        from: NameId,
        to: NameId,
        file: FileId,
    },
    Remove {
        name: NameId,
    },
    Directory {
        name: NameId,
    },
    /// Bytes, kept in the recording, that went to `offset` of a file.
    Write {
        file: FileId,
        offset: u64,
        bytes: Range<usize>,
    },
    /// The file was cut, or made longer with zeros.
    Resize {
        file: FileId,
        size: u64,
    },
    Sync {
        file: FileId,
    },
    SyncDirectory {
        name: NameId,
    },
    /// A sync that failed: what was pending in the file is readable until the crash and gone
    /// after it.
    LostSync {
        file: FileId,
    },
    /// The same of a directory.
    LostSyncDirectory {
        name: NameId,
    },
    /// The harness is about to send an operation.
    Invoked(u32),
    /// The operation was answered.
    Acknowledged(u32),
}

impl Effect {
    /// Whether it is a disk operation, not a mark.
    pub(super) fn is_operation(&self) -> bool {
        !matches!(self, Effect::Invoked(_) | Effect::Acknowledged(_))
    }

    /// The file whose bytes it changes.
    pub(super) fn data_of(&self) -> Option<FileId> {
        match self {
            Effect::Write { file, .. } | Effect::Resize { file, .. } => Some(*file),
            _ => None,
        }
    }

    /// The name by which it belongs to a directory, if it changes names.
    pub(super) fn named(&self) -> Option<NameId> {
        match self {
            Effect::Name { name, .. } | Effect::Remove { name } | Effect::Directory { name } => {
                Some(*name)
            }
            Effect::Rename { to, .. } => Some(*to),
            _ => None,
        }
    }
}
