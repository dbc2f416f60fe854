//! What is on a disk when nothing runs: names and bytes.

use std::path::{Path, PathBuf};

/// A disk at rest. A file that had two names is two files here.
///
/// ```
/// use etalon::disk::{Disk, simulated::SimulatedDisk};
///
/// let disk = SimulatedDisk::default();
/// disk.create("a".as_ref())?.append(b"bytes")?;
/// let image = disk.image();
/// assert_eq!(image.read("a".as_ref()), Some(&b"bytes"[..]));
/// assert_eq!(SimulatedDisk::from_image(image).image().files().count(), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    pub(super) directories: Vec<PathBuf>,
    pub(super) files: Vec<(PathBuf, Vec<u8>)>,
}

impl Image {
    /// An image of empty directories.
    pub fn with_directories<P: Into<PathBuf>>(paths: impl IntoIterator<Item = P>) -> Image {
        Image {
            directories: paths.into_iter().map(Into::into).collect(),
            files: Vec::new(),
        }
    }

    /// All files, in no particular order.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.files
            .iter()
            .map(|(path, bytes)| (path.as_path(), bytes.as_slice()))
    }

    /// The content of a file.
    pub fn read(&self, path: &Path) -> Option<&[u8]> {
        self.files()
            .find(|(name, _)| *name == path)
            .map(|(_, bytes)| bytes)
    }
}
