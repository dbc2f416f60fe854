//! etalon opens what `LevelDB` in C++ wrote and agrees with the model, before and after a
//! compaction; and the two write one directory in turns.

use std::path::Path;

use etalon::{Options, Store, oracle};
use etalon_interop::{
    Compared, Contents, LevelDb, Run, Shape, Shapes, carry_out, profile, scratch, shaping,
};
use etalon_spec::{Case, Failure, Fill, KeyValueStore, Model, Op, Outcome, Scan};

/// Fills the write buffer of `LevelDB` more than once, over keys of the case.
fn two_write_buffers(case: &Case, model: &mut Model) -> [Op; 2] {
    let live = model.scan(&Scan::ALL).expect("the model scans");
    let prefix = live.first().map_or_else(Vec::new, |(key, _)| key.clone());
    let fill = |size| {
        Op::Fill(Fill {
            prefix: prefix.clone(),
            count: 90 + case.ops.len() as u16 % 20,
            size,
        })
    };
    [fill(1_000), fill(700)]
}

/// Has `LevelDB` write a case into the directory it has open, and close it. The case grows: one
/// in four by more than two write buffers, and seven in eight by what their shape lacks.
fn write(leveldb: LevelDb, index: u64, case: &mut Case, model: &mut Model) -> Outcome<LevelDb> {
    let reopen = |mut leveldb: LevelDb| leveldb.reopen().map(|()| leveldb);
    let mut leveldb = carry_out(leveldb, model, &case.ops, reopen)?;
    if index % 4 == 2 {
        let more = two_write_buffers(case, model);
        leveldb = carry_out(leveldb, model, &more, reopen)?;
        case.ops.extend(more);
    }
    leveldb.release()?;
    if index % 8 != 1 && !Shape::of(leveldb.directory())?.is_whole() {
        // Compacted first: LevelDB merges by itself what has come to four tables of level 0.
        let more = [vec![Op::Compact], shaping(&case.ops)].concat();
        leveldb.reopen()?;
        leveldb = carry_out(leveldb, model, &more, reopen)?;
        case.ops.extend(more);
        leveldb.release()?;
    }
    Ok(leveldb)
}

/// What etalon makes of a directory: read-only, then as its own, then compacted.
fn read(directory: &Path, contents: &Contents) -> Result<Compared, String> {
    let text = |error: etalon::Error| error.to_string();
    let mut compared = contents.compare(&mut Store::open_read_only(directory).map_err(text)?)?;
    let mut store = Store::open(directory, Options::default()).map_err(text)?;
    if !store.notices().is_empty() {
        return Err(format!("a clean directory, but {:?}", store.notices()));
    }
    compared += contents.compare(&mut store)?;
    Store::compact(&store).map_err(text)?;
    compared += contents.compare(&mut store)?;
    Store::close(store).map_err(text)?;
    Ok(compared)
}

#[test]
fn etalon_agrees_with_the_model_on_what_leveldb_wrote() {
    let run = Run::from_environment();
    eprintln!("LevelDB writes, etalon reads: {run}");
    let scratch = scratch();
    let mut leveldb = LevelDb::start();
    let (mut shapes, mut compared) = (Shapes::default(), Compared::default());
    for (index, mut case) in run.cases(&profile()) {
        let directory = scratch.path().join(index.to_string());
        let mut model = Model::default();
        leveldb
            .open(&directory, &case.options)
            .expect("a new directory");
        let written = write(leveldb, index, &mut case, &mut model);
        leveldb = written.unwrap_or_else(|failure| panic!("{failure}\nsequence {index}:\n{case}"));
        let contents = Contents::of(&mut model, &case.ops);
        let agreed = Shape::of(&directory)
            .map_err(|error| error.to_string())
            .and_then(|shape| read(&directory, &contents).map(|more| (shape, more)));
        match agreed {
            Ok((shape, more)) => {
                shapes.add(&shape);
                compared += more;
            }
            Err(what) => {
                let kept = scratch.keep();
                panic!(
                    "{what}\nin {}\nsequence {index} of {run}:\n{case}",
                    kept.display()
                );
            }
        }
        std::fs::remove_dir_all(directory).expect("removed");
    }
    eprintln!("LevelDB writes, etalon reads: {shapes}; {compared}");
    assert_eq!(shapes.directories, run.sequences);
    assert!(
        shapes.whole * 10 >= shapes.directories * 8,
        "at least 80 percent: {shapes}"
    );
    assert!(shapes.deep > 0, "LevelDB's own levels: {shapes}");
}

/// The comparison must be able to fail in this direction, too.
#[test]
fn one_altered_value_is_found_wherever_it_lies() {
    let run = Run {
        seed: 8,
        sequences: 24,
    };
    let scratch = scratch();
    let mut leveldb = LevelDb::start();
    let mut found = 0;
    for (index, mut case) in run.cases(&profile()) {
        let directory = scratch.path().join(index.to_string());
        let mut model = Model::default();
        leveldb
            .open(&directory, &case.options)
            .expect("a new directory");
        leveldb = write(leveldb, index, &mut case, &mut model).expect("written");
        let Some((key, value)) = model.scan(&Scan::ALL).expect("scans").pop() else {
            continue;
        };
        leveldb.reopen().expect("opens");
        leveldb
            .put(&key, &[&value, &b"!"[..]].concat())
            .expect("put");
        if index % 2 == 0 {
            leveldb.compact().expect("compacts"); // the altered value lies in a deep table
        }
        leveldb.release().expect("closes");
        let wrong = read(&directory, &Contents::of(&mut model, &case.ops));
        assert!(wrong.expect_err("one value differs").starts_with("scan"));
        found += 1;
    }
    assert!(found > 20, "live keys in {found}");
}

/// One directory, and four sequences written into it by etalon, `LevelDB`, etalon and `LevelDB`,
/// one after the other; each begins with a comparison of what the others left.
#[test]
fn the_two_write_one_directory_in_turns() {
    let run = Run::from_environment();
    let run = Run {
        seed: run.seed + 1,
        sequences: run.sequences / 5,
    };
    eprintln!("one directory, written in turns: {run} to each turn");
    let scratch = scratch();
    let mut leveldb = LevelDb::start();
    let mut compared = Compared::default();
    let cases = run.cases(&oracle::profile()).zip(run.cases(&profile()));
    for ((index, by_etalon), (_, by_leveldb)) in cases {
        let directory = scratch.path().join(index.to_string());
        let mut model = Model::default();
        let named = [by_etalon.ops.clone(), by_leveldb.ops.clone()].concat();
        for turn in 0..4 {
            let outcome = if turn % 2 == 0 {
                etalon_s_turn(&directory, &by_etalon, &mut model, &named)
            } else {
                leveldb
                    .open(&directory, &by_leveldb.options)
                    .expect("etalon's directory");
                let agreed = agree(&mut leveldb, &mut model, &named);
                let written = write(leveldb, index, &mut by_leveldb.clone(), &mut model);
                leveldb = written.unwrap_or_else(|failure| panic!("{failure}: {index}, {turn}"));
                agreed
            };
            compared += outcome.unwrap_or_else(|failure| {
                panic!("{failure}\nturn {turn} in directory {index} of {run}")
            });
        }
        let mut store = Store::open(&directory, Options::default()).expect("LevelDB's directory");
        compared += agree(&mut store, &mut model, &named).expect("after the last turn");
        std::fs::remove_dir_all(directory).expect("removed");
    }
    let directories = run.sequences;
    eprintln!("one directory, written in turns: {directories} directories, {compared}");
}

fn etalon_s_turn(
    directory: &Path,
    case: &Case,
    model: &mut Model,
    named: &[Op],
) -> Outcome<Compared> {
    let options = oracle::options(&case.options)?;
    let mut store = Store::open(directory, options.clone())?;
    let compared = agree(&mut store, model, named)?;
    carry_out(store, model, &case.ops, |store| {
        Store::close(store)?;
        Ok(Store::open(directory, options.clone())?)
    })?;
    Ok(compared)
}

fn agree(store: &mut impl KeyValueStore, model: &mut Model, named: &[Op]) -> Outcome<Compared> {
    let compared = Contents::of(model, named).compare(store);
    compared.map_err(Failure::Indefinite)
}
