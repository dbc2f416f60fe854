//! Long runs: failures are grouped, a shallow one does not hide a deep one, and shards and jobs
//! share the cases among them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use etalon_spec::{
    Ability, Case, Class, Entry, Events, Failure, Generator, Group, KeyValueStore, Lane, Model,
    ModelTarget, Narrowing, Need, OpKind, Options, Outcome, Profile, Progress, Report, Scan,
    Settings, Shard, Target, Verdict, check, check_lanes, keys_named,
};

/// Which bugs a store has.
#[derive(Clone, Copy, Default)]
struct Bugs {
    /// Beside the shallow one.
    deep: bool,
}

/// A store of layers that dies of empty values; and a flush loses a tombstone where the value that
/// it hides lies two layers deeper.
#[derive(Default)]
struct Layers {
    bugs: Bugs,
    memtable: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// The newest last.
    segments: Vec<BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
}

impl Layers {
    fn depth_of(&self, key: &[u8]) -> Option<usize> {
        let newest_first = self.segments.iter().rev();
        let mut found = newest_first
            .enumerate()
            .filter(|(_, segment)| segment.contains_key(key));
        found.next().map(|(depth, _)| depth)
    }
}

impl KeyValueStore for Layers {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let layers = self.segments.iter().chain([&self.memtable]);
        Ok(layers
            .rev()
            .find_map(|layer| layer.get(key).cloned())
            .flatten())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        assert!(!value.is_empty(), "length - 1");
        self.memtable.insert(key.to_vec(), Some(value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.memtable.insert(key.to_vec(), None);
        Ok(())
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let mut all = BTreeMap::new();
        for layer in self.segments.iter().chain([&self.memtable]) {
            all.extend(layer.clone());
        }
        let live = all
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        Ok(scan.collect(live))
    }

    fn flush(&mut self) -> Outcome<()> {
        let memtable = std::mem::take(&mut self.memtable);
        let kept = memtable.into_iter().filter(|(key, value)| {
            value.is_some() || !self.bugs.deep || self.depth_of(key).is_none_or(|depth| depth < 1)
        });
        let kept = kept.collect();
        self.segments.push(kept);
        Ok(())
    }
}

impl Target for Bugs {
    type Store = Layers;

    fn profile(&self) -> Profile {
        Profile::new("two bugs")
            .can([Ability::Scan, Ability::Reverse, Ability::Flush])
            .values(0..=64)
    }

    fn create(&mut self, _: &Options) -> Outcome<Layers> {
        Ok(Layers {
            bugs: *self,
            ..Layers::default()
        })
    }
}

/// Hears of narrowings.
#[derive(Default)]
struct Heard(Vec<Narrowing>);

impl Progress for Heard {
    fn narrowed(&mut self, _: &Group, narrowing: &Narrowing) {
        self.0.push(narrowing.clone());
    }
}

fn settings(operations: u64) -> Settings {
    Settings {
        time: None,
        operations: Some(operations),
        ..Settings::default()
    }
}

fn two_bugs(settings: &Settings, progress: &mut dyn Progress) -> Report {
    let lane = Lane {
        name: "store".to_owned(),
        target: Bugs { deep: true },
        share: 1,
    };
    check_lanes(vec![lane], settings, progress)
}

#[test]
fn a_panic_on_empty_values_does_not_hide_a_delete_lost_two_layers_deep() {
    let settings = Settings {
        keep_going: true,
        ..settings(30_000)
    };
    let mut heard = Heard::default();
    let report = two_bugs(&settings, &mut heard);
    assert_eq!(*report.verdict(), Verdict::Fail);
    let group = |wanted: &dyn Fn(&Group) -> bool| {
        let place = report.groups.iter().position(wanted);
        place.unwrap_or_else(|| panic!("{:?}", report.groups))
    };
    let shallow = group(&|group| group.shape.to_string().starts_with("died in put at "));
    let died = &report.groups[shallow];
    let shown = died.shape.to_string();
    assert!(shown.contains(" at spec/tests/long_runs.rs:"), "{shown}");
    assert!(shown.ends_with("; of put"), "{shown}");
    assert_eq!(
        died.shortest.script.case.ops.len(),
        1,
        "the shortest is kept"
    );
    assert_eq!(died.left_out, [Need::EmptyValue], "and not the empty key");
    let narrowing = heard.0.iter().find(|narrowing| narrowing.group == shallow);
    let need = narrowing.and_then(|narrowing| narrowing.need.clone());
    assert_eq!(need, Some(Need::EmptyValue));
    assert_eq!(heard.0, report.narrowings, "told when it happened");

    let deep = group(&|group| group.shortest.shrunk.divergence.class == Class::WrongAnswer);
    let case = report.groups[deep].shortest.script.case.to_string();
    let lines = case.lines().skip(1);
    let words: Vec<&str> = lines.filter_map(|line| line.split(' ').next()).collect();
    let (last, before) = words.split_last().expect("operations");
    assert_eq!(
        before,
        ["put", "flush", "flush", "delete", "flush"],
        "{case}"
    );
    assert!(["get", "scan"].contains(last), "{case}");
}

/// Nearly every sequence of 400 puts an empty value. Fails if nothing is narrowed, or everything.
#[test]
fn nine_of_ten_sequences_go_without_what_a_frequent_failure_needs() {
    let noted = Noted::default();
    let target = Noting(noted.clone(), Bugs { deep: false });
    let settings = Settings {
        keep_going: true,
        length: 400,
        ..settings(100_000)
    };
    let report = check(target, &settings);
    let all = noted.0.lock().expect("no panic").len() as u64;
    let failed: u64 = report.groups.iter().map(|group| group.occurrences).sum();
    assert!(all > 200, "{all}");
    assert!((all / 20..all / 5).contains(&failed), "{failed} of {all}");
}

#[test]
fn without_the_flag_the_first_failure_is_the_only_one() {
    let report = two_bugs(&settings(40_000), &mut ());
    assert_eq!(report.groups.len(), 1);
    assert_eq!(report.groups[0].occurrences, 1);
    assert!(report.narrowings.is_empty());
    assert!(report.failure.is_some() && report.tally.operations() < 2_000);
}

#[test]
fn a_failure_that_needs_nothing_special_is_not_narrowed_and_that_is_said() {
    /// Forgets what it is told.
    #[derive(Clone)]
    struct Forgetful;
    impl Target for Forgetful {
        type Store = Model;
        fn profile(&self) -> Profile {
            Profile::new("forgetful").keys(1..=8).values(1..=8)
        }
        fn create(&mut self, _: &Options) -> Outcome<Model> {
            let mut model = Model::default();
            model.put(b"a", b"there already")?;
            Ok(model)
        }
    }
    let settings = Settings {
        keep_going: true,
        only: vec![OpKind::Get, OpKind::Put],
        ..settings(5_000)
    };
    let report = check(Forgetful, &settings);
    assert!(!report.narrowings.is_empty());
    assert!(
        report
            .narrowings
            .iter()
            .all(|narrowing| narrowing.need.is_none())
    );
}

/// Cannot be opened.
#[derive(Clone)]
struct Shut;

impl Target for Shut {
    type Store = Model;

    fn profile(&self) -> Profile {
        Profile::new("shut")
    }

    fn create(&mut self, _: &Options) -> Outcome<Model> {
        Err(Failure::definite("shut"))
    }
}

#[test]
fn a_store_that_always_fails_alike_is_given_up() {
    let settings = Settings {
        keep_going: true,
        ..settings(1_000_000)
    };
    let report = check(Shut, &settings);
    assert!(report.gave_up);
    assert_eq!(report.groups.len(), 1);
    assert!(report.groups[0].occurrences < 100);
    assert!(
        !check(
            ModelTarget,
            &Settings {
                operations: Some(1_000),
                ..settings
            }
        )
        .gave_up
    );
}

/// The model, which remembers the cases it was given.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Vec<Case>>>);

impl Target for Noted {
    type Store = Model;

    fn profile(&self) -> Profile {
        ModelTarget.profile()
    }

    fn create(&mut self, options: &Options) -> Outcome<Model> {
        ModelTarget.create(options)
    }

    fn affords(&mut self, case: &Case) -> bool {
        self.0.lock().expect("no panic").push(case.clone());
        true
    }
}

/// Another target, whose cases are remembered.
#[derive(Clone)]
struct Noting<T>(Noted, T);

impl<T: Target> Target for Noting<T> {
    type Store = T::Store;

    fn profile(&self) -> Profile {
        self.1.profile()
    }

    fn create(&mut self, options: &Options) -> Outcome<T::Store> {
        self.1.create(options)
    }

    fn affords(&mut self, case: &Case) -> bool {
        self.0.affords(case)
    }
}

fn cases(settings: &Settings) -> Vec<String> {
    let noted = Noted::default();
    check(noted.clone(), settings);
    let cases = noted.0.lock().expect("no panic");
    cases.iter().map(ToString::to_string).collect()
}

#[test]
fn the_shards_are_disjoint_and_together_they_are_everything() {
    let whole = cases(&settings(6_000));
    assert_eq!(whole.len(), 60);
    let mut generator = Generator::new(1, &ModelTarget.profile());
    let drawn = (0..60).map(|index| generator.case(index, 100).to_string());
    assert!(
        drawn.eq(whole.iter().cloned()),
        "the cases of the seed, as ever"
    );
    let shard = |number| {
        let shard = Shard::new(number, 3).expect("a shard");
        cases(&Settings {
            shard,
            ..settings(2_000)
        })
    };
    let shards = [1, 2, 3].map(shard);
    assert!(shards.iter().all(|cases| cases.len() == 20));
    let union: BTreeSet<&String> = shards.iter().flatten().collect();
    assert_eq!(union, whole.iter().collect());
    assert_eq!(shards[0][..2], [whole[0].clone(), whole[3].clone()]);
}

#[test]
fn jobs_share_the_cases_and_what_they_count_is_added_up() {
    let jobs = Settings {
        jobs: 3,
        ..settings(30_000)
    };
    let noted = Noted::default();
    let report = check(noted.clone(), &jobs);
    assert_eq!(*report.verdict(), Verdict::Pass);
    let mut cases: Vec<String> = noted
        .0
        .lock()
        .expect("no panic")
        .iter()
        .map(ToString::to_string)
        .collect();
    let sent = cases.len();
    assert_eq!(report.tally.sequences, sent as u64);
    assert!(
        (300..=303).contains(&sent),
        "each ends the sequence that it is in: {sent}"
    );
    cases.sort();
    cases.dedup();
    assert_eq!(cases.len(), sent, "no case twice");
}

#[test]
fn a_failure_is_found_whichever_job_has_it() {
    let jobs = Settings {
        jobs: 3,
        ..settings(40_000)
    };
    let report = two_bugs(&jobs, &mut ());
    assert_eq!(report.groups.len(), 1);
    assert_eq!(report.groups[0].shortest.reproduced, 3);
    assert_eq!(report.events, Events::default());
}

/// Takes keys that are too long, and then answers for the key that they begin with.
#[derive(Clone)]
struct Cutting;

struct Cut(Model);

impl KeyValueStore for Cut {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.0.get(&key[..key.len().min(8)])
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.0.put(&key[..key.len().min(8)], value)
    }
    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.0.delete(&key[..key.len().min(8)])
    }
}

impl Target for Cutting {
    type Store = Cut;

    fn profile(&self) -> Profile {
        Profile::new("cutting").keys(0..=8)
    }

    fn create(&mut self, _: &Options) -> Outcome<Cut> {
        Ok(Cut(Model::default()))
    }
}

#[test]
fn strict_sends_one_byte_more_than_the_limit_and_a_silent_cut_is_wrong() {
    assert_eq!(*check(Cutting, &settings(40_000)).verdict(), Verdict::Pass);
    let strict = Settings {
        strict: true,
        ..settings(40_000)
    };
    let failure = check(Cutting, &strict).failure.expect("a cut key");
    let keys = keys_named(&failure.script.case.ops);
    assert!(keys.iter().any(|key| key.len() == 9), "{failure}");
    // The model knows no limits, which is as good as a refusal.
    assert_eq!(*check(ModelTarget, &strict).verdict(), Verdict::Pass);
}
