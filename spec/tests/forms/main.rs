//! The forms of a case: text, bytes, JSON, a Rust test. Their laws over many hostile cases, and
//! tables of what they answer to mistakes.

mod arbitrary;
mod bytes;
mod document;
mod errors;
mod frozen;
#[cfg(feature = "json")]
mod json;
mod random;
mod rust_form;
mod scopes;
mod text;
