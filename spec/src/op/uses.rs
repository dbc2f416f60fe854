//! What an operation is and uses: its kind, its scope, its flag, the names in it.

use super::{Op, OpKind};
use crate::breakage::Within;
use crate::name::Name;
use crate::scope::OpScope;

impl Op {
    /// Which operation this is, without its arguments and wherever it takes place.
    pub fn kind(&self) -> OpKind {
        match self {
            Op::Get { .. } => OpKind::Get,
            Op::Put { .. } => OpKind::Put,
            Op::Delete { .. } => OpKind::Delete,
            Op::Flush => OpKind::Flush,
            Op::Sync => OpKind::Sync,
            Op::Scan { .. } => OpKind::Scan,
            Op::Length { .. } => OpKind::Length,
            Op::Write { .. } => OpKind::Write,
            Op::Clear { .. } => OpKind::Clear,
            Op::DeleteRange { .. } => OpKind::DeleteRange,
            Op::Fill(_) => OpKind::Fill,
            Op::Snapshot(_) => OpKind::Snapshot,
            Op::Release(_) => OpKind::Release,
            Op::Iterator { .. } => OpKind::Iterator,
            Op::Seek { .. } => OpKind::Seek,
            Op::SeekFirst(_) => OpKind::SeekFirst,
            Op::SeekLast(_) => OpKind::SeekLast,
            Op::Next(_) => OpKind::Next,
            Op::Prev(_) => OpKind::Prev,
            Op::Close(_) => OpKind::Close,
            Op::Compact => OpKind::Compact,
            Op::Reopen => OpKind::Reopen,
            Op::Kill { .. } => OpKind::Kill,
            Op::Crash(_) => OpKind::Crash,
            Op::Fail(_) => OpKind::Fail,
            Op::First { .. } => OpKind::First,
            Op::Last { .. } => OpKind::Last,
            Op::Cas { .. } => OpKind::Cas,
            Op::Ingest { .. } => OpKind::Ingest,
            Op::Begin(_) => OpKind::Begin,
            Op::Savepoint { .. } => OpKind::Savepoint,
            Op::Rollback { .. } => OpKind::Rollback,
            Op::Commit(_) => OpKind::Commit,
            Op::Create(_) => OpKind::Create,
            Op::Rename { .. } => OpKind::Rename,
            Op::Drop(_) => OpKind::Drop,
            Op::In(inside) => inside.op().kind(),
        }
    }

    /// Where it takes place, and what takes place there.
    #[inline]
    pub fn scoped(&self) -> (OpScope, &Op) {
        match self {
            Op::In(inside) => (inside.scope(), inside.op()),
            op => (OpScope::PLAIN, op),
        }
    }

    /// The operation in the course of which this one breaks something.
    pub(crate) fn within(&self) -> Option<&Op> {
        match self {
            Op::Crash(crash) => crash.within.as_ref().map(Within::op),
            Op::Fail(fault) => Some(fault.within.op()),
            _ => None,
        }
    }

    /// Whether a change asks to be durable when it is answered.
    pub fn is_synced(&self) -> bool {
        self.sync_flag() == Some(&true)
    }

    /// The change's flag; none for what has no such flag.
    pub(crate) fn sync_flag(&self) -> Option<&bool> {
        match self {
            Op::Put { sync, .. }
            | Op::Delete { sync, .. }
            | Op::Write { sync, .. }
            | Op::Clear { sync }
            | Op::DeleteRange { sync, .. }
            | Op::Cas { sync, .. }
            | Op::Ingest { sync, .. } => Some(sync),
            Op::In(inside) => inside.op().sync_flag(),
            _ => None,
        }
    }

    /// As [`Op::sync_flag`], to be set.
    pub(crate) fn sync_flag_mut(&mut self) -> Option<&mut bool> {
        match self {
            Op::Put { sync, .. }
            | Op::Delete { sync, .. }
            | Op::Write { sync, .. }
            | Op::Clear { sync }
            | Op::DeleteRange { sync, .. }
            | Op::Cas { sync, .. }
            | Op::Ingest { sync, .. } => Some(sync),
            Op::In(inside) => inside.sync_flag_mut(),
            _ => None,
        }
    }

    /// As [`Op::snapshot_read`], to be set; none for what reads no snapshot.
    pub(crate) fn snapshot_read_mut(&mut self) -> Option<&mut Option<Name>> {
        match self {
            Op::Get { at, .. }
            | Op::Scan { at, .. }
            | Op::Length { at }
            | Op::First { at }
            | Op::Last { at }
            | Op::Iterator { at, .. } => Some(at),
            _ => None,
        }
    }

    /// The iterator that an operation moves or closes.
    #[inline]
    pub(crate) fn iterator_used(&self) -> Option<Name> {
        match self {
            Op::Seek { name, .. }
            | Op::SeekFirst(name)
            | Op::SeekLast(name)
            | Op::Next(name)
            | Op::Prev(name)
            | Op::Close(name) => Some(*name),
            _ => None,
        }
    }

    /// The snapshot that an operation reads or releases.
    #[inline]
    pub(crate) fn snapshot_used(&self) -> Option<Name> {
        match self {
            Op::Release(name) => Some(*name),
            _ => self.snapshot_read(),
        }
    }

    /// The snapshot that a read or a new iterator sees.
    #[inline]
    pub fn snapshot_read(&self) -> Option<Name> {
        match self {
            Op::Get { at, .. }
            | Op::Scan { at, .. }
            | Op::Length { at }
            | Op::First { at }
            | Op::Last { at }
            | Op::Iterator { at, .. } => *at,
            _ => None,
        }
    }
}
