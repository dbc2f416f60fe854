//! A failure of a test, as text: the case, the `#[test]` that keeps it, and where it was saved.

use std::path::{Path, PathBuf};

use crate::campaign::Failed;
use crate::rust_form::RustTest;

/// Saves the failing case below `target`, and panics with everything that a person needs.
pub(super) fn fail(test: &str, failed: &Failed) -> ! {
    let saved = save(test, &failed.script.to_string());
    let keep = failed.script.to_rust(&RustTest {
        name: &format!("{test}_regression"),
        why: "",
        target: "target() /* yours */",
    });
    panic!("{failed}\n{saved}\nto keep it, copy that file into tests/etalon, or:\n\n{keep}");
}

/// Saves what a test found below `target`; where that is, or why it is not.
pub(super) fn save(test: &str, found: &str) -> String {
    let write = || -> std::io::Result<PathBuf> {
        let directory = target_directory()?.join("etalon");
        std::fs::create_dir_all(&directory)?;
        let path = directory.join(format!("{test}.ops"));
        std::fs::write(&path, found)?;
        Ok(path)
    };
    match write() {
        Ok(path) => format!("saved: {}", path.display()),
        Err(error) => format!("not saved: {error}"),
    }
}

/// Cargo's, which the test's own program lies in: `target/debug/deps/name`.
fn target_directory() -> std::io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let deps = program
        .ancestors()
        .find(|path| path.file_name().is_some_and(|name| name == "deps"));
    // A test that was copied elsewhere writes beside itself.
    let directory = deps.and_then(|deps| deps.ancestors().nth(2));
    Ok(directory
        .or(program.parent())
        .unwrap_or(Path::new("."))
        .to_path_buf())
}
