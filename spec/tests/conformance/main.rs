//! `conformance!` on stores that are right, and what it says of one that is not.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use etalon_spec::conformance::Suite;
use etalon_spec::{
    Ability, Entry, Factory, Failure, KeyValueStore, Model, Options, Outcome, Scan, Target,
};

#[path = "../../examples/first_store/adapter.rs"]
mod adapter;
mod shared;
#[path = "../../examples/first_store/store.rs"]
mod store;
use store::FirstStore;

/// The sources that a suite is told: saved cases lie in `tests/etalon` below.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance");

mod in_memory {
    use etalon_spec::{Model, conformance};

    conformance!(|| Model::default(), [scan, write, flush, compact, snapshot]);
}

mod on_files {
    use super::Appended;
    use etalon_spec::conformance;

    conformance!(|dir, options| Ok(Appended::open(dir)?), [scan, reopen]);
}

/// The first store without its bug: a delete is told from an empty value by a byte before it.
struct Appended(FirstStore);

impl Appended {
    fn open(directory: &Path) -> std::io::Result<Self> {
        FirstStore::open(directory).map(Appended)
    }
}

impl KeyValueStore for Appended {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.get(key).map(|value| value[1..].to_vec()))
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        Ok(self.0.set(key, &[b"=", value].concat())?)
    }
    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        Ok(self.0.remove(key)?)
    }
    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let entries = self.0.iter();
        Ok(scan.collect(entries.map(|(key, value)| (key, value[1..].to_vec()))))
    }
}

/// What a test of this store says when it fails.
fn complaint<T: Target + Clone + Send + 'static>(
    target: T,
    test: impl FnOnce(&Suite<T>),
) -> String {
    let suite = Suite::new(target, SOURCES);
    let failed = catch_unwind(AssertUnwindSafe(|| test(&suite)));
    let payload = failed.expect_err("it fails");
    let message = payload.downcast_ref::<String>();
    message.expect("a message").clone()
}

/// What is said of the first store, less the line that names a path.
#[test]
fn the_first_store_is_told_of_its_bug() {
    let target = Factory::new(
        "first_store::conforms",
        [Ability::Scan, Ability::Reopen],
        |directory: &Path, _: &Options| Ok(FirstStore::open(directory)?),
    );
    let said = complaint(target, Suite::differential);
    let lines = said.lines().filter(|line| !line.starts_with("saved: "));
    let said: String = lines.flat_map(|line| [line, "\n"]).collect();
    if std::env::var_os("ETALON_BLESS").is_some() {
        std::fs::write(format!("{SOURCES}/first_store.txt"), &said).expect("written");
    }
    let pinned = std::fs::read_to_string(format!("{SOURCES}/first_store.txt")).expect("there");
    assert_eq!(said, pinned, "tests/conformance/first_store.txt");
}

#[test]
fn the_failing_case_is_saved_below_target_and_replays() {
    let target = Factory::new(
        "first_store",
        [Ability::Reopen],
        |directory: &Path, _: &Options| Ok(FirstStore::open(directory)?),
    );
    let said = complaint(target, |suite| suite.ability(Ability::Reopen));
    let saved = said.lines().find_map(|line| line.strip_prefix("saved: "));
    let text = std::fs::read_to_string(saved.expect("a path")).expect("saved");
    let script = etalon_spec::Script::parse(&text).expect("a script");
    assert!(said.contains(&script.to_string()), "{said}");
}

/// Declares what it cannot do.
#[derive(Default)]
struct Boaster(BTreeMap<Vec<u8>, Vec<u8>>);

impl KeyValueStore for Boaster {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.get(key).cloned())
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.0.insert(key.to_vec(), value.to_vec());
        Ok(())
    }
    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.0.remove(key);
        Ok(())
    }
    fn flush(&mut self) -> Outcome<()> {
        Ok(())
    }
}

#[test]
fn abilities_that_are_none_are_named_all_at_once() {
    let boasts = [
        Ability::Scan,
        Ability::Flush,
        Ability::Iterator,
        Ability::Layers,
    ];
    let target = Factory::new("boaster", boasts, |_: &Path, _: &Options| {
        Ok(Boaster::default())
    });
    let said = complaint(target, Suite::abilities_are_real);
    let named = "declared, and answered as unsupported or refused: scan, iterator, layers.";
    assert!(said.starts_with(named), "{said}");
}

#[test]
fn a_store_that_cannot_be_opened_is_a_failure_in_words() {
    let target = Factory::new("shut", [], |_: &Path, _: &Options| {
        Err::<Model, Failure>(Failure::definite("the door is locked"))
    });
    let said = complaint(target, Suite::differential);
    assert!(said.contains("the door is locked"), "{said}");
}

#[test]
fn a_saved_case_is_replayed_before_anything_is_generated() {
    let target = Factory::new(
        "first_store",
        [Ability::Reopen],
        |directory: &Path, _: &Options| Ok(FirstStore::open(directory)?),
    );
    let suite = Suite::new(
        target,
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/saved"),
    );
    let failed = catch_unwind(AssertUnwindSafe(|| suite.differential()));
    let payload = failed.expect_err("it fails");
    let said = payload.downcast_ref::<String>().expect("a message");
    assert!(said.contains("sequence 0 on differential"), "{said}");
}
