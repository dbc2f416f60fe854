//! What an opening found amiss, and mended or left out: said, never hidden.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::log::BadRecord;

/// Something that an opening found amiss, and mended without a doubt or left out as it was told.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk};
///
/// let disk = MemoryDisk::default();
/// let store = Store::open_on(disk.clone(), "dir", Options::default())?;
/// store.put(b"k", b"1")?;
/// store.put(b"k", b"2")?;
/// drop(store);
/// let log = disk.paths().into_iter().find(|path| path.extension() == Some("log".as_ref())).unwrap();
/// let bytes = disk.read_file(&log).unwrap();
/// disk.write_file(&log, &bytes[..bytes.len() - 1]); // a torn write
///
/// let store = Store::open_on(disk, "dir", Options::default())?;
/// assert_eq!(store.get(b"k")?, Some(b"1".to_vec()), "the prefix is there");
/// assert!(store.notices()[0].to_string().contains("bytes left out"));
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The newest log, or the manifest, ended in a record that was not written whole.
    TornTail {
        /// The file.
        path: PathBuf,
        /// Where the good records end, in bytes from the start.
        offset: u64,
        /// How many bytes were left out.
        bytes: u64,
        /// What was wrong with the first record left out.
        what: &'static str,
    },
    /// Something was damaged and is left out, since the caller asked for salvage
    /// ([`Options::salvage`](crate::Options::salvage)).
    LeftOut {
        /// The file.
        path: PathBuf,
        /// Where in the file the damage is.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// The store was opened read-only in a directory without a lock file.
    NotLocked {
        /// Where the lock file would be.
        path: PathBuf,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::TornTail {
                path,
                offset,
                bytes,
                what,
            } => {
                let path = path.display();
                write!(
                    f,
                    "{path}: {bytes} bytes left out from offset {offset} on: {what}"
                )
            }
            Notice::LeftOut { path, offset, what } => {
                let path = path.display();
                write!(f, "{path}: left out, damaged at offset {offset}: {what}")
            }
            Notice::NotLocked { path } => {
                write!(
                    f,
                    "{}: no such file, so nothing keeps writers out",
                    path.display()
                )
            }
        }
    }
}

impl Notice {
    pub(crate) fn torn(path: &Path, bad: &BadRecord) -> Notice {
        let (offset, bytes, what) = (bad.offset, bad.remaining, bad.what);
        Notice::TornTail {
            path: path.to_path_buf(),
            offset,
            bytes,
            what,
        }
    }
}
