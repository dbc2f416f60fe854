//! Clients at work: a plan is carried out by threads of shuttle, and what they were answered is
//! recorded.

use std::sync::Arc;

use etalon_shuttle::disk::MemoryDisk;
use etalon_shuttle::{Batch, Iter, Result, Snapshot, Stats, Store, WriteOptions};
use etalon_spec::history::{History, Recorder};
use etalon_spec::{Change, Name, Op, Reply, Scan};
use shuttle::thread;

use crate::plan::Plan;

/// Carries out a plan: one schedule of it. What was asked and answered, and the statistics of
/// each round.
pub(crate) fn run(plan: &Plan) -> (History, Vec<Stats>) {
    let recorder = Arc::new(Recorder::default());
    let disk = MemoryDisk::default();
    let open = || Store::open_on(disk.clone(), "store", plan.options.clone());
    let mut stats = Vec::new();
    for (number, round) in plan.rounds.iter().enumerate() {
        let reopen = (number > 0).then(|| recorder.invoke(0, Op::Reopen));
        let store = Arc::new(done(open()));
        if let Some(reopen) = reopen {
            recorder.ret(reopen, Reply::Done);
        }
        let clients = (0..).zip(round).map(|(lane, ops)| {
            let (recorder, ops) = (Arc::clone(&recorder), ops.clone());
            let mut client = Client::new(Arc::clone(&store));
            thread::spawn(move || {
                for op in ops {
                    recorder.call(lane, op.clone(), || client.call(&op));
                }
                client.end(lane, &recorder);
            })
        });
        let clients: Vec<_> = clients.collect();
        for client in clients {
            client.join().expect("no client panics");
        }
        stats.push(store.stats());
    }
    (
        recorder.history().expect("clients ask one thing at a time"),
        stats,
    )
}

/// A disk in memory refuses nothing.
fn done<T>(result: Result<T>) -> T {
    result.expect("a disk in memory works")
}

struct Client {
    // Dropped in this order: the store last.
    iterators: Vec<(Name, Iter)>,
    snapshots: Vec<(Name, Snapshot)>,
    store: Arc<Store>,
}

impl Client {
    fn new(store: Arc<Store>) -> Self {
        Client {
            iterators: Vec::new(),
            snapshots: Vec::new(),
            store,
        }
    }

    /// Ends what is open, so that the store can be opened again.
    fn end(mut self, lane: u32, recorder: &Recorder) {
        let iterators = self.iterators.iter().map(|(name, _)| Op::Close(*name));
        let snapshots = self.snapshots.iter().map(|(name, _)| Op::Release(*name));
        let ends: Vec<Op> = iterators.chain(snapshots).collect();
        for op in ends {
            recorder.call(lane, op.clone(), || self.call(&op));
        }
    }

    /// Does one operation.
    fn call(&mut self, op: &Op) -> Reply {
        let store = &*self.store;
        match op {
            Op::Get { key, at: None } => return done(store.get(key)).into(),
            Op::Get { key, at: Some(at) } => {
                return done(store.get_at(self.snapshot(*at), key)).into();
            }
            Op::Scan { scan, at } => return Reply::Entries(self.scan(scan, *at)),
            Op::Put { key, value, sync } => {
                done(self.write(
                    &[Change::Put {
                        key: key.clone(),
                        value: value.clone(),
                    }],
                    *sync,
                ));
            }
            Op::Delete { key, sync } => {
                done(self.write(&[Change::Delete { key: key.clone() }], *sync));
            }
            Op::Write { changes, sync } => done(self.write(changes, *sync)),
            Op::Flush => done(store.flush()),
            Op::Compact => done(store.compact()),
            Op::Snapshot(name) => {
                self.snapshots.retain(|(other, _)| other != name);
                self.snapshots.push((*name, self.store.snapshot()));
            }
            Op::Release(name) => self.snapshots.retain(|(other, _)| other != name),
            Op::Iterator { name, at } => {
                let made = match at {
                    Some(at) => store.iterator_at(self.snapshot(*at)),
                    None => store.iterator(),
                };
                self.iterators.push((*name, done(made)));
            }
            Op::Close(name) => self.iterators.retain(|(other, _)| other != name),
            Op::SeekFirst(name) => return self.moved(*name, Iter::seek_to_first),
            Op::SeekLast(name) => return self.moved(*name, Iter::seek_to_last),
            Op::Seek { name, key } => return self.moved(*name, |iter| iter.seek(key)),
            Op::Next(name) => return self.moved(*name, Iter::next),
            Op::Prev(name) => return self.moved(*name, Iter::prev),
            other => panic!("no plan has {other}"),
        }
        Reply::Done
    }

    fn snapshot(&self, name: Name) -> &Snapshot {
        let found = self.snapshots.iter().find(|(other, _)| *other == name);
        &found.expect("plans read open snapshots").1
    }

    fn moved(&mut self, name: Name, movement: impl FnOnce(&mut Iter) -> Result<()>) -> Reply {
        let found = self.iterators.iter_mut().find(|(other, _)| *other == name);
        let (_, iter) = found.expect("plans move open iterators");
        done(movement(iter));
        let entry = iter.entry();
        entry
            .map(|(key, value)| (key.to_vec(), value.to_vec()))
            .into()
    }

    fn scan(&self, scan: &Scan, at: Option<Name>) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut wanted = self.store.scan();
        if let Some(name) = at {
            wanted = wanted.at(self.snapshot(name));
        }
        if scan.reverse {
            wanted = wanted.reverse();
        }
        done(wanted.collect())
    }

    fn write(&self, changes: &[Change], sync: bool) -> Result<()> {
        let mut batch = Batch::default();
        for change in changes {
            match change {
                Change::Put { key, value } => batch.put(key, value),
                Change::Delete { key } => batch.delete(key),
            }
        }
        self.store.write_with(&batch, WriteOptions { sync })
    }
}
