//! A target out of a closure: what `conformance!` and `serve_stdio` are given.
//!
//! ```text
//!   |dir, options| Ok(MyStore::open(dir)?)
//!        |    '-- of the case; nothing to vary: ignore them
//!        '-- new and empty for each case; the same one again for a reopen
//! ```
//!
//! Invariants:
//! 1. A reopen is a drop of the store, then the closure again on the same directory: an adapter
//!    has no way to fake it.
//! 2. A directory goes when the next case begins, and the last one with the factory. That of a
//!    store that hangs stays as long as the process: the store may still write to it.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::check::quietly;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::profile::{Ability, Profile};
use crate::store::{KeyValueStore, Target};

/// Makes stores by calling a closure with a directory and the options of a case.
///
/// ```
/// use etalon_spec::{Ability, Case, Factory, KeyValueStore, Op, Outcome, check_case};
/// use std::path::{Path, PathBuf};
///
/// /// A file for each key: right, if slow.
/// struct Files(PathBuf);
/// impl Files {
///     fn path(&self, key: &[u8]) -> PathBuf {
///         self.0.join(format!("k{}", key.iter().map(|b| format!("{b:02x}")).collect::<String>()))
///     }
/// }
/// impl KeyValueStore for Files {
///     fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
///         Ok(std::fs::read(self.path(key)).ok())
///     }
///     fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
///         Ok(std::fs::write(self.path(key), value)?)
///     }
///     fn delete(&mut self, key: &[u8]) -> Outcome<()> {
///         let _absent_is_no_error = std::fs::remove_file(self.path(key));
///         Ok(())
///     }
/// }
///
/// let mut target = Factory::new("files", [Ability::Reopen], |dir: &Path, _: &_| {
///     Ok(Files(dir.to_path_buf()))
/// });
/// let case = Case::new(vec![Op::put("k", "v"), Op::Reopen, Op::get("k")]);
/// check_case(&mut target, &case).expect("agreement");
/// ```
pub struct Factory<F> {
    open: F,
    profile: Profile,
    base: Arc<Base>,
    directory: Option<PathBuf>,
}

/// The directory that all cases of a factory and of its clones lie in.
struct Base {
    path: PathBuf,
    next: AtomicU64,
}

impl Drop for Base {
    fn drop(&mut self) {
        // In the system's directory for temporary files: what cannot go is its business.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

impl Base {
    fn new() -> Self {
        static FACTORIES: AtomicU64 = AtomicU64::new(0);
        let number = FACTORIES.fetch_add(1, Ordering::Relaxed);
        let name = format!("etalon-{}-{number}", std::process::id());
        Base {
            path: std::env::temp_dir().join(name),
            next: AtomicU64::new(0),
        }
    }

    /// An empty directory; a `fresh` one is for the store to make.
    fn new_directory(&self, fresh: bool) -> std::io::Result<PathBuf> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let directory = self.path.join(number.to_string());
        std::fs::create_dir_all(if fresh { &self.path } else { &directory })?;
        Ok(directory)
    }
}

/// A clone makes stores of its own, in other directories below the same one.
impl<F: Clone> Clone for Factory<F> {
    fn clone(&self) -> Self {
        Factory {
            open: self.open.clone(),
            profile: self.profile.clone(),
            base: Arc::clone(&self.base),
            directory: None,
        }
    }
}

impl<F> fmt::Debug for Factory<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Factory")
            .field("profile", &self.profile)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

impl<F, S> Factory<F>
where
    F: Fn(&Path, &Options) -> Outcome<S>,
    S: KeyValueStore,
{
    /// Stores that `open` makes, under the profile that a first one of them gives, with these
    /// abilities beside. If that first one cannot be opened, each case will say why.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        abilities: impl IntoIterator<Item = Ability>,
        open: F,
    ) -> Self {
        let base = Arc::new(Base::new());
        let first = |fresh| {
            let opened = || -> Outcome<Profile> {
                let store = open(&base.new_directory(fresh)?, &Options::default())?;
                Ok(store.profile())
            };
            quietly(opened).and_then(Result::ok)
        };
        // What the directory must be, only a store can say.
        let mut profile = first(false).or_else(|| first(true)).unwrap_or_default();
        profile.name = name.into();
        for ability in abilities {
            profile.can = profile.can.with(ability);
        }
        Factory {
            open,
            profile,
            base,
            directory: None,
        }
    }

    /// The same stores, of which less is asked: only what `profile` declares.
    #[must_use]
    pub fn under(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }
}

impl<F, S> Target for Factory<F>
where
    F: Fn(&Path, &Options) -> Outcome<S>,
    S: KeyValueStore,
{
    type Store = S;

    fn profile(&self) -> Profile {
        self.profile.clone()
    }

    fn create(&mut self, options: &Options) -> Outcome<S> {
        if let Some(before) = self.directory.take() {
            // A store that is to make it may not have.
            if before.exists() {
                std::fs::remove_dir_all(before)?;
            }
        }
        self.directory = Some(self.base.new_directory(self.profile.fresh_dir)?);
        self.reopen(options)
    }

    fn held_to(&mut self, profile: &Profile) {
        self.profile.fresh_dir = profile.fresh_dir;
    }

    fn reopen(&mut self, options: &Options) -> Outcome<S> {
        let directory = self.directory.as_deref();
        (self.open)(directory.unwrap_or(Path::new("")), options)
    }
}
