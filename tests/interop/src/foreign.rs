//! A program that none of us wrote, as a store under the oracle.
//!
//! None has a flush of its own that all have, but whatever the log holds becomes a table of level
//! 0 when a directory is opened; so a flush is a close and an open.

use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use etalon_spec::{Change, Entry, KeyValueStore, Options, Outcome, Range, Scan, Setting};
use tempfile::TempDir;

use crate::driver::Driver;
use crate::program::{Built, INSTALL, Program};
use crate::words::{bytes, word};

/// A process of a program's, which has at most one directory open at a time.
#[derive(Debug)]
pub struct Foreign {
    program: Program,
    driver: Driver,
    directory: PathBuf,
    options: Options,
    /// What the driver was compiled into; gone with it.
    _compiled: TempDir,
}

impl Foreign {
    /// Starts the program.
    ///
    /// # Panics
    /// If it is not installed.
    pub fn start(program: Program, built: &Built) -> Foreign {
        let compiled = tempfile::tempdir_in(built.temporary).expect("a directory of cargo's");
        let command = (program.command)(built, compiled.path());
        Foreign {
            program,
            driver: Driver::start(program.name, command, INSTALL),
            directory: PathBuf::new(),
            options: Options::default(),
            _compiled: compiled,
        }
    }

    /// Which program it is.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Closes the directory that is open, if one is, and opens this one, creating it if it is
    /// not there.
    pub fn open(&mut self, directory: &Path, options: &Options) -> Outcome<()> {
        self.release()?;
        self.directory = directory.to_path_buf();
        self.options = options.clone();
        self.reopen()
    }

    /// Closes the directory and opens it again.
    pub fn reopen(&mut self) -> Outcome<()> {
        self.release()?;
        if self.program.old_table_names {
            rename_tables(&self.directory)?;
        }
        let path = self.directory.to_str().expect("a path of the tests' own");
        let mut command = format!("open {}", word(Some(path.as_bytes())));
        for (name, setting) in self.options.iter() {
            let value = match setting {
                Setting::Text(text) => String::from_utf8_lossy(text).into_owned(),
                Setting::Integer(number) => number.to_string(),
                Setting::Switch(on) => on.to_string(),
            };
            command.extend([" ", name, "=", &value]);
        }
        self.driver.ask(&command).map(drop)
    }

    /// Closes the directory. The process goes on.
    pub fn release(&mut self) -> Outcome<()> {
        self.driver.ask("close").map(drop)
    }

    /// The directory that is open, or was last.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The process that holds the directory.
    pub fn process(&self) -> u32 {
        self.driver.id()
    }

    fn change<'a>(
        &mut self,
        changes: impl IntoIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    ) -> Outcome<()> {
        let mut command = String::from("write");
        for (key, value) in changes {
            command.extend([" ", &word(Some(key)), " ", &word(value)]);
        }
        self.driver.ask(&command).map(drop)
    }
}

/// Gives tables the older name, which is the only one that some programs know.
fn rename_tables(directory: &Path) -> Outcome<()> {
    let Ok(files) = fs::read_dir(directory) else {
        return Ok(()); // not created yet
    };
    for file in files {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "ldb") {
            fs::rename(&path, path.with_extension("sst"))?;
        }
    }
    Ok(())
}

impl KeyValueStore for Foreign {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let answer = self.driver.ask(&format!("get {}", word(Some(key))))?;
        Ok(bytes(&answer[0]))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change([(key, Some(value))])
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change([(key, None)])
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let (start, stop) = half_open(&scan.range);
        let answer = self.driver.ask(&format!(
            "scan {} {} {} {}",
            word(Some(&start)),
            word(stop.as_deref()),
            if scan.reverse {
                "backwards"
            } else {
                "forwards"
            },
            scan.limit.map_or("-".into(), |limit| limit.to_string()),
        ))?;
        let entry = |pair: &[String]| Some((bytes(&pair[0])?, bytes(&pair[1])?));
        let entries = answer.chunks(2).map(entry);
        Ok(entries.map(|entry| entry.expect("two values")).collect())
    }

    fn length(&mut self) -> Outcome<u64> {
        Ok(self.scan(&Scan::ALL)?.len() as u64)
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.change(changes.iter().map(|change| (change.key(), change.value())))
    }

    fn clear(&mut self) -> Outcome<()> {
        self.delete_range(&Range::ALL)
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        let entries = self.scan(&Scan {
            range: range.clone(),
            ..Scan::ALL
        })?;
        self.change(entries.iter().map(|(key, _)| (key.as_slice(), None)))
    }

    fn flush(&mut self) -> Outcome<()> {
        self.reopen()
    }

    fn compact(&mut self) -> Outcome<()> {
        self.driver.ask("compact").map(drop)
    }
}

/// The range from a key on, itself included, up to another, itself excluded, if there is an end.
fn half_open(range: &Range) -> (Vec<u8>, Option<Vec<u8>>) {
    let next = |key: &[u8]| [key, &[0]].concat();
    match range {
        Range::Prefix(prefix) => (prefix.clone(), after_prefix(prefix)),
        Range::Between(from, to) => {
            let start = match from {
                Bound::Unbounded => Vec::new(),
                Bound::Included(key) => key.clone(),
                Bound::Excluded(key) => next(key),
            };
            let stop = match to {
                Bound::Unbounded => None,
                Bound::Included(key) => Some(next(key)),
                Bound::Excluded(key) => Some(key.clone()),
            };
            (start, stop)
        }
    }
}

/// The first key after all that begin with `prefix`.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}
