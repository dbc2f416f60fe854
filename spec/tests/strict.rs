//! `--strict` oversteps the limits in every operation that has a key or a value: a store that cuts
//! instead of refusing is found out wherever it does, one that refuses is right.

use etalon_spec::{
    Ability, Failure, KeyValueStore, Model, Name, OpScope, Options, Outcome, Profile, Report,
    Settings, SortedRun, Target, Verdict, check, keys_named,
};

const LONGEST_KEY: usize = 8;
const LONGEST_VALUE: usize = 64;

/// Where a store cuts what is too long, or looks at it too late.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    CutsKeysOfSwaps,
    CutsNewValuesOfSwaps,
    CutsValuesOfRuns,
    CutsKeysInTransactions,
    CutsKeysInSpaces,
    /// No fault: what a transaction was told is looked at when it is carried out.
    RefusesCommits,
}

struct Limited {
    model: Model,
    fault: Fault,
    scope: OpScope,
    /// Transactions that hold something too long.
    late: Vec<Name>,
}

impl Limited {
    /// The key as it is used: refused if it is too long, unless it is cut.
    fn key<'a>(&self, key: &'a [u8], cuts: bool) -> Outcome<&'a [u8]> {
        let cuts = cuts
            || self.fault == Fault::CutsKeysInTransactions && self.scope.transaction.is_some()
            || self.fault == Fault::CutsKeysInSpaces && self.scope.space.is_some();
        fitting(key, LONGEST_KEY, cuts)
    }

    /// The key of a change: too long a one may come to be seen at the commit.
    fn changed<'a>(&mut self, key: &'a [u8]) -> Outcome<&'a [u8]> {
        match self.scope.transaction {
            Some(transaction) if self.fault == Fault::RefusesCommits => {
                self.late
                    .extend((key.len() > LONGEST_KEY).then_some(transaction));
                Ok(key)
            }
            _ => self.key(key, false),
        }
    }
}

fn value(value: &[u8], cuts: bool) -> Outcome<&[u8]> {
    fitting(value, LONGEST_VALUE, cuts)
}

fn fitting(bytes: &[u8], longest: usize, cuts: bool) -> Outcome<&[u8]> {
    if bytes.len() <= longest {
        Ok(bytes)
    } else if cuts {
        Ok(&bytes[..longest])
    } else {
        Err(Failure::definite("too long"))
    }
}

impl KeyValueStore for Limited {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let key = self.key(key, false)?;
        self.model.get(key)
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        let (key, value) = (self.changed(key)?, self::value(value, false)?);
        self.model.put(key, value)
    }
    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        let key = self.changed(key)?;
        self.model.delete(key)
    }
    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) -> Outcome<bool> {
        let cuts = self.fault == Fault::CutsNewValuesOfSwaps;
        let key = self.key(key, self.fault == Fault::CutsKeysOfSwaps)?;
        let new = new.map(|new| value(new, cuts)).transpose()?;
        self.model.cas(key, expected, new)
    }
    fn ingest(&mut self, run: &SortedRun) -> Outcome<()> {
        let cuts = self.fault == Fault::CutsValuesOfRuns;
        let mut entries = Vec::new();
        for (key, value) in run.entries() {
            let entry = (self.key(key, false)?, self::value(value, cuts)?);
            entries.push((entry.0.to_vec(), entry.1.to_vec()));
        }
        self.model
            .ingest(&SortedRun::new(entries).expect("in order"))
    }
    fn enter(&mut self, scope: OpScope) -> Outcome<()> {
        self.scope = scope;
        self.model.enter(scope)
    }
    fn begin(&mut self, transaction: Name) -> Outcome<()> {
        self.late.retain(|late| *late != transaction);
        self.model.begin(transaction)
    }
    fn rollback(&mut self, transaction: Name, to: Option<Name>) -> Outcome<()> {
        self.model.rollback(transaction, to)
    }
    fn commit(&mut self, transaction: Name) -> Outcome<()> {
        if self.late.contains(&transaction) {
            self.model.rollback(transaction, None)?;
            return Err(Failure::definite("something in it is too long"));
        }
        self.model.commit(transaction)
    }
    fn create_space(&mut self, name: Name) -> Outcome<()> {
        self.model.create_space(name)
    }
    fn rename_space(&mut self, from: Name, to: Name) -> Outcome<()> {
        self.model.rename_space(from, to)
    }
    fn drop_space(&mut self, name: Name) -> Outcome<()> {
        self.model.drop_space(name)
    }
}

#[derive(Clone, Copy)]
struct LimitedTarget(Fault);

impl Target for LimitedTarget {
    type Store = Limited;

    fn profile(&self) -> Profile {
        let profile = Profile::new("limited").keys(0..=LONGEST_KEY);
        profile.values(0..=LONGEST_VALUE).can([
            Ability::Cas,
            Ability::Ingest,
            Ability::Transaction,
            Ability::Spaces,
        ])
    }

    fn create(&mut self, _: &Options) -> Outcome<Limited> {
        Ok(Limited {
            model: Model::default(),
            fault: self.0,
            scope: OpScope::PLAIN,
            late: Vec::new(),
        })
    }
}

fn checked(fault: Fault, strict: bool) -> Report {
    let settings = Settings {
        time: None,
        operations: Some(60_000),
        strict,
        ..Settings::default()
    };
    check(LimitedTarget(fault), &settings)
}

/// Fails if the operation that it is about is never made to overstep.
#[test]
fn what_is_cut_is_found_in_swaps_runs_transactions_and_key_spaces() {
    for (fault, word) in [
        (Fault::CutsKeysOfSwaps, "cas"),
        (Fault::CutsNewValuesOfSwaps, "cas"),
        (Fault::CutsValuesOfRuns, "ingest"),
        (Fault::CutsKeysInTransactions, " in t"),
        (Fault::CutsKeysInSpaces, "x: "),
    ] {
        let plain = checked(fault, false);
        assert_eq!(*plain.verdict(), Verdict::Pass, "{word}: unseen");
        let report = checked(fault, true);
        let failure = report.failure.expect(word);
        let case = &failure.script.case;
        assert!(case.to_string().contains(word), "{word}: {case}");
        let keys = keys_named(&case.ops);
        assert!(
            keys.iter().all(|key| key.len() <= LONGEST_KEY + 1),
            "{case}"
        );
    }
}

/// Fails if a definite refusal of any of these is taken for a failure.
#[test]
fn a_refusal_is_right_wherever_it_comes_at_the_commit_too() {
    assert_eq!(*checked(Fault::None, true).verdict(), Verdict::Pass);
    let report = checked(Fault::RefusesCommits, true);
    assert_eq!(*report.verdict(), Verdict::Pass, "{:?}", report.failure);
}
