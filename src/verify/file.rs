//! One file, which is what its name says. Whether it belongs where it is nobody asks.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::Verification;
use super::findings::Findings;
use super::logs;
use super::tables::table;
use crate::disk::Disk;
use crate::error::{OrPath, Result};
use crate::inspect::{FileKind, lock_shared};
use crate::manifest::replay;
use crate::store::{Notice, read_current};

/// See the module.
pub(super) fn file(
    disk: &dyn Disk,
    path: &Path,
    totals: &mut Verification,
    findings: &mut Findings,
) -> Result<()> {
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    let parent = parent.unwrap_or(Path::new("."));
    let _lock = lock_shared(disk, parent)?;
    match FileKind::of(path) {
        FileKind::Table => {
            table(disk, path, totals, findings);
        }
        FileKind::Log => {
            let log = logs::log(disk, path, totals, findings);
            logs::judge(&[log], logs::ANY, findings);
        }
        FileKind::Manifest => match replay(disk, path, &mut Err) {
            Ok(replayed) => {
                if let Some(bad) = &replayed.cut {
                    findings.torn(&Notice::torn(path, bad));
                }
            }
            Err(error) => findings.error(&error, path),
        },
        FileKind::Current => {
            if let Err(error) = read_current(disk, parent) {
                findings.error(&error, path);
            }
        }
        FileKind::Other => {
            let what = "its name does not say what it is";
            let error = io::Error::new(ErrorKind::InvalidInput, what);
            return Err(error).or_path(path, "verify the file");
        }
    }
    Ok(())
}
