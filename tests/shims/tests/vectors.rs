//! `etalon vectors run` on right stores behind the drivers that need no building.

mod built;

use std::path::Path;
use std::process::Command;

use built::etalon;

#[test]
fn right_stores_in_other_languages_pass_every_vector_that_applies() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (program, driver, store) in [
        ("node", "driver.js", "store.js"),
        ("python3", "driver.py", "store.py"),
        ("ruby", "driver.rb", "store.rb"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let copy = |from: &Path, name: &str| {
            std::fs::copy(from.join(name), folder.path().join(name)).expect("copied")
        };
        copy(&here.join("../../spec/shims"), driver);
        copy(&here.join("stores"), store);
        let mut command = Command::new(etalon());
        command.args(["vectors", "run", "--", program, driver]);
        let output = command.current_dir(folder.path()).output();
        let output = output.expect("tests/shims/install");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{program}: {said}");
        let last = said.lines().last().expect("a verdict");
        assert!(
            last.starts_with("PASS: ") && last.ends_with(" not applicable"),
            "{last}"
        );
    }
}
