//! `etalon scan`: the live entries of a range.

use std::path::PathBuf;

use crate::bytes::Form;
use crate::directory;
use crate::exit::{Outcome, Problem};
use crate::output::Output;

/// For the help.
pub const EXAMPLES: &str = r"Examples:
  etalon scan DIR --prefix user/              all keys that start with user/
  etalon scan DIR --from b --to d             b up to d, without d
  etalon scan DIR --reverse --limit 1         the greatest key

Keys and values are written with the escapes of .ops files (a\x00b is three bytes), so that an
entry is one line and its only tab stands between key and value.";

/// What it takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The store's directory
    dir: PathBuf,
    /// From this key on, itself included
    #[arg(long, value_name = "KEY", conflicts_with_all = ["after", "prefix"])]
    from: Option<String>,
    /// From this key on, without itself
    #[arg(long, value_name = "KEY", conflicts_with = "prefix")]
    after: Option<String>,
    /// Up to this key, without itself
    #[arg(long, value_name = "KEY", conflicts_with_all = ["through", "prefix"])]
    to: Option<String>,
    /// Up to this key, itself included
    #[arg(long, value_name = "KEY", conflicts_with = "prefix")]
    through: Option<String>,
    /// The keys that start with this
    #[arg(long, value_name = "KEY")]
    prefix: Option<String>,
    /// From the greatest key down
    #[arg(long)]
    reverse: bool,
    /// At most this many entries
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    salvage: directory::Salvage,
    #[command(flatten)]
    form: Form,
}

pub fn run(args: &Args) -> Outcome {
    let bound = |name, text: &Option<String>| -> Result<_, Problem> {
        text.as_ref()
            .map(|text| args.form.read(name, text))
            .transpose()
    };
    let from = bound("--from", &args.from)?;
    let after = bound("--after", &args.after)?;
    let to = bound("--to", &args.to)?;
    let through = bound("--through", &args.through)?;
    let prefix = bound("--prefix", &args.prefix)?;

    let store = directory::open_read_only(&args.dir, args.salvage)?;
    let mut scan = store.scan();
    if let Some(key) = from {
        scan = scan.from(&key);
    }
    if let Some(key) = after {
        scan = scan.after(&key);
    }
    if let Some(key) = to {
        scan = scan.to(&key);
    }
    if let Some(key) = through {
        scan = scan.through(&key);
    }
    if let Some(key) = prefix {
        scan = scan.prefix(&key);
    }
    if args.reverse {
        scan = scan.reverse();
    }
    if let Some(entries) = args.limit {
        scan = scan.limit(entries);
    }
    let mut out = Output::new();
    scan.each(|key, value| {
        let (key, value) = (args.form.show(key), args.form.show(value));
        out.line(format_args!("{key}\t{value}"));
    })?;
    Ok(directory::exit(&store))
}
