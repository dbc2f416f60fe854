//! `verify` and `repair` from a shell: what they print, their exit codes, that they change nothing.

use std::fs;

use crate::shell::{SCANS, Shell, contents};

#[test]
fn an_intact_store_is_said_to_be_intact() {
    let shell = Shell::with_store();
    let before = contents(&shell.path("store"));
    let said = "intact; read 4 entries in 2 tables, 3 changes in 1 log\n";
    assert_eq!(shell.prints(&["verify", "store"]), said);
    assert_eq!(contents(&shell.path("store")), before);
}

#[test]
fn damage_is_a_line_of_a_table_and_exit_code_1() {
    let shell = Shell::with_store();
    let path = shell.path("store/000007.ldb");
    let mut bytes = fs::read(&path).expect("reads");
    bytes[3] ^= 1;
    fs::write(&path, bytes).expect("writes");
    for (path, name) in [
        ("store", "000007.ldb"),
        ("store/000007.ldb", "store/000007.ldb"),
    ] {
        let ran = shell.run(&["verify", path]);
        assert_eq!(ran.code, 1, "{}", ran.error);
        let mut lines = ran.out.lines();
        let heading = lines.next().expect("a heading");
        assert!(heading.starts_with("file ") && heading.ends_with("what to do"));
        let row = lines.next().expect("a row");
        let words = "damage  the checksum of a block does not match";
        assert!(row.starts_with(name) && row.contains(words), "{row}");
        assert!(
            lines
                .next()
                .is_some_and(|line| line.starts_with("damaged: 1 finding;"))
        );
    }
}

/// The README shows what this prints.
#[test]
fn the_readme_shows_a_damaged_directory_as_it_is_said_to_be() {
    let shell = Shell::with_store();
    let path = shell.path("store/000007.ldb");
    let mut bytes = fs::read(&path).expect("reads");
    bytes[3] ^= 1;
    fs::write(&path, bytes).expect("writes");
    fs::write(shell.path("store/000009.ldb"), "half a table").expect("writes");
    let said = shell.run(&["verify", "store"]).out;
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    assert!(readme.expect("the README").contains(&said), "\n{said}");
}

#[test]
fn what_a_crash_leaves_is_noted_and_no_damage() {
    let shell = Shell::with_store();
    fs::write(shell.path("store/000099.ldb"), "half a table").expect("writes");
    let log = shell.path("store/000006.log");
    let bytes = fs::read(&log).expect("reads");
    fs::write(&log, &bytes[..bytes.len() - 1]).expect("writes");
    let ran = shell.run(&["verify", "store"]);
    assert_eq!((ran.code, ran.error.as_str()), (0, ""));
    for words in ["an orphan", "a torn tail of 18 bytes", "intact; "] {
        assert!(ran.out.contains(words), "{}", ran.out);
    }
}

#[test]
fn a_repaired_store_answers_and_the_original_is_as_it_was() {
    let shell = Shell::with_store();
    let before = contents(&shell.path("store"));
    let said = shell.prints(&["repair", "store", "--to", "new"]);
    assert!(
        said.starts_with("everything is saved: 3 keys in 1 table"),
        "{said}"
    );
    assert_eq!(shell.prints(&["scan", "new"]), SCANS[3]);
    assert!(shell.prints(&["verify", "new"]).starts_with("intact"));

    fs::remove_file(shell.path("store/CURRENT")).expect("removes");
    let ran = shell.run(&["repair", "store", "--to", "again"]);
    assert_eq!((ran.code, ran.error.as_str()), (1, ""));
    assert!(ran.out.contains("suspect"), "{}", ran.out);
    assert_eq!(shell.prints(&["scan", "again"]), SCANS[3]);
    let mut after = contents(&shell.path("store"));
    after.extend(
        before
            .clone()
            .into_iter()
            .filter(|(path, _)| path.ends_with("CURRENT")),
    );
    assert_eq!(after, before);
}

#[test]
fn mistakes_are_said_and_leave_nothing_behind() {
    let shell = Shell::with_store();
    fs::write(shell.path("notes.txt"), "mine").expect("writes");
    for arguments in [
        &["verify", "nowhere"][..],
        &["verify", "notes.txt"],
        &["repair", "nowhere", "--to", "new"],
        &["repair", "store", "--to", "store"],
        &["repair", "store", "--to", "store/new"],
        &["repair", "store", "--to", "notes.txt"],
        &["repair", "store", "--to", "no/parent"],
    ] {
        shell.fails(arguments, 4);
    }
    assert!(!shell.path("new").exists() && !shell.path("store/new").exists());
    fs::create_dir(shell.path("empty")).expect("new");
    shell.fails(&["verify", "empty"], 4);
    shell.fails(&["repair", "empty", "--to", "new"], 4);
}
