//! The manifest: which segments make up the store.
//!
//! ```text
//!   CURRENT --> MANIFEST-000002:  edit, edit, edit ...      a record log of edits
//!                                   '--- applied in order ---> files by level --> Version
//! ```

mod edit;
mod names;
mod replay;
mod version;

pub(crate) use edit::{COMPARATOR, Edit, FileMeta};
pub(crate) use names::{FileName, NAME_BYTES};
pub(crate) use replay::{MAX_FILE_NUMBER, Replayed, replay};
pub(crate) use version::{TableFile, Version};
