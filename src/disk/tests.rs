//! What every disk does, tried on each; and what only one does.

use std::io::ErrorKind;
use std::path::Path;

use super::{Disk, Files, LockKind, MemoryDisk};

/// Runs a test on memory, on the disk that crashes, and on real files.
fn on_each(test: impl Fn(&dyn Disk, &Path)) {
    #[cfg(feature = "oracle")]
    {
        let simulated = super::simulated::SimulatedDisk::default();
        simulated.create_directory(Path::new("/db")).unwrap();
        test(&simulated, Path::new("/db"));
    }
    let memory = MemoryDisk::default();
    memory.create_directory(Path::new("/db")).unwrap();
    test(&memory, Path::new("/db"));
    let directory = tempfile::tempdir().unwrap();
    test(&Files, directory.path());
}

fn kind<T>(result: std::io::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

#[test]
fn appended_bytes_are_read_back_and_not_past_the_end() {
    on_each(|disk, directory| {
        let path = directory.join("a");
        let file = disk.create(&path).unwrap();
        file.append(b"hello ").unwrap();
        disk.open_append(&path).unwrap().append(b"world").unwrap();
        file.sync().unwrap();
        let reader = disk.open(&path).unwrap();
        let mut scratch = Vec::new();
        assert_eq!(reader.size().unwrap(), 11);
        assert_eq!(reader.read(3, 5, &mut scratch).unwrap(), b"lo wo");
        assert_eq!(reader.read(11, 0, &mut scratch).unwrap(), b"");
        assert_eq!(
            kind(reader.read(7, 5, &mut scratch)),
            Some(ErrorKind::UnexpectedEof)
        );
        reader.read_into(0, 5, &mut scratch).unwrap();
        assert_eq!(scratch, b"hello");
    });
}

#[test]
fn a_cut_and_a_preallocated_file_go_on_at_their_end() {
    on_each(|disk, directory| {
        let file = disk.create(&directory.join("a")).unwrap();
        file.append(b"12345").unwrap();
        file.truncate(2).unwrap();
        file.preallocate(4).unwrap();
        file.preallocate(1).unwrap();
        file.append(b"x").unwrap();
        let mut scratch = Vec::new();
        assert_eq!(file.read(0, 5, &mut scratch).unwrap(), b"12\0\0x");
    });
}

#[test]
fn a_file_that_was_read_is_cut_and_goes_on() {
    on_each(|disk, directory| {
        let file = disk.create(&directory.join("a")).unwrap();
        file.append(b"12345").unwrap();
        let (mut scratch, mut other) = (Vec::new(), Vec::new());
        assert_eq!(file.read(0, 5, &mut scratch).unwrap(), b"12345");
        file.append(b"678").unwrap();
        assert_eq!(file.read(3, 4, &mut other).unwrap(), b"4567");
        assert_eq!(file.read(6, 2, &mut other).unwrap(), b"78");
        file.truncate(4).unwrap();
        file.append(b"x").unwrap();
        assert_eq!(file.read(0, 5, &mut other).unwrap(), b"1234x");
        file.truncate(2).unwrap();
        file.truncate(3).unwrap();
        assert_eq!(file.read(0, 3, &mut other).unwrap(), b"12\0");
        assert_eq!(
            kind(file.read(0, 4, &mut other)),
            Some(ErrorKind::UnexpectedEof)
        );
    });
}

#[test]
fn names_are_created_linked_renamed_and_removed() {
    on_each(|disk, directory| {
        let path = |name: &str| directory.join(name);
        let file = disk.create(&path("a")).unwrap();
        file.append(b"first").unwrap();
        assert_eq!(
            kind(disk.create(&path("a"))),
            Some(ErrorKind::AlreadyExists)
        );
        assert_eq!(kind(disk.open(&path("b"))), Some(ErrorKind::NotFound));
        assert_eq!(
            kind(disk.create(&path("no/such"))),
            Some(ErrorKind::NotFound)
        );
        disk.link(&path("a"), &path("b")).unwrap();
        assert_eq!(
            kind(disk.link(&path("a"), &path("b"))),
            Some(ErrorKind::AlreadyExists)
        );
        disk.create(&path("c")).unwrap().append(b"second").unwrap();
        disk.rename(&path("c"), &path("a")).unwrap();
        disk.create_directory(&path("d")).unwrap();
        disk.create_directory(&path("d")).unwrap();
        disk.create(&path("d/e")).unwrap();
        disk.sync_directory(directory).unwrap();
        disk.sync_directory(Path::new("")).unwrap();
        let mut names = disk.list(directory).unwrap();
        names.sort();
        assert_eq!(names, ["a", "b", "d"]);
        disk.remove(&path("b")).unwrap();
        assert_eq!(kind(disk.remove(&path("b"))), Some(ErrorKind::NotFound));
        let mut scratch = Vec::new();
        assert_eq!(
            file.read(0, 5, &mut scratch).unwrap(),
            b"first",
            "removed, still open"
        );
        let replaced = disk.open(&path("a")).unwrap();
        assert_eq!(replaced.read(0, 6, &mut scratch).unwrap(), b"second");
    });
}

#[test]
fn a_missing_directory_is_not_found() {
    on_each(|disk, directory| {
        let missing = directory.join("missing");
        assert_eq!(kind(disk.list(&missing)), Some(ErrorKind::NotFound));
        assert_eq!(
            kind(disk.create_directory(&missing.join("x"))),
            Some(ErrorKind::NotFound)
        );
    });
}

#[test]
fn an_exclusive_lock_shuts_everyone_out_until_dropped() {
    on_each(|disk, directory| {
        let path = directory.join("LOCK");
        let held = disk.lock(&path, LockKind::Exclusive).unwrap();
        let error = disk.lock(&path, LockKind::Exclusive).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        assert_eq!(error.to_string(), "held by another handle in this process");
        assert_eq!(
            kind(disk.lock(&path, LockKind::Shared)),
            Some(ErrorKind::WouldBlock)
        );
        drop(held);
        drop(disk.lock(&path, LockKind::Exclusive).unwrap());
    });
}

#[test]
fn shared_locks_share_and_keep_writers_out() {
    on_each(|disk, directory| {
        let path = directory.join("LOCK");
        assert_eq!(
            kind(disk.lock(&path, LockKind::Shared)),
            Some(ErrorKind::NotFound)
        );
        assert!(
            disk.list(directory).unwrap().is_empty(),
            "a shared lock creates nothing"
        );
        drop(disk.lock(&path, LockKind::Exclusive).unwrap());
        let first = disk.lock(&path, LockKind::Shared).unwrap();
        let second = disk.lock(&path, LockKind::Shared).unwrap();
        drop(first);
        assert_eq!(
            kind(disk.lock(&path, LockKind::Exclusive)),
            Some(ErrorKind::WouldBlock)
        );
        drop(second);
        drop(disk.lock(&path, LockKind::Exclusive).unwrap());
    });
}

/// Found by thought: two spellings of one directory must be one lock.
#[cfg(unix)]
#[test]
fn a_directory_reached_by_another_path_is_locked_too() {
    let directory = tempfile::tempdir().unwrap();
    let (real, alias) = (
        directory.path().join("real"),
        directory.path().join("alias"),
    );
    std::fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &alias).unwrap();
    let held = Files.lock(&real.join("LOCK"), LockKind::Exclusive).unwrap();
    assert_eq!(
        kind(Files.lock(&alias.join("LOCK"), LockKind::Exclusive)),
        Some(ErrorKind::WouldBlock)
    );
    drop(held);
}

/// Stands for goleveldb, which takes a flock and no fcntl lock.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn a_flock_taken_by_others_keeps_us_out_and_ours_them() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("LOCK");
    let other = std::fs::File::create(&path).unwrap();
    other.try_lock().unwrap();
    assert_eq!(
        kind(Files.lock(&path, LockKind::Exclusive)),
        Some(ErrorKind::WouldBlock)
    );
    other.unlock().unwrap();
    let held = Files.lock(&path, LockKind::Exclusive).unwrap();
    assert!(other.try_lock().is_err());
    drop(held);
    other.try_lock().unwrap();
}

#[test]
fn a_clone_of_a_memory_disk_is_the_same_disk() {
    let disk = MemoryDisk::default();
    disk.clone().write_file(Path::new("x"), b"1").unwrap();
    disk.write_file(Path::new("x"), b"22").unwrap();
    assert_eq!(disk.read_file(Path::new("x")).unwrap(), b"22");
    assert_eq!(disk.paths(), [Path::new("x")]);
}
