//! What most adapters need: options of a case, bounds of a scan, the entries that it yields.

use std::ops::Bound;

use etalon_spec::{Entry, Failure, Name, Options, Outcome, Range, Scan, Setting};

/// A number among the options of a case, if it is set.
pub(crate) fn integer(options: &Options, name: &str) -> Outcome<Option<u64>> {
    match options.get(name) {
        None => Ok(None),
        Some(Setting::Integer(value)) => Ok(Some(*value)),
        Some(_) => Err(Failure::definite(format!("option {name} is a number"))),
    }
}

/// As [`integer`], for lengths.
pub(crate) fn length(options: &Options, name: &str) -> Outcome<Option<usize>> {
    let value = integer(options, name)?;
    Ok(value.map(usize::try_from).transpose()?)
}

/// A word among the options of a case, if it is set.
pub(crate) fn word<'a>(options: &'a Options, name: &str) -> Outcome<Option<&'a str>> {
    match options.get(name) {
        None => Ok(None),
        Some(Setting::Text(value)) => Ok(Some(std::str::from_utf8(value)?)),
        Some(_) => Err(Failure::definite(format!("option {name} is a word"))),
    }
}

/// A switch among the options of a case, if it is set.
pub(crate) fn switch(options: &Options, name: &str) -> Outcome<Option<bool>> {
    match options.get(name) {
        None => Ok(None),
        Some(Setting::Switch(value)) => Ok(Some(*value)),
        Some(_) => Err(Failure::definite(format!("option {name} is on or off"))),
    }
}

/// An option has a value that the profile does not list.
pub(crate) fn unknown(name: &str, value: &str) -> Failure {
    Failure::definite(format!("option {name} has no value {value}"))
}

/// The two ends of a range that is no prefix.
pub(crate) type Bounds<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

/// How to ask an engine for a range.
pub(crate) enum Asked<'a> {
    /// By its own scan of a prefix.
    Prefix(&'a [u8]),
    /// By its own scan between bounds.
    Between(Bounds<'a>),
}

/// A range as engines take it.
pub(crate) fn asked(range: &Range) -> Asked<'_> {
    match range {
        Range::Prefix(prefix) => Asked::Prefix(prefix),
        Range::Between(from, to) => Asked::Between((
            from.as_ref().map(Vec::as_slice),
            to.as_ref().map(Vec::as_slice),
        )),
    }
}

/// The bounds of a range, for an engine that has no scan of a prefix: from the prefix to the
/// least key that is above all that begin with it, where there is one.
pub(crate) fn bounds(range: &Range) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    match range {
        Range::Between(from, to) => (from.clone(), to.clone()),
        Range::Prefix(prefix) if prefix.is_empty() => (Bound::Unbounded, Bound::Unbounded),
        Range::Prefix(prefix) => {
            let mut above = prefix.clone();
            while above.last() == Some(&0xff) {
                above.pop();
            }
            let to = match above.last_mut() {
                None => Bound::Unbounded,
                Some(last) => {
                    *last += 1;
                    Bound::Excluded(above)
                }
            };
            (Bound::Included(prefix.clone()), to)
        }
    }
}

/// A range for an engine that takes the first key in and the first key behind, or neither.
#[cfg(any(feature = "rocksdb", feature = "surrealkv"))]
pub(crate) fn half_open(range: &Range) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let behind = |key: Vec<u8>| [&key[..], b"\0"].concat();
    let (from, to) = bounds(range);
    let from = match from {
        Bound::Unbounded => None,
        Bound::Included(key) => Some(key),
        Bound::Excluded(key) => Some(behind(key)),
    };
    let to = match to {
        Bound::Unbounded => None,
        Bound::Included(key) => Some(behind(key)),
        Bound::Excluded(key) => Some(key),
    };
    (from, to)
}

/// The entries of an engine's scan in its direction, no more of them than asked for.
pub(crate) fn entries<I>(scan: &Scan, found: I) -> Outcome<Vec<Entry>>
where
    I: DoubleEndedIterator<Item = Outcome<Entry>>,
{
    if scan.reverse {
        limited(scan, found.rev())
    } else {
        limited(scan, found)
    }
}

/// No more entries than a scan asks for, of those that come in its direction.
pub(crate) fn limited<I>(scan: &Scan, found: I) -> Outcome<Vec<Entry>>
where
    I: Iterator<Item = Outcome<Entry>>,
{
    let limit = scan.limit.map_or(usize::MAX, |limit| limit as usize);
    found.take(limit).collect()
}

/// Things that a case has named: snapshots, iterators.
pub(crate) struct Named<T>(Vec<(Name, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named(Vec::new())
    }
}

impl<T> Named<T> {
    /// The old one of this name ends.
    pub(crate) fn set(&mut self, name: Name, thing: T) {
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, thing));
    }

    pub(crate) fn get(&self, name: Name) -> Outcome<&T> {
        let found = self.0.iter().find(|(other, _)| *other == name);
        found.map(|(_, thing)| thing).ok_or_else(|| absent(name))
    }

    pub(crate) fn get_mut(&mut self, name: Name) -> Outcome<&mut T> {
        let found = self.0.iter_mut().find(|(other, _)| *other == name);
        found.map(|(_, thing)| thing).ok_or_else(|| absent(name))
    }

    pub(crate) fn end(&mut self, name: Name) -> Outcome<()> {
        self.get(name)?;
        self.0.retain(|(other, _)| *other != name);
        Ok(())
    }

    /// As [`end`](Named::end), for what has to be ended by itself.
    pub(crate) fn take(&mut self, name: Name) -> Outcome<T> {
        let at = self.0.iter().position(|(other, _)| *other == name);
        let at = at.ok_or_else(|| absent(name))?;
        Ok(self.0.swap_remove(at).1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, thing)| thing)
    }
}

fn absent(name: Name) -> Failure {
    Failure::definite(format!("nothing open is called {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_the_next_one_begins() {
        let of = |prefix: &[u8]| bounds(&Range::Prefix(prefix.to_vec())).1;
        assert_eq!(of(b"a"), Bound::Excluded(b"b".to_vec()));
        assert_eq!(of(b"a\xff"), Bound::Excluded(b"b".to_vec()));
        assert_eq!(of(b"\xff\xff"), Bound::Unbounded);
        let all = Range::Prefix(Vec::new());
        assert_eq!(bounds(&all), (Bound::Unbounded, Bound::Unbounded));
    }
}
