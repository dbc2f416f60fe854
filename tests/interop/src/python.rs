//! The Python process in which `LevelDB` runs: commands in, answers out, one line of JSON each.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use etalon_spec::{Failure, Outcome};
use serde_json::{Value, json};

/// What installs everything that the tests here need.
pub const INSTALL: &str =
    "apt-get install python3-plyvel golang-go golang-github-syndtr-goleveldb-dev";

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/leveldb.py");

/// Interpreters to try. Debian's own comes first: one that stands before it on the path does
/// not see Debian's packages.
const INTERPRETERS: [&str; 2] = ["/usr/bin/python3", "python3"];

/// See the module. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Python {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Starts the process.
    ///
    /// # Panics
    /// If no interpreter has plyvel.
    pub(crate) fn start() -> Python {
        let found = INTERPRETERS
            .iter()
            .find(|interpreter| has_plyvel(interpreter));
        let interpreter = found.unwrap_or_else(|| {
            panic!("no python3 can import plyvel (LevelDB in C++). Install it: {INSTALL}")
        });
        let mut child = Command::new(interpreter)
            .arg(SCRIPT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it ran a moment ago");
        Python {
            commands: child.stdin.take(),
            answers: BufReader::new(child.stdout.take().expect("piped")),
            child,
        }
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a command; an error that `LevelDB` answers is indefinite.
    pub(crate) fn ask(&mut self, command: &Value) -> Outcome<Value> {
        let mut line = command.to_string();
        line.push('\n');
        self.commands
            .as_mut()
            .expect("open until dropped")
            .write_all(line.as_bytes())?;
        line.clear();
        self.answers.read_line(&mut line)?;
        let mut answer: Value = serde_json::from_str(&line)?;
        match answer.get("error") {
            Some(error) => Err(Failure::Indefinite(error.to_string())),
            None => Ok(answer["ok"].take()),
        }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        self.commands = None;
        // It ends with its input; how, decides nothing any more.
        drop(self.child.wait());
    }
}

fn has_plyvel(interpreter: &str) -> bool {
    let tried = Command::new(interpreter)
        .args(["-c", "import plyvel"])
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Bytes as the script takes them: a character each.
pub(crate) fn text(bytes: &[u8]) -> Value {
    json!(
        bytes
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>()
    )
}

/// Bytes as the script gives them; `None` for its null.
pub(crate) fn bytes(text: &Value) -> Option<Vec<u8>> {
    let latin = |letter: char| u8::try_from(u32::from(letter)).expect("Latin-1");
    text.as_str().map(|text| text.chars().map(latin).collect())
}

#[cfg(test)]
mod tests {
    use super::{bytes, text};

    #[test]
    fn all_bytes_survive_the_way_there_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&text(&all)), Some(all));
        assert_eq!(bytes(&text(b"")), Some(Vec::new()), "empty is not absent");
    }
}
