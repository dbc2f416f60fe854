//! The known divergences are still there, and none is past its date.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use etalon::{Options, Store};
use etalon_interop::{Divergence, Foreign, PLYVEL, built, carry_out, copy_directory, scratch};
use etalon_spec::{KeyValueStore, Model, Op, Outcome, Reply, apply};

/// How often a read is asked: a program's own compaction may be at work in the background.
const ASKED: usize = 2_000;

/// What came of an entry.
struct Seen {
    /// What the model answers.
    expected: Reply,
    /// What was answered instead, if something was.
    instead: Option<String>,
    /// The same of `LevelDB` in C++.
    leveldb: Option<String>,
}

/// The first answer that is not the expected one.
fn other_answer(store: &mut impl KeyValueStore, read: &Op, expected: &Reply) -> Option<String> {
    (0..ASKED).find_map(|_| match apply(store, read) {
        Ok(reply) if reply == *expected => None,
        Ok(reply) => Some(reply.to_string()),
        Err(failure) => Some(failure.to_string()),
    })
}

fn by_etalon(directory: &Path, model: &mut Model, ops: &[Op]) -> Outcome<()> {
    let reopen = |store: Store| {
        Store::close(store)?;
        Ok(Store::open(directory, Options::default())?)
    };
    let store = Store::open(directory, Options::default())?;
    Ok(Store::close(carry_out(store, model, ops, reopen)?)?)
}

fn by_program(program: Foreign, model: &mut Model, ops: &[Op]) -> Outcome<Foreign> {
    let reopen = |mut program: Foreign| program.reopen().map(|()| program);
    carry_out(program, model, ops, reopen)
}

/// A program that still has the store open may remove a file while it is copied: then the copy
/// begins anew, until that has settled.
fn copy_of_a_live_store(directory: &Path, copy: &Path) {
    const MOST: usize = 100;
    let vanished = |copied: &io::Result<()>| {
        let error = copied.as_ref().err();
        error.is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    for _ in 1..MOST {
        let copied = copy_directory(directory, copy);
        if !vanished(&copied) {
            return copied.expect("copied");
        }
        fs::remove_dir_all(copy).expect("what was copied so far");
    }
    copy_directory(directory, copy).expect("copied");
}

fn try_out(entry: &Divergence) -> Seen {
    let scratch = scratch();
    let (directory, copy) = (scratch.path().join("store"), scratch.path().join("copy"));
    let mut model = Model::default();
    let (read, ops) = entry.case.ops.split_last().expect("a read at the end");
    let mut program = Foreign::start(entry.program, &built!());
    if entry.program_writes {
        let opened = program.open(&directory, &entry.case.options);
        opened.expect("a new directory");
        program = by_program(program, &mut model, ops).expect("written");
    } else {
        by_etalon(&directory, &mut model, ops).expect("written");
    }
    if entry.program_writes && !entry.program_reads {
        program.release().expect("closes");
    }
    copy_of_a_live_store(&directory, &copy);
    let expected = apply(&mut model, read).expect("the model answers everything");

    let instead = if entry.program_reads {
        let opened = if entry.program_writes {
            Ok(()) // it still is
        } else {
            program.open(&directory, &entry.case.options)
        };
        match opened {
            Ok(()) => other_answer(&mut program, read, &expected),
            Err(failure) => Some(failure.to_string()),
        }
    } else {
        match Store::open(&directory, Options::default()) {
            Ok(mut store) => other_answer(&mut store, read, &expected),
            Err(error) => Some(error.to_string()),
        }
    };
    let mut leveldb = Foreign::start(PLYVEL, &built!());
    let leveldb = match leveldb.open(&copy, &etalon_spec::Options::default()) {
        Ok(()) => other_answer(&mut leveldb, read, &expected),
        Err(failure) => Some(failure.to_string()),
    };
    Seen {
        expected,
        instead,
        leveldb,
    }
}

#[test]
fn each_entry_still_diverges_and_leveldb_says_what_the_entry_says() {
    let list = Divergence::list();
    assert!(!list.is_empty(), "an empty list would check nothing");
    for entry in list {
        let name = &entry.name;
        let seen = try_out(&entry);
        let expected = &seen.expected;
        let instead = seen.instead.unwrap_or_else(|| {
            panic!("{name} no longer diverges: remove the entry, and what keeps off it")
        });
        eprintln!(
            "{name}: {instead}, where the model says {expected}. {}",
            entry.why
        );
        assert_eq!(
            seen.leveldb.is_none(),
            entry.leveldb_reads,
            "{name}: LevelDB in C++: {:?}",
            seen.leveldb
        );
    }
}

#[test]
fn no_entry_is_past_its_date() {
    let today = today();
    for entry in Divergence::list() {
        let (name, expires) = (&entry.name, &entry.expires);
        assert!(
            *expires >= today,
            "{name} expired on {expires}: look at it again, and set a new date or remove it"
        );
    }
}

/// The day in UTC, written so that days sort like their text.
fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    date(since.expect("after 1970").as_secs() / 86_400)
}

/// The date of a day counted from the first of January 1970.
fn date(mut day: u64) -> String {
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", day + 1)
}

#[test]
fn days_have_the_dates_of_the_calendar() {
    let dates = [
        (0, "1970-01-01"),
        (11_016, "2000-02-29"),
        (20_779, "2026-11-22"),
    ];
    for (day, expected) in dates {
        assert_eq!(date(day), expected);
    }
}
