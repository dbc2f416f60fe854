//! What can go wrong, in words for the person who has to do something about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why the store did not do what it was asked.
///
/// ```
/// use etalon::{Error, Options, Store};
///
/// let missing = std::path::Path::new("/no/such/parent/store");
/// let error = Store::open(missing, Options::default()).unwrap_err();
/// assert!(matches!(error, Error::Io { .. }));
/// assert!(error.to_string().starts_with("/no/such/parent/store: cannot create the directory"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused or failed. After a write, a flush or a compaction the
    /// operation may be there in part after the next opening, whole or not at all, and this
    /// handle takes no more writes ([`Error::Stopped`]); after a read nothing has changed.
    #[error("{path}: cannot {action}: {source}{}", advice(source))]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried, such as `append to the file`.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Bytes of a file are not what was written. Nothing has been changed.
    #[error("{path}: damaged at offset {offset}: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in the file, in bytes from its start.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// Another process, or another handle of this one, has the directory open. Nothing has been
    /// changed; try again when it is closed.
    #[error("{path}: the store is open elsewhere: {holder}")]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Who holds it, as far as can be known.
        holder: String,
    },
    /// The directory holds no store, and the options say not to create one. Nothing has been
    /// changed.
    #[error("{path}: no store here (there is no file CURRENT)")]
    NotAStore {
        /// The directory.
        path: PathBuf,
    },
    /// An option has a value that cannot work. Nothing has been opened.
    #[error("option {name} = {value}: {what}")]
    InvalidOption {
        /// The option.
        name: &'static str,
        /// The value given.
        value: String,
        /// What would be right.
        what: &'static str,
    },
    /// A key, value or batch is larger than the format or the options allow. Nothing has been
    /// written, and the store goes on.
    #[error("a {what} of {bytes} bytes is too large: at most {limit}")]
    TooLarge {
        /// `key`, `value` or `batch`.
        what: &'static str,
        /// Its size.
        bytes: u64,
        /// The greatest size allowed.
        limit: u64,
    },
    /// The keys of a run that was to be ingested do not ascend. Nothing has been written, and the
    /// store goes on.
    #[error("entry {entry} of the run is not after the one before it: its keys must ascend")]
    NotAscending {
        /// The first whose key is not greater than the one before it, counted from 0.
        entry: usize,
    },
    /// A snapshot was used with another store than the one that it was taken of. Nothing has been
    /// read.
    #[error("{path}: the snapshot is one of another store, or of an earlier opening")]
    ForeignSnapshot {
        /// The directory of the store that was asked.
        path: PathBuf,
    },
    /// The store was opened read-only. Nothing has been changed.
    #[error("{path}: opened read-only")]
    ReadOnly {
        /// The directory.
        path: PathBuf,
    },
    /// An earlier write failed, so this handle takes no more; reading goes on. Open the store
    /// again to write.
    #[error("no more writes on this handle, since an earlier one failed: {reason}")]
    Stopped {
        /// The first failure.
        reason: String,
    },
}

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The same, for another thread whose changes were written along with those that failed.
    pub(crate) fn again(&self) -> Error {
        match self {
            Error::Io {
                path,
                action,
                source,
            } => Error::Io {
                path: path.clone(),
                action,
                source: match source.raw_os_error() {
                    Some(code) => io::Error::from_raw_os_error(code),
                    None => io::Error::new(source.kind(), source.to_string()),
                },
            },
            Error::Damaged { path, offset, what } => Error::damaged(path, *offset, what.clone()),
            Error::Stopped { reason } => Error::Stopped {
                reason: reason.clone(),
            },
            other => Error::Stopped {
                reason: other.to_string(),
            },
        }
    }

    /// A place in a file that is not what was written.
    pub(crate) fn damaged(path: &Path, offset: u64, what: impl Into<String>) -> Error {
        Error::Damaged {
            path: path.to_path_buf(),
            offset,
            what: what.into(),
        }
    }
}

/// What to do about what the system said, where that is not in its own words.
fn advice(source: &io::Error) -> &'static str {
    #[cfg(unix)]
    if source.raw_os_error() == Some(libc::EMFILE) {
        return "; raise the limit of open files, or lower the option open_tables_max";
    }
    let _ = source;
    ""
}

/// Gives an I/O error its file and action: `disk.sync().or_path(path, "sync the file")?`.
pub(crate) trait OrPath<T> {
    /// See the trait.
    fn or_path(self, path: &Path, action: &'static str) -> Result<T>;
}

impl<T> OrPath<T> for io::Result<T> {
    fn or_path(self, path: &Path, action: &'static str) -> Result<T> {
        self.map_err(|source| Error::Io {
            path: path.to_path_buf(),
            action,
            source,
        })
    }
}
