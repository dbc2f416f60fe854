//! A store from a shell: one key, a range, and the two structural operations.
//!
//! `get` and `scan` open the directory read-only: they change no byte of it, and replay what is
//! only in the log in memory. The others open it as any program would, which recovers it, and
//! close it durably.

use std::path::PathBuf;

use etalon::{Options, Store};
use etalon_spec::text::Quoted;

use crate::bytes::Form;
use crate::directory::{self, Salvage};
use crate::exit::{Outcome, Problem};
use crate::output::Output;
use crate::scan;

/// Keys and values may hold any bytes: they are written as inside the strings of .ops files.
const ESCAPES: &str = r"Keys and values are written with the escapes of .ops files: a\x00b is three
bytes; \\ \n \r \t \xhh. Put -- before a key that begins with a dash.";

/// The commands on a store's directory.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print the value of a key; exit code 1 if it is absent
    #[command(after_help = ESCAPES)]
    Get(Get),
    /// Set a key; creates the store if the directory is missing or empty
    #[command(after_help = ESCAPES)]
    Put(Put),
    /// Remove a key; one that is absent is no error
    #[command(after_help = ESCAPES)]
    Delete(Delete),
    /// Print the live entries of a range in key order: key, tab, value
    #[command(after_help = scan::EXAMPLES)]
    Scan(scan::Args),
    /// Write what is only in the log into a segment; prints the segments
    Flush(Structural),
    /// Merge all segments into one sorted run without tombstones; prints it
    Compact(Structural),
}

/// `etalon get`.
#[derive(Debug, clap::Args)]
pub struct Get {
    /// The store's directory
    dir: PathBuf,
    /// The key
    #[arg(allow_negative_numbers = true)]
    key: String,
    /// Print the value's bytes as they are, without a line end
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    salvage: Salvage,
    #[command(flatten)]
    form: Form,
}

/// `etalon put`.
#[derive(Debug, clap::Args)]
pub struct Put {
    /// The store's directory
    dir: PathBuf,
    /// The key
    #[arg(allow_negative_numbers = true)]
    key: String,
    /// The value
    #[arg(allow_negative_numbers = true)]
    value: String,
    #[command(flatten)]
    salvage: Salvage,
    #[command(flatten)]
    form: Form,
}

/// `etalon delete`.
#[derive(Debug, clap::Args)]
pub struct Delete {
    /// The store's directory
    dir: PathBuf,
    /// The key
    #[arg(allow_negative_numbers = true)]
    key: String,
    #[command(flatten)]
    salvage: Salvage,
    #[command(flatten)]
    form: Form,
}

/// `etalon flush` and `etalon compact`.
#[derive(Debug, clap::Args)]
pub struct Structural {
    /// The store's directory
    dir: PathBuf,
    #[command(flatten)]
    salvage: Salvage,
}

pub fn run(command: &Command) -> Outcome {
    match command {
        Command::Get(args) => get(args),
        Command::Put(args) => put(args),
        Command::Delete(args) => delete(args),
        Command::Scan(args) => scan::run(args),
        Command::Flush(args) => structural(args, Store::flush),
        Command::Compact(args) => structural(args, Store::compact),
    }
}

fn get(args: &Get) -> Outcome {
    let key = args.form.read("KEY", &args.key)?;
    let store = directory::open_read_only(&args.dir, args.salvage)?;
    let Some(value) = store.get(&key)? else {
        return Err(Problem::wrong(format!("no key {}", Quoted(&key))));
    };
    let mut out = Output::new();
    if args.raw {
        out.bytes(&value);
    } else {
        out.line(args.form.show(&value));
    }
    Ok(directory::exit(&store))
}

fn put(args: &Put) -> Outcome {
    let key = args.form.read("KEY", &args.key)?;
    let value = args.form.read("VALUE", &args.value)?;
    directory::holds_or_may_hold_a_store(&args.dir)?;
    let store = directory::open(&args.dir, &Options::default(), args.salvage)?;
    let exit = directory::exit(&store);
    store.put(&key, &value)?;
    store.close()?;
    Ok(exit)
}

fn delete(args: &Delete) -> Outcome {
    let key = args.form.read("KEY", &args.key)?;
    let store = directory::open_existing(&args.dir, args.salvage)?;
    let exit = directory::exit(&store);
    store.delete(&key)?;
    store.close()?;
    Ok(exit)
}

fn structural(args: &Structural, operation: fn(&Store) -> etalon::Result<()>) -> Outcome {
    let store = directory::open_existing(&args.dir, args.salvage)?;
    operation(&store)?;
    let (segments, exit) = (store.segments(), directory::exit(&store));
    store.close()?;
    let mut out = Output::new();
    if segments.is_empty() {
        out.line("no segments");
    }
    for segment in segments {
        let (number, level, bytes) = (segment.number(), segment.level(), segment.bytes());
        out.line(format_args!(
            "level {level}: segment {number:06}, {bytes} bytes"
        ));
    }
    Ok(exit)
}
