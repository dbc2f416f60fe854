//! The engine on the simulated disk, as a store under test that can be killed, cut off from the
//! power, and failed by its disk.

use etalon_spec::{FaultKind, Keep, Outcome, Pending, Profile, Rest, Survives, Target};

use std::path::Path;

use super::run::DIRECTORY;
use crate::Store;
use crate::disk::simulated::{
    Calls, CrashPoint, Fault, FaultKind as Kind, Filler, Image, SimulatedDisk, Survival, Tear,
};
use crate::manifest::FileName;
use crate::oracle::{Opened, failure, options, profile};

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

impl Breakable {
    fn arm(&self, calls: Calls, after: u32, with: FaultKind, forever: bool) {
        let kind = match with {
            FaultKind::Eio => Kind::Io,
            FaultKind::Enospc => Kind::NoSpace,
            FaultKind::Short => Kind::Short,
            FaultKind::Sync => Kind::Sync,
        };
        self.disk.arm(Some(Fault {
            calls,
            after: u64::from(after),
            kind,
            forever,
        }));
    }
}

fn is_table(path: &str) -> bool {
    let name = Path::new(path).file_name().and_then(|name| name.to_str());
    matches!(name.and_then(FileName::parse), Some(FileName::Table(_)))
}

impl Target for Breakable {
    type Store = Opened;

    fn profile(&self) -> Profile {
        let profile = profile();
        Profile {
            survives_close: Survives::All,
            survives_kill: Survives::All,
            survives_power: Survives::Synced,
            ..profile
        }
    }

    fn create(&mut self, case: &etalon_spec::Options) -> Outcome<Opened> {
        self.disk = SimulatedDisk::default();
        self.reopen(case)
    }

    fn reopen(&mut self, case: &etalon_spec::Options) -> Outcome<Opened> {
        let tables = |image: &Image| -> Vec<String> {
            let files = image.files().map(|(path, _)| path.display().to_string());
            files.filter(|name| is_table(name)).collect()
        };
        let before = tables(&self.disk.image());
        let store =
            Store::open_on(self.disk.clone(), DIRECTORY, options(case)?).map_err(failure)?;
        let after = tables(&self.disk.image());
        let orphans = before.iter().filter(|name| !after.contains(name)).count();
        Ok(Opened::with_orphans(store, orphans as u64))
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
        self.arm(Calls::Changes, after, with, forever);
        Ok(())
    }

    fn fail_read(&mut self, after: u32, with: FaultKind, forever: bool) -> Outcome<()> {
        self.arm(Calls::Reads, after, with, forever);
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
