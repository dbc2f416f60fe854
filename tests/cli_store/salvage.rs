//! `--salvage` from a shell: what is intact is answered, what is lost is said, exit code 1.

use std::fs;

use crate::shell::{SCANS, Shell, contents};

/// The store of `fill`, with the newer of its tables damaged where its index stands.
fn damaged() -> Shell {
    let shell = Shell::with_store();
    let path = shell.path("store/000007.ldb");
    let mut bytes = fs::read(&path).expect("reads");
    let length = bytes.len();
    bytes[length - 60] ^= 1;
    fs::write(&path, bytes).expect("writes");
    shell
}

const LOST: &str = "000007.ldb: left out, damaged at offset ";

#[test]
fn reading_with_salvage_shows_what_is_intact_says_what_is_lost_and_changes_no_byte() {
    let shell = damaged();
    let before = contents(&shell.path("store"));
    assert!(shell.fails(&["scan", "store"], 1).contains("000007.ldb"));
    assert!(
        shell
            .fails(&["get", "store", "kiwi"], 1)
            .contains("000007.ldb")
    );

    let ran = shell.run(&["scan", "store", "--salvage"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (1, "kiwi\tgreen\nlime\t\nplum\tblue\n")
    );
    assert!(ran.error.contains(LOST), "{}", ran.error);
    let ran = shell.run(&["get", "store", "kiwi", "--salvage"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, "green\n"));
    assert!(ran.error.contains(LOST), "{}", ran.error);
    assert_eq!(contents(&shell.path("store")), before);
}

#[test]
fn a_store_that_was_salvaged_once_is_intact_and_keeps_what_was_damaged_in_lost() {
    for command in [
        &["flush", "store", "--salvage"][..],
        &["compact", "store", "--salvage"],
        &["put", "store", "kiwi", "green", "--salvage"],
        &["delete", "store", "nothing", "--salvage"],
    ] {
        let shell = damaged();
        let without = &command[..command.len() - 1];
        assert!(
            shell.fails(without, 1).contains("000007.ldb"),
            "{without:?}"
        );
        let ran = shell.run(command);
        assert_eq!(ran.code, 1, "{command:?}: {}", ran.error);
        assert!(ran.error.contains(LOST), "{command:?}: {}", ran.error);
        assert!(shell.path("store/lost/000007.ldb").exists(), "{command:?}");
        let kept = "kiwi\tgreen\nlime\t\nplum\tblue\n";
        assert_eq!(shell.prints(&["scan", "store"]), kept, "{command:?}");
        assert!(shell.prints(&["verify", "store"]).starts_with("intact"));
    }
}

#[test]
fn an_intact_store_is_read_and_written_with_salvage_as_without() {
    let shell = Shell::with_store();
    assert_eq!(shell.prints(&["scan", "store", "--salvage"]), SCANS[3]);
    shell.prints(&["compact", "store", "--salvage"]);
    assert!(!shell.path("store/lost").exists());
}
