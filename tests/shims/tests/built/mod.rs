//! The command, built once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Its path: beside the tests in the target folder.
pub(crate) fn etalon() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "etalon", "--bin", "etalon"])
            .status();
        assert!(built.expect("cargo runs").success());
        let test = std::env::current_exe().expect("its own path");
        let folder = test.ancestors().nth(2).expect("below the target folder");
        folder.join("etalon")
    })
}
