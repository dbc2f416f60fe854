//! goleveldb, `LevelDB` in Go, as a program that opens a directory and holds it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::INSTALL;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/hold.go");

/// The program, built.
#[derive(Debug)]
pub struct GoLevelDb {
    program: PathBuf,
}

/// A directory that the program holds; dropping it gives it back.
#[derive(Debug)]
pub struct Held {
    child: Child,
    input: Option<ChildStdin>,
}

impl GoLevelDb {
    /// Builds the program into a directory, from Debian's sources of goleveldb.
    ///
    /// # Panics
    /// If the compiler or the sources are not installed.
    pub fn build(into: &Path) -> GoLevelDb {
        let program = into.join("hold");
        let built = Command::new("go")
            .args(["build", "-o"])
            .args([&program, Path::new(SOURCE)])
            .envs([("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode")])
            .status();
        let built = built.is_ok_and(|status| status.success());
        assert!(
            built,
            "hold.go cannot be built. Install what it needs: {INSTALL}"
        );
        GoLevelDb { program }
    }

    /// Opens a directory and holds it, or says why not.
    pub fn hold(&self, directory: &Path) -> Result<Held, String> {
        let mut child = Command::new(&self.program)
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was just built");
        let mut line = String::new();
        let output = child.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let held = Held {
            input: child.stdin.take(),
            child,
        };
        match line.trim_end() {
            "open" => Ok(held),
            refusal => Err(refusal.to_owned()),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.input = None;
        // It ends with its input; how, decides nothing any more.
        drop(self.child.wait());
    }
}
