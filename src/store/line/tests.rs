//! Groups of real threads. Each test holds the writer until those it wants are in line, so what
//! happens then is always the same.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Scope, ScopedJoinHandle, scope};

use super::{GROUP_BYTES, Turn};
use crate::disk::simulated::{Calls, Fault, FaultKind, SimulatedDisk};
use crate::sync::yield_now;
use crate::{Error, Options, Result, Store, WriteOptions};

fn open(disk: &SimulatedDisk) -> Store {
    Store::open_on(disk.clone(), "dir", Options::default()).expect("opens")
}

/// A thread that is in line once this returns, behind all before it.
fn in_line<'scope>(
    scope: &'scope Scope<'scope, '_>,
    store: &'scope Store,
    work: impl FnOnce(&Store) -> Result<()> + Send + 'scope,
) -> ScopedJoinHandle<'scope, Result<()>> {
    let waiting = || {
        let waiting = store.line().expect("not read-only").waiting.lock();
        waiting.len()
    };
    let before = waiting();
    let thread = scope.spawn(move || work(store));
    while waiting() == before {
        yield_now();
    }
    thread
}

/// Three puts that are in line behind a turn, the second of which asks for a sync; then the turn
/// ends as the test says. What became of each.
fn three_puts(store: &Store, end: impl FnOnce(Turn<'_>)) -> [Result<()>; 3] {
    scope(|scope| {
        let turn = store.writer().expect("nobody else has it");
        let synced = WriteOptions::synced();
        let threads = [
            in_line(scope, store, |store| store.put(b"a", b"1")),
            in_line(scope, store, move |store| {
                store.put_with(b"b", b"2", synced)
            }),
            in_line(scope, store, |store| store.put(b"a", b"3")),
        ];
        end(turn);
        threads.map(|thread| thread.join().expect("no panic"))
    })
}

#[test]
fn changes_in_line_are_written_in_their_order_by_one_append_and_one_sync() {
    let disk = SimulatedDisk::default();
    let store = open(&disk);
    disk.arm(None);
    for result in three_puts(&store, |turn| drop(turn)) {
        result.expect("written");
    }
    assert_eq!(disk.calls(Calls::Changes), 2);
    let stats = store.stats();
    assert_eq!((stats.write_groups, stats.write_group_largest), (1, 3));
    assert_eq!(store.sequence(), 3);
    drop(store);
    let again = open(&SimulatedDisk::from_image(disk.image()));
    assert_eq!(again.get(b"a").expect("get"), Some(b"3".to_vec()));
    assert_eq!(again.get(b"b").expect("get"), Some(b"2".to_vec()));
}

#[test]
fn when_a_group_fails_every_member_hears_of_it_and_the_store_stops() {
    let disk = SimulatedDisk::default();
    let store = open(&disk);
    disk.arm(Some(Fault {
        calls: Calls::Changes,
        after: 1,
        kind: FaultKind::Sync,
        forever: false,
    }));
    let results = three_puts(&store, |turn| drop(turn));
    assert_eq!(disk.struck(), 1);
    let texts = results.map(|result| match result.expect_err("the sync fails") {
        error @ Error::Io { .. } => error.to_string(),
        other => panic!("{other}"),
    });
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    assert_eq!(store.get(b"a").expect("get"), None);
    let refused = store.put(b"a", b"4").expect_err("stopped");
    assert!(matches!(refused, Error::Stopped { .. }));
}

#[test]
fn when_the_thread_at_work_panics_those_in_line_are_refused() {
    let store = open(&SimulatedDisk::default());
    let results = three_puts(&store, |turn| {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _turn = turn;
            panic!("on purpose");
        }));
        panicked.expect_err("on purpose");
    });
    for result in results {
        let refused = result.expect_err("stopped");
        assert!(matches!(refused, Error::Stopped { .. }), "{refused}");
    }
}

#[test]
fn a_flush_in_line_ends_a_group_and_takes_its_turn_alone() {
    let store = open(&SimulatedDisk::default());
    scope(|scope| {
        let turn = store.writer().expect("nobody else has it");
        in_line(scope, &store, |store| store.put(b"a", b"1"));
        in_line(scope, &store, Store::flush);
        in_line(scope, &store, |store| store.put(b"b", b"2"));
        drop(turn);
    });
    let segments = store.segments();
    let [segment] = &segments[..] else {
        panic!("{} segments", segments.len());
    };
    let entries = segment.entries().expect("readable").into_iter();
    let keys: Vec<_> = entries.map(|entry| entry.key).collect();
    assert_eq!(keys, [b"a"]);
    assert_eq!(store.stats().write_groups, 0);
}

#[test]
fn a_group_takes_no_more_bytes_than_its_bound_unless_one_change_has_more() {
    let store = open(&SimulatedDisk::default());
    let large = vec![7; GROUP_BYTES];
    let half = vec![7; GROUP_BYTES / 2];
    scope(|scope| {
        let turn = store.writer().expect("nobody else has it");
        in_line(scope, &store, |store| store.put(b"a", &large));
        in_line(scope, &store, |store| store.put(b"b", b"small"));
        in_line(scope, &store, |store| store.put(b"c", &half));
        in_line(scope, &store, |store| store.put(b"d", &half));
        drop(turn);
    });
    let stats = store.stats();
    assert_eq!((stats.write_groups, stats.write_group_largest), (1, 2));
    assert_eq!(store.scan().collect().expect("scan").len(), 4);
}

#[test]
fn a_change_that_is_too_large_is_refused_alone() {
    let options = Options {
        value_bytes_max: 3,
        ..Options::default()
    };
    let disk = SimulatedDisk::default();
    let store = Store::open_on(disk, "dir", options).expect("opens");
    let results = three_puts(&store, |turn| {
        let refused = scope(|scope| scope.spawn(|| store.put(b"c", b"long")).join());
        let refused = refused.expect("no panic").expect_err("too large");
        assert!(matches!(refused, Error::TooLarge { .. }), "{refused}");
        drop(turn);
    });
    for result in results {
        result.expect("written");
    }
}
