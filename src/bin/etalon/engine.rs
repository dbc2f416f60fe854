//! The engine as a target of the commands: on memory, and on real files.

use etalon::crash::Breakable;
use etalon::oracle::{Memory, OnFiles, Opened, Shared};
use etalon_spec::{Lane, ModelTarget, Options, Outcome, Profile, Target};
use tempfile::TempDir;

use crate::exit::Problem;

/// What is etalon's own, where the command line names it.
#[derive(Debug, clap::Args)]
pub struct Own {
    /// Run on the engine; the default, but for a file that was found on another target
    #[arg(long, conflicts_with_all = ["model", "command", "create_store", "resp"])]
    engine: bool,
    /// Run on the bare model instead of the engine
    #[arg(long, conflicts_with_all = ["command", "create_store", "resp"])]
    model: bool,
}

impl Own {
    pub fn is_the_engine(&self) -> bool {
        self.engine
    }

    pub fn is_the_model(&self) -> bool {
        self.model
    }
}

/// Where the engine's stores are.
#[derive(Clone, Debug)]
pub enum Engine {
    /// On a disk in memory.
    Memory(Memory),
    /// On real files.
    Files(OnFiles),
}

impl Target for Engine {
    type Store = Opened;

    fn profile(&self) -> Profile {
        etalon::oracle::profile()
    }

    fn create(&mut self, options: &Options) -> Outcome<Opened> {
        match self {
            Engine::Memory(target) => target.create(options),
            Engine::Files(target) => target.create(options),
        }
    }

    fn reopen(&mut self, options: &Options) -> Outcome<Opened> {
        match self {
            Engine::Memory(target) => target.reopen(options),
            Engine::Files(target) => target.reopen(options),
        }
    }
}

/// Of so many sequences one runs on real files, where every flush waits for the disk.
const SEQUENCES_A_ROUND: u64 = 512;

/// Both lanes, and the folder that the files live in; it goes when it is dropped.
pub fn lanes() -> Result<(Vec<Lane<Engine>>, TempDir), Problem> {
    let folder = tempfile::Builder::new().prefix("etalon-").tempdir();
    let folder = folder
        .map_err(|error| Problem::failed(format!("cannot make a scratch folder: {error}")))?;
    let memory = Lane {
        name: "memory".to_owned(),
        target: Engine::Memory(Memory::default()),
        share: SEQUENCES_A_ROUND - 1,
    };
    let files = Lane {
        name: "files".to_owned(),
        target: Engine::Files(OnFiles::new(folder.path())),
        share: 1,
    };
    Ok((vec![memory, files], folder))
}

/// The engine on memory, to be shared by threads.
pub fn shared() -> Shared<Memory> {
    Shared(Memory::default())
}

/// The engine on the simulated disk.
pub fn breakable() -> Vec<Lane<Breakable>> {
    vec![Lane {
        name: "the simulated disk".to_owned(),
        target: Breakable::default(),
        share: 1,
    }]
}

/// The bare model as a target: right by definition, and a check of the checker.
pub fn model() -> Vec<Lane<ModelTarget>> {
    vec![Lane {
        name: "the model".to_owned(),
        target: ModelTarget,
        share: 1,
    }]
}
