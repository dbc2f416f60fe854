//! Filled in next.

use crate::exit::{Outcome, Problem};

/// What it takes.
#[derive(Debug, clap::Subcommand)]
pub enum Command {}

pub fn run(_command: &Command) -> Outcome {
    Err(Problem::failed("not there yet"))
}
