//! Opening: recover by reading, then make the directory this handle's own.
//!
//! ```text
//!   new store                              existing store
//!   1 manifest naming log 0, durable       1 what the logs hold, copied into a new log, durable
//!   2 CURRENT, durable                     2 a new manifest naming it, durable
//!   3 the first log                        3 CURRENT, durable
//!                                          4 old manifest, old logs, orphans removed
//! ```
//!
//! A log is always copied, even one that ends cleanly, so that nothing is ever appended to a file
//! whose end is in doubt. The copy gets its name only when it is whole and durable, so that an
//! interrupted opening is harmless (`recover`, invariant 3).

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::flush::Cause;
use super::recover::{Recovered, recover};
use super::stats::Counters;
use super::{Batch, Notice, Store, View, Writer};
use crate::disk::{Disk, File, Files, Lock, LockKind};
use crate::error::{Error, OrPath, Result};
use crate::log::{LogReader, LogWriter, Step};
use crate::manifest::{COMPARATOR, Edit, FileName, NAME_BYTES};
use crate::options::Options;
use crate::sstable::TableWriter;
use crate::sync::{Arc, Mutex, RwLock};

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
        let opening = Opening {
            disk: Arc::new(disk),
            directory: directory.as_ref().to_path_buf(),
        };
        if options.create_if_missing {
            opening.create_directory()?;
        }
        let lock = opening.lock(LockKind::Exclusive)?;
        let names = opening.list()?;
        let (recovered, writer) = if names.contains(&FileName::Current) {
            let recovered = recover(&*opening.disk, &opening.directory, &names)?;
            opening.take_over(recovered, &names, &options)?
        } else {
            opening.refuse_remains(&names)?;
            if !options.create_if_missing {
                return Err(Error::NotAStore {
                    path: opening.directory,
                });
            }
            opening.create(&names, &options)?
        };
        let store = opening.store(options, recovered, Some(writer), Some(lock));
        store.flush_if_full()?;
        Ok(store)
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
        let opening = Opening {
            disk: Arc::new(disk),
            directory: directory.as_ref().to_path_buf(),
        };
        let names = opening.list()?;
        let lock = if names.contains(&FileName::Lock) {
            Some(opening.lock(LockKind::Shared)?)
        } else {
            None
        };
        // Again, now that nobody changes them.
        let names = opening.list()?;
        if !names.contains(&FileName::Current) {
            opening.refuse_remains(&names)?;
            return Err(Error::NotAStore {
                path: opening.directory,
            });
        }
        let mut recovered = recover(&*opening.disk, &opening.directory, &names)?;
        if lock.is_none() {
            recovered.notices.push(Notice::NotLocked {
                path: FileName::Lock.path(&opening.directory),
            });
        }
        Ok(opening.store(Options::default(), recovered, None, lock))
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

    /// Flushes a memtable that recovery has filled beyond its size.
    fn flush_if_full(&self) -> Result<()> {
        if self.view.read().memtable.bytes() < self.options.memtable_bytes {
            return Ok(());
        }
        self.structural(|store, writer| store.flush_memtable(writer, Cause::FullMemtable))
    }
}

/// A directory on its way to being a store.
struct Opening {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
}

impl Opening {
    fn path(&self, name: FileName) -> PathBuf {
        name.path(&self.directory)
    }

    fn create_directory(&self) -> Result<()> {
        let created = self.disk.create_directory(&self.directory);
        created.or_path(&self.directory, "create the directory")
    }

    fn sync_directory(&self) -> Result<()> {
        self.disk
            .sync_directory(&self.directory)
            .or_path(&self.directory, "sync the directory")
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

    /// The store's files; others are none of its business.
    fn list(&self) -> Result<Vec<FileName>> {
        let names = self
            .disk
            .list(&self.directory)
            .or_path(&self.directory, "list the directory")?;
        Ok(names
            .iter()
            .filter_map(|name| FileName::parse(name))
            .collect())
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

    /// Makes a new, empty store.
    fn create(&self, names: &[FileName], options: &Options) -> Result<(Recovered, Writer)> {
        // A crash while a store was being created may have left a manifest that never counted.
        let remains = names
            .iter()
            .filter_map(|name| name.number())
            .max()
            .unwrap_or(0);
        let mut next_file = remains + 1;
        let manifest_number = take(&mut next_file);
        let edit = Edit {
            log_number: Some(0),
            last_sequence: Some(0),
            ..Edit::default()
        };
        let manifest = self.install_manifest(manifest_number, edit, next_file)?;
        let log_number = take(&mut next_file);
        let log_path = self.path(FileName::Log(log_number));
        let log = self
            .disk
            .create(&log_path)
            .or_path(&log_path, "create the log")?;
        self.sync_directory()?;
        self.remove_all_but(names, &[FileName::Lock])?;
        let recovered = Recovered::default();
        let log = LogWriter::new(log, log_path, 0);
        let writer = new_writer(log, manifest, next_file, 0, options);
        Ok((recovered, writer))
    }

    /// Makes an existing store this handle's.
    fn take_over(
        &self,
        mut recovered: Recovered,
        names: &[FileName],
        options: &Options,
    ) -> Result<(Recovered, Writer)> {
        let next_file = &mut recovered.next_file;
        let log_number = take(next_file);
        let log_path = self.path(FileName::Log(log_number));
        let temporary = self.path(FileName::Temporary(log_number));
        let (file, end) = self.copy_logs(&recovered.logs, &temporary)?;
        self.disk
            .rename(&temporary, &log_path)
            .or_path(&temporary, "rename the log")?;
        let log = LogWriter::new(file, log_path, end);
        self.sync_directory()?;

        let manifest_number = take(next_file);
        let edit = Edit {
            log_number: Some(log_number),
            last_sequence: Some(recovered.last_sequence),
            ..recovered.version.snapshot()
        };
        let manifest = self.install_manifest(manifest_number, edit, *next_file)?;
        let kept: Vec<FileName> = recovered
            .version
            .oldest_to_newest()
            .flat_map(|(_, file)| {
                [
                    FileName::Table(file.meta.number),
                    FileName::OldTable(file.meta.number),
                ]
            })
            .chain([FileName::Lock, FileName::Current])
            .collect();
        self.remove_all_but(names, &kept)?;
        let sequence = recovered.last_sequence;
        let writer = new_writer(log, manifest, *next_file, sequence, options);
        Ok((recovered, writer))
    }

    /// Copies the good records of the logs into a new file, and makes its bytes durable.
    fn copy_logs(&self, logs: &[(PathBuf, usize)], to: &Path) -> Result<(Arc<dyn File>, u64)> {
        let file = self.disk.create(to).or_path(to, "create the log")?;
        let mut copy = LogWriter::new(Arc::clone(&file), to.to_path_buf(), 0);
        for (path, records) in logs {
            let from = self.disk.open(path).or_path(path, "open the log")?;
            let mut reader = LogReader::new(from, path.clone())?;
            for _ in 0..*records {
                match reader.step()? {
                    Step::Record(record) => copy.append(record.bytes)?,
                    Step::Bad(bad) => return Err(bad.error(path)),
                    Step::End { offset, .. } => {
                        return Err(Error::damaged(path, offset, "was longer a moment ago"));
                    }
                }
            }
        }
        copy.sync()?;
        Ok((file, copy.end()))
    }

    /// Writes a manifest of one edit, makes it durable, and makes it the one that counts.
    fn install_manifest(&self, number: u64, edit: Edit, next_file: u64) -> Result<LogWriter> {
        let path = self.path(FileName::Manifest(number));
        let file = self
            .disk
            .create(&path)
            .or_path(&path, "create the manifest")?;
        let mut manifest = LogWriter::new(file, path, 0);
        let edit = Edit {
            comparator: Some(COMPARATOR.to_vec()),
            previous_log: Some(0),
            next_file: Some(next_file),
            ..edit
        };
        let mut record = Vec::with_capacity(64);
        edit.encode(&mut record);
        manifest.append(&record)?;
        manifest.sync()?;
        self.sync_directory()?;

        let temporary = self.path(FileName::Temporary(number));
        let current = self.path(FileName::Current);
        let file = self
            .disk
            .create(&temporary)
            .or_path(&temporary, "create the file")?;
        let mut buffer = [0; NAME_BYTES];
        let mut line = Vec::with_capacity(NAME_BYTES + 1);
        line.extend_from_slice(FileName::Manifest(number).write(&mut buffer).as_bytes());
        line.push(b'\n');
        file.append(&line).or_path(&temporary, "write the file")?;
        file.sync().or_path(&temporary, "sync the file")?;
        self.disk
            .rename(&temporary, &current)
            .or_path(&temporary, "rename the file to CURRENT")?;
        self.sync_directory()?;
        Ok(manifest)
    }

    /// Removes the files that were there before and are not needed any more.
    fn remove_all_but(&self, names: &[FileName], kept: &[FileName]) -> Result<()> {
        for name in names.iter().filter(|name| !kept.contains(name)) {
            let path = self.path(*name);
            self.disk.remove(&path).or_path(&path, "remove the file")?;
        }
        Ok(())
    }

    fn store(
        self,
        options: Options,
        recovered: Recovered,
        writer: Option<Writer>,
        lock: Option<Box<dyn Lock>>,
    ) -> Store {
        let view = View {
            memtable: recovered.memtable,
            frozen: None,
            version: Arc::new(recovered.version),
            sequence: recovered.last_sequence,
        };
        Store {
            disk: self.disk,
            directory: self.directory,
            options,
            view: RwLock::new(view),
            writer: writer.map(Mutex::new),
            counters: Counters::default(),
            notices: recovered.notices,
            _lock: lock,
        }
    }
}

fn new_writer(
    log: LogWriter,
    manifest: LogWriter,
    next_file: u64,
    sequence: u64,
    options: &Options,
) -> Writer {
    Writer {
        log,
        manifest,
        next_file,
        sequence,
        table: TableWriter::new(options.table()),
        batch: Batch::default(),
        stopped: None,
    }
}

fn take(next_file: &mut u64) -> u64 {
    let number = *next_file;
    *next_file += 1;
    number
}
