//! Compaction, timed beside a plain copy of the same bytes with a checksum.
//!
//! ```text
//!   compaction   read the segments, verify every block, merge, write, checksum, sync
//!   copy         read the segments 64 KiB at a time, checksum, write, sync
//! ```
//!
//! Both read the same files and end durable: every file and its directory are synced. What a
//! round compacts is a checkpoint of one store that is made once, so that both always begin with
//! the same. The two take turns in one run; the ratio of medians is what counts, by the clock on
//! a quiet machine, else that of the time on a processor, which waits for nobody. On files the
//! disk's own speed is in both; in memory nothing but the processor's is.
//!
//! Run: `cargo bench -p etalon-peers --bench compaction`

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use etalon::disk::{Disk, Files, MemoryDisk};
use etalon::{Options, Store};

const ENTRIES: u64 = 500_000;
const VALUE_BYTES: usize = 100;
const ROUNDS: usize = 7;
const PIECE_BYTES: usize = 64 << 10;

/// How the segments lie to one another.
struct Shape {
    name: &'static str,
    runs: u64,
    /// One key of so many is written again in the next run.
    again: u64,
}

const SHAPES: [Shape; 3] = [
    Shape {
        name: "2 runs, nothing overwritten",
        runs: 2,
        again: u64::MAX,
    },
    Shape {
        name: "8 runs, nothing overwritten",
        runs: 8,
        again: u64::MAX,
    },
    Shape {
        name: "8 runs, a tenth overwritten",
        runs: 8,
        again: 10,
    },
];

/// Spreads numbers over all of 64 bits, each once.
fn scatter(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn fill(store: &Store, shape: &Shape) -> etalon::Result<()> {
    let each = ENTRIES / shape.runs;
    for run in 0..shape.runs {
        for number in run * each..(run + 1) * each {
            let again = run > 0 && number % shape.again == 0;
            let number = if again { number - each } else { number };
            let key = format!("{:016x}", scatter(number));
            store.put(key.as_bytes(), &[number as u8; VALUE_BYTES])?;
        }
        store.flush()?;
    }
    Ok(())
}

fn options() -> Options {
    Options {
        memtable_bytes: usize::MAX,
        ..Options::default()
    }
}

fn is_segment(path: &Path) -> bool {
    path.extension().is_some_and(|suffix| suffix == "ldb")
}

/// Copies the segments of one directory into another.
fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    let mut piece = vec![0; PIECE_BYTES];
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if !is_segment(&path) {
            continue;
        }
        let mut source = File::open(&path)?;
        let mut target = File::create(to.join(path.file_name().expect("a name")))?;
        let mut sum = 0;
        loop {
            let length = source.read(&mut piece)?;
            if length == 0 {
                break;
            }
            sum = crc32c::crc32c_append(sum, &piece[..length]);
            target.write_all(&piece[..length])?;
        }
        std::hint::black_box(sum);
        target.sync_data()?;
    }
    File::open(to)?.sync_all()
}

/// The same in memory, through the disk that the engine uses.
fn copy_in_memory(disk: &MemoryDisk, to: &Path) -> std::io::Result<()> {
    disk.create_directory(to)?;
    let segments: Vec<_> = disk
        .paths()
        .into_iter()
        .filter(|path| path.starts_with("db"))
        .collect();
    let mut scratch = Vec::new();
    for path in segments.iter().filter(|path| is_segment(path)) {
        let source = disk.open(path)?;
        let target = disk.create(&to.join(path.file_name().expect("a name")))?;
        let (mut offset, mut sum) = (0, 0);
        let size = source.size()?;
        while offset < size {
            let length = (size - offset).min(PIECE_BYTES as u64);
            let piece = source.read(offset, length as usize, &mut scratch)?;
            sum = crc32c::crc32c_append(sum, piece);
            target.append(piece)?;
            offset += length;
        }
        std::hint::black_box(sum);
        target.sync()?;
    }
    disk.sync_directory(to)
}

/// How long each round took, by the clock and of this thread on a processor.
#[derive(Default)]
struct Times {
    clock: Vec<Duration>,
    processor: Vec<Duration>,
}

impl Times {
    fn add(&mut self, work: impl FnOnce()) {
        let (begun, used) = (Instant::now(), on_processor());
        work();
        self.clock.push(begun.elapsed());
        self.processor.push(on_processor().saturating_sub(used));
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

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The ratio of two medians, the larger the better for the second.
fn ratio(copies: &mut [Duration], compactions: &mut [Duration]) -> f64 {
    median(copies).as_secs_f64() / median(compactions).as_secs_f64()
}

/// Times both on one disk; `copy` copies the segments of `db` to the directory it is given.
fn compare<D: Disk + Clone + 'static>(
    disk: &D,
    base: &Path,
    shape: &Shape,
    copy: impl Fn(&Path),
) -> etalon::Result<()> {
    let store = Store::open_on(disk.clone(), base.join("db"), options())?;
    fill(&store, shape)?;
    let bytes: u64 = store.segments().iter().map(etalon::Segment::bytes).sum();
    let [mut copies, mut compactions] = [Times::default(), Times::default()];
    for round in 0..ROUNDS {
        copies.add(|| copy(&base.join(format!("copy-{round}"))));
        let here = base.join(format!("compaction-{round}"));
        store.checkpoint(&here)?;
        let round = Store::open_on(disk.clone(), &here, options())?;
        compactions.add(|| round.compact().expect("compacts"));
    }
    let [copy, compaction] = [median(&mut copies.clock), median(&mut compactions.clock)];
    let megabytes = f64::from(u32::try_from(bytes).expect("less than 4 GiB")) / 1e6;
    let rate = |time: Duration| megabytes / time.as_secs_f64();
    println!(
        "  {:<30}{:>10.0}{:>14.0}{:>8.2}{:>14.2}{:>13}",
        shape.name,
        rate(copy),
        rate(compaction),
        ratio(&mut copies.clock, &mut compactions.clock),
        ratio(&mut copies.processor, &mut compactions.processor),
        compaction.as_nanos() / u128::from(ENTRIES),
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{ENTRIES} entries of 16 + {VALUE_BYTES} bytes, medians of {ROUNDS} rounds\n");
    println!(
        "  {:<30}{:>10}{:>14}{:>8}{:>14}{:>13}",
        "", "copy MB/s", "compact MB/s", "ratio", "of processor", "ns an entry"
    );
    println!("on files, synced");
    for shape in &SHAPES {
        let scratch = tempfile::tempdir()?;
        let base = scratch.path();
        compare(&Files, base, shape, |to| {
            copy_files(&base.join("db"), to).expect("copies");
        })?;
    }
    println!("in memory");
    for shape in &SHAPES {
        let disk = MemoryDisk::default();
        let copy = |to: &Path| copy_in_memory(&disk, to).expect("copies");
        compare(&disk, Path::new(""), shape, copy)?;
    }
    Ok(())
}
