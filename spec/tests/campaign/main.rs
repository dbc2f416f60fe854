//! A campaign against stores that are wrong in every way: each failure is found, kept in its
//! class while it is shrunk, run again, and written down so that it can be read back.

mod endings;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use etalon_spec::{
    Abilities, Ability, Class, Entry, Failed, Failure, KeyValueStore, Model, ModelTarget, Op,
    OpKind, Options, Outcome, Profile, Scan, Script, Setting, Settings, Survives, Target, Under,
    Verdict, check, expectations,
};

/// What a store does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Deletes nothing.
    ForgetsDeletes,
    /// Refuses to flush, with an error of its own words each time.
    RefusesFlush,
    /// Panics when a value is longer than 3 bytes.
    PanicsOnLongValues,
    /// Never answers a get of an absent key.
    HangsOnAbsent,
    /// Does not answer one get, of all that this target is asked.
    HangsOnce,
    /// Loses everything when it flushes: when it is told to, or by itself after a few writes.
    LosesAllAtFlush,
    /// Loses everything when it is opened again; and when it flushes or compacts, which it does
    /// not declare.
    LosesAllAtReopen,
    /// Forgets a delete only the first time that this target is asked for it.
    Once,
}

#[derive(Clone, Debug)]
struct Faulty {
    fault: Fault,
    deletes: Arc<AtomicU32>,
}

struct Store {
    model: Model,
    target: Faulty,
    /// Writes until it flushes by itself.
    room: u64,
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let found = self.model.get(key)?;
        let hangs = match self.target.fault {
            Fault::HangsOnAbsent => found.is_none(),
            Fault::HangsOnce => self.target.deletes.fetch_add(1, Ordering::Relaxed) == 5_000,
            _ => false,
        };
        if hangs {
            let (_held, nothing_comes) = mpsc::channel::<()>();
            nothing_comes.recv().map_err(Failure::definite)?;
        }
        Ok(found)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        let long = self.target.fault == Fault::PanicsOnLongValues && value.len() > 3;
        assert!(!long, "a value of {} bytes", value.len());
        self.model.put(key, value)?;
        self.room = self.room.saturating_sub(1);
        if self.room == 0 && self.target.fault == Fault::LosesAllAtFlush {
            self.flush()?;
        }
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        let forgotten = match self.target.fault {
            Fault::ForgetsDeletes => true,
            Fault::Once => {
                self.model.get(key)?.is_some()
                    && self.target.deletes.fetch_add(1, Ordering::Relaxed) == 0
            }
            _ => false,
        };
        if forgotten {
            Ok(())
        } else {
            self.model.delete(key)
        }
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.model.scan(scan)
    }

    fn flush(&mut self) -> Outcome<()> {
        match self.target.fault {
            Fault::RefusesFlush => {
                let n = self.target.deletes.fetch_add(1, Ordering::Relaxed);
                Err(Failure::definite(format!("not now ({n})")))
            }
            Fault::LosesAllAtFlush | Fault::LosesAllAtReopen => {
                self.model = Model::default();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn compact(&mut self) -> Outcome<()> {
        self.flush()
    }
}

impl Target for Faulty {
    type Store = Store;

    fn profile(&self) -> Profile {
        let structural = match self.fault {
            Fault::LosesAllAtReopen => Ability::Reopen,
            _ => Ability::Flush,
        };
        Profile {
            timeout: Duration::from_millis(200),
            ..Profile::new("faulty").can([Ability::Scan, Ability::Reverse, structural])
        }
        .values(0..=64)
        .option("room", [Setting::Integer(2), Setting::Integer(3)])
    }

    fn create(&mut self, options: &Options) -> Outcome<Store> {
        let room = match options.get("room") {
            Some(Setting::Integer(writes)) => *writes,
            _ => u64::MAX,
        };
        Ok(Store {
            model: Model::default(),
            target: self.clone(),
            room,
        })
    }

    /// With nothing in it.
    fn reopen(&mut self, options: &Options) -> Outcome<Store> {
        self.create(options)
    }
}

fn run(fault: Fault) -> etalon_spec::Report {
    let target = Faulty {
        fault,
        deletes: Arc::default(),
    };
    let settings = Settings {
        time: None,
        operations: Some(50_000),
        shrink_time: Duration::from_secs(20),
        only: match fault {
            // So that a get meets it first, after a flush that nobody asked for.
            Fault::LosesAllAtFlush => vec![OpKind::Get, OpKind::Put],
            _ => Vec::new(),
        },
        ..Settings::default()
    };
    check(target, &settings)
}

fn failure(fault: Fault) -> Failed {
    let report = run(fault);
    assert_eq!(*report.verdict(), Verdict::Fail);
    let failed = *report.failure.expect("a failure");
    let read_back = Script::parse(&failed.script.print()).expect("what is written can be read");
    assert_eq!(read_back.case, failed.script.case);
    // Also of a store that died, or never answered: or the file would be blamed at replay.
    expectations(&read_back).expect("what is expected is right");
    failed
}

#[test]
fn a_right_store_passes() {
    assert_eq!(*run(Fault::None).verdict(), Verdict::Pass);
}

#[test]
fn a_wrong_answer_is_shrunk_to_its_three_operations_and_ends_with_the_read() {
    let failed = failure(Fault::ForgetsDeletes);
    assert_eq!(failed.shrunk.divergence.class, Class::WrongAnswer);
    assert_eq!(failed.script.case.ops.len(), 3, "{}", failed.script);
    assert!(failed.shrunk.one_minimal);
    assert_eq!(
        (failed.reproduced, failed.stability().as_str()),
        (3, "reproduces 3/3")
    );
    let last = failed.script.case.ops.len() - 1;
    assert!(failed.script.case.ops[last].kind().is_read());
    assert_eq!(
        failed.script.replies(last).len(),
        1,
        "with the reply that is right"
    );
    assert!(
        failed.shrunk.path.len() > 1 && failed.path().ends_with("-> 3"),
        "{}",
        failed.path()
    );
}

/// The contents after the flush would show it before the get does. What was shrunk by its
/// replies must be run again by its replies, or it is called flaky.
#[test]
fn a_wrong_get_after_a_flush_reproduces_as_a_wrong_get() {
    let failed = failure(Fault::LosesAllAtFlush);
    let words: Vec<&str> = failed
        .script
        .case
        .ops
        .iter()
        .map(|op| op.kind().word())
        .collect();
    assert_eq!(words, ["put", "flush", "get"], "{}", failed.script);
    assert!(failed.script.case.options.is_empty());
    assert_eq!(failed.reproduced, 3);
}

/// A flush would be simpler than the reopening, and this store loses everything in it, too. But
/// it does not declare one: whoever replays the file leaves it out, and then nothing fails.
#[test]
fn a_shrunk_case_has_nothing_that_the_profile_does_not_send() {
    let failed = failure(Fault::LosesAllAtReopen);
    let kinds: Vec<OpKind> = failed.script.case.ops.iter().map(Op::kind).collect();
    let expected = [OpKind::Put, OpKind::Reopen, OpKind::Scan];
    assert_eq!(kinds, expected, "{}", failed.script);
    assert!(failed.shrunk.one_minimal && failed.reproduced == 3);
}

#[test]
fn a_refusal_stays_one_whatever_its_words() {
    let failed = failure(Fault::RefusesFlush);
    assert_eq!(failed.shrunk.divergence.class, Class::Refused);
    assert_eq!(failed.script.case.to_string().lines().last(), Some("flush"));
    assert_eq!(failed.script.case.ops.len(), 1);
    assert_eq!(failed.reproduced, 3);
}

#[test]
fn a_panic_keeps_its_place_and_the_checker_lives() {
    let failed = failure(Fault::PanicsOnLongValues);
    assert_eq!(failed.shrunk.divergence.class, Class::Died);
    assert!(
        failed
            .summary()
            .contains("panicked at spec/tests/campaign/main.rs:"),
        "{}",
        failed.summary()
    );
    assert_eq!(failed.script.case.ops.len(), 1, "{}", failed.script);
    assert_eq!(failed.reproduced, 3);
}

#[test]
fn a_store_that_never_answers_is_a_failure_like_any_other() {
    let failed = failure(Fault::HangsOnAbsent);
    assert_eq!(failed.shrunk.divergence.class, Class::Hung);
    assert_eq!(failed.script.case.ops.len(), 1, "{}", failed.script);
    assert!(
        failed.summary().contains("no answer within"),
        "{}",
        failed.summary()
    );
    assert_eq!(failed.reproduced, 3);
}

/// The machine may have been busy: the search goes on, and says so.
#[test]
fn a_hang_that_does_not_come_again_is_no_failure_and_is_counted() {
    let report = run(Fault::HangsOnce);
    assert_eq!(*report.verdict(), Verdict::Pass);
    assert_eq!(report.passing_hangs, 1);
    assert!(report.tally.operations() >= 50_000);
    assert_eq!(run(Fault::None).passing_hangs, 0);
}

#[test]
fn a_failure_that_does_not_come_again_is_called_flaky_and_is_not_lost() {
    let failed = failure(Fault::Once);
    assert_eq!(failed.reproduced, 0);
    assert_eq!(failed.stability(), "flaky: failed 0 of 3 more times");
    assert!(
        !failed.script.case.ops.is_empty(),
        "the case as it was found"
    );
}

/// Fails if a store is said to be covered where its key spaces are never killed.
#[test]
fn what_never_comes_together_is_not_covered() {
    let settings = Settings {
        time: None,
        operations: Some(2_000),
        ..Settings::default()
    };
    let not_covered = |can: &[Ability], survives_kill| {
        let mut profile = ModelTarget.profile();
        profile.can = can.iter().copied().fold(profile.can, Abilities::with);
        let profile = Profile {
            survives_kill,
            ..profile
        };
        check(Under::new(ModelTarget, profile), &settings).not_covered
    };
    let pair = "kill+spaces";
    assert!(not_covered(&[Ability::Spaces], Survives::All).contains(&pair));
    assert!(!not_covered(&[Ability::Spaces], Survives::None).contains(&pair));
}
