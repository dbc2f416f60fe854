//! What lies in a directory and no manifest names: left by a crash or an interrupted opening, and
//! harmless, unless it shows that the manifest has lost its end.

use std::path::Path;

use super::Verification;
use super::directory::{Directory, counts};
use super::findings::{Findings, MENDED, REMOVED};
use super::tables::table;
use crate::manifest::{FileName, Replayed};

/// Notes every file that the manifest does not name.
pub(super) fn leftovers(
    files: &mut Directory<'_>,
    manifest: &Path,
    replayed: &Replayed,
    last_sequence: u64,
) {
    for name in &files.names {
        let path = name.path(files.path);
        let (what, advice) = match name {
            FileName::Table(number) | FileName::OldTable(number)
                if !replayed.files.contains_key(number) =>
            {
                let newest = newest_change(files, &path);
                if newest > last_sequence {
                    let what = format!(
                        "is not in the manifest, but holds change {newest}, where the last one \
                         known of is {last_sequence}: the manifest has lost its end"
                    );
                    files.findings.damage(&path, 0, what);
                    continue;
                }
                ("an orphan: the manifest does not name it", REMOVED)
            }
            FileName::Log(number) if !counts(replayed, *number) => {
                ("an old log, which no longer counts", REMOVED)
            }
            FileName::Manifest(_) if path != manifest => {
                ("a manifest that does not count", REMOVED)
            }
            FileName::Temporary(_) => ("left by an interrupted opening", MENDED),
            _ => continue,
        };
        files.findings.note(&path, what, advice);
    }
}

/// The greatest sequence number in an orphan, as far as it can be read: nothing rests on it, so
/// what is wrong with it is no finding.
fn newest_change(files: &Directory<'_>, path: &Path) -> u64 {
    let mut counted = Verification::default();
    let audited = table(files.disk, path, &mut counted, &mut Findings::default());
    audited.map_or(0, |audited| audited.newest)
}
