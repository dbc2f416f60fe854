//! A failure in the background: no segment can be synced.

use std::sync::Arc;

use etalon_loom::{Compaction, Options, Result};

use crate::disk::TestDisk;
use crate::explore::{Extent, Scenario, Work};
use crate::program::{done, open, value};

/// The background fails to flush the first memtable. A write beside it is taken or refused, and
/// reads what it came to; a flush that waits for the background is refused; reads go on.
pub(crate) static FAILED: Scenario = Scenario::new(
    "background failure",
    [Extent::Preemptions(4), Extent::Preemptions(7)],
    Work::Other(1, 4, run, || {
        ["ok, refused, k=2", "refused, refused, k=1"]
            .map(str::to_owned)
            .into()
    }),
);

fn run() -> String {
    let disk = TestDisk::default();
    let options = Options {
        // Two puts fill it.
        memtable_bytes: 20,
        compaction: Compaction::Background,
        ..Options::default()
    };
    let store = Arc::new(open(&disk, options));
    done(store.put(b"k", b"0"));
    done(store.put(b"k", b"0"));
    disk.fail_segments();
    done(store.put(b"k", b"1")); // leaves the full memtable to the background
    let put = said(&store.put(b"k", b"2"));
    let flush = said(&store.flush());
    format!("{put}, {flush}, k={}", value(store.get(b"k")))
}

fn said(result: &Result<()>) -> &'static str {
    match result {
        Ok(()) => "ok",
        Err(_) => "refused",
    }
}
