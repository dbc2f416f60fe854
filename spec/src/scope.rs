//! Where an operation takes place, if not in the store as it is: in a transaction, in a named key
//! space, or both.
//!
//! ```text
//!   users: put "k" "v" in t        OpScope { space: users, transaction: t }, and the put
//! ```
//!
//! Invariants:
//! 1. An [`Inside`] has a scope that says something, and an operation that can be there.
//! 2. An operation has at most one scope: what is inside is inside of nothing else.

use crate::name::Name;
use crate::op::{Op, OpKind};

/// Which key space and which transaction an operation takes place in; neither by default.
///
/// ```
/// use etalon_spec::{Name, OpScope};
///
/// assert!(OpScope::default().is_plain());
/// assert!(!OpScope::of_transaction(Name::new("t").unwrap()).is_plain());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OpScope {
    /// The named key space; none for the default one.
    pub space: Option<Name>,
    /// The transaction; none for outside of all.
    pub transaction: Option<Name>,
}

impl OpScope {
    /// Neither.
    pub const PLAIN: OpScope = OpScope {
        space: None,
        transaction: None,
    };

    /// A transaction, on the default key space.
    pub const fn of_transaction(name: Name) -> OpScope {
        OpScope {
            space: None,
            transaction: Some(name),
        }
    }

    /// A named key space, outside of all transactions.
    pub const fn of_space(name: Name) -> OpScope {
        OpScope {
            space: Some(name),
            transaction: None,
        }
    }

    /// Whether it is the default key space, outside of all transactions.
    pub const fn is_plain(&self) -> bool {
        self.space.is_none() && self.transaction.is_none()
    }
}

/// An operation in a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inside {
    scope: OpScope,
    op: Op,
}

impl Inside {
    /// What can be inside, for a person.
    pub(crate) const POSSIBLE: &str = "a read of the present, or a change that is no fill and, in \
                                       a transaction, neither synced nor an ingest";

    /// The operation in the scope; as it is in a plain one. None if it cannot be there.
    ///
    /// ```
    /// use etalon_spec::{Inside, Name, Op, OpScope};
    ///
    /// let scope = OpScope::of_transaction(Name::new("t").unwrap());
    /// let op = Inside::of(scope, Op::get(b"k")).unwrap();
    /// assert_eq!(op.to_string(), "get \"k\" in t");
    /// assert_eq!(Inside::of(scope, Op::Flush), None);
    /// assert_eq!(Inside::of(OpScope::PLAIN, Op::Flush), Some(Op::Flush));
    /// ```
    pub fn of(scope: OpScope, op: Op) -> Option<Op> {
        if scope.is_plain() {
            return Some(op);
        }
        Inside::new(scope, op).map(|inside| Op::In(Box::new(inside)))
    }

    fn new(scope: OpScope, op: Op) -> Option<Inside> {
        let is_in_transaction = scope.transaction.is_some();
        let fits = !scope.is_plain()
            && Inside::is_possible(op.kind())
            && !matches!(op, Op::In(_))
            && op.snapshot_read().is_none()
            && !(is_in_transaction && (op.is_synced() || op.kind() == OpKind::Ingest));
        fits.then_some(Inside { scope, op })
    }

    /// Whether operations of this kind can be in a scope.
    pub const fn is_possible(kind: OpKind) -> bool {
        use OpKind::{First, Get, Last, Length, Scan};
        let is_change = kind.is_change() && !matches!(kind, OpKind::Fill);
        is_change || matches!(kind, Get | Scan | Length | First | Last)
    }

    /// Where.
    pub fn scope(&self) -> OpScope {
        self.scope
    }

    /// What.
    pub fn op(&self) -> &Op {
        &self.op
    }

    /// Lets the scope and the operation be changed. What cannot be there any more stays as it was.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut OpScope, &mut Op)) {
        let (mut scope, mut op) = (self.scope, self.op.clone());
        change(&mut scope, &mut op);
        if let Some(changed) = Inside::new(scope, op) {
            *self = changed;
        }
    }

    /// The flag of the change inside, to be set; none in a transaction, where nothing is synced.
    pub(crate) fn sync_flag_mut(&mut self) -> Option<&mut bool> {
        match self.scope.transaction {
            None => self.op.sync_flag_mut(),
            Some(_) => None,
        }
    }
}
