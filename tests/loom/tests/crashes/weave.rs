//! Running a plan under loom, every interleaving, and keeping the distinct traces.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use etalon_loom::{Batch, Options, Store, WriteOptions};
use loom::thread::JoinHandle;

use crate::completed::iterations_completed;
use crate::observed::{Event, Observed, Trace};
use crate::plan::{Call, Plan};
use crate::switches::Switches;

/// In words, though loom's documentation says bytes.
const STACK_WORDS: usize = 256 * 1024 / size_of::<usize>();
/// More branches than any execution has; beyond it loom panics.
const MAX_BRANCHES: usize = 10_000;

/// What all interleavings of a plan did.
pub(crate) struct Woven {
    pub(crate) executions: usize,
    pub(crate) traces: BTreeSet<Trace>,
}

/// Every interleaving of a plan, as far as threads are switched, without any bound.
pub(crate) fn weave(plan: &'static Plan, switches: Switches) -> Woven {
    let executions = Arc::new(AtomicUsize::new(0));
    let kept: Arc<Mutex<BTreeSet<Trace>>> = Arc::default();
    let completed = iterations_completed({
        let (executions, kept) = (Arc::clone(&executions), Arc::clone(&kept));
        move || {
            let mut builder = loom::model::Builder::new();
            builder.max_branches = MAX_BRANCHES;
            builder.preemption_bound = None;
            builder.max_permutations = None;
            builder.max_duration = None;
            builder.checkpoint_file = None;
            builder.expect_explicit_explore = switches == Switches::AroundMarks;
            builder.check(move || {
                executions.fetch_add(1, Ordering::Relaxed);
                let trace = spawn(move || run(plan, switches))
                    .join()
                    .expect("the first thread returns");
                let mut kept = kept.lock().expect("held for this line only");
                kept.insert(trace);
            });
        }
    });
    let executions = executions.load(Ordering::Relaxed);
    assert_eq!(
        completed,
        Some(executions),
        "{}: loom stopped early",
        plan.name
    );
    let traces = std::mem::take(&mut *kept.lock().expect("nobody else is left"));
    Woven { executions, traces }
}

fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let builder = loom::thread::Builder::new().stack_size(STACK_WORDS);
    builder.spawn(work).expect("loom spawns up to five threads")
}

/// One interleaving.
fn run(plan: &'static Plan, switches: Switches) -> Trace {
    let disk = Observed::new(switches);
    let store = Store::open_on(disk.clone(), "store", Options::default());
    let store = Arc::new(store.expect("a disk in memory works"));
    for call in plan.before {
        carry_out(&store, *call);
    }
    let [first, second] = plan.threads;
    let other = {
        let (store, disk) = (Arc::clone(&store), disk.clone());
        spawn(move || all(&store, &disk, second, first.len()))
    };
    all(&store, &disk, first, 0);
    other.join().expect("the thread returns");
    let trace = disk.take();
    drop(store);
    trace
}

fn all(store: &Store, disk: &Observed, calls: &[Call], first: usize) {
    for (number, call) in (first..).zip(calls) {
        disk.note(Event::Invoked(number));
        let found = carry_out(store, *call);
        disk.note(Event::Returned(number, found));
    }
}

/// Does it; what a get found.
fn carry_out(store: &Store, call: Call) -> Option<Vec<u8>> {
    let done = match call {
        Call::Put(key, value) => store.put(key.as_bytes(), value.as_bytes()),
        Call::PutSynced(key, value) => {
            store.put_with(key.as_bytes(), value.as_bytes(), WriteOptions::synced())
        }
        Call::Delete(key) => store.delete(key.as_bytes()),
        Call::Write(changes) => {
            let mut batch = Batch::default();
            for (key, value) in changes {
                match value {
                    Some(value) => batch.put(key.as_bytes(), value.as_bytes()),
                    None => batch.delete(key.as_bytes()),
                }
            }
            store.write(&batch)
        }
        Call::Get(key) => return store.get(key.as_bytes()).expect("a disk in memory works"),
        Call::Flush => store.flush(),
        Call::Compact => store.compact(),
        Call::Sync => store.sync(),
    };
    done.expect("a disk in memory works");
    None
}
