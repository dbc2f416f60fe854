//! What was found in the engines: each a file in `findings/`, which still fails.
//!
//! ```text
//!   the check, narrowed by the finding   goes on, and finds what lies deeper
//!   the file, under the whole promise    must fail as it did; if not, the entry goes
//! ```
//!
//! `spec/FINDINGS.md` says of each what the documentation promises, what happens, and where it is
//! known. A test compares the two lists.

use std::path::PathBuf;

use etalon_spec::{
    Ability, Conflict, Contents, Divergence, KeyValueStore, Profile, Sandbox, Script, Setting,
    applicable, expectations,
};

use crate::engine::{Engine, Open, Visitor, target};

/// Something that was found in an engine.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// The engine.
    pub engine: &'static str,
    /// The file in `findings/`, without its `.ops`.
    pub name: &'static str,
    /// The class of the divergence.
    pub class: &'static str,
    /// Takes out of the profile what meets it, and as little else as can be.
    pub narrow: fn(&mut Profile),
}

/// Everything found.
pub const FINDINGS: &[Finding] = &[
    Finding {
        engine: "canopydb",
        name: "canopydb-checkpoint-beside-snapshot",
        class: "refused",
        narrow: |profile| {
            profile.can = profile.can.without(Ability::Snapshot);
            take_option(profile, "checkpoint_on_drop", &Setting::Switch(true));
        },
    },
    Finding {
        engine: "fjall",
        name: "fjall-clear-before-ingestion",
        class: "wrong answer",
        narrow: |profile| profile.can = profile.can.without(Ability::Clear),
    },
    Finding {
        engine: "fjall",
        name: "fjall-empty-key",
        class: "died",
        narrow: |profile| profile.keys.min = 1,
    },
    Finding {
        engine: "fjall",
        name: "fjall-longest-key",
        class: "died",
        narrow: |profile| profile.keys.max = 65_535,
    },
    Finding {
        engine: "heed",
        name: "heed-reverse-prefix",
        class: "wrong answer",
        narrow: |profile| profile.can = profile.can.without(Ability::Prefix),
    },
    Finding {
        engine: "jammdb",
        name: "jammdb-excluded-bound",
        class: "wrong answer",
        narrow: |profile| {
            profile.can = profile.can.without(Ability::Scan).without(Ability::Prefix);
        },
    },
    Finding {
        engine: "lsm-tree",
        name: "lsm-tree-empty-key",
        class: "died",
        narrow: |profile| profile.keys.min = 1,
    },
    Finding {
        engine: "lsm-tree",
        name: "lsm-tree-longest-key",
        class: "died",
        narrow: |profile| profile.keys.max = 65_535,
    },
    Finding {
        engine: "persy",
        name: "persy-excluded-bound",
        class: "wrong answer",
        narrow: |profile| {
            profile.can = profile.can.without(Ability::Scan).without(Ability::Prefix);
        },
    },
    Finding {
        engine: "persy",
        name: "persy-index-made-anew",
        class: "refused",
        narrow: |profile| profile.can = profile.can.without(Ability::Snapshot),
    },
    Finding {
        engine: "persy",
        name: "persy-snapshot-moves",
        class: "wrong answer",
        narrow: |profile| profile.can = profile.can.without(Ability::Snapshot),
    },
    Finding {
        engine: "rusty-leveldb",
        name: "rusty-leveldb-empty-key",
        class: "died",
        narrow: |profile| profile.keys.min = 1,
    },
    Finding {
        engine: "rusty-leveldb",
        name: "rusty-leveldb-iterator",
        class: "wrong answer",
        narrow: |profile| profile.can = profile.can.without(Ability::Iterator),
    },
    // Only a compaction flushes where the memtable never fills.
    Finding {
        engine: "rusty-leveldb",
        name: "rusty-leveldb-older-table-wins",
        class: "wrong answer",
        narrow: |profile| {
            profile
                .options
                .retain(|option| option.name != "write_buffer_size");
        },
    },
    Finding {
        engine: "rusty-leveldb",
        name: "rusty-leveldb-lost-in-compaction",
        class: "wrong answer",
        narrow: |profile| profile.can = profile.can.without(Ability::Compact),
    },
    // Versions of one key in two blocks: so small that all that a case writes fits one.
    Finding {
        engine: "rusty-leveldb",
        name: "rusty-leveldb-lost-between-blocks",
        class: "wrong answer",
        narrow: |profile| {
            take_option(profile, "block_size", &Setting::Integer(64));
            take_option(profile, "block_size", &Setting::Integer(256));
            (profile.keys.max, profile.values.max) = (3, 8);
        },
    },
    Finding {
        engine: "rusty-leveldb",
        name: "rusty-leveldb-hidden-by-filter",
        class: "wrong answer",
        narrow: |profile| take_option(profile, "filter_bits", &Setting::Integer(1)),
    },
    Finding {
        engine: "rusty-leveldb",
        name: "rusty-leveldb-lost-in-reverse",
        class: "wrong answer",
        narrow: |profile| {
            profile.can = profile.can.without(Ability::Reverse);
            profile.iterator_back = false;
        },
    },
    // Transactions that are in each other's way are the only ones that it takes.
    Finding {
        engine: "surrealkv",
        name: "surrealkv-range-delete-overtaken",
        class: "wrong answer",
        narrow: |profile| profile.transaction_conflict = Conflict::OneAtATime,
    },
];

/// The generator no longer draws this value.
fn take_option(profile: &mut Profile, name: &str, value: &Setting) {
    for option in profile
        .options
        .iter_mut()
        .filter(|option| option.name == name)
    {
        option.values.retain(|other| other != value);
    }
}

impl Finding {
    /// What was found in an engine.
    pub fn of(engine: &Engine) -> impl Iterator<Item = &'static Finding> {
        let name = engine.name;
        FINDINGS
            .iter()
            .filter(move |finding| finding.engine == name)
    }

    /// Where its file is.
    pub fn path(&self) -> PathBuf {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("findings");
        folder.join(format!("{}.ops", self.name))
    }

    /// Runs its file on its engine, of which everything promised is asked, and looks at its replies
    /// alone: contents may differ for another reason. Some failures want more than one try. `Err`
    /// says what is wrong with the entry.
    pub fn replay(&self, tries: u32) -> Result<Divergence, String> {
        let text = std::fs::read_to_string(self.path())
            .map_err(|error| format!("{}: {error}", self.path().display()))?;
        let script =
            Script::parse(&text).map_err(|error| format!("{}:{error}", self.path().display()))?;
        expectations(&script).map_err(|wrong| format!("{}:{wrong}", self.path().display()))?;
        let Some(engine) = Engine::named(self.engine) else {
            return Err(format!("{}: this build has no such engine", self.engine));
        };
        let run = Run {
            script: &script,
            tries,
        };
        match engine.visit(engine.promised(), run)? {
            Some(divergence) if divergence.class.name() == self.class => Ok(divergence),
            Some(other) => Err(format!(
                "{}: fails, but as {} and not as {}: {other}. Update the entry",
                self.name,
                other.class.name(),
                self.class
            )),
            None => Err(format!(
                "{}: {} {} does it right now. Remove the entry, or update it",
                self.name,
                self.engine,
                engine.version()
            )),
        }
    }
}

struct Run<'a> {
    script: &'a Script,
    tries: u32,
}

impl Visitor for Run<'_> {
    type Output = Result<Option<Divergence>, String>;

    fn visit<S>(self, profile: Profile, open: Open<S>) -> Self::Output
    where
        S: KeyValueStore + 'static,
    {
        let mut case = self.script.case.clone();
        applicable(&mut case, &profile).map_err(|why| why.to_string())?;
        let timeout = profile.timeout;
        let mut sandbox = Sandbox::new(target(profile, open), timeout);
        let divergence = (0..self.tries).find_map(|_| sandbox.run(&case, Contents::NotCompared));
        Ok(divergence)
    }
}
