//! `LevelDB` in C++ opens what etalon wrote and agrees with the model.

use std::path::Path;

use etalon::{Options, Store, oracle};
use etalon_interop::{
    Compared, Contents, LevelDb, Run, Shape, Shapes, carry_out, copy_directory, scratch, shaping,
};
use etalon_spec::{Case, KeyValueStore, Model, Op, Outcome, Scan, Setting};

fn reopened(store: Store, options: &Options) -> Outcome<Store> {
    let directory = store.directory().to_path_buf();
    Store::close(store)?;
    Ok(Store::open(directory, options.clone())?)
}

/// Writes a case into a new directory; the case grows by what its shape lacks, if it is shaped.
fn write(directory: &Path, case: &mut Case, model: &mut Model, shaped: bool) -> Outcome<Store> {
    let options = oracle::options(&case.options)?;
    let reopen = |store| reopened(store, &options);
    let mut store = carry_out(
        Store::open(directory, options.clone())?,
        model,
        &case.ops,
        reopen,
    )?;
    if shaped && !Shape::of_store(&store)?.is_whole() {
        let more = shaping(&case.ops);
        store = carry_out(store, model, &more, reopen)?;
        case.ops.extend(more);
    }
    Ok(store)
}

/// How `LevelDB` is opened: with and without a filter policy, so that it reads etalon's filters
/// or passes them over.
fn reader_options(index: u64) -> etalon_spec::Options {
    let mut options = etalon_spec::Options::default();
    let bits = if index % 4 == 3 { 0 } else { 10 };
    options.set("bloom_filter_bits", Setting::Integer(bits));
    options
}

#[test]
fn leveldb_agrees_with_the_model_on_what_etalon_wrote() {
    let run = Run::from_environment();
    eprintln!("etalon writes, LevelDB reads: {run}");
    let scratch = scratch();
    let mut leveldb = LevelDb::start();
    let (mut shapes, mut compared) = (Shapes::default(), Compared::default());
    for (index, mut case) in run.cases(&oracle::profile()) {
        let (written, copy) = (scratch.path().join("written"), scratch.path().join("copy"));
        let mut model = Model::default();
        // One in eight stays as it was drawn, and half of all are dropped without a close.
        let store = write(&written, &mut case, &mut model, index % 8 != 0);
        let store = store.unwrap_or_else(|failure| panic!("{failure}\nsequence {index}:\n{case}"));
        if index % 2 == 0 {
            Store::close(store).expect("closes");
        } else {
            drop(store);
        }
        shapes.add(&Shape::of(&written).expect("readable"));
        copy_directory(&written, &copy).expect("copied");
        let opened = leveldb.open(&copy, &reader_options(index));
        let agreed = opened
            .map_err(|failure| failure.to_string())
            .and_then(|()| Contents::of(&mut model, &case.ops).compare(&mut leveldb));
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
        leveldb.release().expect("closes");
        std::fs::remove_dir_all(written).expect("removed");
        std::fs::remove_dir_all(copy).expect("removed");
    }
    eprintln!("etalon writes, LevelDB reads: {shapes}; {compared}");
    assert_eq!(shapes.directories, run.sequences);
    assert!(
        shapes.whole * 10 >= shapes.directories * 8,
        "at least 80 percent: {shapes}"
    );
}

/// The comparison must be able to fail: one value is altered before etalon writes it, and every
/// way of reading must show it.
#[test]
fn one_altered_value_is_found_wherever_it_lies() {
    let run = Run {
        seed: 7,
        sequences: 24,
    };
    let scratch = scratch();
    let mut leveldb = LevelDb::start();
    let mut found = 0;
    for (index, mut case) in run.cases(&oracle::profile()) {
        let directory = scratch.path().join(index.to_string());
        let mut model = Model::default();
        let mut store = write(&directory, &mut case, &mut model, true).expect("written");
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
        leveldb
            .open(&directory, &reader_options(index))
            .expect("opens");
        let scan = Contents::of(&mut model, &[]).compare(&mut leveldb);
        assert!(scan.is_err(), "scans of sequence {index} hide {key:?}");
        let get = leveldb.get(key).expect("answers");
        assert_eq!(get.as_ref(), Some(&altered), "and it is this value");
        model.put(key, &altered).expect("put");
        Contents::of(&mut model, &case.ops)
            .compare(&mut leveldb)
            .expect("but for that value");
        found += 1;
    }
    assert!(found > 20, "live keys in {found} of {}", run.sequences);
}

/// A get alone finds it, too: the model without one key that the directory holds.
#[test]
fn a_get_alone_finds_a_key_that_should_be_absent() {
    let scratch = scratch();
    let store = Store::open(scratch.path().join("store"), Options::default()).expect("opens");
    let key = || b"k".to_vec();
    store.put(b"k", b"").expect("put");
    let directory = store.directory().to_path_buf();
    drop(store);
    let mut leveldb = LevelDb::start();
    leveldb.open(&directory, &reader_options(0)).expect("opens");
    let ops = [Op::get(key())];
    let wrong = Contents::of(&mut Model::default(), &ops).compare(&mut leveldb);
    assert!(wrong.expect_err("it is there").contains("scan"));
    let mut model = Model::default();
    model.put(b"k", b"").expect("put");
    Contents::of(&mut model, &ops)
        .compare(&mut leveldb)
        .expect("agreement");
}
