//! A directory, from `CURRENT` on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::findings::{Findings, LOOK};
use super::leftovers::leftovers;
use super::levels::{Placed, ages, disjoint};
use super::logs::{self, LogFound};
use super::tables::{against_manifest, table};
use super::{REPLAYED_BYTES, Verification};
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::inspect::lock_shared;
use crate::manifest::{FileName, Replayed, replay};
use crate::store::{Notice, Store, read_current};
use crate::sync::Arc;

/// The files of a directory while they are verified.
pub(super) struct Directory<'a> {
    pub(super) disk: &'a dyn Disk,
    pub(super) path: &'a Path,
    pub(super) names: BTreeSet<FileName>,
    pub(super) totals: &'a mut Verification,
    pub(super) findings: &'a mut Findings,
}

/// See the module.
pub(super) fn directory(
    disk: &(impl Disk + Clone + 'static),
    path: &Path,
    totals: &mut Verification,
    findings: &mut Findings,
) -> Result<()> {
    let lock = lock_shared(disk, path)?;
    if lock.is_none() {
        let what = "no such file, so nothing keeps writers out";
        findings.note(&FileName::Lock.path(path), what, LOOK);
    }
    let listed = disk.list(path).or_path(path, "list the directory")?;
    let names = listed.iter().filter_map(|name| FileName::parse(name));
    let mut files = Directory {
        disk,
        path,
        names: names.collect(),
        totals,
        findings,
    };
    let log_bytes = match files.manifest() {
        Some((manifest, replayed)) => files.store(&manifest, &replayed)?,
        None => files.without_manifest(),
    };
    if log_bytes > REPLAYED_BYTES {
        let what = format!("the logs hold {log_bytes} bytes, too many to replay here");
        findings.note(path, what, "open the store to see that it opens");
        return Ok(());
    }
    match Store::open_read_only_on(disk.clone(), path) {
        Ok(_) => Ok(()),
        Err(error @ Error::NotAStore { .. }) => Err(error),
        Err(error) => {
            findings.error_if_new(&error, path);
            Ok(())
        }
    }
}

impl Directory<'_> {
    /// The manifest that counts, if it can be read.
    fn manifest(&mut self) -> Option<(PathBuf, Replayed)> {
        if !self.names.contains(&FileName::Current) {
            return None; // what that means, the opening says
        }
        let name = match read_current(self.disk, self.path) {
            Ok(name) => name,
            Err(error) => {
                self.findings.error(&error, self.path);
                return None;
            }
        };
        let path = name.path(self.path);
        if !self.names.contains(&name) {
            let named = path.file_name().unwrap_or_default().display();
            let what = format!("names {named}, which is not there");
            let current = FileName::Current.path(self.path);
            self.findings.damage(&current, 0, what);
            return None;
        }
        match replay(self.disk, &path, &mut Err) {
            Ok(replayed) => {
                if let Some(bad) = &replayed.cut {
                    self.findings.torn(&Notice::torn(&path, bad));
                }
                Some((path, replayed))
            }
            Err(error) => {
                self.findings.error(&error, &path);
                None
            }
        }
    }

    /// All that a manifest names, and what it does not. How many bytes the logs have.
    fn store(&mut self, manifest: &Path, replayed: &Replayed) -> Result<u64> {
        for named in [replayed.log_number, replayed.previous_log] {
            if named != 0 && !self.names.contains(&FileName::Log(named)) {
                let what = format!("names the log {named:06}.log, which is not there");
                self.findings.damage(manifest, 0, what);
            }
        }
        let logs = self.logs(&|number| counts(replayed, number));
        let last_sequence = logs::judge(&logs, replayed.last_sequence, self.findings);
        let mut tables = self.tables(manifest, replayed, last_sequence);
        if disjoint(&mut tables, manifest, self.findings) && !self.findings.has_damage() {
            ages(self.disk, &tables, self.findings)?;
        }
        leftovers(self, manifest, replayed, last_sequence);
        Ok(logs.iter().map(|log| log.bytes).sum())
    }

    /// The tables that a manifest names.
    fn tables(&mut self, manifest: &Path, replayed: &Replayed, last_sequence: u64) -> Vec<Placed> {
        let mut tables = Vec::with_capacity(replayed.files.len());
        for (level, meta) in replayed.files.values() {
            let number = meta.number;
            let mut names = [FileName::OldTable(number), FileName::Table(number)].into_iter();
            let Some(name) = names.find(|name| self.names.contains(name)) else {
                let what = format!("names the table {number:06}.ldb, which is not there");
                self.findings.damage(manifest, 0, what);
                continue;
            };
            let path = name.path(self.path);
            if let Some(audited) = table(self.disk, &path, self.totals, self.findings) {
                against_manifest(&path, &audited, meta, last_sequence, self.findings);
            }
            tables.push(Placed {
                level: *level,
                path,
                meta: Arc::clone(meta),
            });
        }
        tables
    }

    /// The logs with certain numbers, oldest first.
    fn logs(&mut self, counts: &dyn Fn(u64) -> bool) -> Vec<LogFound> {
        let mut logs = Vec::new();
        for name in &self.names {
            if let FileName::Log(number) = name
                && counts(*number)
            {
                let path = name.path(self.path);
                logs.push(logs::log(self.disk, &path, self.totals, self.findings));
            }
        }
        logs
    }

    /// Without a manifest each file can only be looked at by itself. How many bytes the logs have.
    fn without_manifest(&mut self) -> u64 {
        for name in &self.names {
            if let FileName::Table(_) | FileName::OldTable(_) = name {
                table(self.disk, &name.path(self.path), self.totals, self.findings);
            }
        }
        let mut bytes = 0;
        for log in self.logs(&|_| true) {
            bytes += log.bytes;
            logs::judge(&[log], logs::ANY, self.findings);
        }
        bytes
    }
}

/// Whether a log of that number still counts.
pub(super) fn counts(replayed: &Replayed, number: u64) -> bool {
    number >= replayed.log_number || number == replayed.previous_log
}
