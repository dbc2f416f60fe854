//! The list of known divergences: one file each in `divergences/`, the shortest sequence that
//! shows it, with what is to be known about it in its header.
//!
//! ```text
//! # program: rusty-leveldb
//! # writer: etalon            or `program`
//! # reader: program           or `etalon`
//! # leveldb: reads            or `refuses`: what LevelDB in C++ makes of the same directory
//! # expires: 2027-05-22
//! # why: ...
//! ```
//!
//! 1. The writer carries out all operations but the last, and the reader that one; it answers
//!    otherwise than the model, or not at all. Where they are one program it goes on in the same
//!    opening.
//! 2. `LevelDB` in C++, by plyvel, answers like the model (`reads`) or fails too (`refuses`).
//! 3. An entry past its date fails the run, and so does one that no longer diverges.
//!
//! The options of a file are those that the program is opened with.

use std::fs;
use std::path::{Path, PathBuf};

use etalon_spec::{Case, Script};

use crate::program::{PROGRAMS, Program};

/// One entry of the list.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// The name of its file, without the ending.
    pub name: String,
    /// The program that it is about.
    pub program: Program,
    /// Whether the program writes, instead of etalon.
    pub program_writes: bool,
    /// Whether the program reads, instead of etalon.
    pub program_reads: bool,
    /// Whether `LevelDB` in C++ answers like the model.
    pub leveldb_reads: bool,
    /// The last day on which it may stand here, as year, month and day with lines between.
    pub expires: String,
    /// What is wrong, and with whom.
    pub why: String,
    /// The operations, the last of which is answered otherwise.
    pub case: Case,
}

impl Divergence {
    /// All entries, by name.
    ///
    /// # Panics
    /// If a file is not as described.
    pub fn list() -> Vec<Divergence> {
        let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "divergences"].iter().collect();
        let files = fs::read_dir(folder).expect("the list");
        let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        paths.sort();
        paths.iter().map(|path| Divergence::read(path)).collect()
    }

    fn read(path: &Path) -> Divergence {
        let name = path.file_stem().unwrap_or_default().display().to_string();
        let text = fs::read_to_string(path).expect("text");
        let script = Script::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let says = |note: &str| {
            let said = script.note(note);
            said.unwrap_or_else(|| panic!("{name}: no # {note}:"))
        };
        let either = |note, yes: &str, no: &str| match says(note) {
            said if said == yes => true,
            said if said == no => false,
            said => panic!("{name}: # {note}: {said}, which is neither {yes} nor {no}"),
        };
        let program = says("program");
        let program = PROGRAMS.into_iter().find(|known| known.name == program);
        Divergence {
            program: program.unwrap_or_else(|| panic!("{name}: no such program")),
            program_writes: either("writer", "program", "etalon"),
            program_reads: either("reader", "program", "etalon"),
            leveldb_reads: either("leveldb", "reads", "refuses"),
            expires: says("expires").to_owned(),
            why: says("why").to_owned(),
            case: script.case.clone(),
            name,
        }
    }
}
