//! A store of your own under `cargo test`, in five lines: [`conformance!`](crate::conformance!).
//!
//! ```text
//!   conformance!(|dir, options| Ok(MyStore::open(dir)?), [scan, reopen]);
//!
//!   test conforms::differential        tests/etalon/*.ops, then generated sequences
//!   test conforms::scopes              every short string of operations
//!   test conforms::scan, ::reopen         sequences about one ability, for each declared
//!   test conforms::threads             four clients at once and a fifth that flushes, if declared
//!   test conforms::abilities_are_real  a declared ability that answers `Unsupported` fails
//!   test conforms::coverage            says what is not covered; VACUOUS fails
//! ```
//!
//! Each test takes two seconds and always the same cases, so a red build means your change.
//! `ETALON_FOR=60s` gives each more, `ETALON_SEED=random` (or a number) draws other cases. A
//! failure is shrunk, run again, and printed as `.ops` and as a `#[test]`; the `.ops` is written
//! below the `target` directory, never into the sources.
//!
//! # A store that several threads may call
//!
//! It implements [`KeyValueStore`](crate::KeyValueStore) for its shared reference, too, and is
//! declared with `threads`: each client then has a reference of its own, and what the clients did
//! and were answered must have an order. Which client comes when is the machine's choice, so a
//! failure is not shrunk: it is saved as it was seen, for `etalon replay`.
//!
//! # A store that answers later
//!
//! The oracle calls one operation after the other, so an asynchronous store is wrapped by
//! whatever waits for it: keep the runtime beside the store, and in each method
//! `self.runtime.block_on(self.store.get(key))`. Make the runtime in the closure, so that a
//! reopen drops it too: background work that outlives the store is then noticed.
//!
//! # What it promises not
//!
//! Kills and power losses are not sent: they need a process or a disk of their own (`etalon
//! check`). A store that hangs is left behind in its thread; the test fails and goes on.

mod budget;
mod example;
mod report;
mod silence;
mod suite;
mod threads;

pub use suite::Suite;
pub use threads::threads;

/// Makes the tests that hold a store against the specification; see [the
/// module](mod@crate::conformance).
///
/// The first argument makes the store: a closure of a directory and the options of a case, or of
/// nothing for a store in memory, which then cannot declare `reopen` or `sync`. The second lists
/// what it can do beyond get, put and delete: `scan reverse prefix length write clear deleterange
/// flush compact reopen sync snapshot iterator layers first_last cas ingest transaction savepoint
/// spaces threads`. Anything else does not compile, and neither does `threads` for a store whose
/// shared reference is no store.
///
/// ```
/// # mod test {
/// use etalon_spec::{Entry, KeyValueStore, Outcome, Scan, conformance};
/// use std::collections::BTreeMap;
///
/// #[derive(Default)]
/// struct MyStore(BTreeMap<Vec<u8>, Vec<u8>>);
///
/// impl KeyValueStore for MyStore {
///     fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
///         Ok(self.0.get(key).cloned())
///     }
///     fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
///         self.0.insert(key.to_vec(), value.to_vec());
///         Ok(())
///     }
///     fn delete(&mut self, key: &[u8]) -> Outcome<()> {
///         self.0.remove(key);
///         Ok(())
///     }
///     fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
///         Ok(scan.collect(self.0.clone()))
///     }
/// }
///
/// conformance!(|| MyStore::default(), [scan, reverse, prefix]);
/// # }
/// ```
///
/// A store in memory has no way to come back:
///
/// ```compile_fail
/// etalon_spec::conformance!(|| etalon_spec::Model::default(), [reopen]);
/// ```
///
/// The model is called by one thread at a time:
///
/// ```compile_fail
/// etalon_spec::conformance!(|| etalon_spec::Model::default(), [threads]);
/// ```
///
/// And this is a word that the oracle does not know:
///
/// ```compile_fail
/// etalon_spec::conformance!(|| etalon_spec::Model::default(), [scna]);
/// ```
#[macro_export]
macro_rules! conformance {
    (|| $make:expr, [$($ability:ident),* $(,)?] $(,)?) => {
        $($crate::__ability_in_memory!($ability);)*
        $crate::__conformance_tests!(
            |_: &::std::path::Path, _: &$crate::Options| ::std::result::Result::Ok($make),
            [$($ability),*]
        );
    };
    (|$directory:pat_param, $options:pat_param| $make:expr, [$($ability:ident),* $(,)?] $(,)?) => {
        $crate::__conformance_tests!(
            |$directory: &::std::path::Path, $options: &$crate::Options| $make,
            [$($ability),*]
        );
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ($open:expr, [$($ability:ident),*]) => {
        mod conforms {
            #[allow(unused_imports)]
            use super::*;

            const ABILITIES: &[::std::option::Option<$crate::Ability>] =
                &[$($crate::__ability!($ability)),*];

            #[allow(unused_variables)]
            fn suite() -> $crate::conformance::Suite<
                impl $crate::Target + ::std::clone::Clone + ::std::marker::Send + 'static
            > {
                let abilities = ABILITIES.iter().copied().flatten();
                let target = $crate::Factory::new(module_path!(), abilities, $open);
                $crate::conformance::Suite::new(target, env!("CARGO_MANIFEST_DIR"))
            }

            #[test]
            fn differential() {
                suite().differential();
            }

            #[test]
            fn scopes() {
                suite().scopes();
            }

            #[test]
            fn abilities_are_real() {
                suite().abilities_are_real();
            }

            #[test]
            fn coverage() {
                suite().coverage();
            }

            $($crate::__ability_test!($ability, $open);)*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ability_test {
    (threads, $open:expr) => {
        #[allow(unused_variables)]
        fn by_several_threads() {
            let abilities = ABILITIES.iter().copied().flatten();
            $crate::conformance::threads($crate::Factory::new(module_path!(), abilities, $open));
        }

        #[test]
        fn threads() {
            by_several_threads();
        }
    };
    ($ability:ident, $open:expr) => {
        #[test]
        fn $ability() {
            suite().ability($crate::__ability!($ability).expect("no other word is none"));
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ability {
    (scan) => { ::std::option::Option::Some($crate::Ability::Scan) };
    (reverse) => { ::std::option::Option::Some($crate::Ability::Reverse) };
    (prefix) => { ::std::option::Option::Some($crate::Ability::Prefix) };
    (length) => { ::std::option::Option::Some($crate::Ability::Length) };
    (write) => { ::std::option::Option::Some($crate::Ability::Write) };
    (clear) => { ::std::option::Option::Some($crate::Ability::Clear) };
    (deleterange) => { ::std::option::Option::Some($crate::Ability::DeleteRange) };
    (flush) => { ::std::option::Option::Some($crate::Ability::Flush) };
    (compact) => { ::std::option::Option::Some($crate::Ability::Compact) };
    (reopen) => { ::std::option::Option::Some($crate::Ability::Reopen) };
    (sync) => { ::std::option::Option::Some($crate::Ability::Sync) };
    (snapshot) => { ::std::option::Option::Some($crate::Ability::Snapshot) };
    (iterator) => { ::std::option::Option::Some($crate::Ability::Iterator) };
    (layers) => { ::std::option::Option::Some($crate::Ability::Layers) };
    (first_last) => { ::std::option::Option::Some($crate::Ability::FirstLast) };
    (cas) => { ::std::option::Option::Some($crate::Ability::Cas) };
    (ingest) => { ::std::option::Option::Some($crate::Ability::Ingest) };
    (transaction) => { ::std::option::Option::Some($crate::Ability::Transaction) };
    (savepoint) => { ::std::option::Option::Some($crate::Ability::Savepoint) };
    (spaces) => { ::std::option::Option::Some($crate::Ability::Spaces) };
    (threads) => { ::std::option::Option::None };
    ($other:ident) => {
        ::std::compile_error!(::std::concat!(
            "`", ::std::stringify!($other), "` is no ability. They are: scan, reverse, prefix, \
            length, write, clear, deleterange, flush, compact, reopen, sync, snapshot, iterator, \
            layers, first_last, cas, ingest, transaction, savepoint, spaces."
        ))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ability_in_memory {
    (reopen) => {
        ::std::compile_error!(
            "a store in memory has nothing to reopen: make it of |dir, options| instead of ||"
        );
    };
    (sync) => {
        ::std::compile_error!(
            "a store in memory makes nothing durable: make it of |dir, options| instead of ||"
        );
    };
    ($other:ident) => {};
}
