//! Filled in next.

use crate::exit::{Outcome, Problem};

/// What it takes.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: &Args) -> Outcome {
    Err(Problem::failed("not there yet"))
}
