//! Which files count: what the manifest says, as far as it can be believed.
//!
//! - The manifest that `CURRENT` names counts. If `CURRENT` cannot be read, it is the newest that
//!   can be.
//! - A manifest that cannot be read, or names a table that is not there, is not believed: it may
//!   have lost its end, and then knows neither what came later nor what became obsolete. All
//!   tables and logs are taken.
//! - A table that a believed manifest does not name is obsolete, or was never finished, unless it
//!   holds newer changes than the manifest knows of.

use std::path::{Path, PathBuf};

use super::{Fate, Repair};
use crate::disk::Disk;
use crate::manifest::{FileMeta, FileName, Replayed, replay};
use crate::store::read_current;
use crate::sync::Arc;

/// Whether a table is to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The manifest names it, and says this of it.
    Named(Arc<FileMeta>),
    /// There is no manifest to say whether it counts.
    Unknown,
    /// The manifest does not name it; only changes after this one are news.
    Unnamed {
        /// The newest change that the manifest knows of.
        known: u64,
    },
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) tables: Vec<(PathBuf, Role)>,
    pub(super) logs: Vec<PathBuf>,
}

impl Plan {
    pub(super) fn new(
        disk: &dyn Disk,
        from: &Path,
        mut names: Vec<FileName>,
        repair: &mut Repair,
    ) -> Plan {
        names.sort_unstable();
        let manifest = find_manifest(disk, from, &names, repair);
        let believed =
            manifest.filter(|(path, replayed)| is_believed(path, replayed, &names, repair));
        match believed {
            Some((path, replayed)) => with_manifest(from, &names, &path, &replayed, repair),
            None => without_manifest(from, &names, repair),
        }
    }
}

/// The manifest that counts, read.
fn find_manifest(
    disk: &dyn Disk,
    from: &Path,
    names: &[FileName],
    repair: &mut Repair,
) -> Option<(PathBuf, Replayed)> {
    let current = read_current(disk, from)
        .map_err(|error| error.to_string())
        .and_then(|name| {
            let missing = || "it names a manifest that is not there".to_owned();
            names.contains(&name).then_some(name).ok_or_else(missing)
        });
    match current {
        Ok(name) => {
            let path = name.path(from);
            match replay(disk, &path, &mut Err) {
                Ok(replayed) => Some((path, replayed)),
                Err(error) => {
                    repair.remark(Fate::Lost, &path, 0, error.to_string());
                    None
                }
            }
        }
        Err(what) => {
            let path = FileName::Current.path(from);
            let what = format!("{what}; the newest manifest that can be read counts instead");
            repair.remark(Fate::Suspect, &path, 0, what);
            let manifests = names.iter().rev();
            manifests
                .filter(|name| matches!(name, FileName::Manifest(_)))
                .find_map(|name| {
                    let path = name.path(from);
                    let replayed = replay(disk, &path, &mut Err).ok()?;
                    Some((path, replayed))
                })
        }
    }
}

/// Whether all tables are there that a manifest names.
fn is_believed(path: &Path, replayed: &Replayed, names: &[FileName], repair: &mut Repair) -> bool {
    let mut all = true;
    if let Some(bad) = &replayed.cut {
        let what = format!("a torn tail of {} bytes: {}", bad.remaining, bad.what);
        repair.remark(Fate::Lost, path, bad.offset, what);
    }
    for number in replayed.files.keys() {
        let is_there = names.contains(&FileName::Table(*number))
            || names.contains(&FileName::OldTable(*number));
        if !is_there {
            let what = format!("names the table {number:06}.ldb, which is not there");
            repair.remark(Fate::Lost, path, 0, what);
            all = false;
        }
    }
    repair.last_sequence = repair.last_sequence.max(replayed.last_sequence);
    all
}

fn with_manifest(
    from: &Path,
    names: &[FileName],
    manifest: &Path,
    replayed: &Replayed,
    repair: &mut Repair,
) -> Plan {
    let mut plan = Plan::default();
    for named in [replayed.log_number, replayed.previous_log] {
        if named != 0 && !names.contains(&FileName::Log(named)) {
            let what = format!("names the log {named:06}.log, which is not there");
            repair.remark(Fate::Lost, manifest, 0, what);
        }
    }
    for name in names {
        let path = name.path(from);
        match *name {
            FileName::Table(number) | FileName::OldTable(number) => {
                let role = match replayed.files.get(&number) {
                    Some((_, meta)) => Role::Named(Arc::clone(meta)),
                    None => Role::Unnamed {
                        known: replayed.last_sequence,
                    },
                };
                plan.tables.push((path, role));
            }
            FileName::Log(number)
                if number >= replayed.log_number || number == replayed.previous_log =>
            {
                plan.logs.push(path);
            }
            FileName::Log(_) => {
                let what = "an old log: its changes are in tables";
                repair.remark(Fate::LeftOut, &path, 0, what);
            }
            _ => {}
        }
    }
    plan
}

fn without_manifest(from: &Path, names: &[FileName], repair: &mut Repair) -> Plan {
    let mut plan = Plan::default();
    for name in names {
        let path = name.path(from);
        match name {
            FileName::Table(_) | FileName::OldTable(_) => {
                plan.tables.push((path, Role::Unknown));
            }
            FileName::Log(_) => {
                let what = "no manifest says whether it still counts: deleted keys may return";
                repair.remark(Fate::Suspect, &path, 0, what);
                plan.logs.push(path);
            }
            _ => {}
        }
    }
    plan
}
