//! The engines that this build has, by name.
//!
//! Invariants:
//! 1. An engine is named like its crate, and like the feature that switches it on.
//! 2. Its version is what Cargo.lock says, so a report cannot name another than was run.
//! 3. A finding narrows what the check asks of its engine, and nothing else does.

use std::path::Path;

use etalon_spec::{Factory, KeyValueStore, OpKind, Options, Outcome, Profile};

use crate::findings::Finding;

/// A published engine with an adapter.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// Its crate.
    pub name: &'static str,
    /// What it promises, and the values of its options that are tried.
    pub profile: fn() -> Profile,
}

/// Opens the store of a directory.
pub type Open<S> = fn(&Path, &Options) -> Outcome<S>;

/// What is done with an engine, whatever the type of its stores is.
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it, under this profile.
    fn visit<S>(self, profile: Profile, open: Open<S>) -> Self::Output
    where
        S: KeyValueStore + 'static;
}

/// A target out of what a visitor is given. A reopen is a drop, and `open` again.
pub fn target<S: KeyValueStore>(profile: Profile, open: Open<S>) -> Factory<Open<S>> {
    Factory::new(profile.name.clone(), [], open).under(profile)
}

macro_rules! engines {
    ($($feature:literal => $module:ident),* $(,)?) => {
        /// The engines of this build, by name.
        pub const ENGINES: &[Engine] = &[
            $(#[cfg(feature = $feature)]
            Engine { name: $feature, profile: crate::$module::profile },)*
        ];

        /// Every engine that there is an adapter for.
        pub const ADAPTERS: &[&str] = &[$($feature),*];

        impl Engine {
            /// Hands over how its stores are opened, and what is asked of them.
            pub fn visit<V: Visitor>(&self, profile: Profile, visitor: V) -> V::Output {
                match self.name {
                    $(#[cfg(feature = $feature)]
                    $feature => visitor.visit(profile, crate::$module::open),)*
                    other => unreachable!("{other} is none of ENGINES"),
                }
            }
        }
    };
}

engines! {
    "canopydb" => canopydb_store,
    "fjall" => fjall_store,
    "heed" => heed_store,
    "jammdb" => jammdb_store,
    "lsm-tree" => lsm_tree_store,
    "persy" => persy_store,
    "redb" => redb_store,
    "rocksdb" => rocksdb_store,
    "rusty-leveldb" => rusty_store,
    "sled" => sled_store,
    "surrealkv" => surrealkv_store,
}

impl Engine {
    /// The engine of this name, if this build has it.
    pub fn named(name: &str) -> Option<&'static Engine> {
        ENGINES.iter().find(|engine| engine.name == name)
    }

    /// Its version.
    pub fn version(&self) -> String {
        let used = used_by_us(include_str!("../../../Cargo.lock"), self.name);
        used.unwrap_or_else(|| "of unknown version".to_owned())
    }

    /// What the engine promises, its version included.
    pub fn promised(&self) -> Profile {
        let mut profile = (self.profile)();
        profile.version = self.version().into();
        profile.url = format!("https://crates.io/crates/{}", self.name).into();
        // A kill needs a process of its own: `serve` is asked for one.
        profile.survives_kill = etalon_spec::Survives::None;
        profile
    }

    /// Operations that it does not have of those that go with its abilities: they are not sent.
    pub fn lacks(&self) -> &'static [OpKind] {
        match self.name {
            "fjall" | "heed" | "jammdb" | "persy" | "rocksdb" | "sled" => &[OpKind::Rename],
            _ => &[],
        }
    }

    /// What the check asks of the engine: what it promises, narrowed by what was found in it.
    pub fn asked(&self) -> Profile {
        let mut profile = self.promised();
        for finding in Finding::of(self) {
            (finding.narrow)(&mut profile);
        }
        profile
    }
}

/// The version of a crate that this one depends on: of several it names the one it uses.
fn used_by_us(lock: &str, name: &str) -> Option<String> {
    let mut packages = lock.split("[[package]]");
    let is_called = |package: &str, name: &str| package.contains(&format!("name = \"{name}\"\n"));
    let us = packages
        .clone()
        .find(|package| is_called(package, env!("CARGO_PKG_NAME")))?;
    let exact = us.lines().find_map(|line| {
        let line = line.trim().trim_end_matches(',').trim_matches('"');
        line.strip_prefix(name)?.strip_prefix(' ')
    });
    if let Some(version) = exact {
        return Some(version.to_owned());
    }
    let package = packages.find(|package| is_called(package, name))?;
    let version = package
        .lines()
        .find_map(|line| line.strip_prefix("version = "))?;
    Some(version.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \
        \"a\"\nversion = \"2.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"3.0.0\"\n\n\
        [[package]]\nname = \"etalon-peers\"\ndependencies = [\n \"a 2.0.0\",\n \"b\",\n]\n";

    #[test]
    fn the_version_is_that_which_is_used() {
        assert_eq!(used_by_us(LOCK, "a").as_deref(), Some("2.0.0"));
        assert_eq!(used_by_us(LOCK, "b").as_deref(), Some("3.0.0"));
        assert_eq!(used_by_us(LOCK, "c"), None);
    }

    #[test]
    fn each_engine_has_a_version_and_values_for_its_options() {
        for engine in ENGINES {
            assert!(
                engine
                    .version()
                    .starts_with(|first: char| first.is_ascii_digit())
            );
            let profile = engine.promised();
            assert!(profile.options.iter().all(|option| option.values.len() > 1));
            assert_eq!(profile.name, engine.name);
        }
    }
}
