//! The names of a store's files (LevelDB's `db/filename.cc` is the authority).
//!
//! ```text
//!   CURRENT           one line: the name of the manifest that counts
//!   LOCK              held while the store is open; always empty
//!   MANIFEST-000002   which segments make up the store
//!   000005.ldb        a segment; .sst is its older name, read and never written
//!   000003.log        a write-ahead log
//!   000004.dbtmp      the next CURRENT, before its rename
//! ```

use std::ffi::OsString;
use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf, is_separator};

/// What a file of the directory is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FileName {
    Current,
    Lock,
    Manifest(u64),
    Log(u64),
    Table(u64),
    /// A segment under its older name.
    OldTable(u64),
    Temporary(u64),
}

impl FileName {
    /// The kind and number that a name stands for; `None` for files that are not the store's.
    pub(crate) fn parse(name: &str) -> Option<FileName> {
        match name {
            "CURRENT" => return Some(FileName::Current),
            "LOCK" => return Some(FileName::Lock),
            _ => {}
        }
        if let Some(digits) = name.strip_prefix("MANIFEST-") {
            return number(digits).map(FileName::Manifest);
        }
        let (digits, suffix) = name.split_once('.')?;
        let number = number(digits)?;
        match suffix {
            "log" => Some(FileName::Log(number)),
            "ldb" => Some(FileName::Table(number)),
            "sst" => Some(FileName::OldTable(number)),
            "dbtmp" => Some(FileName::Temporary(number)),
            _ => None,
        }
    }

    /// The number in the name, if its kind has one.
    pub(crate) fn number(self) -> Option<u64> {
        match self {
            FileName::Current | FileName::Lock => None,
            FileName::Manifest(number)
            | FileName::Log(number)
            | FileName::Table(number)
            | FileName::OldTable(number)
            | FileName::Temporary(number) => Some(number),
        }
    }

    /// The path of this file in a store's directory.
    pub(crate) fn path(self, directory: &Path) -> PathBuf {
        // As `Path::join` would, without its parsing: `directory` ends in no separator, or in one.
        let mut path = OsString::with_capacity(directory.as_os_str().len() + 1 + NAME_BYTES);
        path.push(directory);
        if !path
            .as_encoded_bytes()
            .last()
            .is_none_or(|last| is_separator(char::from(*last)))
        {
            path.push(MAIN_SEPARATOR_STR);
        }
        self.write(&mut path);
        PathBuf::from(path)
    }

    /// Appends the name.
    pub(crate) fn write(self, out: &mut OsString) {
        let (before, number, after) = match self {
            FileName::Current => return out.push("CURRENT"),
            FileName::Lock => return out.push("LOCK"),
            FileName::Manifest(number) => ("MANIFEST-", number, ""),
            FileName::Log(number) => ("", number, ".log"),
            FileName::Table(number) => ("", number, ".ldb"),
            FileName::OldTable(number) => ("", number, ".sst"),
            FileName::Temporary(number) => ("", number, ".dbtmp"),
        };
        out.push(before);
        // At least six digits, two at a time: opening a store makes many names.
        if number < 1_000_000 {
            for pair in [number / 10_000, number / 100 % 100, number % 100] {
                let at = 2 * pair as usize;
                out.push(&PAIRS[at..at + 2]);
            }
        } else {
            out.push(number.to_string());
        }
        out.push(after);
    }
}

/// 00 to 99.
const PAIRS: &str = "\
    00010203040506070809101112131415161718192021222324252627282930313233343536373839\
    40414243444546474849505152535455565758596061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899";

/// Room for the longest name: `MANIFEST-` and 20 digits.
pub(crate) const NAME_BYTES: usize = 32;

/// Digits only: `u64::from_str` would take a sign.
fn number(digits: &str) -> Option<u64> {
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_written_is_read_back_as_what_it_was() {
        let big = u64::MAX;
        for file in [
            FileName::Current,
            FileName::Lock,
            FileName::Manifest(2),
            FileName::Manifest(1_000_000),
            FileName::Log(3),
            FileName::Table(big),
            FileName::OldTable(5),
            FileName::Temporary(6),
        ] {
            let path = file.path(Path::new("dir"));
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .expect("a name");
            assert_eq!(FileName::parse(name), Some(file));
        }
    }

    #[test]
    fn names_of_other_files_are_none_of_the_store_s() {
        let names = [
            "",
            "LOG",
            "LOG.old",
            "lost",
            "CURRENT.bak",
            "+5.log",
            ".log",
            "5.txt",
            "MANIFEST-",
        ];
        for name in names {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
        assert_eq!(
            FileName::parse("99999999999999999999.ldb"),
            None,
            "beyond 64 bits"
        );
    }
}
