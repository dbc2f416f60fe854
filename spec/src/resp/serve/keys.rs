//! Commands on all keys, or on those of a pattern.
//!
//! They read a page of the store after the other, in the order of its keys: so however many
//! there are, few of their values are in memory at once. What is there all the while they read is
//! seen once; what comes or goes meanwhile may be seen or not.

use std::ops::Bound;
use std::sync::PoisonError;

use super::answers::{Answers, fits};
use super::pattern::Pattern;
use super::refusal::Refusal;
use super::session::{After, Session};
use crate::op::{Change, Entry};
use crate::outcome::{Failure, Outcome};
use crate::range::{Range, Scan};
use crate::store::KeyValueStore;

type Answered = Result<After, Refusal>;

/// Bytes that a page should have.
const PAGE_BYTES: usize = 1 << 20;
/// Keys of the first page, whose lengths nobody knows, and of any page.
const FIRST_PAGE: usize = 16;
const LONGEST_PAGE: usize = 1000;

/// Keys that are still to be read: those of a pattern, in their order.
struct Pages {
    pattern: Pattern,
    from: Bound<Vec<u8>>,
    to: Bound<Vec<u8>>,
    page: usize,
}

impl Pages {
    fn of(pattern: Pattern) -> Pages {
        let prefix = pattern.prefix();
        Pages {
            to: behind(&prefix).map_or(Bound::Unbounded, Bound::Excluded),
            from: Bound::Included(prefix),
            pattern,
            page: FIRST_PAGE,
        }
    }

    fn all() -> Pages {
        Pages::of(Pattern::all())
    }

    /// Goes on behind this key, if that is further on.
    fn skip(&mut self, key: &[u8]) {
        if matches!(&self.from, Bound::Included(from) if from.as_slice() <= key) {
            self.from = Bound::Excluded(key.to_vec());
        }
    }

    /// Reads at most so many entries, whether or not the pattern fits: none at the end.
    fn next<C: KeyValueStore>(&mut self, store: &mut C, most: usize) -> Outcome<Vec<Entry>> {
        let limit = self.page.min(most);
        let entries = store.scan(&Scan {
            range: Range::Between(self.from.clone(), self.to.clone()),
            reverse: false,
            limit: Some(limit as u32),
        })?;
        if let Some((last, _)) = entries.last() {
            self.from = Bound::Excluded(last.clone());
            let length = |(key, value): &Entry| key.len() + value.len() + 1;
            let bytes: usize = entries.iter().map(length).sum();
            self.page = (PAGE_BYTES * entries.len() / bytes).clamp(1, LONGEST_PAGE);
        }
        Ok(entries)
    }

    /// Those of some entries that the pattern fits, without their values.
    fn keys(&self, entries: Vec<Entry>) -> impl Iterator<Item = Vec<u8>> {
        let keys = entries.into_iter().map(|(key, _)| key);
        keys.filter(|key| self.pattern.is_met_by(key))
    }
}

/// The first key behind all that begin with these bytes.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut behind = prefix[..=last].to_vec();
    behind[last] += 1;
    Some(behind)
}

/// What SCAN takes beside its cursor.
struct Wanted {
    pattern: Pattern,
    count: usize,
    /// Whether there are values of the kind that is asked for.
    is_any: bool,
}

impl Wanted {
    fn read(words: &[&[u8]]) -> Result<Wanted, Refusal> {
        let mut wanted = Wanted {
            pattern: Pattern::all(),
            count: 10,
            is_any: true,
        };
        let mut words = words.iter();
        while let Some(name) = words.next() {
            let mut value = || {
                let value = words.next();
                value.ok_or_else(|| Refusal::syntax(name, "a value behind it"))
            };
            match name.to_ascii_lowercase().as_slice() {
                b"match" => wanted.pattern = Pattern::new(value()?),
                b"count" => wanted.count = count(value()?)?,
                b"type" => wanted.is_any = value()?.eq_ignore_ascii_case(b"string"),
                _ => return Err(Refusal::syntax(name, "MATCH, COUNT or TYPE")),
            }
        }
        Ok(wanted)
    }
}

fn count(word: &[u8]) -> Result<usize, Refusal> {
    let text = std::str::from_utf8(word).ok();
    let count = text.and_then(|text| text.parse().ok());
    count
        .filter(|count| *count > 0)
        .ok_or_else(|| Refusal::syntax(word, "a number from 1 on"))
}

impl<C: KeyValueStore> Session<'_, C> {
    /// Looks at COUNT keys from the cursor's place on.
    pub(super) fn scan(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let wanted = Wanted::read(&words[2..])?;
        let mut pages = Pages::of(wanted.pattern);
        self.skip(&mut pages, words[1])?;
        let (mut keys, mut bytes, mut left) = (Vec::new(), 0, wanted.count);
        let mut is_end = false;
        while left > 0 && !is_end && bytes < PAGE_BYTES {
            let entries = pages.next(&mut self.store, left)?;
            is_end = entries.is_empty();
            left -= entries.len().min(left);
            if wanted.is_any {
                let found = keys.len();
                keys.extend(pages.keys(entries));
                bytes += keys[found..].iter().map(Vec::len).sum::<usize>();
            }
        }
        let cursor = match pages.from {
            Bound::Excluded(last) if !is_end => self.cursors().give(last),
            _ => 0,
        };
        out.list(2);
        out.string(cursor.to_string().as_bytes());
        out.strings(&keys);
        Ok(After::Next)
    }

    fn skip(&self, pages: &mut Pages, cursor: &[u8]) -> Result<(), Refusal> {
        let invalid = || Refusal::new("invalid cursor");
        let text = std::str::from_utf8(cursor).map_err(|_| invalid())?;
        let number: u64 = text.parse().map_err(|_| invalid())?;
        if number == 0 {
            return Ok(());
        }
        let cursors = self.cursors();
        let place = cursors.place(number).ok_or_else(|| {
            Refusal::new("invalid cursor: not given out here, or too old; begin again with 0")
        })?;
        pages.skip(place);
        Ok(())
    }

    fn cursors(&self) -> std::sync::MutexGuard<'_, super::cursors::Cursors> {
        let cursors = self.shared.cursors.lock();
        cursors.unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keys(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let mut pages = Pages::of(Pattern::new(words[1]));
        let (mut keys, mut bytes): (Vec<Vec<u8>>, usize) = (Vec::new(), 0);
        loop {
            let entries = pages.next(&mut self.store, LONGEST_PAGE)?;
            if entries.is_empty() {
                out.strings(&keys);
                return Ok(After::Next);
            }
            for key in pages.keys(entries) {
                bytes += key.len() + size_of::<Vec<u8>>();
                fits(bytes)?;
                keys.push(key);
            }
        }
    }

    pub(super) fn dbsize(&mut self, _: &[&[u8]], out: &mut Answers) -> Answered {
        let length = match self.store.length() {
            Err(Failure::Unsupported) => self.count()?,
            length => length?,
        };
        out.integer(length);
        Ok(After::Next)
    }

    fn count(&mut self) -> Outcome<u64> {
        let (mut pages, mut keys) = (Pages::all(), 0);
        loop {
            let entries = pages.next(&mut self.store, LONGEST_PAGE)?;
            if entries.is_empty() {
                return Ok(keys);
            }
            keys += entries.len() as u64;
        }
    }

    /// Removes every key: at once where the store offers that, else a page after the other, while
    /// nobody else changes anything.
    pub(super) fn flush_all(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let is_way =
            |way: &[u8]| way.eq_ignore_ascii_case(b"sync") || way.eq_ignore_ascii_case(b"async");
        if let Some(way) = words.get(1).filter(|way| !is_way(way)) {
            return Err(Refusal::syntax(way, "SYNC or ASYNC"));
        }
        let shared = self.shared;
        let alone = shared.changes.write();
        let _alone = alone.unwrap_or_else(PoisonError::into_inner);
        match self.store.clear() {
            Err(Failure::Unsupported) => self.remove_all()?,
            cleared => cleared?,
        }
        out.ok();
        Ok(After::Next)
    }

    fn remove_all(&mut self) -> Outcome<()> {
        let mut pages = Pages::all();
        loop {
            let entries = pages.next(&mut self.store, LONGEST_PAGE)?;
            if entries.is_empty() {
                return Ok(());
            }
            let delete = |(key, _)| Change::Delete { key };
            self.write(&entries.into_iter().map(delete).collect::<Vec<Change>>())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    #[test]
    fn pages_hold_every_key_of_a_pattern_once() {
        let mut model = Model::default();
        let mut expected = Vec::new();
        for number in 0..1_000_u16 {
            let key = format!("a{number}").into_bytes();
            model
                .put(&key, &vec![b'v'; usize::from(number) * 10])
                .expect("a put");
            expected.push(key);
        }
        for other in [&b"\xff"[..], b"b", b""] {
            model.put(other, b"").expect("a put");
        }
        expected.sort();
        let mut pages = Pages::of(Pattern::new(b"a*"));
        let mut found = Vec::new();
        loop {
            let entries = pages.next(&mut model, 300).expect("a page");
            if entries.is_empty() {
                break;
            }
            assert!(entries.len() <= 300);
            found.extend(pages.keys(entries));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn the_key_behind_a_prefix_is_behind_all_its_keys() {
        assert_eq!(behind(b"a\xff\xff"), Some(b"b".to_vec()));
        assert_eq!(behind(b"a\xfeb"), Some(b"a\xfec".to_vec()));
        assert_eq!(behind(b"\xff"), None);
        assert_eq!(behind(b""), None);
    }
}
