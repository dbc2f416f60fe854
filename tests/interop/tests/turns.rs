//! Directories that change hands many times: etalon and a program write one in turns, each
//! beginning with a comparison of what the other left.

use std::path::Path;

use etalon::{Options, Store, oracle};
use etalon_interop::{
    CLASSIC_LEVEL, Compared, Contents, Foreign, GOLEVELDB, JAVA_LEVELDB, PLYVEL, Program,
    RUSTY_LEVELDB, Run, Shape, Shapes, built, by_etalon, by_program, scratch,
};
use etalon_spec::{Abilities, Case, Failure, Model, Op, Outcome};

/// How often one directory changes hands.
const TURNS: u64 = 20;
/// Operations of a turn.
const LENGTH: usize = 10;

/// One directory on its way between the two.
struct Shared<'a> {
    directory: &'a Path,
    case: &'a Case,
    etalon: Options,
    model: Model,
    /// Everything that was carried out so far.
    done: Vec<Op>,
    compared: Compared,
}

impl Shared<'_> {
    /// etalon agrees and goes on; what it leaves is for `reader`. Every second time it does not
    /// close.
    fn by_etalon(&mut self, ops: &[Op], reader: &Program, turn: u64) -> Outcome<()> {
        let mut store = Store::open(self.directory, self.etalon.clone())?;
        let contents = Contents::of(&mut self.model, &self.done, Abilities::PLAIN);
        self.compared += contents.compare(&mut store).map_err(Failure::Indefinite)?;
        let (ops, model) = (ops.to_vec(), &mut self.model);
        // One that does not compact can shape little by itself.
        let shaped = turn % 8 != 4 || !reader.compacts();
        let (store, ops) = by_etalon(store, &self.etalon, model, ops, reader, shaped)?;
        self.done.extend(ops);
        if turn.is_multiple_of(4) {
            Store::close(store)?;
        }
        Ok(())
    }

    /// The program agrees and goes on.
    fn by_program(&mut self, ops: &[Op], mut program: Foreign, turn: u64) -> Outcome<Foreign> {
        let can = (program.program().profile)().can;
        program.open(self.directory, &self.case.options)?;
        let contents = Contents::of(&mut self.model, &self.done, can);
        self.compared += contents
            .compare(&mut program)
            .map_err(Failure::Indefinite)?;
        let (ops, model) = (ops.to_vec(), &mut self.model);
        let (program, ops) = by_program(program, model, ops, turn % 8 != 5)?;
        self.done.extend(ops);
        Ok(program)
    }
}

fn takes_turns_with_etalon(program: Program) {
    let turns = Run::turns();
    let run = Run {
        seed: Run::from_environment().seed + 1,
        sequences: turns.div_ceil(TURNS),
    };
    let scratch = scratch();
    let mut other = Foreign::start(program, &built!());
    let (mut shapes, mut compared, mut taken) = (Shapes::default(), Compared::default(), 0);
    let length = (TURNS as usize + 1) * LENGTH;
    let mut etalons = run.cases(&oracle::profile());
    for (index, case) in run.long_cases(&(program.profile)(), length) {
        let (_, etalon) = etalons.next().expect("as many");
        let directory = scratch.path().join(index.to_string());
        let mut shared = Shared {
            directory: &directory,
            case: &case,
            etalon: oracle::options(&etalon.options).expect("of its own profile"),
            model: Model::default(),
            done: Vec::new(),
            compared: Compared::default(),
        };
        for (turn, ops) in (0..).zip(case.ops.chunks(LENGTH)) {
            let told = |failure: Failure| -> ! {
                let kept = directory.display();
                panic!("{failure}\nturn {turn} in {kept}, {index} of {run}:\n{case}")
            };
            if turn % 2 == 0 {
                shared
                    .by_etalon(ops, &program, turn)
                    .unwrap_or_else(|failure| told(failure));
            } else {
                let outcome = shared.by_program(ops, other, turn);
                other = outcome.unwrap_or_else(|failure| told(failure));
            }
            taken += u64::from(turn > 0);
            shapes.add(&Shape::of(&directory).expect("readable"));
        }
        compared += shared.compared;
        std::fs::remove_dir_all(&directory).expect("removed");
    }
    let name = program.name;
    let directories = run.sequences;
    eprintln!(
        "etalon and {name} in turns: {taken} turns in {directories} directories; at the end of \
         each: {shapes}; {compared}; differences: 0"
    );
    assert!(taken >= turns, "{taken} turns of {turns}");
    assert!(shapes.mostly_whole(), "at least 80 percent: {shapes}");
}

macro_rules! tests {
    ($($name:ident: $program:expr,)*) => { $(
        #[test]
        fn $name() {
            takes_turns_with_etalon($program);
        }
    )* };
}

tests! {
    plyvel_takes_turns_with_etalon: PLYVEL,
    classic_level_takes_turns_with_etalon: CLASSIC_LEVEL,
    goleveldb_takes_turns_with_etalon: GOLEVELDB,
    java_leveldb_takes_turns_with_etalon: JAVA_LEVELDB,
    rusty_leveldb_takes_turns_with_etalon: RUSTY_LEVELDB,
}
