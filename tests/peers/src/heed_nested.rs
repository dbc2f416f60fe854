//! A write transaction of LMDB with the transactions that are nested in it, as its savepoints.
//!
//! ```text
//!   begin t         [t]             a transaction on the environment
//!   savepoint t a   [t [a]]         one inside of it, which changes are now made in
//!   savepoint t b   [t [a [b]]]
//!   rollback t a    [t [a]]         b and a are aborted, and a new one begins in place of a
//!   commit t                        from the inside to the outside
//! ```
//!
//! Invariants:
//! 1. Only the innermost transaction is used: LMDB allows nothing else.
//! 2. There is one more transaction than there are savepoints.

use etalon_spec::{Failure, Name, Outcome};
use heed::{Env, RoTxn, RwTxn, WithoutTls};
use self_cell::{MutBorrow, self_cell};

/// What a transaction is in: the environment, or another transaction.
struct Ground {
    environment: Env<WithoutTls>,
    parent: Option<Level>,
}

/// None when it was committed.
type Working<'a> = Option<RwTxn<'a>>;

self_cell! {
    /// A transaction, with what it is in.
    struct Level {
        owner: MutBorrow<Ground>,
        #[not_covariant]
        dependent: Working,
    }
}

impl Level {
    fn begin(environment: Env<WithoutTls>, parent: Option<Level>) -> Outcome<Level> {
        let ground = Ground {
            environment,
            parent,
        };
        Level::try_new(MutBorrow::new(ground), |ground| {
            let Ground {
                environment,
                parent,
            } = ground.borrow_mut();
            let environment: &Env<WithoutTls> = environment;
            let begun = match parent {
                None => environment.write_txn()?,
                Some(parent) => parent.with_dependent_mut(|_, working| {
                    environment.nested_write_txn(working.as_mut().expect(OPEN))
                })?,
            };
            Ok(Some(begun))
        })
    }

    /// Aborts it, unless it was committed. What it was in.
    fn ended(self) -> Option<Level> {
        self.into_owner().into_inner().parent
    }

    fn committed(mut self) -> Outcome<Option<Level>> {
        let working = self.with_dependent_mut(|_, working| working.take());
        working.expect(OPEN).commit()?;
        Ok(self.ended())
    }
}

const OPEN: &str = "a transaction is open until it is given away";

/// A write transaction and its savepoints.
pub(crate) struct Nested {
    environment: Env<WithoutTls>,
    innermost: Level,
    savepoints: Vec<Name>,
}

impl Nested {
    pub(crate) fn begin(environment: Env<WithoutTls>) -> Outcome<Nested> {
        Ok(Nested {
            innermost: Level::begin(environment.clone(), None)?,
            environment,
            savepoints: Vec::new(),
        })
    }

    pub(crate) fn savepoint(mut self, name: Name) -> Outcome<Nested> {
        self.innermost = Level::begin(self.environment.clone(), Some(self.innermost))?;
        self.savepoints.push(name);
        Ok(self)
    }

    /// What was done after the savepoint is undone; the savepoint stays.
    pub(crate) fn rolled_back(mut self, to: Name) -> Outcome<Nested> {
        let found = self.savepoints.iter().position(|name| *name == to);
        let at = found.ok_or_else(|| Failure::definite(format!("there is no savepoint {to}")))?;
        let mut outer = Some(self.innermost);
        for _ in at..self.savepoints.len() {
            outer = outer.and_then(Level::ended);
        }
        self.savepoints.truncate(at + 1);
        self.innermost = Level::begin(self.environment.clone(), outer)?;
        Ok(self)
    }

    pub(crate) fn commit(self) -> Outcome<()> {
        let mut next = Some(self.innermost);
        while let Some(level) = next {
            next = level.committed()?;
        }
        Ok(())
    }

    pub(crate) fn change(
        &mut self,
        make: impl FnOnce(&mut RwTxn<'_>) -> Outcome<()>,
    ) -> Outcome<()> {
        self.innermost
            .with_dependent_mut(|_, working| make(working.as_mut().expect(OPEN)))
    }

    pub(crate) fn read<T>(
        &self,
        look: impl FnOnce(&RoTxn<'_, WithoutTls>) -> Outcome<T>,
    ) -> Outcome<T> {
        self.innermost
            .with_dependent(|_, working| look(working.as_ref().expect(OPEN)))
    }
}
