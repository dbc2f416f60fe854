//! What a mistake in a text is answered with: line, column, what was expected, the nearest word.

use etalon_spec::text::{Problem, nearest, unescape};
use etalon_spec::{Op, Script};

/// Each line stands below `ops 1`; the message is whole.
const MISTAKES: &[(&str, &str)] = &[
    // Operations.
    (
        "delte \"k\"",
        "2:1: unknown operation `delte`. Did you mean `delete`?",
    ),
    (
        "\t PUT \"k\" \"v\"",
        "2:3: unknown operation `PUT`. Did you mean `put`?",
    ),
    (
        "set \"k\" \"v\"",
        "2:1: unknown operation `set`. Did you mean `put`?",
    ),
    (
        "optoin a = 1",
        "2:1: unknown operation `optoin`. Did you mean `option`?",
    ),
    (
        "gte \"k\"",
        "2:1: unknown operation `gte`. Did you mean `get`?",
    ),
    (
        "xyzzy",
        "2:1: unknown operation `xyzzy`, expected one of get put delete flush sync scan length \
         write clear deleterange fill snapshot release iterator next prev seekfirst seeklast seek \
         close compact reopen kill crash fail first last cas ingest begin savepoint rollback \
         commit create rename drop",
    ),
    ("\"k\"", "2:1: expected an operation, found `\"k\"`"),
    ("-> none", "2:1: expected an operation, found `->`"),
    ("\u{e4}", "2:1: expected an operation, found `\u{e4}`"),
    (
        "ops 1",
        "2:1: unknown operation `ops`, expected one of get put delete flush sync scan length \
         write clear deleterange fill snapshot release iterator next prev seekfirst seeklast seek \
         close compact reopen kill crash fail first last cas ingest begin savepoint rollback \
         commit create rename drop",
    ),
    // Arguments.
    (
        "put \"k\" foo",
        "2:9: expected a quoted string, found `foo`",
    ),
    (
        "put \"k\"",
        "2:8: expected a quoted string, found the end of the line",
    ),
    (
        "get # \"k\"",
        "2:5: expected a quoted string, found a comment",
    ),
    (
        "get \"k",
        "2:7: expected a closing `\"`, found the end of the line",
    ),
    (
        "get \"\u{e4}\u{e4}\"",
        "2:6: expected printable ASCII or an escape such as \\x00, found `\u{e4}`",
    ),
    (
        "get \"a\tb\"",
        "2:7: expected printable ASCII or an escape such as \\x00, found `\\t`",
    ),
    (
        "get \"a\\q\"",
        "2:7: expected one of the escapes \\\" \\\\ \\n \\r \\t \\xhh, found `\\q`",
    ),
    (
        "get \"\\x0g\"",
        "2:6: expected one of the escapes \\\" \\\\ \\n \\r \\t \\xhh, found `\\x`",
    ),
    (
        "get \"\\",
        "2:6: expected one of the escapes \\\" \\\\ \\n \\r \\t \\xhh, found `\\`",
    ),
    (
        "get \"a\"*",
        "2:9: expected a count, found the end of the line",
    ),
    (
        "get \"a\"*99999999999",
        "2:9: expected a repeat that stands for at most 67108864 more bytes, found `99999999999`",
    ),
    (
        "fill \"k\" 65536 1",
        "2:10: expected a count of at most 65535, found `65536`",
    ),
    (
        "fill \"k\" 1",
        "2:11: expected a size, found the end of the line",
    ),
    ("fill \"k\" 1 -1", "2:12: expected a size, found `-`"),
    (
        "fill \"k\" 1 1000000000000",
        "2:12: expected a size of at most 65535, found `1000000000000`",
    ),
    (
        "fill \"k\" 65535 65535",
        "2:10: expected a fill of at most 536870912 more bytes of keys and values, found `65535`",
    ),
    (
        "fill \"k\"*10000000 60 0",
        "2:19: expected a fill of at most 536870912 more bytes of keys and values, found `60`",
    ),
    (
        "fail in fill \"\" 8192 65532 at 0 with eio\nfill \"\" 1 0",
        "3:9: expected a fill of at most 0 more bytes of keys and values, found `1`",
    ),
    // Ranges.
    (
        "scan",
        "2:5: expected a range such as `..`, \"a\"..\"c\" or prefix \"a\", found the end of the line",
    ),
    (
        "scan prefx \"a\"",
        "2:6: expected a range such as `..`, \"a\"..\"c\" or prefix \"a\", found `prefx`. Did you mean `prefix`?",
    ),
    (
        "scan \"a\"",
        "2:9: expected `..`, found the end of the line",
    ),
    ("scan >..", "2:7: expected a quoted string, found `..`"),
    (
        "scan ..=",
        "2:9: expected a quoted string, found the end of the line",
    ),
    (
        "scan .. limit 4294967296",
        "2:15: expected a limit of at most 4294967295, found `4294967296`",
    ),
    (
        "scan .. revrse",
        "2:9: expected `reverse`, `limit`, `at`, `in`, `->` or the end of the line, found `revrse`. Did you mean `reverse`?",
    ),
    (
        "scan .. limit 1 reverse",
        "2:17: expected `reverse`, `limit`, `at`, `in`, `->` or the end of the line, found `reverse`",
    ),
    (
        "deleterange .. reverse",
        "2:16: expected `sync`, `in`, `->` or the end of the line, found `reverse`",
    ),
    // Batches.
    (
        "write putt \"k\" \"v\"",
        "2:7: expected `put` or `delete`, found `putt`. Did you mean `put`?",
    ),
    (
        "write put \"k\" \"v\",",
        "2:19: expected `put` or `delete`, found the end of the line",
    ),
    (
        "write put \"k\" \"v\" delete \"k\"",
        "2:19: expected `,`, `sync`, `in`, `->` or the end of the line, found `delete`",
    ),
    // What stands behind the arguments.
    (
        "put \"k\" \"v\" snyc",
        "2:13: expected `sync`, `in`, `->` or the end of the line, found `snyc`. Did you mean `sync`?",
    ),
    (
        "get \"k\" sync",
        "2:9: expected `at`, `in`, `->` or the end of the line, found `sync`",
    ),
    (
        "fill \"k\" 1 1 sync",
        "2:14: expected `->` or the end of the line, found `sync`",
    ),
    (
        "put \"k\" \"v\" at s",
        "2:13: expected `sync`, `in`, `->` or the end of the line, found `at`",
    ),
    (
        "length att s",
        "2:8: expected `at`, `in`, `->` or the end of the line, found `att`. Did you mean `at`?",
    ),
    // Names.
    (
        "snapshot",
        "2:9: expected a name: a letter, then letters, digits or `_`, at most 15 in all, found the end of the line",
    ),
    (
        "get \"k\" at 2s",
        "2:12: expected a name: a letter, then letters, digits or `_`, at most 15 in all, found `2s`",
    ),
    (
        "next sixteen_letters_",
        "2:6: expected a name: a letter, then letters, digits or `_`, at most 15 in all, found `sixteen_letters_`",
    ),
    (
        "seek \"a\"",
        "2:6: expected a name: a letter, then letters, digits or `_`, at most 15 in all, found `\"a\"`",
    ),
    (
        "iter i",
        "2:1: unknown operation `iter`. Did you mean `iterator`?",
    ),
    (
        "snapshto s",
        "2:1: unknown operation `snapshto`. Did you mean `snapshot`?",
    ),
    // Breakages.
    (
        "kill thne at 3",
        "2:6: expected `then`, `->` or the end of the line, found `thne`. Did you mean `then`?",
    ),
    ("kill then 3", "2:11: expected `at`, found `3`"),
    (
        "kill then at 4294967296",
        "2:14: expected a number of disk operations of at most 4294967295, found `4294967296`",
    ),
    (
        "crash in snapshot s at 3",
        "2:10: expected a change, a read, a step of an iterator, iterator, flush, sync, compact or reopen, found `snapshot`",
    ),
    (
        "crash in fulsh at 3",
        "2:10: unknown operation `fulsh`. Did you mean `flush`?",
    ),
    (
        "crash in flush ta 3",
        "2:16: expected `at`, found `ta`. Did you mean `at`?",
    ),
    (
        "crash kepe all",
        "2:7: expected `in`, `keep`, `then`, `->` or the end of the line, found `kepe`. Did you mean `keep`?",
    ),
    (
        "crash keep frist 1",
        "2:12: expected `all`, `none`, `first` or `only`, found `frist`. Did you mean `first`?",
    ),
    (
        "crash keep only 1,",
        "2:19: expected the place of a disk operation, found the end of the line",
    ),
    (
        "crash keep all torn 17 zeor",
        "2:24: expected one of old zero garbage, found `zeor`. Did you mean `zero`?",
    ),
    (
        "fail in flush at 1",
        "2:19: expected `with`, found the end of the line",
    ),
    (
        "fail in get \"k\" at s with eio",
        "2:22: expected `at`, found `with`",
    ),
    (
        "get \"k\" at 3",
        "2:12: expected a name: a letter, then letters, digits or `_`, at most 15 in all, found `3`",
    ),
    ("fail flush at 1", "2:6: expected `in`, found `flush`"),
    (
        "fail in flush at 1 with eoi",
        "2:25: expected one of eio enospc short sync, found `eoi`. Did you mean `eio`?",
    ),
    (
        "fail in flush at 1 with eio foever",
        "2:29: expected `forever`, `->` or the end of the line, found `foever`. Did you mean `forever`?",
    ),
    // Replies.
    (
        "flush ->",
        "2:9: expected a reply: a quoted string, a number, an entry such as \"k\"=\"v\", ok, none, empty, end, true, false, error or unsupported, found the end of the line",
    ),
    (
        "get \"k\" -> nonne",
        "2:12: expected a reply: a quoted string, a number, an entry such as \"k\"=\"v\", ok, none, empty, end, true, false, error or unsupported, found `nonne`. Did you mean `none`?",
    ),
    (
        "get \"k\" -> \"1\" ro \"2\"",
        "2:16: expected `or` or the end of the line, found `ro`. Did you mean `or`?",
    ),
    (
        "scan .. -> \"a\"=\"1\", \"b\"",
        "2:24: expected `=` and the entry's value, found the end of the line",
    ),
    (
        "length -> 18446744073709551616",
        "2:11: expected a number of at most 18446744073709551615, found `18446744073709551616`",
    ),
    (
        "get \"k\" - > none",
        "2:9: expected `at`, `in`, `->` or the end of the line, found `-`",
    ),
    // Options.
    (
        "option",
        "2:7: expected the name of an option, found the end of the line",
    ),
    (
        "option 9a = 1",
        "2:8: expected the name of an option, found `9a`",
    ),
    ("option a 1", "2:10: expected `=`, found `1`"),
    (
        "option a = yes",
        "2:12: expected a number, a quoted string, on or off, found `yes`",
    ),
    (
        "option a = 1 2",
        "2:14: expected the end of the line, found `2`",
    ),
    (
        "option a = 1\noption a = 2",
        "3:8: expected an option that is not set yet, found `a`",
    ),
    (
        "flush\noption a = 1",
        "3:1: expected an operation (options stand before the first one), found `option`",
    ),
    // Long ones are cut, strange ones are escaped.
    (
        "flush \u{1}",
        "2:7: expected `->` or the end of the line, found `\\u{1}`",
    ),
    (
        "flush xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "2:7: expected `->` or the end of the line, found `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...`",
    ),
];

#[test]
fn a_mistake_is_answered_with_its_place_and_what_was_expected() {
    for (lines, message) in MISTAKES {
        let error = Script::parse(&format!("ops 1\n{lines}")).expect_err(lines);
        assert_eq!(error.to_string(), *message, "{lines}");
        assert_ne!(error.problem, Problem::Reserved, "{lines}");
    }
}

#[test]
fn a_mistake_in_the_version_line_is_answered() {
    let heads = [
        ("", "1:1: expected `ops 1`, found the end of the file"),
        (
            "\n# only comments\n\n",
            "3:1: expected `ops 1`, found the end of the file",
        ),
        ("put \"k\" \"v\"", "1:1: expected `ops 1`, found `put`"),
        (
            "# x\nops 2",
            "2:5: expected version 1 of the form, the only one that is known, found `2`",
        ),
        ("ops1", "1:1: expected `ops 1`, found `ops1`"),
        (
            "ops 1 flush",
            "1:7: expected the end of the line, found `flush`",
        ),
        ("\u{feff}ops 1", "1:1: expected `ops 1`, found `\u{feff}`"),
        (
            "ops 1\rflush",
            "1:6: expected the end of the line, found `\\r`",
        ),
        (
            "ops 1\nflush\r\r\n",
            "2:6: expected `->` or the end of the line, found `\\r`",
        ),
    ];
    for (text, message) in heads {
        assert_eq!(Script::parse(text).expect_err(text).to_string(), message);
        assert_eq!(
            Script::load(text.as_bytes()).expect_err(text).to_string(),
            message
        );
    }
}

/// Words that the grammar keeps; each line with the column of the word and how it is named.
const RESERVED: &[(&str, usize, &str)] = &[
    ("layers", 1, "`layers`"),
    ("[2] put \"a\" \"1\"", 1, "`[2]`"),
    ("reopen with a = 1", 8, "`with`"),
    ("compact \"a\"..\"b\"", 9, "`\"a\"`"),
    ("compact prefix \"a\"", 9, "`prefix`"),
    ("compact ..", 9, "`..`"),
];

#[test]
fn a_word_that_is_kept_for_later_is_said_to_be_so() {
    for (line, column, found) in RESERVED {
        let error = Script::parse(&format!("ops 1\n{line}\n")).expect_err(line);
        assert_eq!((error.line, error.column), (2, *column), "{line}");
        assert_eq!(
            (error.problem, error.found.as_str()),
            (Problem::Reserved, *found),
            "{line}"
        );
        assert_eq!(error.nearest, None, "{line}");
        let says = "is kept for a later version of the form, this version does not know it yet";
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_found_by_line_and_column() {
    let error = |text: &[u8]| Script::parse_bytes(text).unwrap_err().to_string();
    assert_eq!(error(b"\xff"), "1:1: expected UTF-8, found the byte 0xff");
    assert_eq!(
        error(b"ops 1\n# \xc3\xa4\xc3"),
        "2:4: expected UTF-8, found the byte 0xc3"
    );
    assert_eq!(
        error(b"ops 1\n\n\x80"),
        "3:1: expected UTF-8, found the byte 0x80"
    );
    let error = Script::load(b"\x05\x00").unwrap_err().to_string();
    assert_eq!(
        error,
        "1:1: expected `ops 1`, or a byte form of version 1 to 4, found a byte form of version 5"
    );
}

#[test]
fn an_option_that_the_store_does_not_take_is_found_where_it_stands() {
    let script = Script::parse("ops 1\noption a = 1\n option memtable_byte = 2\n").unwrap();
    assert_eq!(script.check_options(&["a", "memtable_byte"]), Ok(()));
    let says = |known: &[&str]| script.check_options(known).unwrap_err().in_file("x.ops");
    let near = "x.ops:3:9: unknown option `memtable_byte`. Did you mean `memtable_bytes`?";
    assert_eq!(says(&["a", "memtable_bytes"]), near);
    assert_eq!(
        says(&["bb", "cc"]),
        "x.ops:2:8: unknown option `a`, expected one of bb cc"
    );
    let none = "x.ops:2:8: unknown option `a`, expected no options, for this store has none";
    assert_eq!(says(&[]), none);
    // A script that was made, not read, has no places; its options are checked all the same.
    assert!(
        Script::from(script.case.clone())
            .check_options(&["a"])
            .is_err()
    );
}

#[test]
fn a_single_operation_takes_no_reply_and_no_second_line() {
    assert!("flush".parse::<Op>().is_ok() && " flush # well".parse::<Op>().is_ok());
    for text in [
        "",
        "flush -> ok",
        "flush\nflush",
        "flush flush",
        "option a = 1",
    ] {
        assert!(text.parse::<Op>().is_err(), "{text}");
    }
    assert_eq!(unescape("\"\u{e4}\\xff").unwrap(), b"\"\xc3\xa4\xff");
    assert_eq!(unescape("ab\\").unwrap_err().column, 3);
    assert_eq!(
        unescape("\u{e4}\\q").unwrap_err().column,
        2,
        "in characters, not bytes"
    );
}

#[test]
fn the_nearest_word_is_near() {
    let words = ["get", "put", "delete", "flush", "deleterange"];
    let near = |word| nearest(word, words);
    assert_eq!(near("gett"), Some("get"));
    assert_eq!(near("ptu"), Some("put"), "a swap is one edit");
    assert_eq!(near("FLSH"), Some("flush"));
    assert_eq!(near("delete_range"), Some("deleterange"));
    assert_eq!(near("pet"), Some("get"), "of equally near words the first");
    assert_eq!(near("x"), None);
    assert_eq!(near(""), None);
    assert_eq!(near(&"x".repeat(100_000)), None);
}
