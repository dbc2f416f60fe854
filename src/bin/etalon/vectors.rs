//! `etalon vectors`: the test vectors, for whoever runs them and for whoever wants the files.

use std::path::{Path, PathBuf};

use etalon_spec::vectors::{ALL, Vector};

use crate::exit::{Exit, Outcome, Problem};
use crate::output::Output;
use crate::replay::{On, Ready};

/// What stands beside the vectors' own files.
const BESIDE: [(&str, &str); 4] = [
    ("README.md", include_str!("../../../spec/vectors/README.md")),
    ("INDEX.md", include_str!("../../../spec/vectors/INDEX.md")),
    (
        "vectors.json",
        include_str!("../../../spec/vectors/vectors.json"),
    ),
    (
        "schema.json",
        include_str!("../../../spec/vectors/schema.json"),
    ),
];

/// What to do with the vectors.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print them: identifier, operations, why
    List(Chosen),
    /// Write their files, as .ops and as JSON, into a new or an empty directory
    Copy {
        /// The directory
        dir: PathBuf,
    },
    /// Replay them on a target: the engine, --model, --resp HOST:PORT, or -- PROGRAM ARGS
    Run {
        #[command(flatten)]
        chosen: Chosen,
        #[command(flatten)]
        on: Box<On>,
    },
}

/// Which vectors.
#[derive(Debug, clap::Args)]
pub struct Chosen {
    /// Only those of this tag: model, engine, trap, or an operation
    #[arg(long, value_name = "TAG", value_parser = tag)]
    tag: Option<String>,
}

fn tag(word: &str) -> Result<String, String> {
    if ALL
        .iter()
        .any(|vector| vector.tags().any(|tag| tag == word))
    {
        return Ok(word.to_owned());
    }
    let mut tags: Vec<&str> = ALL.iter().flat_map(Vector::tags).collect();
    tags.sort_unstable();
    tags.dedup();
    Err(format!("no such tag; there are {}", tags.join(", ")))
}

impl Chosen {
    fn vectors(&self) -> impl Iterator<Item = &'static Vector> {
        let tag = self.tag.as_deref();
        let is_chosen =
            move |vector: &&Vector| tag.is_none_or(|tag| vector.tags().any(|t| t == tag));
        ALL.iter().filter(is_chosen)
    }
}

pub fn run(command: &Command) -> Outcome {
    match command {
        Command::List(chosen) => Ok(list(chosen)),
        Command::Copy { dir } => copy(dir),
        Command::Run { chosen, on } => {
            let ready = |vector: &Vector| Ready::of(vector.id.to_owned(), vector.script());
            on.replay(&|_, _| chosen.vectors().map(ready).collect())
        }
    }
}

fn list(chosen: &Chosen) -> Exit {
    let mut out = Output::new();
    for vector in chosen.vectors() {
        let (id, why) = (vector.id, vector.note("why"));
        let operations = vector.script().case.ops.len();
        out.line(format_args!("{id}  {operations}  {why}"));
    }
    Exit::Good
}

fn copy(dir: &Path) -> Outcome {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| Problem::failed(format!("{path}: {error}"))
    };
    std::fs::create_dir_all(dir).map_err(failed(dir))?;
    if !crate::directory::list(dir)?.is_empty() {
        let dir = dir.display();
        return Err(Problem::usage(format!(
            "{dir}: not empty; name a new directory"
        )));
    }
    let vectors = ALL
        .iter()
        .map(|vector| (format!("{}.ops", vector.id), vector.text));
    let beside = BESIDE.map(|(name, text)| (name.to_owned(), text));
    for (name, text) in vectors.chain(beside) {
        let path = dir.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        std::fs::write(&path, text).map_err(failed(&path))?;
    }
    let mut out = Output::new();
    out.line(format_args!("{}: {} vectors", dir.display(), ALL.len()));
    Ok(Exit::Good)
}
