//! What was found in the engines is still so; the list, the files and the page agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use etalon_peers::engine::Engine;
use etalon_peers::findings::FINDINGS;

fn names() -> BTreeSet<String> {
    FINDINGS.iter().map(|found| found.name.to_owned()).collect()
}

#[test]
fn each_finding_still_fails_as_it_did() {
    let built = FINDINGS
        .iter()
        .filter(|found| Engine::named(found.engine).is_some());
    let wrong: Vec<String> = built.filter_map(|found| found.replay(20).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_file_is_a_finding_and_says_why_and_of_what() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path).expect("a text");
        let engine = FINDINGS.iter().find(|finding| finding.name == name);
        let engine = engine
            .unwrap_or_else(|| panic!("{name} is in no entry"))
            .engine;
        assert!(text.contains("\n# why: "), "{name}");
        assert!(
            text.contains(&format!("\n# target: etalon-peers --engine {engine}\n")),
            "{name}"
        );
        found.insert(name);
    }
    assert_eq!(found, names());
}

/// Headings of the third level are findings.
#[test]
fn the_page_tells_of_each_finding_and_of_nothing_else() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/FINDINGS.md");
    let page = fs::read_to_string(page).expect("spec/FINDINGS.md");
    let told = page.lines().filter_map(|line| line.strip_prefix("### "));
    assert_eq!(told.map(str::to_owned).collect::<BTreeSet<_>>(), names());
}
