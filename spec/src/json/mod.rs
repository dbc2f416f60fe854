//! The JSON form of a case, for programs that read neither `.ops` nor bytes. Feature `json`;
//! `spec/CASES.md` is its normative page.
//!
//! ```text
//!   {"ops":1,"options":{"memtable_bytes":256},"operations":[
//!   {"op":"put","key":"a\u0000","value":"\u00ff"},
//!   {"op":"get","key":"a\u0000","reply":{"value":"\u00ff"}}
//!   ]}
//! ```
//!
//! Field names are those of a request of the stdio protocol. Bytes are strings of one character
//! a byte, U+0000 to U+00FF, so that string order is byte order in every language.
//!
//! Invariants:
//! 1. `parse(print(script))` has the same case and the same expected replies; comments are not
//!    part of this form.
//! 2. What is printed is pure ASCII, one operation a line.
//! 3. Parsing is total: a script or a [`JsonError`], and an unknown field is an error.

mod breakage;
mod fields;
mod read;
mod scoped;
mod write;

pub use fields::JsonError;
pub use read::parse;
pub use write::print;
