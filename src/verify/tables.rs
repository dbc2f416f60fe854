//! One table: all that is in it, and whether it is what the manifest says.

use std::path::Path;

use super::Verification;
use super::findings::Findings;
use crate::disk::Disk;
use crate::error::OrPath;
use crate::manifest::FileMeta;
use crate::sstable::{Audit, Found, audit};

/// Verifies a table; `None` if not even its size can be read.
pub(super) fn table(
    disk: &dyn Disk,
    path: &Path,
    totals: &mut Verification,
    findings: &mut Findings,
) -> Option<Audit> {
    let audited = disk
        .open(path)
        .or_path(path, "open the table")
        .and_then(|file| {
            audit(file, path.to_path_buf(), &mut |found| {
                if let Found::Wrong { error, .. } = found {
                    findings.error(&error, path);
                }
                Ok(())
            })
        });
    match audited {
        Ok(audited) => {
            totals.tables += 1;
            totals.entries += audited.entries;
            totals.bytes += audited.size;
            Some(audited)
        }
        Err(error) => {
            findings.error(&error, path);
            None
        }
    }
}

/// Holds a table against its line in the manifest, and against the newest change known of.
pub(super) fn against_manifest(
    path: &Path,
    audited: &Audit,
    meta: &FileMeta,
    last_sequence: u64,
    findings: &mut Findings,
) {
    if audited.size != meta.size {
        let what = format!(
            "has {} bytes, where the manifest says {}",
            audited.size, meta.size
        );
        findings.damage(path, audited.size.min(meta.size), what);
    }
    // What could not be read may have held the first key, or the last.
    if audited.wrong == 0 {
        for (which, is, said) in [
            ("first", &audited.first, &meta.smallest),
            ("last", &audited.last, &meta.largest),
        ] {
            if is != said {
                let what = format!("its {which} key is not the one in the manifest");
                findings.damage(path, 0, what);
            }
        }
    }
    if audited.newest > last_sequence {
        let what = format!(
            "holds change {}, where manifest and logs know of {last_sequence}",
            audited.newest
        );
        findings.damage(path, 0, what);
    }
}
