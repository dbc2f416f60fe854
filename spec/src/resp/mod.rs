//! RESP, the protocol of Redis and its like: servers that speak it as targets, and stores as
//! servers that speak it.
//!
//! ```text
//!   Server: Target         a key prefix for each case; restart and kill by commands that are given
//!     '- Client            one connection: a command out, a reply in, within a time limit
//!          '- Value        the replies of RESP 2
//!   Service                the other end: any store, for redis-cli and its like
//! ```
//!
//! Invariants of the target:
//! 1. Only keys below the prefix are ever written or removed.
//! 2. A server that holds anything is refused unless that is asked for.
//! 3. A connection that ends, a reply that takes too long or is none is a
//!    [`Failure::Breach`](crate::Failure::Breach).

mod client;
mod serve;
mod server;
mod store;
mod value;

use std::sync::mpsc::channel;
use std::time::Duration;

pub use serve::{Service, Stopper};
pub use server::{ConnectError, Server, Settings};
pub use store::RespStore;

/// Lets some time pass.
fn pause(time: Duration) {
    // Nothing comes through.
    let (_open, never) = channel::<()>();
    let _ = never.recv_timeout(time);
}
