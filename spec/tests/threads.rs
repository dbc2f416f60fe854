//! The campaign with threads: a right store passes, stores that are wrong only when several
//! threads call them are found out, and a run that decided nothing does not pass.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use etalon_spec::history::{Effort, History};
use etalon_spec::{
    Ability, Change, ConcurrentStore, Entry, Failure, KeyValueStore, LockedModel, Options, Outcome,
    Profile, Scan, Target, ThreadReport, ThreadSettings, Trouble, Verdict, check_threads,
};

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// A batch is shown change by change.
    TornBatch,
    /// A client answers from what it saw some reads ago.
    StaleCache,
    /// A scan reads half of the keys, lets others write, and reads the rest.
    ScanInTwoSteps,
    /// An update is made of what was read a moment before: others' updates meanwhile are lost.
    LostUpdate,
    Refuses,
    Panics,
    Hangs,
}

#[derive(Clone, Copy, Debug)]
struct WrongTarget(Wrong);

#[derive(Debug)]
struct Store {
    wrong: Wrong,
    entries: Mutex<Entries>,
}

/// A client, and what it last saw.
struct Client<'a> {
    store: &'a Store,
    seen: Entries,
    reads: u32,
}

impl Target for WrongTarget {
    type Store = Store;

    fn profile(&self) -> Profile {
        Profile {
            threads: 8,
            timeout: Duration::from_secs(if self.0 == Wrong::Hangs { 1 } else { 10 }),
            ..Profile::new("wrong").can([Ability::Scan, Ability::Write])
        }
    }

    fn create(&mut self, _: &Options) -> Outcome<Store> {
        Ok(Store {
            wrong: self.0,
            entries: Mutex::default(),
        })
    }
}

impl ConcurrentStore for Store {
    type Client<'a> = Client<'a>;

    fn client(&self) -> Client<'_> {
        Client {
            store: self,
            seen: Entries::new(),
            reads: 0,
        }
    }
}

/// For whoever calls it alone: here nobody.
impl KeyValueStore for Store {
    fn get(&mut self, _: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Err(Failure::Unsupported)
    }

    fn put(&mut self, _: &[u8], _: &[u8]) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    fn delete(&mut self, _: &[u8]) -> Outcome<()> {
        Err(Failure::Unsupported)
    }
}

impl Client<'_> {
    fn all(&self) -> Entries {
        let entries = self.store.entries.lock();
        entries.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, key: &[u8], value: Option<&[u8]>) {
        let mut entries = self.store.entries.lock().expect("no panic with the lock");
        match value {
            Some(value) => drop(entries.insert(key.to_vec(), value.to_vec())),
            None => drop(entries.remove(key)),
        }
    }
}

impl KeyValueStore for Client<'_> {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.reads += 1;
        match self.store.wrong {
            Wrong::Refuses if self.reads > 20 => return Err(Failure::definite("too many")),
            Wrong::Panics if self.reads > 20 => panic!("one read too many"),
            Wrong::Hangs if self.reads > 20 => loop {
                std::thread::park();
            },
            Wrong::StaleCache if self.reads % 4 != 1 => {}
            _ => self.seen = self.all(),
        }
        Ok(self.seen.get(key).cloned())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        if self.store.wrong == Wrong::LostUpdate {
            let mut all = self.all();
            std::thread::yield_now();
            all.insert(key.to_vec(), value.to_vec());
            *self.store.entries.lock().expect("no panic with the lock") = all;
        } else {
            self.change(key, Some(value));
        }
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.change(key, None);
        Ok(())
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        let whole = self.store.wrong != Wrong::TornBatch;
        let mut entries = self.all();
        let guard = whole.then(|| self.store.entries.lock().expect("no panic with the lock"));
        if let Some(mut guard) = guard {
            entries.clone_from(&guard);
            for change in changes {
                match change.value() {
                    Some(value) => drop(entries.insert(change.key().to_vec(), value.to_vec())),
                    None => drop(entries.remove(change.key())),
                }
            }
            *guard = entries;
            return Ok(());
        }
        for change in changes {
            self.change(change.key(), change.value());
            std::thread::yield_now();
        }
        Ok(())
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let mut entries = self.all();
        if self.store.wrong == Wrong::ScanInTwoSteps {
            let half = entries.keys().nth(entries.len() / 2).cloned();
            std::thread::yield_now();
            if let Some(half) = half {
                entries.split_off(&half);
                entries.extend(self.all().split_off(&half));
            }
        }
        Ok(scan.collect(entries))
    }
}

fn settings() -> ThreadSettings {
    ThreadSettings {
        time: Some(Duration::from_secs(30)),
        length: 100,
        ..ThreadSettings::default()
    }
}

fn found(wrong: Wrong) -> ThreadReport {
    let report = check_threads(WrongTarget(wrong), &settings(), &mut ());
    assert_eq!(*report.verdict(), Verdict::Fail, "{wrong:?}: {report}");
    report
}

#[test]
fn a_right_store_passes() {
    let settings = ThreadSettings {
        operations: Some(30_000),
        ..settings()
    };
    let report = check_threads(LockedModel, &settings, &mut ());
    report.unwrap();
    assert!(
        report.histories() > 10 && report.searched.overlapping > 0,
        "{report}"
    );
    assert!(report.to_string().starts_with("PASS\n"), "{report}");
}

#[test]
fn what_is_wrong_only_under_threads_is_shown_by_a_small_window() {
    let wrongs = [
        Wrong::TornBatch,
        Wrong::StaleCache,
        Wrong::ScanInTwoSteps,
        Wrong::LostUpdate,
    ];
    for wrong in wrongs {
        let failure = found(wrong).failure.expect("it failed");
        let Trouble::Impossible(contradiction) = &failure.trouble else {
            panic!("{wrong:?}: {failure}");
        };
        let calls = contradiction.window.calls().len();
        assert!(calls <= 40, "{wrong:?}: {calls} calls\n{failure}");
        let again = History::parse(&contradiction.window.to_string()).expect("its own text");
        assert_eq!(again.is_linearizable(Effort::default()), Some(false));
        assert!(
            failure.history.calls().len() > calls,
            "the whole history is kept"
        );
    }
}

#[test]
fn a_call_that_fails_or_panics_is_a_failure_and_says_which() {
    for (wrong, says) in [
        (Wrong::Refuses, "refused: too many"),
        (Wrong::Panics, "one read too many"),
    ] {
        let failure = found(wrong).failure.expect("it failed");
        assert!(
            matches!(failure.trouble, Trouble::Failed { .. }),
            "{failure}"
        );
        assert!(failure.to_string().contains(says), "{failure}");
    }
}

#[test]
fn a_store_that_never_answers_is_noticed_and_its_open_calls_are_named() {
    let failure = found(Wrong::Hangs).failure.expect("it failed");
    assert!(matches!(failure.trouble, Trouble::Hung(_)), "{failure}");
    assert!(failure.to_string().contains("open: ["), "{failure}");
}

#[test]
fn histories_that_cannot_be_decided_are_no_pass() {
    let settings = ThreadSettings {
        operations: Some(5_000),
        effort: Effort { configurations: 10 },
        ..settings()
    };
    let report = check_threads(LockedModel, &settings, &mut ());
    assert!(matches!(report.verdict(), Verdict::Vacuous(_)), "{report}");
    assert!(
        report.undecided() > 0 && report.to_string().contains("UNKNOWN"),
        "{report}"
    );
}

#[test]
fn a_run_in_which_nothing_overlaps_is_no_pass() {
    let settings = ThreadSettings {
        threads: 1,
        operations: Some(2_000),
        without: vec![etalon_spec::OpKind::Write],
        ..settings()
    };
    let report = check_threads(WrongTarget(Wrong::TornBatch), &settings, &mut ());
    let says = "no two calls overlapped";
    assert!(report.to_string().contains(says), "{report}");
    assert!(matches!(report.verdict(), Verdict::Vacuous(_)), "{report}");
}

#[test]
#[should_panic(expected = "5 threads are to call, and the profile of model declares 1")]
fn no_more_threads_call_than_the_profile_declares() {
    #[derive(Clone)]
    struct Single;

    impl Target for Single {
        type Store = <LockedModel as Target>::Store;

        fn profile(&self) -> Profile {
            Profile {
                threads: 1,
                ..LockedModel.profile()
            }
        }

        fn create(&mut self, options: &Options) -> Outcome<Self::Store> {
            LockedModel.create(options)
        }
    }

    check_threads(Single, &settings(), &mut ());
}
