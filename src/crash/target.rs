//! The engine on the simulated disk, as a store under test that can be killed, cut off from the
//! power, and failed by its disk.

use etalon_spec::{
    Ability, Change, Entry, Events, FaultKind, Keep, KeyValueStore, Outcome, Pending, Profile,
    Range, Rest, Scan, Survives, Target, Trace,
};

use std::path::Path;

use super::run::DIRECTORY;
use crate::disk::simulated::{
    Calls, CrashPoint, Fault, FaultKind as Kind, Filler, Image, SimulatedDisk, Survival, Tear,
};
use crate::manifest::FileName;
use crate::oracle::{deletes, failure, options, profile};
use crate::{Batch, Notice, Store, WriteOptions};

/// Stores on a simulated disk, a new one each.
///
/// ```
/// use etalon_spec::{Case, Op, Script, check_case};
///
/// let script = Script::parse(
///     "ops 1\n\
///      put \"a\" \"1\" sync\n\
///      put \"a\" \"2\"\n\
///      crash in flush at 3 keep first 1 torn 7 zero then at 4\n\
///      kill\n",
/// );
/// check_case(&mut etalon::crash::Breakable::default(), &script.unwrap().case).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Breakable {
    disk: SimulatedDisk,
}

/// A store, and what its opening found.
#[derive(Debug)]
pub struct BreakableStore {
    store: Store,
    torn_tails: u64,
    orphan_segments: u64,
}

fn is_table(path: &str) -> bool {
    let name = Path::new(path).file_name().and_then(|name| name.to_str());
    matches!(name.and_then(FileName::parse), Some(FileName::Table(_)))
}

impl Target for Breakable {
    type Store = BreakableStore;

    fn profile(&self) -> Profile {
        let mut profile = profile();
        profile.can = profile.can.with(Ability::Sync);
        Profile {
            survives_close: Survives::All,
            survives_kill: Survives::All,
            survives_power: Survives::Synced,
            ..profile
        }
    }

    fn create(&mut self, case: &etalon_spec::Options) -> Outcome<BreakableStore> {
        self.disk = SimulatedDisk::default();
        self.reopen(case)
    }

    fn reopen(&mut self, case: &etalon_spec::Options) -> Outcome<BreakableStore> {
        let tables = |image: &Image| -> Vec<String> {
            let files = image.files().map(|(path, _)| path.display().to_string());
            files.filter(|name| is_table(name)).collect()
        };
        let before = tables(&self.disk.image());
        let store =
            Store::open_on(self.disk.clone(), DIRECTORY, options(case)?).map_err(failure)?;
        let after = tables(&self.disk.image());
        let is_torn = |notice: &&Notice| matches!(notice, Notice::TornTail { .. });
        Ok(BreakableStore {
            torn_tails: store.notices().iter().filter(is_torn).count() as u64,
            orphan_segments: before.iter().filter(|name| !after.contains(name)).count() as u64,
            store,
        })
    }

    fn stop_after(&mut self, operations: u32) -> Outcome<()> {
        self.disk.stop_after(Some(u64::from(operations)));
        Ok(())
    }

    fn die(&mut self, keep: Option<&Keep>) -> Outcome<()> {
        self.mend()?;
        if let Some(keep) = keep {
            let recording = self.disk.take_recording();
            let point = recording.last_point();
            let image = point.image(&survival(&point, keep));
            self.disk = SimulatedDisk::from_image(image);
        }
        Ok(())
    }

    fn fail(&mut self, after: u32, with: FaultKind, forever: bool) -> Outcome<()> {
        let kind = match with {
            FaultKind::Eio => Kind::Io,
            FaultKind::Enospc => Kind::NoSpace,
            FaultKind::Short => Kind::Short,
            FaultKind::Sync => Kind::Sync,
        };
        self.disk.arm(Some(Fault {
            calls: Calls::Changes,
            after: u64::from(after),
            kind,
            forever,
        }));
        Ok(())
    }

    fn mend(&mut self) -> Outcome<()> {
        self.disk.arm(None);
        self.disk.stop_after(None);
        Ok(())
    }
}

/// What a case keeps, of what is pending here: what is not there cannot be kept.
fn survival(point: &CrashPoint<'_>, keep: &Keep) -> Survival {
    let mut survival = match &keep.pending {
        Pending::None => Survival::none(point),
        Pending::All => Survival::all(point),
        Pending::First(count) => Survival::first(point, *count as usize),
        Pending::Only(places) => {
            let mut some = Survival::none(point);
            for place in places.iter() {
                if let Some(kept) = some.kept.get_mut(place as usize) {
                    *kept = true;
                }
            }
            some
        }
    };
    if let Some(torn) = keep.torn {
        let is_lost_write = |at: &usize| !survival.kept[*at] && point.is_write(*at);
        if let Some(pending) = (0..point.pending()).find(is_lost_write) {
            survival.kept[pending] = true;
            survival.tear = Some(Tear {
                pending,
                bytes: u64::from(torn.bytes),
                filler: match torn.rest {
                    Rest::Old => Filler::Old,
                    Rest::Zero => Filler::Zero,
                    Rest::Garbage => Filler::Garbage,
                },
            });
        }
    }
    survival
}

impl BreakableStore {
    fn write_batch_synced(&self, batch: &Batch) -> Outcome<()> {
        let synced = WriteOptions::synced();
        self.store.write_with(batch, synced).map_err(failure)
    }
}

impl KeyValueStore for BreakableStore {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        KeyValueStore::get(&mut self.store, key)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        KeyValueStore::put(&mut self.store, key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        KeyValueStore::delete(&mut self.store, key)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        KeyValueStore::scan(&mut self.store, scan)
    }

    fn length(&mut self) -> Outcome<u64> {
        self.store.length()
    }

    fn write(&mut self, changes: &[Change]) -> Outcome<()> {
        KeyValueStore::write(&mut self.store, changes)
    }

    fn clear(&mut self) -> Outcome<()> {
        self.store.clear()
    }

    fn delete_range(&mut self, range: &Range) -> Outcome<()> {
        self.store.delete_range(range)
    }

    fn flush(&mut self) -> Outcome<()> {
        KeyValueStore::flush(&mut self.store)
    }

    fn compact(&mut self) -> Outcome<()> {
        KeyValueStore::compact(&mut self.store)
    }

    fn sync(&mut self) -> Outcome<()> {
        self.store.sync().map_err(failure)
    }

    fn put_synced(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        let synced = WriteOptions::synced();
        self.store.put_with(key, value, synced).map_err(failure)
    }

    fn delete_synced(&mut self, key: &[u8]) -> Outcome<()> {
        let synced = WriteOptions::synced();
        self.store.delete_with(key, synced).map_err(failure)
    }

    fn write_synced(&mut self, changes: &[Change]) -> Outcome<()> {
        let mut batch = Batch::default();
        for change in changes {
            match change {
                Change::Put { key, value } => batch.put(key, value),
                Change::Delete { key } => batch.delete(key),
            }
        }
        self.write_batch_synced(&batch)
    }

    // Not the delete and then a sync: where that fails, the change is seen all the same.
    fn delete_range_synced(&mut self, range: &Range) -> Outcome<()> {
        let batch = deletes(&self.store, range)?;
        self.write_batch_synced(&batch)
    }

    fn clear_synced(&mut self) -> Outcome<()> {
        self.delete_range_synced(&Range::ALL)
    }

    fn close(self) -> Outcome<()> {
        KeyValueStore::close(self.store)
    }

    fn trace(&mut self, key: &[u8]) -> Outcome<Trace> {
        KeyValueStore::trace(&mut self.store, key)
    }

    fn events(&mut self) -> Events {
        Events {
            torn_tails: self.torn_tails,
            orphan_segments: self.orphan_segments,
            ..self.store.events()
        }
    }
}
