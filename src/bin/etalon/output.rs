//! Standard output, and notes beside it.
//!
//! ```text
//!   etalon scan DIR | head      head goes away: the command ends, exit code 0
//!   etalon check | head         head goes away: the command goes on, the verdict is its exit code
//!   either of them > /full      cannot be written: the command ends, exit code 3
//! ```
//!
//! Printing never fails for the caller.
//! 1. [`Output`] is for what a store holds, which may be long: when nobody reads any more, the
//!    process ends where it stands. So it is only for commands that change nothing, or print
//!    after they have.
//! 2. [`say!`] and [`text`] are for commands that come to a verdict: what is decided, and what is
//!    written to files, does not depend on whether anyone reads.

use std::fmt;
use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};

use crate::exit::Exit;

/// See the module.
pub struct Output {
    to: BufWriter<StdoutLock<'static>>,
}

impl Output {
    pub fn new() -> Output {
        Output {
            to: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
        }
    }

    /// Prints one line.
    pub fn line(&mut self, text: impl fmt::Display) {
        let written = writeln!(self.to, "{text}");
        written.unwrap_or_else(|error| end(&error));
    }

    /// Prints bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let written = self.to.write_all(bytes);
        written.unwrap_or_else(|error| end(&error));
    }

    /// Hands on what is still buffered: before anything goes to standard error, and at the end.
    pub fn flush(&mut self) {
        self.to.flush().unwrap_or_else(|error| end(&error));
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Prints a line of a command that comes to a verdict; see the module.
macro_rules! say {
    () => {
        $crate::output::text("\n")
    };
    ($($text:tt)+) => {
        $crate::output::text(format_args!("{}\n", format_args!($($text)+)))
    };
}
pub(crate) use say;

/// As [`say!`], without the end of a line.
pub fn text(text: impl fmt::Display) {
    let mut out = io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => end(&error),
        _ => {}
    }
}

/// Ends the process, since nothing more can be printed.
fn end(error: &io::Error) -> ! {
    let exit = if error.kind() == ErrorKind::BrokenPipe {
        Exit::Good
    } else {
        note(format_args!("cannot write to standard output: {error}"));
        Exit::Failed
    };
    std::process::exit(exit as i32)
}

/// Prints a line on standard error. If nobody listens there, nothing can be done about it.
pub fn note(text: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "etalon: {text}");
}
