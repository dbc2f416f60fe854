//! Recovery, timed beside a plain reading of the same bytes with a checksum.
//!
//! ```text
//!   read        read the log 64 KiB at a time, checksum
//!   read-only   open the store to read: verify every record, decode it, build the memtable
//!   open        the same, and make the store this handle's: the mark of a log that was closed is
//!               written again and synced, a log that was left behind stays as it is; then a
//!               manifest, synced
//!   synced      open, and make all of it durable: what was left behind is copied and synced
//! ```
//!
//! All changes are in the log. The first three take turns in one run over the same directory, which
//! each opening leaves as it was for the next; the ratio of medians by the clock is what counts, on
//! a quiet machine with two processors: a second thread replays half of the log and helps to sort.
//! The time on a processor is that of the first thread alone. The log is in the system's cache. The
//! last comes once, at the end, since it changes the directory, and shows what an opening puts off.
//!
//! Run: `cargo bench -p etalon-peers --bench recovery`

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use etalon::{Options, Store};

const ENTRIES: u64 = 1_000_000;
const VALUE_BYTES: usize = 100;
const ROUNDS: usize = 7;
const PIECE_BYTES: usize = 64 << 10;

/// In which order the keys were written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Ascending,
    Random,
}

/// How the store was left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    Closed,
    /// As by a process that was killed: the log ends without a mark.
    Behind,
}

/// Spreads numbers over all of 64 bits, each once.
fn scatter(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn options() -> Options {
    Options {
        memtable_bytes: usize::MAX,
        ..Options::default()
    }
}

fn leave(store: Store, left: Left) -> etalon::Result<()> {
    match left {
        Left::Closed => store.close(),
        Left::Behind => {
            drop(store);
            Ok(())
        }
    }
}

fn make(directory: &Path, order: Order, left: Left) -> etalon::Result<()> {
    let store = Store::open(directory, options())?;
    for number in 0..ENTRIES {
        let key = match order {
            Order::Ascending => number,
            Order::Random => scatter(number),
        };
        let key = format!("{key:016x}");
        store.put(key.as_bytes(), &[number as u8; VALUE_BYTES])?;
    }
    leave(store, left)
}

/// The log of the directory, of which there is one.
fn log_of(directory: &Path) -> std::io::Result<PathBuf> {
    let mut logs = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|suffix| suffix == "log") {
            logs.push(path);
        }
    }
    assert_eq!(logs.len(), 1, "one log: {logs:?}");
    Ok(logs.remove(0))
}

/// Reads a file and sums it up; how long it is.
fn read(path: &Path) -> std::io::Result<u64> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE_BYTES];
    let (mut sum, mut bytes) = (0, 0);
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            std::hint::black_box(sum);
            return Ok(bytes);
        }
        sum = crc32c::crc32c_append(sum, &piece[..length]);
        bytes += length as u64;
    }
}

/// How long each round took, by the clock and of this thread on a processor.
#[derive(Default)]
struct Times {
    clock: Vec<Duration>,
    processor: Vec<Duration>,
}

impl Times {
    fn add<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (begun, used) = (Instant::now(), on_processor());
        let done = work();
        self.clock.push(begun.elapsed());
        self.processor.push(on_processor().saturating_sub(used));
        done
    }

    fn clock(&mut self) -> f64 {
        median(&mut self.clock)
    }

    fn processor(&mut self) -> f64 {
        median(&mut self.processor)
    }
}

/// What this thread has had of a processor; nothing where the system does not say (Linux does).
fn on_processor() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text
        .split_whitespace()
        .next()
        .and_then(|first| first.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

/// In milliseconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}

fn compare(name: &str, order: Order, left: Left) -> Result<(), Box<dyn std::error::Error>> {
    let scratch = tempfile::tempdir()?;
    let directory = scratch.path().join("db");
    make(&directory, order, left)?;
    let mut bytes = 0;
    let [mut reads, mut read_only, mut opens] = <[Times; 3]>::default();
    for _ in 0..ROUNDS {
        let log = log_of(&directory)?;
        bytes = reads.add(|| read(&log))?;
        let store = read_only.add(|| Store::open_read_only(&directory))?;
        assert_eq!(store.sequence(), ENTRIES, "all of them");
        drop(store);
        let store = opens.add(|| Store::open(&directory, options()))?;
        assert_eq!(store.sequence(), ENTRIES, "all of them");
        assert!(store.segments().is_empty(), "all in the log");
        leave(store, left)?;
    }
    let mut synced = Times::default();
    synced.add(|| Store::open(&directory, options())?.sync())?;
    println!(
        "  {name:<28}{:>7.1}{:>9.1}{:>11.1}{:>8.1}{:>9.2}{:>7.2}{:>14.2}{:>7.2}{:>9.1}",
        bytes / 1_000_000,
        reads.clock(),
        read_only.clock(),
        opens.clock(),
        read_only.clock() / reads.clock(),
        opens.clock() / reads.clock(),
        read_only.processor() / reads.processor(),
        opens.processor() / reads.processor(),
        synced.clock(),
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{ENTRIES} entries of 16 + {VALUE_BYTES} bytes, medians of {ROUNDS} rounds\n");
    println!(
        "  {:<28}{:>7}{:>9}{:>11}{:>8}{:>16}{:>21}{:>9}",
        "", "MB", "read ms", "read-only", "open", "ratios", "of processor", "synced"
    );
    for (name, order, left) in [
        ("ascending, closed", Order::Ascending, Left::Closed),
        ("ascending, left behind", Order::Ascending, Left::Behind),
        ("random, closed", Order::Random, Left::Closed),
        ("random, left behind", Order::Random, Left::Behind),
    ] {
        compare(name, order, left)?;
    }
    Ok(())
}
