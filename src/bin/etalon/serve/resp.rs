//! `etalon serve --resp`: the engine, or the bare model, for redis-cli and its like.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use etalon::disk::MemoryDisk;
use etalon::oracle::{self, Opened};
use etalon_spec::resp::Service;
use etalon_spec::{ConcurrentStore, Locked, Model, Options, Script};

use crate::directory::{self, Salvage};
use crate::exit::{Exit, Outcome, Problem};

/// Which store of the engine's is offered.
#[derive(Debug, clap::Args)]
pub struct Store {
    /// The store's directory, created if it is missing; without one the store is in memory
    #[arg(conflicts_with_all = ["model", "stdio"])]
    dir: Option<PathBuf>,
    /// An option of the engine, as in .ops files, such as `memtable_bytes=512`
    #[arg(long = "option", value_name = "NAME=VALUE", conflicts_with_all = ["model", "stdio"],
        value_parser = option)]
    options: Vec<(String, etalon_spec::Setting)>,
    #[command(flatten)]
    salvage: Salvage,
}

/// Reads an option as a line of a case.
fn option(text: &str) -> Result<(String, etalon_spec::Setting), String> {
    let script = Script::parse(&format!("ops 1\noption {text}\n"));
    let script = script.map_err(|error| format!("NAME=VALUE, {}", error.expected))?;
    let mut options = script.case.options.iter();
    let (name, setting) = options.next().ok_or("NAME=VALUE")?;
    Ok((name.to_owned(), setting.clone()))
}

pub fn model(address: &str) -> Outcome {
    let service = bind(address)?;
    serve(&service, &Locked::from(Model::default()), "the model")
}

pub fn engine(address: &str, wanted: &Store) -> Outcome {
    let mut options = Options::default();
    for (name, setting) in &wanted.options {
        options.set(name.clone(), setting.clone());
    }
    let options = oracle::options(&options).map_err(Problem::usage)?;
    // A port that is taken is no reason to create a store.
    let service = bind(address)?;
    let (store, what) = if let Some(dir) = &wanted.dir {
        directory::holds_or_may_hold_a_store(dir)?;
        let store = directory::open(dir, &options, wanted.salvage)?;
        (store, format!("the store {}", dir.display()))
    } else {
        let store = etalon::Store::open_on(MemoryDisk::default(), "store", options)?;
        (store, "a store in memory".to_owned())
    };
    let opened = Opened::from(store);
    let exit = serve(&service, &opened, &what)?;
    opened.into_store().close()?;
    Ok(exit)
}

fn bind(address: &str) -> Result<Service, Problem> {
    let bound = Service::bind(address);
    bound.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => Problem::usage(format!("--resp {address}: {error}")),
        _ => Problem::failed(format!("cannot listen on {address}: {error}")),
    })
}

fn serve<S: ConcurrentStore>(service: &Service, store: &S, what: &str) -> Outcome {
    let is_interrupted = Arc::new(AtomicBool::new(false));
    let (interrupted, stopper) = (Arc::clone(&is_interrupted), service.stopper());
    ctrlc::set_handler(move || {
        interrupted.store(true, Ordering::Relaxed);
        stopper.stop();
    })
    .map_err(|error| Problem::failed(format!("cannot listen for Ctrl-C: {error}")))?;
    let mut out = io::stdout();
    // Whoever does not want to know where to ask has asked for the port.
    let _ = writeln!(out, "listening on {}: {what}", service.address()).and_then(|()| out.flush());
    let served = service.serve(store);
    served.map_err(|error| Problem::failed(format!("cannot take clients: {error}")))?;
    Ok(if is_interrupted.load(Ordering::Relaxed) {
        Exit::Interrupted
    } else {
        Exit::Good
    })
}
