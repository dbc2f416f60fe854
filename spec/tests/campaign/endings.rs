//! How the file of a failure ends: with the read that diverged, also where it is that of
//! everything behind a crash, and with every reply that is right.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use etalon_spec::{
    Ability, Case, Contents, Entry, Failed, FaultKind, Keep, KeyValueStore, Lane, Op, OpKind,
    Options, Outcome, Profile, Reply, Scan, Script, Settings, Survives, Target, check,
    check_case_with, examine, expectations, replay_case,
};

/// What the machine does wrong when the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It loses what was not synced.
    None,
    /// It loses what was synced by a put, too.
    LosesSyncedPuts,
    /// It keeps the newest change, and loses older ones.
    LeavesAHole,
    /// Its scans show what is there, its gets what was lost.
    GetsWhatWasLost,
}

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Debug, Default)]
struct Disk {
    durable: Entries,
    now: Entries,
    newest: Option<Entry>,
    lost: Entries,
}

/// Stores on one disk, which outlives them.
#[derive(Clone, Debug)]
struct Machine {
    fault: Fault,
    scans: bool,
    disk: Arc<Mutex<Disk>>,
}

struct Store(Machine);

impl Machine {
    fn new(fault: Fault) -> Machine {
        let disk = Arc::default();
        let scans = true;
        Machine { fault, scans, disk }
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().expect("no store panics")
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let disk = self.0.disk();
        let lost = match self.0.fault {
            Fault::GetsWhatWasLost => disk.lost.get(key),
            _ => None,
        };
        Ok(lost.or_else(|| disk.now.get(key)).cloned())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        let mut disk = self.0.disk();
        disk.now.insert(key.to_vec(), value.to_vec());
        disk.newest = Some((key.to_vec(), value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        let mut disk = self.0.disk();
        disk.now.remove(key);
        disk.newest = None;
        Ok(())
    }

    fn put_synced(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.put(key, value)?;
        match self.0.fault {
            Fault::LosesSyncedPuts => Ok(()),
            _ => self.sync(),
        }
    }

    fn delete_synced(&mut self, key: &[u8]) -> Outcome<()> {
        self.delete(key)?;
        self.sync()
    }

    fn sync(&mut self) -> Outcome<()> {
        let mut disk = self.0.disk();
        disk.durable = disk.now.clone();
        disk.newest = None;
        Ok(())
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let entries = self.0.disk().now.clone().into_iter();
        let inside = entries.filter(|(key, _)| scan.range.contains(key));
        let limit = scan.limit.map_or(usize::MAX, |limit| limit as usize);
        Ok(inside.take(limit).collect())
    }
}

impl Target for Machine {
    type Store = Store;

    fn profile(&self) -> Profile {
        let mut profile = Profile::new("machine").can([Ability::Sync, Ability::Reopen]);
        if self.scans {
            profile = profile.can([Ability::Scan]);
        }
        profile.survives_power = Survives::Synced;
        profile
    }

    fn create(&mut self, _: &Options) -> Outcome<Store> {
        *self.disk() = Disk::default();
        Ok(Store(self.clone()))
    }

    fn reopen(&mut self, _: &Options) -> Outcome<Store> {
        Store(self.clone()).sync()?;
        Ok(Store(self.clone()))
    }

    fn stop_after(&mut self, _: u32) -> Outcome<()> {
        Ok(())
    }

    fn die(&mut self, keep: Option<&Keep>) -> Outcome<()> {
        let mut disk = self.disk();
        if keep.is_some() {
            disk.lost = std::mem::take(&mut disk.now);
            disk.now = disk.durable.clone();
            if let (Fault::LeavesAHole, Some((key, value))) = (self.fault, disk.newest.take()) {
                disk.now.insert(key, value);
            }
        }
        Ok(())
    }

    fn fail(&mut self, _: u32, _: FaultKind, _: bool) -> Outcome<()> {
        Ok(())
    }

    fn fail_read(&mut self, _: u32, _: FaultKind, _: bool) -> Outcome<()> {
        Ok(())
    }

    fn mend(&mut self) -> Outcome<()> {
        Ok(())
    }
}

/// What a campaign makes of a faulty machine, which is replayed both ways.
fn failure(machine: &Machine) -> Failed {
    let settings = Settings {
        time: None,
        operations: Some(50_000),
        shrink_time: Duration::from_secs(20),
        // Once more opened, once more wrong: the shortest case has one crash.
        without: vec![OpKind::Fail, OpKind::Delete],
        ..Settings::default()
    };
    let report = check(machine.clone(), &settings);
    let failed = *report.failure.expect("a failure");
    assert!(failed.shrunk.one_minimal && failed.reproduced == 3);
    replays_both_ways(machine, &failed);
    failed
}

fn replays_both_ways(machine: &Machine, failed: &Failed) {
    let script = Script::parse(&failed.script.print()).expect("what is written can be read");
    expectations(&script).expect("what is expected is right");
    let again = replay_case(&mut machine.clone(), &script.case).expect("it can be sent");
    let again = again.divergence.expect("the failure comes again");
    assert_eq!(again.identity(), failed.shrunk.divergence.identity());
    let mut right = Machine {
        fault: Fault::None,
        ..machine.clone()
    };
    let replayed = replay_case(&mut right, &script.case).expect("it can be sent");
    assert_eq!(replayed.divergence, None, "a right store passes");
    assert!(replayed.compared > 0);
}

/// The lines of a script without its comments.
fn operations(failed: &Failed) -> Vec<String> {
    let text = failed.script.print();
    let lines = text.lines().skip(1).filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_lost_synced_write_ends_with_the_scan_that_misses_it() {
    let failed = failure(&Machine::new(Fault::LosesSyncedPuts));
    let lines = ["put \"\" \"\" sync", "crash", "scan .. -> \"\"=\"\""];
    assert_eq!(operations(&failed), lines);
    // The crash is the last operation of the case: what is counted stays what it was.
    assert_eq!(failed.shrunk.case.ops.len(), 2);
    assert!(failed.path().ends_with("-> 2"), "{}", failed.path());
}

#[test]
fn a_hole_ends_with_the_scan_and_every_prefix_that_is_right() {
    let failed = failure(&Machine::new(Fault::LeavesAHole));
    let last = failed.script.case.ops.len() - 1;
    assert_eq!(failed.script.case.ops[last], Op::scan(Scan::ALL));
    let right = failed.script.replies(last).iter().map(|reply| match reply {
        Reply::Entries(entries) => entries.len(),
        other => panic!("{other}"),
    });
    assert_eq!(right.collect::<Vec<_>>(), [2, 0, 1], "{}", failed.script);
    let line = operations(&failed).pop().expect("a line");
    assert_eq!(line.matches(" or ").count(), 2, "{line}");
}

/// Which of two keys is missing shows only beside the other.
#[test]
fn without_scans_it_ends_with_a_get_of_each_key_that_was_read() {
    let machine = Machine {
        scans: false,
        ..Machine::new(Fault::LeavesAHole)
    };
    let failed = failure(&machine);
    let script = &failed.script;
    let gets = &script.case.ops[failed.shrunk.case.ops.len()..];
    assert_eq!(gets.len(), 2, "{script}");
    assert!(gets.iter().all(|op| op.kind() == OpKind::Get), "{script}");
    let lines = operations(&failed);
    let may_be_lost = |line: &&String| line.contains(" -> none or \"");
    assert_eq!(lines.iter().filter(may_be_lost).count(), 2, "{script}");
}

/// Another store may have kept the put: after the crash, before the read, this one had not.
#[test]
fn the_reply_of_a_store_that_contradicts_itself_is_not_written_as_right() {
    let failed = failure(&Machine::new(Fault::GetsWhatWasLost));
    let lines = ["put \"\" \"\"", "crash", "get \"\" -> none"];
    assert_eq!(operations(&failed), lines, "{}", failed.script);
}

/// As it is found, not shrunk: with more right replies than are written down.
fn not_shrunk(puts: u32) -> Script {
    let mut machine = Machine::new(Fault::LeavesAHole);
    let put = |i: u32| Op::put(i.to_be_bytes(), b"");
    let mut ops: Vec<Op> = (0..puts).map(put).collect();
    ops.push("crash".parse().expect("an operation"));
    let case = Case::new(ops);
    let diverged = check_case_with(&mut machine, &case, Contents::NotCompared, &mut ());
    let settings = Settings {
        shrink_time: Duration::ZERO,
        ..Settings::default()
    };
    let lane = Lane {
        name: "machine".to_owned(),
        target: machine.clone(),
        share: 1,
    };
    let failed = examine(lane, case, *diverged.unwrap_err(), &settings, &mut ());
    replays_both_ways(&machine, &failed);
    assert_eq!(failed.script.case.ops.last(), Some(&Op::scan(Scan::ALL)));
    failed.script
}

#[test]
fn of_many_right_replies_eight_are_written_and_all_are_counted() {
    let script = not_shrunk(20);
    assert_eq!(script.replies(21).len(), 8);
    let says = "8 of the 21 replies that are right";
    assert_eq!(script.note("expected"), Some(says));
}

#[test]
fn of_too_many_right_replies_none_is_written() {
    let script = not_shrunk(600);
    assert!(script.replies(601).is_empty());
    let says = "more than 512 states are right, none is written down";
    assert_eq!(script.note("expected"), Some(says));
}
