//! One run of a string on the simulated disk, and what it may leave at each moment.

use etalon_spec::Change;
use etalon_spec::durable::{Bounds, ContentsDigest, History, Promise};
use etalon_spec::explore::{self, Letter};

use super::settings::Settings;
use crate::disk::simulated::{Recording, SimulatedDisk};
use crate::error::Result;
use crate::oracle::batch;
use crate::{Options, Store, WriteOptions};

/// The directory that the store is in.
pub(super) const DIRECTORY: &str = "store";

/// What was recorded. Operation 0 is the opening, operation i + 1 the letter at place i.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) recording: Recording,
    pub(super) history: History,
    /// By operation: how far the history was when it was sent, and when it was answered.
    pub(super) sent: Vec<Bounds>,
    pub(super) answered: Vec<Bounds>,
}

impl Run {
    /// Runs the string, which has no failures to expect.
    pub(super) fn record(settings: &Settings, letters: &[Letter]) -> Result<Run> {
        let options = &settings.options;
        let disk = SimulatedDisk::from_image(settings.first.clone());
        disk.lie(settings.lies);
        let mut history = History::default();
        let (mut sent, mut answered) = (vec![history.bounds()], vec![history.bounds()]);
        disk.invoked(0);
        let mut store = Some(open_on(&disk, options)?);
        disk.acknowledged(0);
        for (place, letter) in letters.iter().enumerate() {
            let number = place as u32 + 1;
            let changes = letter.changes(place, settings.keys);
            if !changes.is_empty() {
                history.send(&changes);
            }
            sent.push(history.bounds());
            disk.invoked(number);
            apply(&disk, options, &mut store, *letter, &changes)?;
            disk.acknowledged(number);
            history.acknowledge();
            if makes_durable(*letter) {
                history.make_durable();
            }
            answered.push(history.bounds());
        }
        drop(store);
        Ok(Run {
            recording: disk.take_recording(),
            history,
            sent,
            answered,
        })
    }
}

/// Opens the store on a disk.
pub(super) fn open_on(disk: &SimulatedDisk, options: &Options) -> Result<Store> {
    Store::open_on(disk.clone(), DIRECTORY, options.clone())
}

/// The contents, by a scan; a get of each key must agree with it.
pub(super) fn read_all(store: &Store, keys: u8) -> Result<ContentsDigest, String> {
    let mut scanned = ContentsDigest::default();
    let scan = store.scan().each(|key, value| scanned.add(key, value));
    scan.map_err(|error| error.to_string())?;
    let mut got = ContentsDigest::default();
    for key in (0..keys).map(explore::name) {
        if let Some(value) = store.get(&key).map_err(|error| error.to_string())? {
            got.add(&key, &value);
        }
    }
    if scanned == got {
        Ok(scanned)
    } else {
        Err("a scan and the gets disagree".to_owned())
    }
}

/// Carries out one letter. The store is gone if it was to be reopened and was not.
pub(super) fn apply(
    disk: &SimulatedDisk,
    options: &Options,
    store: &mut Option<Store>,
    letter: Letter,
    changes: &[Change],
) -> Result<()> {
    if matches!(letter, Letter::Reopen | Letter::Kill) {
        let dropped = store.take();
        if let Some(store) = dropped.filter(|_| letter == Letter::Reopen) {
            store.close()?;
        }
        *store = Some(open_on(disk, options)?);
        return Ok(());
    }
    let open = store.as_ref().expect("open between the operations");
    match letter {
        Letter::Put(_) | Letter::Delete(_) | Letter::Batch(_) => open.write(&batch(changes)),
        Letter::PutSynced(_) => open.write_with(&batch(changes), WriteOptions::synced()),
        Letter::Flush => open.flush(),
        Letter::Compact => open.compact(),
        Letter::Sync => open.sync(),
        Letter::Reopen | Letter::Kill => unreachable!("done above"),
    }
}

/// Whether its answer promises durability (G7).
pub(super) fn makes_durable(letter: Letter) -> bool {
    let op = letter.op(0, 1);
    Promise::G7.makes_durable(op.kind(), op.is_synced())
}
