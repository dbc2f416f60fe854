//! The commands by themselves, and what makes them refuse.

use std::fs;
use std::process::Stdio;

use etalon::{Options, Store};

use crate::shell::{SCANS, Shell, contents, newest};

#[test]
fn a_store_is_created_written_and_read_by_commands() {
    let shell = Shell::new();
    assert_eq!(shell.prints(&["put", "s", "apple", "red"]), "");
    shell.prints(&["put", "s", "plum", "blue"]);
    assert_eq!(shell.prints(&["get", "s", "apple"]), "red\n");
    assert!(
        shell
            .prints(&["flush", "s"])
            .starts_with("level 0: segment ")
    );
    shell.prints(&["delete", "s", "apple"]);
    shell.prints(&["delete", "s", "never there"]);
    let absent = shell.fails(&["get", "s", "apple"], 1);
    assert_eq!(absent, "etalon: no key \"apple\"\n");
    assert_eq!(shell.run(&["get", "s", "apple"]).out, "");
    assert!(
        shell
            .prints(&["compact", "s"])
            .starts_with("level 1: segment ")
    );
    assert_eq!(shell.prints(&["scan", "s"]), "plum\tblue\n");
    shell.prints(&["delete", "s", "plum"]);
    assert_eq!(shell.prints(&["compact", "s"]), "no segments\n");
    assert_eq!(shell.prints(&["scan", "s"]), "");
}

#[test]
fn keys_and_values_of_any_bytes_go_in_and_out_in_escapes_in_hex_and_raw() {
    let shell = Shell::new();
    shell.prints(&["put", "s", r"a\x00\tb", r#"\xff"\\"#]);
    assert_eq!(shell.prints(&["get", "s", r"a\x00\tb"]), "\\xff\\\"\\\\\n");
    assert_eq!(shell.prints(&["get", "s", "--hex", "61000962"]), "ff225c\n");
    assert_eq!(shell.prints(&["scan", "s"]), "a\\x00\\tb\t\\xff\\\"\\\\\n");
    assert_eq!(shell.prints(&["scan", "s", "--hex"]), "61000962\tff225c\n");
    let raw = shell.command(&["get", "s", "--raw", r"a\x00\tb"]).output();
    assert_eq!(raw.expect("runs").stdout, b"\xff\"\\");

    shell.prints(&["put", "s", "", "the empty key"]);
    assert_eq!(shell.prints(&["get", "s", ""]), "the empty key\n");
    shell.prints(&["put", "s", "-1", "-2"]);
    assert_eq!(shell.prints(&["get", "s", "--", "-1"]), "-2\n");
    shell.prints(&["put", "s", "\u{e9}", "beyond ASCII"]);
    assert_eq!(shell.prints(&["get", "s", r"\xc3\xa9"]), "beyond ASCII\n");
}

#[test]
fn a_scan_takes_every_kind_of_bound() {
    let shell = Shell::new();
    for key in ["a", "b", "ba", "c", r"\xff"] {
        shell.prints(&["put", "s", key, ""]);
    }
    let keys = |flags: &[&str]| {
        let out = shell.prints(&[&["scan", "s"], flags].concat());
        out.lines().map(str::trim_end).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(keys(&[]), r"a b ba c \xff");
    assert_eq!(keys(&["--from", "b", "--to", "c"]), "b ba");
    assert_eq!(keys(&["--after", "b", "--through", "c"]), "ba c");
    assert_eq!(keys(&["--prefix", "b", "--reverse"]), "ba b");
    assert_eq!(keys(&["--prefix", r"\xff"]), r"\xff");
    assert_eq!(keys(&["--limit", "2"]), "a b");
    assert_eq!(keys(&["--reverse", "--limit", "1"]), r"\xff");
    assert_eq!(keys(&["--limit", "0"]), "");
    assert_eq!(keys(&["--from", "c", "--to", "a"]), "", "inverted");
    assert_eq!(keys(&["--hex", "--from", "62", "--to", "63"]), "62 6261");
}

#[test]
fn mistakes_on_the_command_line_end_with_code_4_and_say_what_to_do() {
    let shell = Shell::with_store();
    fs::create_dir(shell.path("other")).expect("creates");
    fs::write(shell.path("other/notes.txt"), "mine").expect("writes");

    let missing = "etalon: nowhere: no such directory\n";
    for command in ["scan", "flush", "compact"] {
        assert_eq!(shell.fails(&[command, "nowhere"], 4), missing);
        assert!(
            shell
                .fails(&[command, "other"], 4)
                .contains("no store here")
        );
    }
    for command in ["get", "delete"] {
        assert_eq!(shell.fails(&[command, "nowhere", "k"], 4), missing);
        assert!(
            shell
                .fails(&[command, "other", "k"], 4)
                .contains("no store here")
        );
    }
    assert!(
        shell
            .fails(&["put", "other", "k", "v"], 4)
            .contains("an empty directory")
    );
    assert_eq!(
        contents(&shell.path("other")).len(),
        1,
        "nothing was created"
    );
    assert!(
        shell
            .fails(&["scan", "other/notes.txt"], 4)
            .contains("etalon dump")
    );
    assert_eq!(shell.fails(&["put", "nowhere/s", "k", "v"], 4), missing);
    assert!(
        shell
            .fails(&["get", "store", r"a\q"], 4)
            .contains(r"KEY: expected one of the escapes")
    );
    assert!(
        shell
            .fails(&["put", "store", "--hex", "00", "123"], 4)
            .contains("VALUE")
    );
    assert!(
        shell
            .fails(&["scan", "store", "--from", "a", "--prefix", "b"], 4)
            .contains("--prefix")
    );
    assert!(
        shell
            .fails(&["scan", "store", "--to", "a", "--through", "b"], 4)
            .contains("--through")
    );

    assert!(
        shell
            .fails(&["dump", "nowhere"], 4)
            .contains("no such file")
    );
    assert!(shell.fails(&["dump", "other"], 4).contains("no store here"));
    assert!(
        shell
            .fails(&["dump", "other/notes.txt"], 4)
            .contains("--as table")
    );
    assert!(
        shell
            .fails(&["dump", "store", "--as", "log"], 4)
            .contains("a directory")
    );
    shell.fails(&["dump"], 4);
}

#[test]
fn a_store_that_is_open_elsewhere_is_left_alone_with_code_3() {
    let shell = Shell::with_store();
    let store = Store::open(shell.path("store"), Options::default()).expect("opens");
    let log = format!("store/{}", newest(&shell.path("store"), "", ".log"));
    for arguments in [
        &["get", "store", "k"][..],
        &["put", "store", "k", "v"],
        &["scan", "store"],
        &["compact", "store"],
        &["dump", "store"],
        &["dump", &log],
    ] {
        let said = shell.fails(arguments, 3);
        assert!(
            said.contains("LOCK: the store is open elsewhere: held by"),
            "{said}"
        );
    }
    store.close().expect("close");
    shell.prints(&["scan", "store"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_ends_with_code_3() {
    use std::os::unix::fs::PermissionsExt;
    let shell = Shell::with_store();
    let name = format!("store/{}", newest(&shell.path("store"), "", ".ldb"));
    let path = shell.path(&name);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).expect("sets");
    if fs::File::open(&path).is_ok() {
        return; // the superuser may read anything
    }
    assert!(shell.fails(&["dump", &name], 3).contains(&name));
    assert!(shell.fails(&["scan", "store"], 3).contains(&name));
}

#[test]
fn reading_changes_no_byte_with_a_lock_file_without_one_and_with_a_torn_log() {
    let shell = Shell::with_store();
    let store = shell.path("store");
    let check = || {
        let before = contents(&store);
        shell.run(&["get", "store", "kiwi"]);
        shell.run(&["scan", "store", "--reverse"]);
        shell.run(&["dump", "store"]);
        let files: Vec<String> = before
            .keys()
            .map(|path| path.display().to_string())
            .collect();
        let mut dump = vec!["dump"];
        dump.extend(
            files
                .iter()
                .map(String::as_str)
                .filter(|file| !file.ends_with("LOCK")),
        );
        shell.run(&dump);
        assert_eq!(contents(&store), before);
    };
    check();
    fs::remove_file(store.join("LOCK")).expect("removes");
    check();
    let said = shell.run(&["scan", "store"]);
    assert_eq!(said.out, SCANS[3]);
    assert!(said.error.contains("note: store/LOCK: no such file"));
    let log = store.join(newest(&store, "", ".log"));
    let bytes = fs::read(&log).expect("reads");
    fs::write(&log, &bytes[..bytes.len() - 1]).expect("writes");
    check();
}

#[test]
fn a_reader_that_goes_away_ends_a_command_in_peace() {
    let shell = Shell::with_store();
    for arguments in [
        &["scan", "store"][..],
        &["dump", "store"],
        &["get", "store", "kiwi"],
    ] {
        let mut child = shell
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("ends");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(output.stderr, b"", "{arguments:?}");
    }
}
