//! A process that writes in a loop is killed, again and again over the same directory: no
//! acknowledged change is lost, synced or not, and there is no hole (G7).
//!
//! Every change follows from its number, and a store knows how many changes it has taken
//! ([`Store::sequence`]): so what it must hold is known from that number alone. It must be at
//! least the last one acknowledged, and no more than one operation beyond.
//!
//! `ETALON_KILLS` says how often, by default ten times. A quarter of the kills must fall into a
//! flush or a compaction.

mod work;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use etalon::{Options, Store};

use work::{ACKNOWLEDGED, BEGINS, Contents, ENDS, change, changes_after, write_for_ever};

const DIRECTORY: &str = "ETALON_KILL_DIRECTORY";
const TWIN: &str = "ETALON_KILL_TWIN";

/// At least so many operations are acknowledged before each kill.
const OPERATIONS: u64 = 1_000;

/// No test of its own: where no other test has started it, it has nothing to do.
#[test]
fn the_process_that_is_killed() {
    if let Some(directory) = std::env::var_os(DIRECTORY).map(PathBuf::from) {
        write_for_ever(&directory, std::env::var_os(TWIN).is_some());
    }
}

/// The other process: this test program itself, sent into [`the_process_that_is_killed`].
struct Writer {
    child: Child,
    heard: Heard,
}

/// What it has said so far.
#[derive(Debug, Default)]
struct Heard {
    operations: u64,
    /// The number of the last change acknowledged.
    acknowledged: u64,
    /// Whether a flush or a compaction has begun and not ended.
    inside: bool,
}

impl Writer {
    fn start(directory: &Path, twin: bool) -> Writer {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command
            .args(["--exact", "the_process_that_is_killed", "--nocapture"])
            .env(DIRECTORY, directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if twin {
            command.env(TWIN, "yes");
        }
        Writer {
            child: command.spawn().expect("it runs now"),
            heard: Heard::default(),
        }
    }

    /// Takes in its next message; whether there was one.
    fn hear(&mut self) -> bool {
        let mut message = [0; 9];
        let output = self.child.stderr.as_mut().expect("piped");
        if output.read_exact(&mut message).is_err() {
            return false;
        }
        let number = u64::from_le_bytes(message[1..].try_into().expect("eight bytes"));
        match message[0] {
            ACKNOWLEDGED => {
                self.heard.operations += 1;
                self.heard.acknowledged = number;
            }
            BEGINS => self.heard.inside = true,
            ENDS => self.heard.inside = false,
            _ => {
                let mut text = message.to_vec();
                output.read_to_end(&mut text).expect("readable");
                panic!("{}", String::from_utf8_lossy(&text));
            }
        }
        true
    }

    /// Kills it, after so many operations or in the first flush or compaction behind them. What
    /// it had said before it died is heard to the end.
    fn kill(mut self, operations: u64, in_flush: bool) -> Heard {
        while self.heard.operations < operations || self.heard.inside != in_flush {
            assert!(self.hear(), "it ended by itself");
        }
        self.child.kill().expect("it runs");
        while self.hear() {}
        self.child.wait().expect("it is dead");
        self.heard
    }
}

/// What the store must hold, as far as it has been followed.
#[derive(Default)]
struct Expected {
    contents: Contents,
    changes: u64,
}

impl Expected {
    /// Follows the operations to `changes`, which must be where one ends.
    fn advance(&mut self, changes: u64) -> Result<(), String> {
        while self.changes < changes {
            for _ in 0..changes_after(self.changes) {
                self.changes += 1;
                match change(self.changes) {
                    (key, Some(value)) => self.contents.insert(key, value),
                    (key, None) => self.contents.remove(&key),
                };
            }
        }
        if self.changes != changes {
            return Err(format!("{changes} changes end inside a batch"));
        }
        Ok(())
    }

    /// Opens what a killed process left.
    fn check(&mut self, directory: &Path, heard: &Heard) -> Result<(), String> {
        let acknowledged = heard.acknowledged;
        let store = Store::open(directory, Options::default()).map_err(|e| e.to_string())?;
        let found = store.sequence();
        if found < acknowledged {
            return Err(format!("{acknowledged} acknowledged, {found} found"));
        }
        if found > acknowledged + changes_after(acknowledged) {
            return Err(format!("{found} changes, {acknowledged} acknowledged"));
        }
        self.advance(found)?;
        let entries = store.scan().collect().map_err(|e| e.to_string())?;
        if entries.into_iter().ne(self.contents.clone()) {
            return Err(format!("not what {found} changes amount to"));
        }
        Ok(())
    }
}

fn kills() -> u64 {
    let asked = std::env::var("ETALON_KILLS");
    asked.map_or(10, |asked| asked.parse().expect("ETALON_KILLS is a number"))
}

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let scratch = tempfile::tempdir().expect("a directory");
    let directory = scratch.path().join("store");
    let wanted = kills();
    let mut expected = Expected::default();
    let (mut killed, mut inside, mut operations) = (0, 0, 0);
    while killed < wanted || 4 * inside < wanted {
        assert!(
            killed < 4 * wanted,
            "only {inside} of {killed} kills in a flush"
        );
        // Two of three aim at a flush or a compaction; not each of them is quick enough.
        let writer = Writer::start(&directory, false);
        let heard = writer.kill(OPERATIONS + killed * 37 % 400, killed % 3 > 0);
        let checked = expected.check(&directory, &heard);
        checked.unwrap_or_else(|what| panic!("kill {killed}, {heard:?}: {what}"));
        killed += 1;
        inside += u64::from(heard.inside);
        operations += heard.operations;
    }
    println!("{killed} kills, {inside} in a flush or compaction, {operations} operations");
}

/// The check can fail: a process that acknowledges first is found out.
#[test]
fn a_twin_that_acknowledges_before_it_writes_loses_changes() {
    let scratch = tempfile::tempdir().expect("a directory");
    let directory = scratch.path().join("store");
    let mut expected = Expected::default();
    let found = (0..200).find_map(|killed| {
        let heard = Writer::start(&directory, true).kill(OPERATIONS + killed * 37 % 400, false);
        expected.check(&directory, &heard).err()
    });
    let what = found.expect("one of 200 kills falls between the two");
    assert!(what.contains("acknowledged"), "{what}");
}
