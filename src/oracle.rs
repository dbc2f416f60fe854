//! The engine under its own oracle: its profile, `KeyValueStore` for [`Store`], the same with
//! snapshots and iterators ([`Opened`]), and targets that make such stores in memory and on real
//! files.

use std::path::{Path, PathBuf};

use etalon_spec::{Abilities, Ability, Failure, Outcome, Profile, Setting, Target};

use crate::disk::MemoryDisk;
use crate::error::Error;
use crate::{Compaction, Compression, Options, Store};

mod client;
mod opened;
mod store;

pub use client::Client;
pub use opened::Opened;
pub(crate) use store::batch;

/// What the engine has: not transactions, which need a place for changes that nobody sees yet and
/// a rule for conflicts, nor key spaces, which are stores of their own in an LSM tree.
const ABILITIES: Abilities = Abilities::PLAIN
    .with(Ability::FirstLast)
    .with(Ability::Cas)
    .with(Ability::Ingest);

/// The engine's profile: all that a plain ordered store has, first and last, compare-and-swap and
/// ingestion, with tiny memtables, blocks and filters first.
///
/// ```
/// use etalon_spec::Ability;
///
/// assert!(etalon::oracle::profile().can.has(Ability::Reopen));
/// ```
pub fn profile() -> Profile {
    let integers = |values: [u64; 4]| values.map(Setting::Integer);
    Profile {
        can: ABILITIES,
        version: env!("CARGO_PKG_VERSION").into(),
        threads: 64,
        ..Profile::new("etalon")
    }
    .option("memtable_bytes", integers([512, 2048, 16 << 10, 4 << 20]))
    .option("block_bytes", integers([32, 256, 1024, 4096]))
    .option("restart_interval", integers([1, 2, 4, 16]))
    .option("filter_bits", integers([0, 1, 4, 10]))
    .option("compression", ["none", "snappy"].map(Setting::from))
    .option(
        "compaction",
        ["manual", "automatic", "on call"].map(Setting::from),
    )
    // Not the least first: a segment for each key and a level for each segment are dear, and the
    // deepest levels are reached all the same.
    .option("level0_segments", integers([2, 1, 3, 4]))
    .option("level1_bytes", integers([1000, 300, 1, 10 << 20]))
    .option("level_growth", integers([2, 1, 3, 10]))
    .option("segment_bytes", integers([4096, 500, 100, 1]))
    .option("manifest_bytes", integers([1, 100, 400, 4 << 20]))
    .option("open_tables_max", integers([0, 1, 2, 500]))
}

/// The engine's options out of a case's; a name or value that it does not know is refused.
///
/// ```
/// use etalon_spec::Setting;
///
/// let mut options = etalon_spec::Options::default();
/// options.set("memtable_bytes", Setting::Integer(256));
/// assert_eq!(etalon::oracle::options(&options).unwrap().memtable_bytes, 256);
/// ```
pub fn options(case: &etalon_spec::Options) -> Outcome<Options> {
    let mut options = Options::default();
    for (name, setting) in case.iter() {
        match (name, setting) {
            ("memtable_bytes", Setting::Integer(n)) => options.memtable_bytes = to(*n)?,
            ("block_bytes", Setting::Integer(n)) => options.block_bytes = to(*n)?,
            ("restart_interval", Setting::Integer(n)) => options.restart_interval = to(*n)?,
            ("filter_bits", Setting::Integer(n)) => options.filter_bits = to(*n)?,
            ("compression", Setting::Text(text)) => options.compression = compression(text)?,
            ("compaction", Setting::Text(text)) => options.compaction = compaction(text)?,
            ("level0_segments", Setting::Integer(n)) => options.level0_segments = to(*n)?,
            ("level1_bytes", Setting::Integer(n)) => options.level1_bytes = *n,
            ("level_growth", Setting::Integer(n)) => options.level_growth = *n,
            ("segment_bytes", Setting::Integer(n)) => options.segment_bytes = *n,
            ("manifest_bytes", Setting::Integer(n)) => options.manifest_bytes = *n,
            ("open_tables_max", Setting::Integer(n)) => options.open_tables_max = to(*n)?,
            _ => {
                let value = match setting {
                    Setting::Integer(n) => n.to_string(),
                    Setting::Text(text) => format!("\"{}\"", text.escape_ascii()),
                    Setting::Switch(is_on) => if *is_on { "on" } else { "off" }.to_owned(),
                };
                let what = format!("option {name} = {value}: not a value of this option");
                return Err(Failure::definite(what));
            }
        }
    }
    options.validate().map_err(failure)?;
    Ok(options)
}

fn to<T: TryFrom<u64>>(value: u64) -> Outcome<T> {
    T::try_from(value).map_err(|_| Failure::definite(format!("{value} is too large")))
}

fn compression(name: &[u8]) -> Outcome<Compression> {
    match name {
        b"none" => Ok(Compression::None),
        b"snappy" => Ok(Compression::Snappy),
        _ => Err(Failure::definite("compression is \"none\" or \"snappy\"")),
    }
}

fn compaction(name: &[u8]) -> Outcome<Compaction> {
    match name {
        b"manual" => Ok(Compaction::Manual),
        b"automatic" => Ok(Compaction::InCaller),
        b"on call" => Ok(Compaction::OnCall),
        b"background" => Ok(Compaction::Background),
        _ => Err(Failure::definite(
            "compaction is \"manual\", \"automatic\", \"on call\" or \"background\"",
        )),
    }
}

/// A target whose stores threads share: of compactions it also declares those in the background,
/// whose moments nobody can repeat.
///
/// ```
/// use etalon::oracle::{Memory, Shared};
/// use etalon_spec::{ThreadSettings, check_threads};
///
/// let settings = ThreadSettings {
///     time: None,
///     operations: Some(3000),
///     ..ThreadSettings::default()
/// };
/// check_threads(Shared(Memory::default()), &settings, &mut ()).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Shared<T>(pub T);

impl<T: Target> Target for Shared<T> {
    type Store = T::Store;

    fn profile(&self) -> Profile {
        let mut profile = self.0.profile();
        let mut options = profile.options.iter_mut();
        if let Some(option) = options.find(|option| option.name == "compaction") {
            option.values.push("background".into());
        }
        profile
    }

    fn create(&mut self, case: &etalon_spec::Options) -> Outcome<T::Store> {
        self.0.create(case)
    }

    fn reopen(&mut self, case: &etalon_spec::Options) -> Outcome<T::Store> {
        self.0.reopen(case)
    }
}

/// Stores in memory, a new disk each.
///
/// ```
/// use etalon_spec::{Case, Op, check_case};
///
/// let key = || b"k".to_vec();
/// let put = Op::put(key(), vec![]);
/// let case = Case::new(vec![put, Op::Flush, Op::Reopen, Op::get(key())]);
/// check_case(&mut etalon::oracle::Memory::default(), &case).expect("agreement");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Memory {
    disk: MemoryDisk,
}

impl Target for Memory {
    type Store = Opened;

    fn profile(&self) -> Profile {
        profile()
    }

    fn create(&mut self, case: &etalon_spec::Options) -> Outcome<Opened> {
        self.disk = self.disk.next();
        self.reopen(case)
    }

    fn reopen(&mut self, case: &etalon_spec::Options) -> Outcome<Opened> {
        let opened = Store::open_on(self.disk.clone(), "store", options(case)?);
        opened.map(Opened::from).map_err(failure)
    }
}

/// Stores on real files, a new directory each, below one that the caller gives.
///
/// ```
/// # let scratch = tempfile::tempdir().unwrap();
/// use etalon_spec::{Case, Op, check_case};
///
/// let mut target = etalon::oracle::OnFiles::new(scratch.path());
/// check_case(&mut target, &Case::new(vec![Op::Flush, Op::Reopen])).expect("agreement");
/// ```
#[derive(Debug)]
pub struct OnFiles {
    base: PathBuf,
    directory: Option<PathBuf>,
}

/// A clone makes stores of its own below the same base.
impl Clone for OnFiles {
    fn clone(&self) -> Self {
        OnFiles::new(&self.base)
    }
}

impl OnFiles {
    /// Stores below `base`, which exists; of each value only the newest store is kept.
    pub fn new(base: impl AsRef<Path>) -> Self {
        OnFiles {
            base: base.as_ref().to_path_buf(),
            directory: None,
        }
    }

    /// The directory of the newest store.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// A directory that nobody else has.
    fn new_directory(&self) -> std::io::Result<PathBuf> {
        for number in 0_u64.. {
            let directory = self.base.join(format!("store-{number}"));
            match std::fs::create_dir(&directory) {
                Ok(()) => return Ok(directory),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        unreachable!("there are always more numbers")
    }
}

impl Drop for OnFiles {
    fn drop(&mut self) {
        if let Some(directory) = self.directory.take() {
            // Whoever gave the base directory removes it anyway.
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

impl Target for OnFiles {
    type Store = Opened;

    fn profile(&self) -> Profile {
        profile()
    }

    fn create(&mut self, case: &etalon_spec::Options) -> Outcome<Opened> {
        if let Some(directory) = self.directory.take() {
            std::fs::remove_dir_all(directory)?;
        }
        self.directory = Some(self.new_directory()?);
        self.reopen(case)
    }

    fn reopen(&mut self, case: &etalon_spec::Options) -> Outcome<Opened> {
        let directory = self
            .directory
            .as_ref()
            .ok_or_else(|| Failure::definite("no store yet"))?;
        let opened = Store::open(directory, options(case)?);
        opened.map(Opened::from).map_err(failure)
    }
}

/// Refusals that leave everything as it was are definite.
pub(crate) fn failure(error: Error) -> Failure {
    match error {
        Error::TooLarge { .. }
        | Error::NotAscending { .. }
        | Error::InvalidOption { .. }
        | Error::ReadOnly { .. } => Failure::definite(error),
        _ => Failure::from(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An option that the generator draws and the engine refuses, or does not know, would make
    /// every case with it a failure to create the store.
    #[test]
    fn the_engine_opens_with_every_value_of_every_option_that_the_profile_declares() {
        let profile = Shared(Memory::default()).profile();
        let mut names = profile.options.iter().map(|option| option.name.as_ref());
        assert!(names.any(|name| name == "manifest_bytes"));
        assert!(names.any(|name| name == "open_tables_max"));
        for option in &profile.options {
            for value in &option.values {
                let mut case = etalon_spec::Options::default();
                case.set(option.name.clone(), value.clone());
                let opened = Memory::default().create(&case);
                assert!(opened.is_ok(), "{} = {value:?}", option.name);
            }
        }
    }
}
