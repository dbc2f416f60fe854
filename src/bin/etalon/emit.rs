//! `etalon emit`: one case, in another form.

use std::io::Write;
use std::path::PathBuf;

use etalon_spec::{RustTest, bytes, json};

use crate::exit::{Exit, Outcome, Problem};
use crate::{cases, show};

/// The forms of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// `.ops` text, in canonical layout
    Ops,
    /// The byte form
    Bytes,
    /// JSON
    Json,
    /// A Rust `#[test]`
    Rust,
}

/// What `emit` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The case: .ops, bytes or JSON
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The form to write it in
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: Form,
    /// Where to write it [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The name of the Rust test
    #[arg(long, default_value = "replayed", value_name = "NAME")]
    name: String,
    /// The expression that makes the Rust test's target [default: the engine, under whatever the
    /// case does to it]
    #[arg(long, value_name = "EXPRESSION")]
    target: Option<String>,
}

pub fn run(args: &Args) -> Outcome {
    let script = cases::load(&args.file)?;
    let text = match args.form {
        Form::Ops => script.print().into_bytes(),
        Form::Bytes => bytes::encode(&script.case),
        Form::Json => {
            let mut text = json::print(&script).into_bytes();
            if !text.ends_with(b"\n") {
                text.push(b'\n');
            }
            text
        }
        Form::Rust => {
            let test = RustTest {
                name: &args.name,
                why: "",
                target: args
                    .target
                    .as_deref()
                    .unwrap_or_else(|| show::rust_target(&script.case)),
            };
            script.to_rust(&test).into_bytes()
        }
    };
    match &args.output {
        Some(path) => show::write(path, &text)?,
        None => match std::io::stdout().lock().write_all(&text) {
            // Whoever read has had enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
            result => result.map_err(|error| Problem::failed(format!("cannot write: {error}")))?,
        },
    }
    Ok(Exit::Good)
}
