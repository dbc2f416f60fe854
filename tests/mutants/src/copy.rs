//! The copy of the sources, and its build.
//!
//! A file is written only where it differs from what is there, so that a second build finds
//! nothing to do.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::fault::Fault;
use crate::plant::{plant, switches};

/// What the copy takes over. Everything else of the workspace it does without.
const TAKEN: [&str; 4] = ["Cargo.lock", "src", "spec", "tests/loom"];

/// A copy of the sources with the faults planted.
#[derive(Debug)]
pub struct Copy {
    sources: PathBuf,
    target: PathBuf,
}

/// What a build of the copy gives.
#[derive(Clone, Debug)]
pub struct Built {
    /// The command line.
    pub etalon: PathBuf,
    /// The programs with loom's scenarios.
    pub scenarios: [PathBuf; 2],
}

/// The top of the repository.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("this package is two folders deep")
        .to_path_buf()
}

impl Copy {
    /// Makes the copy below `folder`, or brings it up to date.
    ///
    /// # Panics
    /// If a fault does not fit the sources, or a file cannot be read or written.
    pub fn make(folder: &Path, faults: &[Fault]) -> Copy {
        let copy = Copy {
            sources: folder.join("sources"),
            target: folder.join("target"),
        };
        let repository = repository();
        let mut names = BTreeSet::new();
        for taken in TAKEN {
            list(&repository, Path::new(taken), &mut names);
        }
        let has_loom = names.contains(Path::new("tests/loom/Cargo.toml"));
        for name in &names {
            let bytes = read(&repository.join(name));
            match name.to_str().filter(|name| name.starts_with("src/")) {
                None => copy.write(name, &bytes),
                Some(name) => {
                    let text = String::from_utf8(bytes).expect("sources are text");
                    let mut text = plant(name, &text, faults).unwrap_or_else(|why| panic!("{why}"));
                    if name == "src/lib.rs" {
                        text.push_str("\nmod planted;\n");
                    }
                    copy.write(Path::new(name), text.as_bytes());
                }
            }
        }
        names.insert("src/planted.rs".into());
        copy.write(Path::new("src/planted.rs"), switches(faults).as_bytes());
        names.insert("Cargo.toml".into());
        let manifest = fs::read_to_string(repository.join("Cargo.toml")).expect("a manifest");
        copy.write(
            Path::new("Cargo.toml"),
            trimmed(&manifest, has_loom).as_bytes(),
        );
        copy.remove_all_but(&names);
        copy
    }

    /// Builds the command line and loom's scenarios, in one go: whatever both need is built once.
    ///
    /// # Panics
    /// If they cannot be built.
    pub fn build(&self) -> Built {
        let mut cargo = self.cargo();
        cargo.args(["--package", "etalon", "--bin", "etalon"]);
        cargo.args(["--package", "etalon-loom", "--test", "interleavings"]);
        cargo.args(["--test", "crashes"]);
        let output = cargo.stderr(Stdio::inherit()).output();
        let output = output.expect("cargo can be started");
        assert!(
            output.status.success(),
            "the copy with planted faults must build"
        );
        let said = String::from_utf8(output.stdout).expect("cargo speaks JSON");
        let program = |name: &str| {
            let path = said.lines().find_map(|line| executable(line, name));
            path.unwrap_or_else(|| panic!("cargo has built no {name}"))
        };
        Built {
            etalon: program("etalon"),
            scenarios: ["interleavings", "crashes"].map(program),
        }
    }

    /// Cargo, in the copy, optimized. What the outer cargo said to its own build does not concern
    /// it. Dependencies get no care, their build takes longer than their use; but for loom's.
    fn cargo(&self) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut run = Command::new(cargo);
        run.arg("build")
            .args(["--offline", "--quiet", "--release", "--message-format=json"])
            .args(["--config", "profile.release.debug=false"])
            .args(["--config", "profile.release.opt-level=2"])
            .args(["--config", "profile.release.package.'*'.opt-level=0"])
            .args(["--config", "profile.release.package.loom.opt-level=2"])
            .args(["--config", "profile.release.package.generator.opt-level=2"])
            .current_dir(&self.sources)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("CARGO_MANIFEST_DIR")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env("RUSTFLAGS", "-Awarnings")
            .env_remove("ETALON_PLANTED");
        run
    }

    /// Writes a file of the copy, if it is not so already.
    fn write(&self, name: &Path, bytes: &[u8]) {
        let path = self.sources.join(name);
        if fs::read(&path).is_ok_and(|present| present == bytes) {
            return;
        }
        let folder = path.parent().expect("below the copy");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, bytes))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Removes sources that the repository has no more.
    fn remove_all_but(&self, names: &BTreeSet<PathBuf>) {
        let mut present = BTreeSet::new();
        list(&self.sources, Path::new(""), &mut present);
        for name in present.difference(names) {
            fs::remove_file(self.sources.join(name)).expect("a file that was just listed");
        }
    }
}

/// The program that a line of `cargo build --message-format=json` tells of, if it is this one's.
fn executable(line: &str, name: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    let is_its = message["target"]["name"] == name;
    let path = message["executable"].as_str().filter(|_| is_its);
    path.map(PathBuf::from)
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files at or below `name`, if there are any, as names from `base`.
fn list(base: &Path, name: &Path, names: &mut BTreeSet<PathBuf>) {
    let path = base.join(name);
    if path.is_file() {
        names.insert(name.to_path_buf());
    }
    for entry in fs::read_dir(&path).into_iter().flatten() {
        let entry = entry.expect("a folder that can be listed");
        list(base, &name.join(entry.file_name()), names);
    }
}

/// The workspace's manifest with the members that the copy has.
fn trimmed(manifest: &str, has_loom: bool) -> String {
    let members = if has_loom {
        "[\".\", \"spec\", \"tests/loom\"]"
    } else {
        "[\".\", \"spec\"]"
    };
    let mut trimmed = manifest.to_owned();
    for field in ["\nmembers = ", "\ndefault-members = ", "\nexclude = "] {
        let Some(start) = trimmed.find(field).map(|at| at + field.len()) else {
            continue;
        };
        let end = trimmed[start..].find(']').expect("a list") + start + 1;
        let list = if field.contains("members") {
            members
        } else {
            "[]"
        };
        trimmed.replace_range(start..end, list);
    }
    trimmed
}
