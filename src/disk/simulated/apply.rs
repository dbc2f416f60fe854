//! What one effect does: to names, to a file's bytes, and to a file's digest.

use super::digest::Sum;
use super::effect::{Effect, FileId, NameId};
use super::state::Log;
use super::survival::{Filler, Survival};

/// A file's content, as far as a digest needs it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Content {
    pub(super) sum: Sum,
    pub(super) length: u64,
}

/// Writes into a file's content; a gap before it is zeros.
pub(super) fn put(content: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let (start, end) = (offset as usize, offset as usize + bytes.len());
    if content.len() < end {
        content.resize(end, 0);
    }
    content[start..end].copy_from_slice(bytes);
}

/// What a torn write leaves, if this pending effect is the torn one: file, offset, bytes.
pub(super) fn torn(
    log: &Log,
    effect: &Effect,
    pending: usize,
    survival: &Survival,
) -> Option<(FileId, u64, Vec<u8>)> {
    let tear = survival.tear.filter(|tear| tear.pending == pending)?;
    let Effect::Write {
        file,
        offset,
        bytes,
    } = effect
    else {
        return None;
    };
    let mut written = log.arena[bytes.clone()].to_vec();
    let survives = (tear.bytes as usize).min(written.len());
    match tear.filler {
        Filler::Old => written.truncate(survives),
        Filler::Zero => written[survives..].fill(0),
        Filler::Garbage => {
            for (at, byte) in written.iter_mut().enumerate().skip(survives) {
                *byte = (at as u8).wrapping_mul(89) ^ 0xa7;
            }
        }
    }
    Some((*file, *offset, written))
}

pub(super) fn apply_names(
    effect: &Effect,
    names: &mut Vec<(NameId, FileId)>,
    directories: &mut Vec<NameId>,
) {
    match *effect {
        Effect::Name { name, file } => bind(names, name, file),
        Effect::Rename { from, to, file } => {
            // The old name may be another file's by now, where effects came out of order.
            names.retain(|known| *known != (from, file));
            bind(names, to, file);
        }
        Effect::Remove { name } => names.retain(|(known, _)| *known != name),
        Effect::Directory { name } if !directories.contains(&name) => directories.push(name),
        _ => {}
    }
}

fn bind(names: &mut Vec<(NameId, FileId)>, name: NameId, file: FileId) {
    match names.iter_mut().find(|(known, _)| *known == name) {
        Some(entry) => entry.1 = file,
        None => names.push((name, file)),
    }
}

pub(super) fn apply_data(effect: &Effect, sum: Sum, contents: &mut [Content]) {
    match effect {
        Effect::Write {
            file,
            offset,
            bytes,
        } => {
            let content = &mut contents[*file as usize];
            content.sum = content.sum.plus(sum);
            content.length = content.length.max(offset + bytes.len() as u64);
        }
        // A file that was cut is not digested by sums; one that grew has zeros more.
        Effect::Resize { file, size } => contents[*file as usize].length = *size,
        _ => {}
    }
}
