//! A directory from `CURRENT` on, and single files.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::findings::{Findings, LOOK, MENDED, REMOVED};
use super::levels::{Placed, ages, disjoint};
use super::logs::{self, LogFound};
use super::tables::{against_manifest, table};
use super::{REPLAYED_BYTES, Verification};
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::inspect::{FileKind, lock_shared};
use crate::manifest::{FileName, Replayed, replay};
use crate::store::{Notice, Store, read_current};

/// See [`verify_on`](super::verify_on).
pub(super) fn verify(disk: impl Disk + Clone + 'static, path: &Path) -> Result<Verification> {
    let mut totals = Verification::default();
    let mut findings = Findings::default();
    match disk.list(path) {
        Ok(_) => directory(disk, path, &mut totals, &mut findings)?,
        Err(error) => {
            if disk.open(path).is_err() {
                return Err(error).or_path(path, "list the directory");
            }
            file(&disk, path, &mut totals, &mut findings)?;
        }
    }
    totals.findings = findings.into_list();
    Ok(totals)
}

/// One file, by its name.
fn file(
    disk: &dyn Disk,
    path: &Path,
    totals: &mut Verification,
    findings: &mut Findings,
) -> Result<()> {
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    let parent = parent.unwrap_or(Path::new("."));
    // One file may be anywhere: that there is no lock beside it says nothing.
    let _lock = lock_shared(disk, parent)?;
    match FileKind::of(path) {
        FileKind::Table => {
            table(disk, path, totals, findings);
        }
        FileKind::Log => {
            let log = logs::log(disk, path, totals, findings);
            logs::judge(&[log], u64::MAX - 1, findings);
        }
        FileKind::Manifest => match replay(disk, path) {
            Ok(replayed) => torn_manifest(path, &replayed, findings),
            Err(error) => findings.error(&error, path),
        },
        FileKind::Current => {
            if let Err(error) = read_current(disk, parent) {
                findings.error(&error, path);
            }
        }
        FileKind::Other => {
            let what = "its name does not say what it is";
            let error = std::io::Error::new(ErrorKind::InvalidInput, what);
            return Err(error).or_path(path, "verify the file");
        }
    }
    Ok(())
}

fn torn_manifest(path: &Path, replayed: &Replayed, findings: &mut Findings) {
    if let Some(bad) = &replayed.cut {
        findings.torn(&Notice::torn(path, bad));
    }
}

/// The files of a directory while they are verified.
struct Directory<'a> {
    disk: &'a dyn Disk,
    path: &'a Path,
    names: BTreeSet<FileName>,
}

fn directory(
    disk: impl Disk + Clone + 'static,
    path: &Path,
    totals: &mut Verification,
    findings: &mut Findings,
) -> Result<()> {
    let lock = lock_shared(&disk, path)?;
    if lock.is_none() {
        let what = "no such file, so nothing keeps writers out";
        findings.note(&FileName::Lock.path(path), what, LOOK);
    }
    let listed = disk.list(path).or_path(path, "list the directory")?;
    let names = listed.iter().filter_map(|name| FileName::parse(name));
    let files = Directory {
        disk: &disk,
        path,
        names: names.collect(),
    };
    let log_bytes = match files.manifest(findings) {
        Some((manifest, replayed)) => files.store(&manifest, &replayed, totals, findings)?,
        None => files.without_manifest(totals, findings)?,
    };
    if log_bytes > REPLAYED_BYTES {
        let what = format!("the logs hold {log_bytes} bytes, too many to replay here");
        findings.note(path, what, "open the store to see that it opens");
        return Ok(());
    }
    match Store::open_read_only_on(disk.clone(), path) {
        Ok(_) => {}
        Err(error @ Error::NotAStore { .. }) => return Err(error),
        Err(error) => findings.error_if_new(&error, path),
    }
    Ok(())
}

impl Directory<'_> {
    /// The manifest that counts, if it can be read.
    fn manifest(&self, findings: &mut Findings) -> Option<(PathBuf, Replayed)> {
        if !self.names.contains(&FileName::Current) {
            return None; // what that means, the opening says
        }
        let name = match read_current(self.disk, self.path) {
            Ok(name) => name,
            Err(error) => {
                findings.error(&error, self.path);
                return None;
            }
        };
        let path = name.path(self.path);
        if !self.names.contains(&name) {
            let named = path.file_name().unwrap_or_default().display();
            let what = format!("names {named}, which is not there");
            findings.damage(&FileName::Current.path(self.path), 0, what);
            return None;
        }
        match replay(self.disk, &path) {
            Ok(replayed) => {
                torn_manifest(&path, &replayed, findings);
                Some((path, replayed))
            }
            Err(error) => {
                findings.error(&error, &path);
                None
            }
        }
    }

    /// All that a manifest names, and what it does not. How many bytes the logs have.
    fn store(
        &self,
        manifest: &Path,
        replayed: &Replayed,
        totals: &mut Verification,
        findings: &mut Findings,
    ) -> Result<u64> {
        let counts = |number| number >= replayed.log_number || number == replayed.previous_log;
        for named in [replayed.log_number, replayed.previous_log] {
            if named != 0 && !self.names.contains(&FileName::Log(named)) {
                let what = format!("names the log {named:06}.log, which is not there");
                findings.damage(manifest, 0, what);
            }
        }
        let logs = self.logs(&counts, totals, findings);
        let last_sequence = logs::judge(&logs, replayed.last_sequence, findings);
        let mut tables = Vec::with_capacity(replayed.files.len());
        for (level, meta) in replayed.files.values() {
            let names = [
                FileName::OldTable(meta.number),
                FileName::Table(meta.number),
            ];
            let Some(name) = names.iter().find(|name| self.names.contains(name)) else {
                let what = format!("names the table {:06}.ldb, which is not there", meta.number);
                findings.damage(manifest, 0, what);
                continue;
            };
            let path = name.path(self.path);
            if let Some(audited) = table(self.disk, &path, totals, findings) {
                against_manifest(&path, &audited, meta, last_sequence, findings);
            }
            tables.push(Placed {
                level: *level,
                path,
                meta: meta.clone(),
            });
        }
        if disjoint(&mut tables, manifest, findings) && !findings.has_damage() {
            ages(self.disk, &tables, findings)?;
        }
        self.leftovers(manifest, replayed, last_sequence, &counts, findings);
        Ok(logs.iter().map(|log| log.bytes).sum())
    }

    /// Without a manifest each file can only be looked at by itself.
    fn without_manifest(&self, totals: &mut Verification, findings: &mut Findings) -> Result<u64> {
        let mut bytes = 0;
        for name in &self.names {
            let path = name.path(self.path);
            match name {
                FileName::Table(_) | FileName::OldTable(_) => {
                    table(self.disk, &path, totals, findings);
                }
                FileName::Log(_) => {
                    let log = logs::log(self.disk, &path, totals, findings);
                    bytes += log.bytes;
                    logs::judge(&[log], u64::MAX - 1, findings);
                }
                _ => {}
            }
        }
        Ok(bytes)
    }

    fn logs(
        &self,
        counts: &dyn Fn(u64) -> bool,
        totals: &mut Verification,
        findings: &mut Findings,
    ) -> Vec<LogFound> {
        let mut logs = Vec::new();
        for name in &self.names {
            if let FileName::Log(number) = name
                && counts(*number)
            {
                let path = name.path(self.path);
                logs.push(logs::log(self.disk, &path, totals, findings));
            }
        }
        logs
    }

    /// What the manifest does not name. A table with changes newer than all known of was named
    /// once: then the manifest has lost its end.
    fn leftovers(
        &self,
        manifest: &Path,
        replayed: &Replayed,
        last_sequence: u64,
        counts: &dyn Fn(u64) -> bool,
        findings: &mut Findings,
    ) {
        for name in &self.names {
            let path = name.path(self.path);
            match name {
                FileName::Table(number) | FileName::OldTable(number)
                    if !replayed.files.contains_key(number) =>
                {
                    // An orphan need not be whole: nothing rests on it.
                    let (mut counted, mut unheard) = (Verification::default(), Findings::default());
                    let audited = table(self.disk, &path, &mut counted, &mut unheard);
                    let newest = audited.map_or(0, |audited| audited.newest);
                    if newest > last_sequence {
                        let what = format!(
                            "is not in the manifest, but holds change {newest}, where the last \
                             one known of is {last_sequence}: the manifest has lost its end"
                        );
                        findings.damage(&path, 0, what);
                    } else {
                        findings.note(&path, "an orphan: the manifest does not name it", REMOVED);
                    }
                }
                FileName::Log(number) if !counts(*number) => {
                    findings.note(&path, "an old log, which no longer counts", REMOVED);
                }
                FileName::Manifest(_) if path != manifest => {
                    findings.note(&path, "a manifest that does not count", REMOVED);
                }
                FileName::Temporary(_) => {
                    findings.note(&path, "left by an interrupted opening", MENDED);
                }
                _ => {}
            }
        }
    }
}
