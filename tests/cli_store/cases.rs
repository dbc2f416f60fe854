//! `replay` from a shell: what a file expects, and what cannot be known of it.

use std::fs;

use crate::shell::Shell;

#[test]
fn a_file_whose_expectations_cannot_all_be_followed_has_not_passed() {
    let shell = Shell::new();
    let case = "ops 1\nfill \"k\" 600 1\nlength -> 600\ncrash\nlength -> 7\nget \"j\" -> none\n";
    fs::write(shell.path("lost.ops"), case).expect("writes");
    let ran = shell.run(&["replay", "lost.ops"]);
    assert_eq!((ran.code, ran.error.as_str()), (2, ""), "{}", ran.out);
    let told = "not held  lost.ops:4:1: more than 512 states are allowed after this: 2 expected";
    assert!(ran.out.contains(told), "{}", ran.out);
    let verdict = "VACUOUS: 2 expected replies of lost.ops were not held";
    assert!(ran.out.contains(verdict), "{}", ran.out);

    // The same, nothing expected after the crash.
    let silent = case.replace("length -> 7\nget \"j\" -> none\n", "length\n");
    fs::write(shell.path("silent.ops"), silent).expect("writes");
    assert!(shell.prints(&["replay", "silent.ops"]).contains("\nPASS"));
}

/// A mistake in a file is told with its place, and no store is blamed for it.
#[test]
fn what_a_file_names_wrongly_is_told_with_line_and_column() {
    let shell = Shell::new();
    let wrong = [
        (
            "option memtable_bytes = \"x\"\nflush\n",
            "2:8: option memtable_bytes = \"x\": not a value of this option",
        ),
        (
            "option memtable_bytes = 0\nflush\n",
            "2:8: option memtable_bytes = 0: at least 1",
        ),
        ("option compaction = \"foo\"\nflush\n", "2:8: compaction is"),
        (
            "put \"a\" \"\"\nget \"a\" at s\n",
            "3:1: operation 2 (get): ",
        ),
        ("next i\n", "2:1: operation 1 (next): "),
    ];
    for (text, told) in wrong {
        fs::write(shell.path("wrong.ops"), format!("ops 1\n{text}")).expect("writes");
        for command in ["replay", "shrink"] {
            let ran = shell.run(&[command, "wrong.ops"]);
            assert_eq!(ran.code, 4, "{}{}", ran.out, ran.error);
            let begins = format!("etalon: wrong.ops:{told}");
            assert!(ran.error.starts_with(&begins), "{}", ran.error);
        }
    }
}
