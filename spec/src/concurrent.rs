//! Stores that several threads may call at once.
//!
//! Each client gets a value of its own that implements [`KeyValueStore`] and calls the shared
//! store; snapshots and iterators belong to the client that made them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::Model;
use crate::op::{Change, Entry};
use crate::options::Options;
use crate::profile::{Abilities, Ability, Profile};
use crate::range::Scan;
use crate::store::{KeyValueStore, Outcome, Target};

/// A store that several threads may call at once; its profile says how many
/// ([`Profile::threads`]).
///
/// A store whose shared reference implements [`KeyValueStore`] needs nothing more:
///
/// ```
/// use etalon_spec::{ConcurrentStore, KeyValueStore, Outcome};
/// use std::collections::BTreeMap;
/// use std::sync::RwLock;
///
/// struct MyStore(RwLock<BTreeMap<Vec<u8>, Vec<u8>>>);
///
/// impl KeyValueStore for &MyStore {
///     fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
///         Ok(self.0.read().unwrap().get(key).cloned())
///     }
///     fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
///         self.0.write().unwrap().insert(key.to_vec(), value.to_vec());
///         Ok(())
///     }
///     fn delete(&mut self, key: &[u8]) -> Outcome<()> {
///         self.0.write().unwrap().remove(key);
///         Ok(())
///     }
/// }
///
/// let store = MyStore(RwLock::default());
/// store.client().put(b"k", b"v").unwrap();
/// assert_eq!(store.client().get(b"k"), Ok(Some(b"v".to_vec())));
/// ```
pub trait ConcurrentStore: Sync {
    /// What one client calls.
    type Client<'a>: KeyValueStore
    where
        Self: 'a;

    /// A new client.
    fn client(&self) -> Self::Client<'_>;
}

impl<S: Sync> ConcurrentStore for S
where
    for<'a> &'a S: KeyValueStore,
{
    type Client<'a>
        = &'a S
    where
        S: 'a;

    fn client(&self) -> &S {
        self
    }
}

/// Any store behind one lock: slow, and right under threads if the store is right without.
///
/// It has what two clients can share: neither snapshots nor iterators, whose names would meet.
///
/// ```
/// use etalon_spec::{ConcurrentStore, KeyValueStore, Locked, Model};
///
/// let locked = Locked::from(Model::default());
/// locked.client().put(b"k", b"v").unwrap();
/// assert_eq!(locked.client().get(b"k"), Ok(Some(b"v".to_vec())));
/// ```
#[derive(Debug, Default)]
pub struct Locked<S>(Mutex<S>);

impl<S> From<S> for Locked<S> {
    fn from(store: S) -> Self {
        Locked(Mutex::new(store))
    }
}

impl<S> Locked<S> {
    /// Every call gives the others a turn first, so that calls overlap even on one busy core.
    fn store(&self) -> MutexGuard<'_, S> {
        std::thread::yield_now();
        // A panic of the store is caught and reported before anybody comes here again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: KeyValueStore> KeyValueStore for &Locked<S> {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.store().get(key)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.store().put(key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.store().delete(key)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.store().scan(scan)
    }

    fn length(&mut self) -> Outcome<u64> {
        self.store().length()
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        self.store().write(changes)
    }

    fn flush(&mut self) -> Outcome<()> {
        self.store().flush()
    }

    fn compact(&mut self) -> Outcome<()> {
        self.store().compact()
    }

    fn sync(&mut self) -> Outcome<()> {
        self.store().sync()
    }
}

/// Makes models behind a lock: the concurrent target that is right by definition.
#[derive(Clone, Copy, Debug, Default)]
pub struct LockedModel;

impl Target for LockedModel {
    type Store = Locked<Model>;

    fn profile(&self) -> Profile {
        let can = [
            Ability::Scan,
            Ability::Reverse,
            Ability::Prefix,
            Ability::Length,
        ];
        let more = [
            Ability::Write,
            Ability::Flush,
            Ability::Compact,
            Ability::Sync,
        ];
        let can = can.into_iter().chain(more);
        Profile {
            can: can.fold(Abilities::default(), Abilities::with),
            threads: 64,
            ..Profile::new("model")
        }
    }

    fn create(&mut self, _options: &Options) -> Outcome<Locked<Model>> {
        Ok(Locked::default())
    }
}

/// As the clients see it, for whoever calls it alone.
impl<S: KeyValueStore> KeyValueStore for Locked<S> {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        (&*self).get(key)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        (&*self).put(key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        (&*self).delete(key)
    }
}
