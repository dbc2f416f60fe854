//! A store that is another program: asked over its standard input and output, by the protocol of
//! `PROTOCOL.md`.
//!
//! ```text
//!   Program: Target          starts it, gives each case a directory, kills it
//!     |- Directories         of the store that is open, and of the one after it
//!     '- Connection          ids, the window, what was sent ahead, the time limit
//!          '- Child          the process, and three threads: writer, reader, stderr
//! ```
//!
//! Requests are sent ahead, as many as the child's window allows: which they are is known from
//! the case ([`Ahead`](crate::Ahead)), as long as every answer is right. Where it is known which
//! case comes next, that begins behind the last requests of this one: the child never waits for a
//! case to be judged.
//!
//! Invariants:
//! 1. Neither side can block the other: writing and reading have threads of their own.
//! 2. Memory is bounded whatever the child writes: lines, answers in waiting, standard error.
//! 3. A child that dies, hangs, floods or writes garbage is a
//!    [`Failure::Breach`](crate::Failure::Breach) of the first request that has no answer, never an error of the
//!    checker; a child that cannot be started is.
//! 4. No child outlives its [`Program`]: what does not end by itself is killed, with its group.

mod child;
mod connection;
mod directories;
mod group;
mod inbox;
mod program;
mod remote;
mod stderr;

pub use crate::protocol::{Encoding, Greeting, WrongGreeting};
pub use program::{Program, StartError};
pub use remote::RemoteStore;
