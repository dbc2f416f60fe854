//! The search: every string of a theme, the shortest first, and the situations that it meets.

use std::collections::BTreeMap;

use etalon::crash::Breakable;
use etalon::oracle::Memory;
use etalon_spec::{
    Case, Contents, Model, Name, Op, Reply, Script, Situation, Situations, Survey, Target, Tracker,
    apply, check_case_under,
};

use crate::themes::{self, On, Theme};

/// What has been found: of each situation the shortest sequence so far.
type Found = BTreeMap<Situation, Vec<Op>>;

/// Of each situation the shortest sequence that any theme has.
pub(crate) fn shortest() -> Found {
    let mut found = Found::new();
    for theme in themes::all() {
        match theme.on {
            On::Model => {
                let mut tracker = Tracker::default();
                search(&theme, &mut found, &mut |case| on_model(&mut tracker, case));
            }
            On::Engine => search(&theme, &mut found, &mut on_store(Memory::default())),
            On::Disk => search(&theme, &mut found, &mut on_store(Breakable::default())),
        }
    }
    found
}

/// The operation of one line.
pub(crate) fn op(line: &str) -> Op {
    let script = Script::parse(&format!("ops 1\n{line}\n"));
    let script = script.unwrap_or_else(|error| panic!("{line}: {error}"));
    script.case.ops.into_iter().next().expect("an operation")
}

/// What a case meets on the model; nothing if it uses a name that is not open.
fn on_model(tracker: &mut Tracker, case: &Case) -> Situations {
    let (mut model, mut met) = (Model::default(), Situations::default());
    tracker.begin();
    for op in &case.ops {
        let reply = if *op == Op::Reopen {
            model.reopen();
            Ok(Reply::Done)
        } else {
            let before = model.clone();
            apply(&mut model, op).or_else(|failure| match op {
                Op::Commit(name) if is_open(before, *name) => Ok(Reply::Refused),
                _ => Err(failure),
            })
        };
        match reply {
            Ok(reply) => tracker.observe(op, &reply, &mut met),
            Err(_) => return Situations::default(),
        }
    }
    met
}

/// Whether a transaction is open: one that is not cannot be rolled back.
fn is_open(mut model: Model, transaction: Name) -> bool {
    let to = None;
    apply(&mut model, &Op::Rollback { transaction, to }).is_ok()
}

/// What a case meets on a store that reports what its layers answer.
fn on_store<T: Target>(mut target: T) -> impl FnMut(&Case) -> Situations {
    let profile = target.profile();
    move |case| {
        let mut survey = Survey::<true>::default();
        let contents = Contents::NotCompared;
        let ran = check_case_under(&mut target, &profile, case, contents, &mut survey);
        ran.unwrap_or_else(|divergence| panic!("{case:?}: {divergence}"));
        survey.tally.situations
    }
}

/// Runs every string of a theme.
fn search(theme: &Theme, found: &mut Found, run: &mut dyn FnMut(&Case) -> Situations) {
    let places = |line: &&str| -> Vec<Op> {
        let placed = (1..=theme.longest).map(|place| line.replace("{}", &place.to_string()));
        placed.map(|line| op(&line)).collect()
    };
    let letters: Vec<Vec<Op>> = theme.letters.iter().map(places).collect();
    let last: Vec<Op> = theme.last.iter().map(|line| op(line)).collect();
    let mut case = Case::new(theme.before.iter().map(|line| op(line)).collect());
    for length in 1..=theme.longest {
        let strings = Strings {
            letters: &letters,
            last: &last,
            length,
        };
        strings.each(0, &mut case, &mut |case| {
            for (situation, _) in run(case).iter() {
                let known = found.get(&situation);
                if known.is_none_or(|ops| ops.len() > case.ops.len()) {
                    found.insert(situation, case.ops.clone());
                }
            }
        });
    }
}

/// The strings of one length.
struct Strings<'a> {
    /// For each letter its operation at each place.
    letters: &'a [Vec<Op>],
    last: &'a [Op],
    length: usize,
}

impl Strings<'_> {
    fn each(&self, place: usize, case: &mut Case, visit: &mut dyn FnMut(&Case)) {
        if place == self.length {
            return visit(case);
        }
        let mut go_on = |op: &Op| {
            case.ops.push(op.clone());
            self.each(place + 1, case, visit);
            case.ops.pop();
        };
        if place + 1 == self.length && !self.last.is_empty() {
            self.last.iter().for_each(&mut go_on);
        } else {
            self.letters
                .iter()
                .map(|places| &places[place])
                .for_each(&mut go_on);
        }
    }
}
