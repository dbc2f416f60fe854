//! Reads of a table of redb: the same, whether a transaction that reads or one that writes is asked.
//!
//! The two have tables of different types, with one trait in common, which has type parameters and
//! so cannot be an object: each read is a type of its own.

use std::ops::Bound;

use etalon_spec::{Entry, Outcome, Scan};
use redb::{AccessGuard, ReadableTable};

use crate::adapt::{Bounds, bounds, entries};

/// A read of a table, be it of a transaction that writes or of one that does not.
pub(crate) trait Reads {
    type Found;

    fn read(self, table: &impl ReadableTable<&'static [u8], &'static [u8]>)
    -> Outcome<Self::Found>;
}

pub(crate) struct Get<'a>(pub(crate) &'a [u8]);
pub(crate) struct Length;
pub(crate) struct First;
pub(crate) struct Last;

impl Reads for Get<'_> {
    type Found = Option<Vec<u8>>;

    fn read(
        self,
        table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    ) -> Outcome<Self::Found> {
        Ok(table.get(self.0)?.map(|value| value.value().to_vec()))
    }
}

impl Reads for &Scan {
    type Found = Vec<Entry>;

    fn read(
        self,
        table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    ) -> Outcome<Self::Found> {
        let (from, to) = bounds(&self.range);
        let found = table.range::<&[u8]>(borrowed(&from, &to))?;
        entries(self, found.map(|found| Ok(entry(found?))))
    }
}

impl Reads for Length {
    type Found = u64;

    fn read(self, table: &impl ReadableTable<&'static [u8], &'static [u8]>) -> Outcome<u64> {
        Ok(table.len()?)
    }
}

impl Reads for First {
    type Found = Option<Entry>;

    fn read(
        self,
        table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    ) -> Outcome<Self::Found> {
        Ok(table.first()?.map(entry))
    }
}

impl Reads for Last {
    type Found = Option<Entry>;

    fn read(
        self,
        table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    ) -> Outcome<Self::Found> {
        Ok(table.last()?.map(entry))
    }
}

type Guard<'a> = AccessGuard<'a, &'static [u8]>;

fn entry((key, value): (Guard<'_>, Guard<'_>)) -> Entry {
    (key.value().to_vec(), value.value().to_vec())
}

pub(crate) fn borrowed<'a>(from: &'a Bound<Vec<u8>>, to: &'a Bound<Vec<u8>>) -> Bounds<'a> {
    (
        from.as_ref().map(Vec::as_slice),
        to.as_ref().map(Vec::as_slice),
    )
}
