//! What `dump` prints of a small store.

use std::fs;

use crate::shell::Shell;

#[test]
fn a_dump_of_a_directory_draws_its_levels() {
    let shell = Shell::with_store();
    fs::write(shell.path("store/LOG"), "LevelDB's own").expect("writes");
    let expected = r#"# store store
CURRENT -> MANIFEST-000001
4 edits, last sequence 4, next file 8
1 log
  000006.log              102 bytes  3 batches, 3 changes, sequence 5 to 7
level 0: 1 segment, 194 bytes
  000007.ldb              194 bytes  "a\x00b"..="plum"  2 entries, 1 tombstone
level 1: 1 segment, 201 bytes
  000005.ldb              201 bytes  "apple"..="plum"  2 entries, 0 tombstones
other files
  LOCK                      0 bytes
  LOG                      13 bytes
"#;
    assert_eq!(shell.prints(&["dump", "store"]), expected);
}

#[test]
fn a_dump_of_files_shows_every_entry_change_and_edit() {
    let shell = Shell::with_store();
    let files = ["store/000007.ldb", "store/000006.log", "store/CURRENT"];
    let expected = r#"# table store/000007.ldb
put "a\x00b" "\xff\n"  # sequence 4
delete "plum"  # sequence 3
# block at 0, 39 bytes, up to "q"
# metaindex names "filter.leveldb.BuiltinBloomFilter2"
# filter of 18 bytes
# 2 entries (1 tombstone), 1 block, 194 bytes
# log store/000006.log
# batch at 0: 1 change, sequence 5 on
put "kiwi" "green"
# batch at 31: 1 change, sequence 6 on
put "lime" ""
# batch at 57: 1 change, sequence 7 on
delete "apple"
# mark at 83: what is before it was durable
# 3 batches, 3 changes, sequence 5 to 7
# current store/CURRENT
MANIFEST-000001
"#;
    let ran = shell.prints(&[&["dump"], &files[..]].concat());
    assert_eq!(ran, expected);
    let manifest = shell.prints(&["dump", "store/MANIFEST-000001"]);
    let last = r#"log number 6
previous log 0
next file 8
last sequence 4
add 000007 to level 0, 194 bytes, "a\x00b"..="plum"
# 4 edits
"#;
    assert!(manifest.ends_with(last), "{manifest}");
}

#[test]
fn a_summary_leaves_entries_changes_and_edits_out() {
    let shell = Shell::with_store();
    let files = ["store/000006.log", "store/MANIFEST-000001"];
    let expected = "# log store/000006.log\n# 3 batches, 3 changes, sequence 5 to 7\n\
                    # manifest store/MANIFEST-000001\n# 4 edits\n";
    assert_eq!(
        shell.prints(&[&["dump", "--summary"], &files[..]].concat()),
        expected
    );
    let table = shell.prints(&["dump", "--summary", "store/000007.ldb"]);
    assert!(
        !table.contains("put") && table.contains("# 2 entries (1 tombstone)"),
        "{table}"
    );
}

#[test]
fn a_file_is_what_its_name_says_or_what_one_says_it_is() {
    let shell = Shell::with_store();
    for (file, kind) in [
        ("000007.ldb", "table"),
        ("000006.log", "log"),
        ("MANIFEST-000001", "manifest"),
    ] {
        let by_name = shell.prints(&["dump", &format!("store/{file}")]);
        fs::copy(shell.path("store").join(file), shell.path("nameless")).expect("copies");
        shell.fails(&["dump", "nameless"], 4);
        let by_kind = shell.prints(&["dump", "nameless", "--as", kind]);
        assert_eq!(
            by_kind,
            by_name.replacen(&format!("store/{file}"), "nameless", 1)
        );
    }
    let said = shell.fails(&["dump", "store/000006.log", "--as", "table"], 1);
    assert!(
        said.contains("store/000006.log: damaged at offset"),
        "{said}"
    );
}

#[test]
fn one_bad_path_among_several_keeps_none_of_the_others_from_being_shown() {
    let shell = Shell::with_store();
    let ran = shell.run(&["dump", "nowhere", "store/CURRENT", "store/LOCK"]);
    assert_eq!(ran.code, 4);
    assert_eq!(ran.out, "# current store/CURRENT\nMANIFEST-000001\n");
    assert_eq!(ran.error.lines().count(), 2, "{}", ran.error);
}
