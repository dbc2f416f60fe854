//! Mistakes in what only some stores have, and in scopes.

use etalon_spec::Script;

/// What only some stores have, and scopes.
const OF_SCOPES: &[(&str, &str)] = &[
    (
        "cas \"k\" 1 none",
        "2:9: expected a quoted string or `none`, found `1`",
    ),
    (
        "ingest \"b\" \"1\", \"a\" \"2\"",
        "2:8: expected entries whose keys ascend, each once, found `\"b\"`",
    ),
    (
        "ingest",
        "2:7: expected a quoted string, found the end of the line",
    ),
    (
        "rollback t too a",
        "2:12: expected `to`, `->` or the end of the line, found `too`. Did you mean `to`?",
    ),
    (
        "x: flush",
        "2:4: expected a read of the present, or a change that is no fill and, in a transaction, \
         neither synced nor an ingest, found `flush`",
    ),
    (
        "put \"a\" \"1\" sync in t",
        "2:1: expected in a transaction: a read of the present, or a change that is no fill and, in \
         a transaction, neither synced nor an ingest, found `put`",
    ),
    (
        "2x: flush",
        "2:1: expected an operation, or the name of a key space, found `2x:`",
    ),
    (
        "flush in t",
        "2:7: expected `->` or the end of the line, found `in`",
    ),
    (
        "x: crash in y: put \"a\" \"1\" at 1",
        "2:13: unknown operation `y`, expected one of",
    ),
];

#[test]
fn a_mistake_in_a_scope_is_said() {
    for (line, message) in OF_SCOPES {
        let error = Script::parse(&format!("ops 1\n{line}\n")).expect_err(line);
        assert!(error.to_string().starts_with(message), "{line}: {error}");
    }
}
