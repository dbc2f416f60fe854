//! `etalon serve`: the engine, or the bare model, as a program that other checks can start.

use std::io::{self, ErrorKind};
use std::path::Path;

use etalon::Store;
use etalon::oracle::{self, Opened};
use etalon_spec::{
    Ability, Failure, Model, ModelTarget, Opener, Options, Outcome, Profile, Survives, Target,
    serve,
};

use crate::exit::{Exit, Problem};

mod resp;

/// What `serve` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Try it: etalon check -- etalon serve --stdio
        etalon serve --resp 127.0.0.1:6379 DIR, then: redis-cli, or
        redis-benchmark -t ping,set,get,incr,mset: lists, sets and the like are not offered")]
#[group(id = "how", required = true, multiple = false, args = ["stdio", "resp"])]
pub struct Args {
    /// Speak the stdio protocol (spec/PROTOCOL.md), until the input ends
    #[arg(long)]
    stdio: bool,
    /// Speak RESP, as Redis does, on this port (0: one that is free), until Ctrl-C or SHUTDOWN
    #[arg(long, value_name = "HOST:PORT", value_parser = crate::server::address)]
    resp: Option<String>,
    /// Offer the bare model instead of the engine
    #[arg(long)]
    model: bool,
    #[command(flatten)]
    store: resp::Store,
}

pub fn run(args: &Args) -> crate::exit::Outcome {
    match &args.resp {
        Some(address) if args.model => resp::model(address),
        Some(address) => resp::engine(address, &args.store),
        None => stdio(args.model),
    }
}

fn stdio(model: bool) -> crate::exit::Outcome {
    let (input, output) = (io::stdin().lock(), io::stdout().lock());
    let served = if model {
        let profile = ModelTarget.profile().can([Ability::Reopen]);
        serve(&profile, Models, input, output)
    } else {
        let profile = Profile {
            survives_close: Survives::All,
            survives_kill: Survives::All,
            ..oracle::profile()
        };
        serve(&profile, engine, input, output)
    };
    match served {
        Ok(()) => Ok(Exit::Good),
        // Whoever asked has gone.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Good),
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(Problem::usage(error)),
        Err(error) => Err(Problem::failed(error)),
    }
}

fn engine(dir: &Path, options: &Options) -> Outcome<Opened> {
    let options = oracle::options(options)?;
    Ok(Opened::from(Store::open(dir, options)?))
}

/// Models in memory, which a reopening carries over.
struct Models;

impl Opener for Models {
    type Store = Model;

    fn open(&mut self, _dir: &Path, _options: &Options) -> Outcome<Model> {
        Ok(Model::default())
    }

    fn reopen(&mut self, store: Option<Model>, _: &Path, _: &Options) -> Outcome<Model> {
        let mut model = store.ok_or_else(|| Failure::definite("a model keeps nothing on disk"))?;
        model.reopen();
        Ok(model)
    }
}
