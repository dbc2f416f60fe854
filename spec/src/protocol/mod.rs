//! The stdio protocol: one JSON object a line, both ways. `PROTOCOL.md` is the normative page;
//! this is what both ends share.
//!
//! ```text
//!   Profile <-- greeting --> line          the child speaks first
//!   Op      <-- request  --> line          etalon asks, ids count from 1
//!   Reply   <-- answer   --> line          the child answers, in the same order
//!   Value   <-- json     --> text          the syntax under all of them
//! ```
//!
//! Invariants:
//! 1. What is written is ASCII and one line, whatever the bytes of keys and values.
//! 2. Reading is total: any line is a message or an error that says what is wrong with it.
//! 3. Nothing here knows a process, a thread or a clock: `process` is one end, `serve` the other.

mod answer;
mod ask;
mod bytes;
mod greeting;
mod json;
mod request;

pub(crate) use answer::{read_answer, reply_of, write_answer, write_failure};
pub(crate) use ask::{write_opening, write_request};
pub use bytes::Encoding;
pub use greeting::{Greeting, WrongGreeting};
pub(crate) use json::Value;
pub(crate) use request::{Call, read_request};
