//! Opening: lock the directory, recover by reading (`recover`), then make it this handle's own
//! (`install`).
//!
//! A read-only opening stops after reading. Either way nothing on disk has changed until all
//! that is there has been read and found consistent.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::background::Background;
use super::current::sync_directory;
use super::handles::Handles;
use super::install::Changing;
use super::line::Line;
use super::published::Published;
use super::recover::{Recovered, recover};
use super::shared::Shared;
use super::snapshot::Snapshots;
use super::stats::Counters;
use super::stopped::Stopped;
use super::structure::FileNumbers;
use super::view::View;
use super::work::Work;
use super::{Notice, Store};
use crate::disk::{Disk, Files, Lock, LockKind};
use crate::error::{Error, OrPath, Result};
use crate::manifest::FileName;
use crate::options::{Compaction, Options};
use crate::sync::{Arc, AtomicU64};

impl Store {
    /// Opens the store in a directory, creating both if there is none.
    ///
    /// ```
    /// # let scratch = tempfile::tempdir().unwrap();
    /// # let directory = scratch.path().join("store");
    /// use etalon::{Options, Store};
    ///
    /// let store = Store::open(&directory, Options::default())?;
    /// let second = Store::open(&directory, Options::default());
    /// assert!(matches!(second, Err(etalon::Error::Locked { .. })));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn open(directory: impl AsRef<Path>, options: Options) -> Result<Store> {
        Store::open_on(Files, directory, options)
    }

    /// Opens the store in a directory of some disk.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let disk = MemoryDisk::default();
    /// let store = Store::open_on(disk.clone(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// drop(store);
    /// let store = Store::open_on(disk, "dir", Options::default())?;
    /// assert_eq!(store.get(b"k")?, Some(b"v".to_vec()));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn open_on(
        disk: impl Disk + 'static,
        directory: impl AsRef<Path>,
        options: Options,
    ) -> Result<Store> {
        options.validate()?;
        let opening = Opening::new(disk, directory.as_ref(), &options);
        if options.create_if_missing {
            opening.create_directory()?;
        } else {
            // Before the lock, whose file would be a trace in a place that is no store.
            opening.refuse_no_store(&opening.list()?)?;
        }
        let lock = opening.lock(LockKind::Exclusive)?;
        let names = opening.list()?;
        let (recovered, changing) = if names.contains(&FileName::Current) {
            let recovered = recover(&opening, &names, options.salvage)?;
            opening.take_over(recovered, &names, &options)?
        } else {
            opening.refuse_remains(&names)?;
            opening.create(&names, &options)?
        };
        opening.store(options, recovered, Some(changing), Some(lock))
    }

    /// Opens an existing store to read it, and changes no byte of it. What is only in the log is
    /// replayed in memory.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let disk = MemoryDisk::default();
    /// let store = Store::open_on(disk.clone(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// drop(store);
    /// let reader = Store::open_read_only_on(disk, "dir")?;
    /// assert_eq!(reader.get(b"k")?, Some(b"v".to_vec()));
    /// assert!(matches!(reader.put(b"k", b"w"), Err(etalon::Error::ReadOnly { .. })));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn open_read_only_on(
        disk: impl Disk + 'static,
        directory: impl AsRef<Path>,
    ) -> Result<Store> {
        Store::read_only(disk, directory.as_ref(), false)
    }

    /// As [`Store::open_read_only_on`], of a damaged store what is intact: what
    /// [`Options::salvage`] would open, and every file stays as it is. What is lost is said
    /// ([`Store::notices`]).
    ///
    /// ```
    /// use etalon::{Notice, Options, Store, disk::MemoryDisk};
    ///
    /// let disk = MemoryDisk::default();
    /// let store = Store::open_on(disk.clone(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// store.flush()?;
    /// drop(store);
    /// let table = disk.paths().into_iter().find(|path| path.extension() == Some("ldb".as_ref()));
    /// disk.write_file(&table.unwrap(), b"garbage");
    ///
    /// assert!(Store::open_read_only_on(disk.clone(), "dir").is_err());
    /// let store = Store::salvage_read_only_on(disk, "dir")?;
    /// assert_eq!(store.get(b"k")?, None);
    /// assert!(matches!(store.notices()[0], Notice::LeftOut { .. }));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn salvage_read_only_on(
        disk: impl Disk + 'static,
        directory: impl AsRef<Path>,
    ) -> Result<Store> {
        Store::read_only(disk, directory.as_ref(), true)
    }

    fn read_only(disk: impl Disk + 'static, directory: &Path, salvage: bool) -> Result<Store> {
        let options = Options::default();
        let opening = Opening::new(disk, directory, &options);
        let names = opening.list()?;
        let lock = if names.contains(&FileName::Lock) {
            Some(opening.lock(LockKind::Shared)?)
        } else {
            None
        };
        // Again, now that nobody changes them.
        let names = opening.list()?;
        opening.refuse_no_store(&names)?;
        let mut recovered = recover(&opening, &names, salvage)?;
        if lock.is_none() {
            recovered.notices.push(Notice::NotLocked {
                path: FileName::Lock.path(&opening.directory),
            });
        }
        opening.store(options, recovered, None, lock)
    }

    /// Opens an existing store on real files to read it; see [`Store::open_read_only_on`].
    ///
    /// ```
    /// # let scratch = tempfile::tempdir().unwrap();
    /// # let directory = scratch.path().join("store");
    /// use etalon::{Options, Store};
    ///
    /// assert!(Store::open_read_only(&directory).is_err(), "nothing there");
    /// Store::open(&directory, Options::default())?.close()?;
    /// assert_eq!(Store::open_read_only(&directory)?.get(b"k")?, None);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn open_read_only(directory: impl AsRef<Path>) -> Result<Store> {
        Store::open_read_only_on(Files, directory)
    }
}

/// A directory on its way to being a store.
pub(super) struct Opening {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) directory: PathBuf,
    pub(super) handles: Handles,
}

impl Opening {
    fn new(disk: impl Disk + 'static, directory: &Path, options: &Options) -> Self {
        let disk: Arc<dyn Disk> = Arc::new(disk);
        Opening {
            handles: Handles::new(Arc::clone(&disk), options.open_tables_max),
            disk,
            directory: directory.to_path_buf(),
        }
    }

    pub(super) fn path(&self, name: FileName) -> PathBuf {
        name.path(&self.directory)
    }

    pub(super) fn create_directory(&self) -> Result<()> {
        let created = self.disk.create_directory(&self.directory);
        created.or_path(&self.directory, "create the directory")
    }

    pub(super) fn sync_directory(&self) -> Result<()> {
        sync_directory(&*self.disk, &self.directory)
    }

    fn lock(&self, kind: LockKind) -> Result<Box<dyn Lock>> {
        let path = self.path(FileName::Lock);
        self.disk
            .lock(&path, kind)
            .map_err(|source| match source.kind() {
                ErrorKind::WouldBlock => Error::Locked {
                    path,
                    holder: source.to_string(),
                },
                ErrorKind::NotFound if kind == LockKind::Exclusive => Error::NotAStore {
                    path: self.directory.clone(),
                },
                _ => Error::Io {
                    path,
                    action: "lock the store",
                    source,
                },
            })
    }

    /// The store's files, in order; others are none of its business.
    fn list(&self) -> Result<Vec<FileName>> {
        let names = self
            .disk
            .list(&self.directory)
            .or_path(&self.directory, "list the directory")?;
        let mut names: Vec<FileName> = names
            .iter()
            .filter_map(|name| FileName::parse(name))
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Without `CURRENT` there is no store, or a damaged one.
    fn refuse_no_store(&self, names: &[FileName]) -> Result<()> {
        if names.contains(&FileName::Current) {
            return Ok(());
        }
        self.refuse_remains(names)?;
        Err(Error::NotAStore {
            path: self.directory.clone(),
        })
    }

    /// Logs or segments without `CURRENT` are what is left of a store, not a place for a new one.
    fn refuse_remains(&self, names: &[FileName]) -> Result<()> {
        let is_data = |name: &&FileName| {
            matches!(
                name,
                FileName::Log(_) | FileName::Table(_) | FileName::OldTable(_)
            )
        };
        match names.iter().find(is_data) {
            None => Ok(()),
            Some(name) => {
                let beside = self.path(*name);
                let what = format!("is missing beside {}", beside.display());
                Err(Error::damaged(&self.path(FileName::Current), 0, what))
            }
        }
    }

    fn store(
        self,
        options: Options,
        recovered: Recovered,
        changing: Option<Changing>,
        lock: Option<Box<dyn Lock>>,
    ) -> Result<Store> {
        let own = changing.as_ref().map(|changing| &changing.writer.memtable);
        let memtable = own.or(recovered.memtable.as_ref());
        let view = View {
            memtable: memtable.expect("made by both openings").memtable(),
            frozen: None,
            version: Arc::new(recovered.version),
        };
        let (line, structure, file_numbers) = match changing {
            None => (None, None, FileNumbers::starting_at(recovered.next_file)),
            Some(changing) => {
                let line = Line::new(changing.writer);
                (Some(line), Some(changing.structure), changing.file_numbers)
            }
        };
        let work = Work::new(structure, &view.version, &options);
        let shared = Shared {
            disk: self.disk,
            directory: self.directory,
            options,
            handles: self.handles,
            view: Published::new(view),
            sequence: AtomicU64::new(recovered.last_sequence),
            snapshots: Arc::new(Snapshots::default()),
            counters: Counters::default(),
            stopped: Stopped::default(),
            file_numbers,
            work,
        };
        let shared = Arc::new(shared);
        let thread = line.is_some() && shared.options.compaction == Compaction::Background;
        Ok(Store {
            background: thread.then(|| Background::start(&shared)).transpose()?,
            shared,
            line,
            notices: recovered.notices,
            _lock: lock,
        })
    }
}
