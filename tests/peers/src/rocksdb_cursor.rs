//! A place in a column family of RocksDB: an iterator that knows both of its ends.
//!
//! ```text
//!   Before   first ... At ... last   After
//! ```
//!
//! Invariants:
//! 1. An iterator lives no longer than the database and the snapshot that it is of: it holds both.
//! 2. The handle of a family is asked for by its name and held for one call, so none is used after
//!    the family is dropped.

use std::rc::Rc;
use std::sync::Arc;

use etalon_spec::{Entry, Failure, Outcome};
use rocksdb::{
    BoundColumnFamily, DBRawIteratorWithThreadMode, DBWithThreadMode, MultiThreaded, ReadOptions,
    SnapshotWithThreadMode,
};
use self_cell::self_cell;

/// A database whose families are made and dropped while others hold it: its iterators do.
pub(crate) type Database = DBWithThreadMode<MultiThreaded>;

type RawIterator<'a> = DBRawIteratorWithThreadMode<'a, Database>;
type Snapshot<'a> = SnapshotWithThreadMode<'a, Database>;

/// The handle of the family of this name.
pub(crate) fn family<'a>(
    database: &'a Database,
    name: &str,
) -> Outcome<Arc<BoundColumnFamily<'a>>> {
    let found = database.cf_handle(name);
    found.ok_or_else(|| Failure::definite(format!("no column family is called {name}")))
}

self_cell! {
    /// A snapshot, with the database that it is of.
    pub(crate) struct Taken {
        owner: Rc<Database>,
        #[covariant]
        dependent: Snapshot,
    }
}

/// What an iterator is of.
struct Source {
    database: Rc<Database>,
    snapshot: Option<Rc<Taken>>,
}

self_cell! {
    struct Iterating {
        owner: Source,
        #[not_covariant]
        dependent: RawIterator,
    }
}

/// An iterator, and where it is.
pub(crate) struct Cursor {
    iterating: Iterating,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    At,
    After,
}

/// A move of an iterator; the last two, of one that is at an entry.
#[derive(Clone, Copy)]
enum Step<'a> {
    To(&'a [u8]),
    First,
    Last,
    Next,
    Previous,
}

impl Cursor {
    /// Before the first entry of a family, of the present or of a snapshot.
    pub(crate) fn new(
        database: &Rc<Database>,
        name: &str,
        snapshot: Option<&Rc<Taken>>,
        reading: ReadOptions,
    ) -> Outcome<Self> {
        let source = Source {
            database: Rc::clone(database),
            snapshot: snapshot.map(Rc::clone),
        };
        let iterating = Iterating::try_new(source, |source| {
            let family = family(&source.database, name)?;
            Ok::<_, Failure>(match &source.snapshot {
                None => source.database.raw_iterator_cf_opt(&family, reading),
                Some(taken) => taken
                    .borrow_dependent()
                    .raw_iterator_cf_opt(&family, reading),
            })
        })?;
        Ok(Cursor {
            iterating,
            place: Place::Before,
        })
    }

    /// Moves, and says where that led; past the entries on this side where to none.
    fn moved(&mut self, step: Step<'_>) -> Outcome<Option<Entry>> {
        let found = self.iterating.with_dependent_mut(|_, iterator| {
            match step {
                Step::To(key) => iterator.seek(key),
                Step::First => iterator.seek_to_first(),
                Step::Last => iterator.seek_to_last(),
                Step::Next => iterator.next(),
                Step::Previous => iterator.prev(),
            }
            iterator.status()?;
            let found = iterator.item();
            Ok::<_, rocksdb::Error>(found.map(|(key, value)| (key.to_vec(), value.to_vec())))
        })?;
        self.place = match (&found, step) {
            (Some(_), _) => Place::At,
            (None, Step::To(_) | Step::First | Step::Next) => Place::After,
            (None, Step::Last | Step::Previous) => Place::Before,
        };
        Ok(found)
    }

    pub(crate) fn seek(&mut self, key: &[u8]) -> Outcome<Option<Entry>> {
        self.moved(Step::To(key))
    }

    pub(crate) fn first(&mut self) -> Outcome<Option<Entry>> {
        self.moved(Step::First)
    }

    pub(crate) fn last(&mut self) -> Outcome<Option<Entry>> {
        self.moved(Step::Last)
    }

    pub(crate) fn next(&mut self) -> Outcome<Option<Entry>> {
        match self.place {
            Place::Before => self.first(),
            Place::At => self.moved(Step::Next),
            Place::After => Ok(None),
        }
    }

    pub(crate) fn prev(&mut self) -> Outcome<Option<Entry>> {
        match self.place {
            Place::Before => Ok(None),
            Place::At => self.moved(Step::Previous),
            Place::After => self.last(),
        }
    }
}
