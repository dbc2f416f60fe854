//! A store's directory, as it is named on a command line.
//!
//! What is looked at here before the engine is asked: the engine takes a missing file for damage
//! of the store, while a missing directory is a mistake of the person; and opening a directory to
//! write leaves a lock file in it even if it turns out to hold no store.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use etalon::disk::{Disk, Files, Lock, LockKind};
use etalon::inspect::FileKind;
use etalon::{Notice, Options, Store};

use crate::exit::{Exit, Problem};
use crate::output::note;

/// What to do about damage.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Salvage {
    /// Work with what is intact of a damaged store; what is lost is said, with exit code 1.
    /// Commands that write move damaged files to lost/
    #[arg(long)]
    salvage: bool,
}

/// Opens a store to read, and says what was amiss.
pub fn open_read_only(directory: &Path, salvage: Salvage) -> Result<Store, Problem> {
    is_directory(directory)?;
    let store = if salvage.salvage {
        Store::salvage_read_only_on(Files, directory)?
    } else {
        Store::open_read_only(directory)?
    };
    notices(&store);
    Ok(store)
}

/// How a command ends that has done its work on this store: with what is intact is not intact.
pub fn exit(store: &Store) -> Exit {
    let is_lost = |notice: &Notice| matches!(notice, Notice::LeftOut { .. });
    if store.notices().iter().any(is_lost) {
        Exit::Wrong
    } else {
        Exit::Good
    }
}

/// Opens a store that is there to write.
pub fn open_existing(directory: &Path, salvage: Salvage) -> Result<Store, Problem> {
    is_directory(directory)?;
    if !has_current(directory) {
        // Says whether that is no store or a damaged one, and creates nothing.
        Store::open_read_only(directory)?;
    }
    let options = Options {
        create_if_missing: false,
        ..Options::default()
    };
    open(directory, &options, salvage)
}

/// Opens a store to write, and says what was amiss.
pub fn open(directory: &Path, options: &Options, salvage: Salvage) -> Result<Store, Problem> {
    let Salvage { salvage } = salvage;
    let options = Options {
        salvage,
        ..options.clone()
    };
    let store = Store::open(directory, options)?;
    notices(&store);
    Ok(store)
}

fn notices(store: &Store) {
    for notice in store.notices() {
        note(format_args!("note: {notice}"));
    }
}

/// Refuses to make a store among somebody's other files.
pub fn holds_or_may_hold_a_store(directory: &Path) -> Result<(), Problem> {
    if is_missing(directory)? {
        let parent = directory.parent().filter(|parent| *parent != Path::new(""));
        return parent.map_or(Ok(()), is_directory);
    }
    is_directory(directory)?;
    if has_current(directory) {
        return Ok(());
    }
    for name in list(directory)? {
        if !is_a_store_s(&name) {
            return Err(Problem::usage(format!(
                "{}: no store here (there is no file CURRENT) but {name}; to create a store, \
                 name a new or an empty directory",
                directory.display()
            )));
        }
    }
    Ok(())
}

/// Whether a file can be what an interrupted creation left.
fn is_a_store_s(name: &str) -> bool {
    let path = Path::new(name);
    let is_temporary = path.extension().is_some_and(|suffix| suffix == "dbtmp");
    name == "LOCK" || is_temporary || FileKind::of(path) != FileKind::Other
}

/// Everything in a directory, by name.
pub fn list(directory: &Path) -> Result<Vec<String>, Problem> {
    let listed = Files.list(directory);
    let mut names = listed.map_err(|error| {
        Problem::failed(format!(
            "{}: cannot list the directory: {error}",
            directory.display()
        ))
    })?;
    names.sort_unstable();
    Ok(names)
}

/// Keeps writers out of a directory while its files are read; nothing where there is no `LOCK`.
pub fn lock(directory: &Path) -> Result<Option<Box<dyn Lock>>, Problem> {
    let path = directory.join("LOCK");
    match Files.lock(&path, LockKind::Shared) {
        Ok(lock) => Ok(Some(lock)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Err(Problem::failed(format!(
            "{}: the store is open elsewhere: {error}",
            path.display()
        ))),
        Err(error) => Err(Problem::failed(format!(
            "{}: cannot lock: {error}",
            path.display()
        ))),
    }
}

/// Whether nothing has this name.
pub fn is_missing(path: &Path) -> Result<bool, Problem> {
    match fs::metadata(path) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(Problem::usage(format!("{}: {error}", path.display())))
        }
        Err(error) => Err(Problem::failed(format!("{}: {error}", path.display()))),
    }
}

pub fn is_directory(path: &Path) -> Result<(), Problem> {
    if is_missing(path)? {
        return Err(Problem::usage(format!(
            "{}: no such directory",
            path.display()
        )));
    }
    if !path.is_dir() {
        return Err(Problem::usage(format!(
            "{}: a file, not a store's directory; to look into it: etalon dump",
            path.display()
        )));
    }
    Ok(())
}

fn has_current(directory: &Path) -> bool {
    directory.join("CURRENT").exists()
}
