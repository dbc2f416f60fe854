//! The text form of a case: an `.ops` file, one operation a line, written by hand as easily as
//! by a program. `spec/CASES.md` is its normative page.
//!
//! ```text
//!   ops 1                               the version, always the first line
//!   # why: a tombstone must hide        comments; tools that rewrite the file keep them
//!   option memtable_bytes = 256         options, before the first operation
//!   put "k" "v"                         operations ...
//!   delete "k"
//!   get "k" -> none                     ... with the replies that are expected
//! ```
//!
//! Invariants:
//! 1. `parse(print(case)) == case` for every case whose fills put at most [`FILLS_MAX`] bytes, and
//!    the same for scripts, their line numbers aside.
//! 2. `print(parse(text)) == text` for every text that [`Script::print`] wrote.
//! 3. Parsing is total: an answer or a [`ParseError`] that says where, for any input; and it
//!    takes memory proportional to the input plus [`REPEATS_MAX`].
//! 4. After an error nothing is returned, so nothing can be run.
//!
//! What it does not promise: that expected replies are right, or of the kind that the operation
//! answers. The checker holds them against the model.

mod breakage;
mod comment;
mod cursor;
mod error;
mod file;
mod history;
mod line;
mod print;
mod quote;
mod scoped;
mod script;
mod suggest;
mod words;

pub use comment::{Comment, Place};
pub use error::{ParseError, Problem};
pub use quote::{Escaped, FILLS_MAX, Quoted, REPEATS_MAX, unescape};
pub use script::{Form, Script};
pub use suggest::nearest;
