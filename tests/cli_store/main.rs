//! The commands that work on a store's directory, end to end: what they print, their exit codes,
//! that reading changes no byte, and that damage is named; and `replay` on case files.

mod cases;
mod commands;
mod damage;
mod dump;
mod salvage;
mod shell;
mod tools;
