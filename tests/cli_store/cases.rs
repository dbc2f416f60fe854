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
