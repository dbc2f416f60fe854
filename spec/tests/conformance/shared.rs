//! `conformance!` on stores that several threads may call: one is right, and one is right only
//! while nobody calls it at the same time.

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::Mutex;

use etalon_spec::history::{Decision, Effort, History, decide};
use etalon_spec::{Ability, Entry, Factory, KeyValueStore, Options, Outcome, Scan, conformance};

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// A map behind a lock, whose value is written back some time after it was read if `CARELESS`.
#[derive(Default)]
struct Shared<const CARELESS: bool>(Mutex<Entries>);

impl<const CARELESS: bool> Shared<CARELESS> {
    fn change(&self, change: impl FnOnce(&mut Entries)) {
        if CARELESS {
            let mut entries = self.0.lock().expect("no panic with the lock").clone();
            std::thread::yield_now();
            change(&mut entries);
            *self.0.lock().expect("no panic with the lock") = entries;
        } else {
            change(&mut self.0.lock().expect("no panic with the lock"));
        }
    }
}

impl<const CARELESS: bool> KeyValueStore for &Shared<CARELESS> {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self
            .0
            .lock()
            .expect("no panic with the lock")
            .get(key)
            .cloned())
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.change(|entries| drop(entries.insert(key.to_vec(), value.to_vec())));
        Ok(())
    }
    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(|entries| drop(entries.remove(key)));
        Ok(())
    }
    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let entries = self.0.lock().expect("no panic with the lock").clone();
        Ok(scan.collect(entries))
    }
}

/// For the tests that call it alone.
impl<const CARELESS: bool> KeyValueStore for Shared<CARELESS> {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        (&*self).get(key)
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        (&*self).put(key, value)
    }
    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        (&*self).delete(key)
    }
    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        (&*self).scan(scan)
    }
}

conformance!(|| Shared::<false>::default(), [scan, threads]);

#[test]
fn what_has_no_order_is_told_and_saved_as_it_was_seen() {
    let target = Factory::new("careless", [Ability::Scan], |_: &Path, _: &Options| {
        Ok(Shared::<true>::default())
    });
    let failed = catch_unwind(|| conformance::threads(target));
    let payload = failed.expect_err("it loses updates");
    let said = payload.downcast_ref::<String>().expect("a message");
    assert!(said.starts_with("history "), "{said}");
    let saved = said.lines().find_map(|line| line.strip_prefix("saved: "));
    let text = std::fs::read_to_string(saved.expect("a path")).expect("saved");
    let history = History::parse(&text).expect("a history");
    assert!(
        matches!(
            decide(&history, Effort::default()),
            Decision::Impossible(..)
        ),
        "{said}"
    );
}
