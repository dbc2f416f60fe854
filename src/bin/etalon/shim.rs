//! `etalon shim`: the drivers that put a store in another language under check.

use crate::exit::Exit;
use crate::output::Output;

/// What `shim` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "etalon shim node > driver.js, put your store into it, then: \
                        etalon check -- node driver.js"
)]
pub struct Args {
    /// The language
    #[arg(value_enum, value_name = "LANGUAGE")]
    language: Language,
}

/// The languages that have a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Language {
    /// driver.js
    Node,
    /// driver.py
    Python,
    /// driver.go
    Go,
    /// Driver.java
    Java,
    /// driver.c
    C,
    /// driver.rb
    Ruby,
}

pub fn run(args: &Args) -> Exit {
    let text: &[u8] = match args.language {
        Language::Node => include_bytes!("../../../spec/shims/driver.js"),
        Language::Python => include_bytes!("../../../spec/shims/driver.py"),
        Language::Go => include_bytes!("../../../spec/shims/driver.go"),
        Language::Java => include_bytes!("../../../spec/shims/Driver.java"),
        Language::C => include_bytes!("../../../spec/shims/driver.c"),
        Language::Ruby => include_bytes!("../../../spec/shims/driver.rb"),
    };
    Output::new().bytes(text);
    Exit::Good
}
