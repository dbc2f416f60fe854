//! etalon opens what each program wrote and agrees with the model, before and after a compaction.

use std::path::Path;

use etalon::{Options, Store};
use etalon_interop::{
    CLASSIC_LEVEL, Compared, Contents, Foreign, GOLEVELDB, JAVA_LEVELDB, PLYVEL, Program,
    RUSTY_LEVELDB, Run, Shape, Shapes, built, by_program, scratch,
};
use etalon_spec::{Abilities, Case, Fill, KeyValueStore, Model, Op, Outcome, Scan};

/// Fills a write buffer of 64 KiB more than once, over keys of the case.
fn two_write_buffers(case: &Case) -> [Op; 2] {
    let prefix = etalon_spec::keys_named(&case.ops).pop_first();
    let fill = |size| {
        Op::Fill(Fill {
            prefix: prefix.clone().unwrap_or_default(),
            count: 90 + case.ops.len() as u16 % 20,
            size,
        })
    };
    [fill(1_000), fill(700)]
}

/// Has a program write a case into the directory it has open, and close it. The case grows: one
/// in four by more than two write buffers, and if it is shaped by what its shape lacks.
fn write(
    writer: Foreign,
    index: u64,
    case: &mut Case,
    model: &mut Model,
    shaped: bool,
) -> Outcome<Foreign> {
    if index % 4 == 2 {
        case.ops.extend(two_write_buffers(case));
    }
    let ops = std::mem::take(&mut case.ops);
    let (writer, ops) = by_program(writer, model, ops, shaped)?;
    case.ops = ops;
    Ok(writer)
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

fn etalon_agrees_with_the_model_on_what_it_wrote(program: Program) {
    let run = Run::from_environment();
    let scratch = scratch();
    let mut writer = Foreign::start(program, &built!());
    let (mut shapes, mut compared) = (Shapes::default(), Compared::default());
    for (index, mut case) in run.cases(&(program.profile)()) {
        let directory = scratch.path().join(index.to_string());
        let mut model = Model::default();
        let opened = writer.open(&directory, &case.options);
        opened.expect("a new directory");
        let written = write(writer, index, &mut case, &mut model, index % 8 != 1);
        writer = written.unwrap_or_else(|failure| panic!("{failure}\nsequence {index}:\n{case}"));
        let contents = Contents::of(&mut model, &case.ops, Abilities::PLAIN);
        let agreed = Shape::of(&directory)
            .map_err(|error| error.to_string())
            .and_then(|shape| read(&directory, &contents).map(|more| (shape, more)));
        match agreed {
            Ok((shape, more)) => {
                shapes.add(&shape);
                compared += more;
            }
            Err(what) => {
                let kept = scratch.keep().display().to_string();
                panic!("{what}\nin {kept}\nsequence {index} of {run}:\n{case}");
            }
        }
        std::fs::remove_dir_all(directory).expect("removed");
    }
    let name = program.name;
    eprintln!("{name} writes, etalon reads: {run}; {shapes}; {compared}; differences: 0");
    assert_eq!(shapes.directories, run.sequences);
    assert!(shapes.mostly_whole(), "at least 80 percent: {shapes}");
    let deep = shapes.deep > 0;
    assert_eq!(deep, program.compacts(), "levels of its own: {shapes}");
}

/// The comparison must be able to fail in this direction, too.
fn an_altered_value_is_found_wherever_it_lies(program: Program) {
    let run = Run {
        seed: 8,
        sequences: 24,
    };
    let scratch = scratch();
    let mut writer = Foreign::start(program, &built!());
    let mut found = 0;
    for (index, mut case) in run.cases(&(program.profile)()) {
        let directory = scratch.path().join(index.to_string());
        let mut model = Model::default();
        let opened = writer.open(&directory, &case.options);
        opened.expect("a new directory");
        let written = write(writer, index, &mut case, &mut model, program.compacts());
        writer = written.expect("written");
        let Some((key, value)) = model.scan(&Scan::ALL).expect("scans").pop() else {
            continue;
        };
        writer.reopen().expect("opens");
        let altered = [&value, &b"!"[..]].concat();
        writer.put(&key, &altered).expect("put");
        if index % 2 == 0 && program.compacts() {
            writer.compact().expect("compacts"); // the altered value lies in a deep table
        }
        writer.release().expect("closes");
        let wrong = read(
            &directory,
            &Contents::of(&mut model, &case.ops, Abilities::PLAIN),
        );
        assert!(wrong.expect_err("one value differs").starts_with("scan"));
        model.put(&key, &altered).expect("put");
        let contents = Contents::of(&mut model, &case.ops, Abilities::PLAIN);
        read(&directory, &contents).expect("agreement but for that value");
        found += 1;
    }
    assert!(found > 20, "live keys in {found}");
}

macro_rules! tests {
    ($($name:ident: $program:expr,)*) => { $(
        mod $name {
            use super::*;

            #[test]
            fn etalon_agrees_with_the_model_on_what_it_wrote() {
                super::etalon_agrees_with_the_model_on_what_it_wrote($program);
            }

            #[test]
            fn an_altered_value_is_found_wherever_it_lies() {
                super::an_altered_value_is_found_wherever_it_lies($program);
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
