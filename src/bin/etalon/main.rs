//! The command line, one file a subcommand.
//!
//! ```text
//!   check    a store against its specification          get put delete scan flush compact
//!   explore  every short sequence, every crash
//!   replay   a saved case, or a folder of them            a store, from a shell
//!   shrink   a failing case to its smallest             dump
//!   emit     a case as text, bytes, JSON or Rust          any file of a store, readable
//!   stats    the verdict on a fuzz campaign             verify repair
//!                                                         damage found, and what is left saved
//!   serve    the engine, or the model, over stdio or RESP
//!   shim     a driver for a store in another language
//!   vectors  short cases with their replies, as files
//! ```
//!
//! Exit codes, for every command: 0 pass, intact, found; 1 the thing under test is wrong; 2
//! vacuous; 3 etalon could not do its work; 4 usage, or a file that cannot be read as what it
//! should be; 130 interrupted.

#![allow(unreachable_pub, reason = "a binary exports nothing")]

mod bytes;
mod cases;
mod check;
mod create_store;
mod directory;
mod dump;
mod emit;
mod engine;
mod exit;
mod explore;
mod output;
mod profile;
mod program;
mod repair;
mod replay;
mod report;
mod scan;
mod serve;
mod server;
mod shim;
mod show;
mod shrink;
mod stats;
mod store;
mod table;
mod threads;
mod vectors;
mod verify;

use clap::{Parser, Subcommand};

use exit::Exit;

/// A model-checked reference LSM store, and the oracle that checks it.
#[derive(Debug, Parser)]
#[command(name = "etalon", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Hold the engine against its specification, on memory and on real files
    #[command(visible_alias = "test", alias = "fuzz", alias = "run")]
    Check(Box<check::Args>),
    /// Run every operation string up to a length; with --crash, through every crash
    Explore(explore::Args),
    /// Replay saved cases: .ops files, byte files, or folders of them
    Replay(replay::Args),
    /// Shrink a failing case
    Shrink(shrink::Args),
    /// Write a case in another form
    Emit(emit::Args),
    /// Offer the engine to other programs: over stdio, or as a server that speaks RESP
    Serve(serve::Args),
    /// Print a driver that puts a store in another language under `etalon check -- PROGRAM`
    Shim(shim::Args),
    /// Test vectors for stores in any language: list them, copy them, run them on a target
    #[command(subcommand)]
    Vectors(vectors::Command),
    /// The verdict on a fuzz campaign, from its statistics
    Stats(stats::Args),
    /// Show what is in a segment, a log, a manifest or a store's directory
    Dump(dump::Args),
    /// Look for damage in a store's directory or in a file of it
    Verify(verify::Args),
    /// Save what is intact of a damaged store into a new one
    Repair(repair::Args),
    #[command(flatten)]
    Store(store::Command),
}

fn main() -> std::process::ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(error),
    };
    let exit = match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Explore(args) => explore::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Shrink(args) => shrink::run(&args),
        Command::Emit(args) => emit::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Shim(args) => Ok(shim::run(&args)),
        Command::Vectors(command) => vectors::run(&command),
        Command::Stats(args) => stats::run(&args),
        Command::Dump(args) => Ok(dump::run(&args)),
        Command::Verify(args) => verify::run(&args),
        Command::Repair(args) => repair::run(&args),
        Command::Store(command) => store::run(&command),
    };
    exit.unwrap_or_else(Exit::from).into()
}
