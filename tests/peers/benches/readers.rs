//! Readers beside a writer, timed: what one costs the others.
//!
//! ```text
//!   scaling   gets per CPU-second of the reader threads, two readers beside one; in turn with
//!             nobody else, and with a writer that flushes and compacts all the time
//!   wall      gets per second by the clock, two readers beside one, nobody else
//!   delay     a reader's p99 beside that writer, and beside a thread as busy with nothing
//! ```
//!
//! A get costs what the store's shape makes it cost, and beside a writer that changes all the
//! time, by more than what is looked for here. So the readers take turns of 20 milliseconds, alone
//! and together, beside the same writer, and meet all shapes. And what a processor's caches hold
//! depends on who else runs on it. So each reader stays on a processor of its own, and the writer,
//! with what it flushes and compacts, on the last one (which on two processors is the second
//! reader's, too). Who does not read in a turn is as busy with nothing, or the writer would have
//! more of a processor then. So alone or together, each reader has the same company.
//!
//! ```text
//!   writer    ####################################
//!   reader 1  |===|===|===|===|---|---|===|---|===     = reads
//!   reader 2  |===|===|---|---|===|===|===|===|---     - is busy with nothing
//! ```
//!
//! The gets are of present keys, drawn at random, over 200,000 entries; the last table is of one
//! reader handle over 1,000,000 entries that are all in the memtable, beside the bare search: the
//! same code over the same view, without the two loads by which a handle finds out whether there
//! is something newer. All rows of an engine take turns in one run, and medians are what counts.
//! CPU time waits for nobody, so the first figure holds on a busy machine, too; the other two want
//! as many quiet processors as there are threads.
//!
//! Run: `cargo bench -p etalon-peers --bench readers`, with `-- handle` for the last table alone.

use std::collections::BTreeMap;
use std::fs;
use std::hint::{black_box, spin_loop};
use std::ops::Add;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{park_timeout, scope};
use std::time::{Duration, Instant};

use etalon::disk::MemoryDisk;
use etalon::{Compaction, Options, Store};
use redb::backends::InMemoryBackend;
use redb::{Durability, ReadableDatabase, TableDefinition};

const ENTRIES: u64 = 200_000;
const VALUE: [u8; 100] = [7; 100];
const ROUNDS: usize = 5;
const WINDOW: Duration = Duration::from_millis(500);
const TURN: Duration = Duration::from_millis(20);
const TURNS: usize = 14 * ORDER.len();
const TURNS_BEFORE: usize = 3 * ORDER.len();

type Get<'a> = Box<dyn FnMut(&[u8]) -> bool + 'a>;

/// An engine that threads share.
trait Engine: Sync {
    fn put(&self, key: &[u8], value: &[u8]);

    /// A way to get, for one thread: whether the key is there.
    fn reader(&self) -> Get<'_>;
}

impl Engine for Store {
    fn put(&self, key: &[u8], value: &[u8]) {
        Store::put(self, key, value).expect("memory");
    }

    fn reader(&self) -> Get<'_> {
        let mut reader = Store::reader(self);
        Box::new(move |key| reader.get(key).expect("memory").is_some())
    }
}

/// `etalon` without a handle: each get for itself.
struct WithoutHandle(Store);

impl Engine for WithoutHandle {
    fn put(&self, key: &[u8], value: &[u8]) {
        Engine::put(&self.0, key, value);
    }

    fn reader(&self) -> Get<'_> {
        Box::new(|key| self.0.get(key).expect("memory").is_some())
    }
}

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");

impl Engine for redb::Database {
    fn put(&self, key: &[u8], value: &[u8]) {
        let mut transaction = self.begin_write().expect("one writer");
        transaction.set_durability(Durability::None).expect("known");
        let mut table = transaction.open_table(TABLE).expect("of this type");
        table.insert(key, value).expect("memory");
        drop(table);
        transaction.commit().expect("memory");
    }

    fn reader(&self) -> Get<'_> {
        Box::new(|key| {
            let transaction = self.begin_read().expect("memory");
            let table = transaction
                .open_table(TABLE)
                .expect("made by the first put");
            let value = table.get(key).expect("memory");
            value.is_some_and(|value| !black_box(value.value().to_vec()).is_empty())
        })
    }
}

impl Engine for sled::Db {
    fn put(&self, key: &[u8], value: &[u8]) {
        self.insert(key, value).expect("a scratch directory");
    }

    fn reader(&self) -> Get<'_> {
        Box::new(|key| {
            let value = self.get(key).expect("a scratch directory");
            value.is_some_and(|value| !black_box(value.to_vec()).is_empty())
        })
    }
}

/// Spreads numbers over all of 64 bits, each once.
fn scatter(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn key(number: u64) -> [u8; 8] {
    scatter(number).to_be_bytes()
}

/// What this thread has had of a processor so far.
fn cpu_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.expect("begins with nanoseconds"))
}

/// Who is there beside the readers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nobody,
    Writer,
    BusyThread,
}

/// What readers have done.
#[derive(Clone, Copy, Default)]
struct Done {
    gets: u64,
    cpu: Duration,
}

impl Done {
    fn per_cpu_second(self) -> u64 {
        self.gets * 1_000_000 / (self.cpu.as_micros() as u64).max(1)
    }
}

impl Add for Done {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            gets: self.gets + other.gets,
            cpu: self.cpu + other.cpu,
        }
    }
}

/// A reader that times each get, until the end.
fn read_with_delays(engine: &dyn Engine, end: &AtomicBool) -> Vec<u32> {
    stay_on(0);
    let mut get = engine.reader();
    let mut delays = Vec::new();
    while !end.load(Ordering::Relaxed) {
        for _ in 0..64 {
            let wanted = wanted(delays.len() as u64);
            let asked = Instant::now();
            assert!(get(&wanted));
            delays.push(asked.elapsed().as_nanos() as u32);
        }
    }
    delays
}

fn wanted(number: u64) -> [u8; 8] {
    key(scatter(number) % ENTRIES)
}

/// The readers of each turn, over and over: both, the first, the second. Each of the three comes
/// once after each of the three, itself included: what the turn before leaves behind is the same
/// for all.
const ORDER: [&[usize]; 9] = {
    const BOTH: &[usize] = &[0, 1];
    const FIRST: &[usize] = &[0];
    const SECOND: &[usize] = &[1];
    [
        BOTH, BOTH, FIRST, FIRST, SECOND, SECOND, BOTH, SECOND, FIRST,
    ]
};

/// A reader in its turns, and what it did alone and beside the other.
fn read_in_turns(engine: &dyn Engine, reader: usize, turn: &AtomicUsize) -> [Done; 2] {
    stay_on(reader);
    let mut get = engine.reader();
    let mut done = [Done::default(), Done::default()];
    let mut number = (reader as u64) << 40;
    loop {
        let now = turn.load(Ordering::Acquire);
        if now >= TURNS {
            return done;
        }
        let readers = ORDER[now % ORDER.len()];
        if !readers.contains(&reader) {
            while turn.load(Ordering::Relaxed) == now {
                spin_loop();
            }
            continue;
        }
        let (begun, first) = (cpu_time(), number);
        while turn.load(Ordering::Relaxed) == now {
            for _ in 0..64 {
                number += 1;
                assert!(get(&wanted(number)));
            }
        }
        if now >= TURNS_BEFORE {
            done[readers.len() - 1].gets += number - first;
            done[readers.len() - 1].cpu += cpu_time().saturating_sub(begun);
        }
    }
}

/// Keeps this thread, and on Linux those that it begins, on one processor; the last, if there are
/// less.
fn stay_on(processor: usize) {
    let last = PROCESSORS.len() - 1;
    assert!(core_affinity::set_for_current(
        PROCESSORS[processor.min(last)]
    ));
}

/// Those that this process may use, as it was begun.
static PROCESSORS: LazyLock<Vec<core_affinity::CoreId>> =
    LazyLock::new(|| core_affinity::get_core_ids().expect("a list of processors"));

/// Overwrites entries, or is as busy without the engine.
fn disturb(engine: &dyn Engine, beside: Beside, end: &AtomicBool) {
    let mut scratch = BTreeMap::new();
    let mut number = 0;
    while beside != Beside::Nobody && !end.load(Ordering::Relaxed) {
        number += 1;
        let changed = key(scatter(number) % ENTRIES);
        if beside == Beside::Writer {
            engine.put(&changed, &VALUE);
        } else {
            scratch.insert(changed, VALUE);
        }
    }
}

/// Readers alone and together, in turn beside the same.
fn in_turns(engine: &dyn Engine, beside: Beside) -> [Done; 2] {
    let (end, turn) = (AtomicBool::new(false), AtomicUsize::new(0));
    scope(|scope| {
        scope.spawn(|| disturb(engine, beside, &end));
        let turn = &turn;
        let readers = [0, 1].map(|reader| scope.spawn(move || read_in_turns(engine, reader, turn)));
        for next in 1..=TURNS {
            wait(TURN);
            turn.store(next, Ordering::Release);
        }
        let done = readers.map(|reader| reader.join().expect("reads"));
        end.store(true, Ordering::Relaxed);
        let [first, second] = done;
        [0, 1].map(|readers| first[readers] + second[readers])
    })
}

/// A reader's delays beside another thread.
fn delays(engine: &dyn Engine, beside: Beside) -> Vec<u32> {
    let end = AtomicBool::new(false);
    scope(|scope| {
        scope.spawn(|| disturb(engine, beside, &end));
        let reader = scope.spawn(|| read_with_delays(engine, &end));
        wait(WINDOW);
        end.store(true, Ordering::Relaxed);
        reader.join().expect("reads")
    })
}

fn wait(duration: Duration) {
    let begun = Instant::now();
    while let Some(left) = duration.checked_sub(begun.elapsed()) {
        park_timeout(left);
    }
}

fn p99(mut delays: Vec<u32>) -> u64 {
    delays.sort_unstable();
    u64::from(delays[delays.len() * 99 / 100])
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}

/// The second as hundredths of the first.
fn hundredths(one: u64, other: u64) -> u64 {
    other * 100 / one.max(1)
}

/// Hundredths, written with a point.
fn point(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn measure(name: &str, engine: &dyn Engine) {
    for number in 0..ENTRIES {
        engine.put(&key(number), &VALUE);
    }
    let mut columns: [Vec<u64>; 7] = Default::default();
    for _ in 0..ROUNDS {
        let [one, two] = in_turns(engine, Beside::Nobody);
        let [one_beside, two_beside] = in_turns(engine, Beside::Writer);
        let figures = [
            one.per_cpu_second(),
            hundredths(one.per_cpu_second(), two.per_cpu_second()),
            hundredths(one.gets, 2 * two.gets), // two have half as many turns
            one_beside.per_cpu_second(),
            hundredths(one_beside.per_cpu_second(), two_beside.per_cpu_second()),
            p99(delays(engine, Beside::BusyThread)),
            p99(delays(engine, Beside::Writer)),
        ];
        for (column, figure) in columns.iter_mut().zip(figures) {
            column.push(figure);
        }
    }
    let range = |of: &Vec<u64>| {
        let (least, most) = (of.iter().min().copied(), of.iter().max().copied());
        let [least, most] = [least, most].map(|end| point(end.unwrap_or_default()));
        format!("({least}-{most})")
    };
    let ranges = [1, 4].map(|column| range(&columns[column]));
    let [one, two, wall, one_beside, two_beside, busy, written] = columns.map(median);
    println!(
        "{name:<24}{one:>10}{:>6} {:<12}{:>6}{one_beside:>12}{:>6} {:<12}{busy:>8}{written:>8}{:>6}",
        point(two),
        ranges[0],
        point(wall),
        point(two_beside),
        ranges[1],
        point(hundredths(busy, written)),
    );
}

/// Small memtables, so that flushes and compactions overlap all gets.
fn store() -> Store {
    let options = Options {
        compaction: Compaction::Background,
        memtable_bytes: 1 << 20,
        ..Options::default()
    };
    Store::open_on(MemoryDisk::default(), "store", options).expect("memory")
}

fn main() {
    if std::env::args().any(|word| word == "handle") {
        return one_million();
    }
    stay_on(2); // with the engines' own threads and the writers
    println!(
        "gets over {ENTRIES} entries, medians (and ranges) of {ROUNDS} rounds of {TURNS} turns of {TURN:?}, on {} processors\n",
        PROCESSORS.len()
    );
    println!(
        "{:<24}{:>10}{:>6} {:<12}{:>6}{:>12}{:>6} {:<12}{:>8}{:>8}{:>6}",
        "",
        "gets/CPU-s",
        "2:1",
        "",
        "wall",
        "beside put",
        "2:1",
        "",
        "p99 busy",
        "p99 put",
        "ratio"
    );
    measure("etalon, reader handles", &store());
    measure("etalon, no handles", &WithoutHandle(store()));
    let redb = redb::Database::builder().create_with_backend(InMemoryBackend::new());
    measure("redb, in memory", &redb.expect("memory"));
    let sled = sled::Config::new().temporary(true).open();
    measure("sled, temporary files", &sled.expect("a scratch directory"));
    one_million();
}

/// One thread, one million entries in one memtable: what a handle costs beside the bare search.
fn one_million() {
    const MANY: u64 = 1_000_000;
    const GETS: u64 = 200_000;
    const ROUNDS_OF_ONE: u64 = 12;
    let options = Options {
        memtable_bytes: usize::MAX,
        ..Options::default()
    };
    let store = Store::open_on(MemoryDisk::default(), "store", options).expect("memory");
    let mut map = BTreeMap::new();
    for number in 0..MANY {
        store.put(&key(number), &VALUE).expect("memory");
        map.insert(key(number), VALUE.to_vec());
    }
    let mut search = store.search_of_now();
    let mut rows: [(&str, Get<'_>, Vec<u64>); 4] = [
        (
            "etalon, bare search",
            Box::new(|key| search(key).expect("memory").is_some()),
            Vec::new(),
        ),
        ("etalon, reader handle", Engine::reader(&store), Vec::new()),
        (
            "etalon, no handle",
            Box::new(|key| store.get(key).expect("memory").is_some()),
            Vec::new(),
        ),
        (
            "BTreeMap",
            Box::new(|key| black_box(map.get(key).cloned()).is_some()),
            Vec::new(),
        ),
    ];
    for round in 0..ROUNDS_OF_ONE {
        // Each row has its turn at each place.
        for place in 0..rows.len() {
            let at = (place + round as usize) % rows.len();
            let (_, get, times) = &mut rows[at];
            let begun = cpu_time();
            for number in 0..GETS {
                assert!(get(&key(scatter(number + (round << 40)) % MANY)));
            }
            times.push(cpu_time().saturating_sub(begun).as_nanos() as u64);
        }
    }
    println!("\none thread, {MANY} entries in memory, CPU time a get, and beside the bare search");
    let medians = rows.map(|(name, _, times)| (name, median(times)));
    let (_, bare) = medians[0];
    for (name, nanos) in medians {
        let (nanos, thousandths) = (nanos / GETS, nanos * 1000 / bare.max(1));
        let (whole, rest) = (thousandths / 1000, thousandths % 1000);
        println!("{name:<24}{nanos:>8} ns{whole:>6}.{rest:03}");
    }
}
