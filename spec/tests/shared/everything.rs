//! A profile of which nothing is missing.

use etalon_spec::{Abilities, Profile, Setting};

pub(crate) fn everything() -> Profile {
    Profile {
        can: Abilities::ALL,
        ..Profile::new("everything")
    }
    .option("memtable_bytes", [256, 4_096, 65_536].map(Setting::Integer))
    .option("filter", [false, true].map(Setting::Switch))
}
