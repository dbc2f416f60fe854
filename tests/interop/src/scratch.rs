//! Where the directories lie.

use std::env;
use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;

/// Files in memory, where Linux has them.
const MEMORY: &str = "/dev/shm";

/// A new directory, in memory where there is such a thing and `TMPDIR` says nothing else:
/// nothing here depends on what survives a power loss, and the programs sync thousands of times.
///
/// # Panics
/// If there is no room for it.
pub fn scratch() -> TempDir {
    let made = if env::var_os("TMPDIR").is_none() && Path::new(MEMORY).is_dir() {
        tempfile::tempdir_in(MEMORY)
    } else {
        tempfile::tempdir()
    };
    made.expect("a temporary directory")
}

/// Copies the files of a directory into a new one.
pub fn copy_directory(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
}
