//! The other end: any store as a server that speaks RESP 2, for programs that know Redis.
//!
//! ```text
//!   Service                       a port; a thread for each client
//!     '- Connection               bytes in, answers out
//!          |- request::Reader     bytes -> words
//!          '- Session             words -> an answer, out of the store as this client sees it
//!               |- data           GET SET DEL EXISTS MGET MSET STRLEN TYPE
//!               |- keys           SCAN KEYS DBSIZE FLUSHDB, by pattern, cursors
//!               '- about          PING HELLO CLIENT COMMAND CONFIG INFO SAVE SHUTDOWN ...
//! ```
//!
//! Invariants:
//! 1. Reads take no lock. Changes that depend on what is there (DEL, FLUSHDB) wait for others.
//! 2. Requests of one client are answered in their order, each seeing those before it.
//! 3. Whatever bytes come, they are answered or the connection is closed; the memory that a
//!    client can take is bounded.
//!
//! Not promised: keys that expire, any other type than strings, transactions, a password. Who
//! reaches the port may do everything: `127.0.0.1` is the address to listen on.

mod about;
mod answers;
mod connection;
mod cursors;
mod data;
mod keys;
mod pattern;
mod quoted;
mod refusal;
mod request;
mod service;
mod session;

pub use service::{Service, Stopper};
