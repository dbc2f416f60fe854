//! The file of statistics.
//!
//! ```text
//!   etalon-stats 1
//!   target = etalon                          the profile's name
//!   can = scan reverse length flush          its abilities
//!   cases = 5                                run to their end, in agreement
//!   failures = 0
//!   unknown version = 1                      inputs that were not run
//!   options dropped = 2                      by `restrict`, as are the next three
//!   changes dropped = 0
//!   syncs dropped = 0                        changes that are not synced any more
//!   fills cut = 0
//!   compared = 61                            replies
//!   contents = 7                             comparisons of the whole contents
//!   gets found = 3
//!   gets absent = 4
//!   op get = 7 7 0 0                         sent, carried out, unsupported, dropped by `restrict`
//!   scan reverse = 1 1 0                     sent, carried out, unsupported
//!   scan prefix = 0 0 0
//!   situation flush of nothing = 2           those that were met
//!   ended = yes                              no: killed, aborted, or still running
//! ```
//!
//! After the first, lines come in any order, each name once; empty ones and those that begin with
//! `#` mean nothing. An `op`, `scan` or `situation` that is not there is zero. All else must be
//! there, so that a file cut short is an error and not a smaller campaign.

use std::collections::BTreeSet;
use std::fmt;

use super::{Statistics, StatisticsError};
use crate::op::OpKind;
use crate::profile::{Abilities, Ability};
use crate::situations::Situation;
use crate::text::nearest;
use crate::verdict::Sent;

/// The first line of the file.
const FIRST: &str = "etalon-stats 1";

/// Greater numbers are not counted in a lifetime, and sums of many such do not overflow.
const GREATEST: u64 = 1 << 53;

type Place = fn(&mut Statistics) -> &mut u64;

/// The plain numbers, in the order of the file.
const COUNTERS: [(&str, Place); 11] = [
    ("cases", |s| &mut s.tally.sequences),
    ("failures", |s| &mut s.failures),
    ("unknown version", |s| &mut s.unknown_version),
    ("options dropped", |s| &mut s.restricted.options),
    ("changes dropped", |s| &mut s.restricted.changes),
    ("syncs dropped", |s| &mut s.restricted.syncs),
    ("fills cut", |s| &mut s.restricted.fills_cut),
    ("compared", |s| &mut s.tally.compared),
    ("contents", |s| &mut s.tally.contents),
    ("gets found", |s| &mut s.tally.gets_found),
    ("gets absent", |s| &mut s.tally.gets_absent),
];

/// The other names that must be there.
const OTHERS: [&str; 3] = ["target", "can", "ended"];

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST}")?;
        let target: Vec<&str> = self.target.split_whitespace().collect();
        writeln!(f, "target = {}", target.join(" "))?;
        let can: Vec<&str> = self.can.iter().map(Ability::word).collect();
        writeln!(f, "can = {}", can.join(" "))?;
        let mut copy = self.clone();
        for (name, place) in COUNTERS {
            writeln!(f, "{name} = {}", place(&mut copy))?;
        }
        for kind in OpKind::ALL {
            let Sent {
                sent,
                ok,
                unsupported,
            } = self.tally.of(kind);
            let dropped = self.restricted.dropped(kind);
            let word = kind.word();
            writeln!(f, "op {word} = {sent} {ok} {unsupported} {dropped}")?;
        }
        for (word, part) in [
            ("reverse", self.tally.reverse),
            ("prefix", self.tally.prefix),
        ] {
            let Sent {
                sent,
                ok,
                unsupported,
            } = part;
            writeln!(f, "scan {word} = {sent} {ok} {unsupported}")?;
        }
        for (situation, times) in self.tally.situations.iter() {
            writeln!(f, "situation {} = {times}", situation.name())?;
        }
        writeln!(f, "ended = {}", if self.ended { "yes" } else { "no" })
    }
}

impl Statistics {
    /// Reads a file back.
    pub fn parse(text: &str) -> Result<Statistics, StatisticsError> {
        let mut statistics = Statistics::default();
        let mut seen = BTreeSet::new();
        let mut last = 1;
        for (at, line) in text.lines().map(str::trim).enumerate() {
            last = at + 1;
            let error = |what: String| StatisticsError { line: last, what };
            if at == 0 {
                if line != FIRST {
                    return Err(error(format!("expected `{FIRST}`")));
                }
            } else if !line.is_empty() && !line.starts_with('#') {
                let (name, value) = line
                    .split_once('=')
                    .ok_or_else(|| error("expected `name = value`".to_owned()))?;
                let (name, value) = (name.trim(), value.trim());
                if !seen.insert(name.to_owned()) {
                    return Err(error(format!("`{name}` stands here twice")));
                }
                statistics.set(name, value).map_err(error)?;
            }
        }
        let plain = COUNTERS.iter().map(|(name, _)| *name);
        if let Some(missing) = plain.chain(OTHERS).find(|name| !seen.contains(*name)) {
            let what = format!("the file ends without `{missing}`");
            return Err(StatisticsError { line: last, what });
        }
        statistics.tally.dropped = statistics.restricted.total();
        Ok(statistics)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        if let Some((_, place)) = COUNTERS.iter().find(|(known, _)| *known == name) {
            [*place(self)] = numbers(value)?;
            return Ok(());
        }
        match name.split_once(' ').unwrap_or((name, "")) {
            ("target", "") => value.clone_into(&mut self.target),
            ("can", "") => self.can = abilities(value)?,
            ("ended", "") => self.ended = yes_or_no(value)?,
            ("op", word) => self.set_kind(word, value)?,
            ("scan", "reverse") => self.tally.reverse = sent(numbers(value)?),
            ("scan", "prefix") => self.tally.prefix = sent(numbers(value)?),
            ("situation", situation) => {
                let known = Situation::ALL.iter().map(|situation| situation.name());
                let situation = Situation::from_name(situation)
                    .ok_or_else(|| unknown("situation", situation, known))?;
                let [times] = numbers(value)?;
                self.tally.situations.count_times(situation, times);
            }
            _ => {
                let known = COUNTERS.iter().map(|(name, _)| *name).chain(OTHERS);
                return Err(unknown("name", name, known));
            }
        }
        Ok(())
    }

    fn set_kind(&mut self, word: &str, value: &str) -> Result<(), String> {
        let kind = OpKind::ALL.into_iter().find(|kind| kind.word() == word);
        let known = OpKind::ALL.into_iter().map(OpKind::word);
        let kind = kind.ok_or_else(|| unknown("operation", word, known))?;
        let [all, ok, unsupported, dropped] = numbers(value)?;
        self.tally.kinds[kind as usize] = sent([all, ok, unsupported]);
        self.restricted.add_dropped(kind, dropped);
        Ok(())
    }
}

fn sent([sent, ok, unsupported]: [u64; 3]) -> Sent {
    Sent {
        sent,
        ok,
        unsupported,
    }
}

/// That many numbers.
fn numbers<const N: usize>(value: &str) -> Result<[u64; N], String> {
    let numbers: Option<Vec<u64>> = value
        .split_whitespace()
        .map(|number| number.parse().ok().filter(|number| *number <= GREATEST))
        .collect();
    numbers
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or_else(|| match N {
            1 => format!("expected a number, found `{value}`"),
            _ => format!("expected {N} numbers, found `{value}`"),
        })
}

fn abilities(value: &str) -> Result<Abilities, String> {
    let known = || Ability::ALL.into_iter().map(Ability::word);
    value
        .split_whitespace()
        .map(|word| Ability::from_word(word).ok_or_else(|| unknown("ability", word, known())))
        .try_fold(Abilities::default(), |can, ability| Ok(can.with(ability?)))
}

fn yes_or_no(value: &str) -> Result<bool, String> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("expected `yes` or `no`, found `{value}`")),
    }
}

fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(nearest) => format!("unknown {what} `{name}`; did you mean `{nearest}`?"),
        None => format!("unknown {what} `{name}`"),
    }
}
