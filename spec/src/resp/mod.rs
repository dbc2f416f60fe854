//! Servers that speak RESP, the protocol of Redis and its like, as targets.
//!
//! ```text
//!   Server: Target         a key prefix for each case; restart and kill by commands that are given
//!     '- Client            one connection: a command out, a reply in, within a time limit
//!          '- Value        the replies of RESP 2
//! ```
//!
//! Invariants:
//! 1. Only keys below the prefix are ever written or removed.
//! 2. A server that holds anything is refused unless that is asked for.
//! 3. A connection that ends, a reply that takes too long or is none is a
//!    [`Failure::Breach`](crate::Failure::Breach).

mod client;
mod server;
mod store;
mod value;

pub use server::{ConnectError, Server, Settings};
pub use store::RespStore;
