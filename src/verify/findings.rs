//! Gathering findings, a bounded number for each file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Finding, Severity};
use crate::error::Error;
use crate::store::Notice;

/// The most findings of one file; one more says that there were others.
const PER_FILE: u64 = 15;

/// What to do.
pub(super) const REPAIR: &str = "restore it, or `etalon repair` the rest";
pub(super) const MENDED: &str = "nothing: the next opening mends it";
pub(super) const REMOVED: &str = "nothing: the next opening removes it";
pub(super) const LOOK: &str = "see that nobody writes meanwhile";

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: Vec<Finding>,
    in_file: BTreeMap<PathBuf, u64>,
}

impl Findings {
    pub(super) fn damage(&mut self, path: &Path, offset: u64, what: impl Into<String>) {
        self.add(Severity::Damage, path, offset, what.into(), REPAIR);
    }

    pub(super) fn note(&mut self, path: &Path, what: impl Into<String>, advice: &'static str) {
        self.add(Severity::Note, path, 0, what.into(), advice);
    }

    /// An error of reading: what cannot be read is damaged, whoever is to blame.
    pub(super) fn error(&mut self, error: &Error, file: &Path) {
        match error {
            Error::Damaged { path, offset, what } => self.damage(path, *offset, what.as_str()),
            Error::Io {
                path,
                action,
                source,
            } => self.damage(path, 0, format!("cannot {action}: {source}")),
            other => self.damage(file, 0, other.to_string()),
        }
    }

    /// The same, unless something is known of the file already.
    pub(super) fn error_if_new(&mut self, error: &Error, file: &Path) {
        let path = match error {
            Error::Damaged { path, .. } | Error::Io { path, .. } => path,
            _ => file,
        };
        let known =
            |finding: &Finding| finding.severity == Severity::Damage && finding.path == *path;
        if !self.found.iter().any(known) {
            self.error(error, file);
        }
    }

    /// A tail that the next opening leaves out.
    pub(super) fn torn(&mut self, notice: &Notice) {
        if let Notice::TornTail {
            path,
            offset,
            bytes,
            what,
        } = notice
        {
            let what = format!("a torn tail of {bytes} bytes: {what}");
            self.add(Severity::Note, path, *offset, what, MENDED);
        }
    }

    pub(super) fn has_damage(&self) -> bool {
        let damage = |finding: &Finding| finding.severity == Severity::Damage;
        self.found.iter().any(damage)
    }

    pub(super) fn into_list(self) -> Vec<Finding> {
        self.found
    }

    fn add(
        &mut self,
        severity: Severity,
        path: &Path,
        offset: u64,
        what: String,
        advice: &'static str,
    ) {
        let count = self.in_file.entry(path.to_path_buf()).or_default();
        *count += 1;
        let what = match *count {
            ..=PER_FILE => what,
            count if count == PER_FILE + 1 => "and more of the kind".into(),
            _ => return,
        };
        self.found.push(Finding {
            severity,
            path: path.to_path_buf(),
            offset,
            what,
            advice,
        });
    }
}
