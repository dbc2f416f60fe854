//! A store of your own under `cargo test`, in five lines: [`conformance!`](crate::conformance!).
//!
//! ```text
//!   conformance!(|dir, options| Ok(MyStore::open(dir)?), [scan, reopen]);
//!
//!   test conforms::differential        tests/etalon/*.ops, then generated sequences
//!   test conforms::scopes              every short string of operations
//!   test conforms::scan, ::reopen         sequences about one ability, for each declared
//!   test conforms::abilities_are_real  a declared ability that answers `Unsupported` fails
//!   test conforms::coverage            says what is not covered; VACUOUS fails
//! ```
//!
//! Each test takes two seconds and always the same cases, so a red build means your change.
//! `ETALON_FOR=60s` gives each more, `ETALON_SEED=random` (or a number) draws other cases. A
//! failure is shrunk, run again, and printed as `.ops` and as a `#[test]`; the `.ops` is written
//! below the `target` directory, never into the sources.
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

pub use suite::Suite;

/// Makes the tests that hold a store against the specification; see [the
/// module](mod@crate::conformance).
///
/// The first argument makes the store: a closure of a directory and the options of a case, or of
/// nothing for a store in memory, which then cannot declare `reopen` or `sync`. The second lists
/// what it can do beyond get, put and delete: `scan reverse prefix length write clear deleterange
/// flush compact reopen sync snapshot iterator layers first_last cas ingest transaction savepoint
/// spaces`. Anything else does not compile.
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

            #[allow(unused_variables)]
            fn suite() -> $crate::conformance::Suite<
                impl $crate::Target + ::std::clone::Clone + ::std::marker::Send + 'static
            > {
                let abilities = [$($crate::__ability!($ability)),*];
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

            $(
                #[test]
                fn $ability() {
                    suite().ability($crate::__ability!($ability));
                }
            )*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ability {
    (scan) => { $crate::Ability::Scan };
    (reverse) => { $crate::Ability::Reverse };
    (prefix) => { $crate::Ability::Prefix };
    (length) => { $crate::Ability::Length };
    (write) => { $crate::Ability::Write };
    (clear) => { $crate::Ability::Clear };
    (deleterange) => { $crate::Ability::DeleteRange };
    (flush) => { $crate::Ability::Flush };
    (compact) => { $crate::Ability::Compact };
    (reopen) => { $crate::Ability::Reopen };
    (sync) => { $crate::Ability::Sync };
    (snapshot) => { $crate::Ability::Snapshot };
    (iterator) => { $crate::Ability::Iterator };
    (layers) => { $crate::Ability::Layers };
    (first_last) => { $crate::Ability::FirstLast };
    (cas) => { $crate::Ability::Cas };
    (ingest) => { $crate::Ability::Ingest };
    (transaction) => { $crate::Ability::Transaction };
    (savepoint) => { $crate::Ability::Savepoint };
    (spaces) => { $crate::Ability::Spaces };
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
