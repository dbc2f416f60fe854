//! Each program opens what etalon wrote and agrees with the model.

use std::path::Path;

use etalon::{Store, oracle};
use etalon_interop::{
    CLASSIC_LEVEL, Compared, Contents, Foreign, GOLEVELDB, JAVA_LEVELDB, PLYVEL, Program,
    RUSTY_LEVELDB, Run, Shape, Shapes, built, by_etalon, copy_directory, scratch,
};
use etalon_spec::{Case, KeyValueStore, Model, Outcome, Scan, Setting};

/// Writes a case into a new directory; the case grows by what its shape lacks, if it is shaped.
fn write(
    directory: &Path,
    case: &mut Case,
    model: &mut Model,
    reader: &Program,
    shaped: bool,
) -> Outcome<Store> {
    let options = oracle::options(&case.options)?;
    let store = Store::open(directory, options.clone())?;
    let ops = std::mem::take(&mut case.ops);
    let (store, ops) = by_etalon(store, &options, model, ops, reader, shaped)?;
    case.ops = ops;
    Ok(store)
}

/// How a program that can be told is opened: with and without a filter policy, so that it reads
/// etalon's filters or passes them over.
fn reader_options(program: &Program, index: u64) -> etalon_spec::Options {
    let mut options = etalon_spec::Options::default();
    let known = (program.profile)().options;
    if let Some(bits) = known.iter().find(|known| known.name == "bloom_filter_bits") {
        let without = index % 4 == 3 && bits.values.contains(&Setting::Integer(0));
        let bits = if without { 0 } else { 10 };
        options.set("bloom_filter_bits", Setting::Integer(bits));
    }
    options
}

fn agrees_with_the_model_on_what_etalon_wrote(program: Program) {
    let run = Run::from_environment();
    let scratch = scratch();
    let mut reader = Foreign::start(program, &built!());
    let can = (program.profile)().can;
    let (mut shapes, mut compared) = (Shapes::default(), Compared::default());
    for (index, mut case) in run.cases(&program.reader_profile()) {
        let (written, copy) = (scratch.path().join("written"), scratch.path().join("copy"));
        let mut model = Model::default();
        // One in eight stays as it was drawn, and half of all are dropped without a close.
        let store = write(&written, &mut case, &mut model, &program, index % 8 != 0);
        let store = store.unwrap_or_else(|failure| panic!("{failure}\nsequence {index}:\n{case}"));
        if index % 2 == 0 {
            Store::close(store).expect("closes");
        } else {
            drop(store);
        }
        shapes.add(&Shape::of(&written).expect("readable"));
        copy_directory(&written, &copy).expect("copied");
        let opened = reader.open(&copy, &reader_options(&program, index));
        let agreed = opened
            .map_err(|failure| failure.to_string())
            .and_then(|()| Contents::of(&mut model, &case.ops, can).compare(&mut reader));
        match agreed {
            Ok(more) => compared += more,
            Err(what) => {
                let kept = scratch.keep();
                panic!(
                    "{what}\nin {}\nsequence {index} of {run}:\n{case}",
                    kept.display()
                );
            }
        }
        reader.release().expect("closes");
        std::fs::remove_dir_all(written).expect("removed");
        std::fs::remove_dir_all(copy).expect("removed");
    }
    eprintln!(
        "etalon writes, {} reads: {run}; {shapes}; {compared}; differences: 0",
        program.name
    );
    assert_eq!(shapes.directories, run.sequences);
    assert!(shapes.mostly_whole(), "at least 80 percent: {shapes}");
}

/// The comparison must be able to fail: one value is altered before etalon writes it, and every
/// way of reading must show it.
fn shows_an_altered_value_wherever_it_lies(program: Program) {
    let run = Run {
        seed: 7,
        sequences: 24,
    };
    let scratch = scratch();
    let mut reader = Foreign::start(program, &built!());
    let can = (program.profile)().can;
    let mut found = 0;
    for (index, mut case) in run.cases(&program.reader_profile()) {
        let directory = scratch.path().join(index.to_string());
        let mut model = Model::default();
        let mut store = write(&directory, &mut case, &mut model, &program, true).expect("written");
        let live = model.scan(&Scan::ALL).expect("the model scans");
        // A sequence that ends with nothing alive has no value to alter; few do.
        let Some((key, value)) = live.get(index as usize % live.len().max(1)) else {
            continue;
        };
        let altered = [value.as_slice(), b"!"].concat();
        KeyValueStore::put(&mut store, key, &altered).expect("put");
        if index % 2 == 0 {
            Store::flush(&store).expect("flushed"); // the altered value lies in a table
        }
        drop(store);
        let options = reader_options(&program, index);
        reader.open(&directory, &options).expect("opens");
        let scan = Contents::of(&mut model, &[], can).compare(&mut reader);
        assert!(scan.is_err(), "scans of sequence {index} hide {key:?}");
        let get = reader.get(key).expect("answers");
        assert_eq!(get.as_ref(), Some(&altered), "and it is this value");
        model.put(key, &altered).expect("put");
        let rest = Contents::of(&mut model, &case.ops, can).compare(&mut reader);
        rest.expect("agreement but for that value");
        found += 1;
    }
    assert!(found > 20, "live keys in {found} of {}", run.sequences);
}

macro_rules! tests {
    ($($name:ident: $program:expr,)*) => { $(
        mod $name {
            use super::*;

            #[test]
            fn it_agrees_with_the_model_on_what_etalon_wrote() {
                agrees_with_the_model_on_what_etalon_wrote($program);
            }

            #[test]
            fn it_shows_an_altered_value_wherever_it_lies() {
                shows_an_altered_value_wherever_it_lies($program);
            }
        }
    )* };
}

tests! {
    plyvel: PLYVEL,
    classic_level: CLASSIC_LEVEL,
    goleveldb: GOLEVELDB,
    java_leveldb: JAVA_LEVELDB,
    rusty_leveldb: RUSTY_LEVELDB,
}

/// Broken once: the manifest of a reopened store gave the last sequence number of its log, and
/// goleveldb took what the log held for damage. Found by the comparison above.
#[test]
fn goleveldb_takes_the_log_that_a_reopened_store_has_kept() {
    let scratch = scratch();
    let directory = scratch.path().join("store");
    for (key, value) in [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")] {
        let store = Store::open(&directory, etalon::Options::default()).expect("opens");
        store.put(key, value).expect("put");
    }
    drop(Store::open(&directory, etalon::Options::default()).expect("opens"));
    let mut reader = Foreign::start(GOLEVELDB, &built!());
    let opened = reader.open(&directory, &etalon_spec::Options::default());
    opened.expect("a log above its manifest");
    assert_eq!(reader.get(b"a"), Ok(Some(b"3".to_vec())));
    assert_eq!(reader.get(b"b"), Ok(Some(b"2".to_vec())));
}
