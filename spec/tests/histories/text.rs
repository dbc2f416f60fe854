//! The text form of histories: both ways, and its errors.

use etalon_spec::history::{Answered, Call, History, HistoryError};
use etalon_spec::{Op, Reply};

#[test]
fn printed_text_is_read_back_as_it_was() {
    let text = "ops 1\n\
        [0] put \"k\" \"x\"*300\n\
        [12] snapshot s -> ok\n\
        [0] -> ok\n\
        [12] scan >\"a\"..=\"c\" reverse limit 2 at s\n\
        [0] flush -> ok\n\
        [12] -> empty\n\
        [0] write delete \"a\\x00\", put \"b\" \"\" sync\n";
    let history = History::parse(text).expect("a history");
    assert_eq!(history.to_string(), text);
    assert_eq!(history.lanes(), 13);
    let times: Vec<u64> = history.calls().iter().map(|call| call.invoked).collect();
    assert_eq!(times, [0, 1, 4, 5, 8]);
}

#[test]
fn comments_and_blank_lines_are_no_part_of_a_history() {
    let text = "# why: none\n\nops 1\r\n  [ 0 ]  get \"k\"->none # here\n";
    let history = History::parse(text).expect("a history");
    assert_eq!(history.to_string(), "ops 1\n[0] get \"k\" -> none\n");
    assert!(History::is_text(text));
}

#[test]
fn errors_say_where_and_what() {
    let cases = [
        ("", "1:1: expected `ops 1`, found the end of the file"),
        (
            "ops 1\nflush\n",
            "2:1: expected a client in brackets, such as `[0]`, found `flush`",
        ),
        (
            "ops 1\n[x] flush\n",
            "2:2: expected the client's number, found `x`",
        ),
        ("ops 1\n[0 flush\n", "2:4: expected `]`, found `flush`"),
        (
            "ops 1\n[0] flsh\n",
            "2:5: unknown operation `flsh`. Did you mean `flush`?",
        ),
        (
            "ops 1\n[0] flush\n[0] flush\n",
            "3:5: expected `->` (the last call of client 0 is open), found `flush`",
        ),
        (
            "ops 1\n[0] -> ok\n",
            "2:5: expected an operation (client 0 has no call open), found `->`",
        ),
        (
            "ops 1\n[0] flush -> ok or error\n",
            "2:17: expected the end of the line, found `or`",
        ),
        (
            "ops 1\n[0] flush -> ok\n[1] get \"k\" at s -> none\n",
            "3:5: expected an operation on a snapshot or iterator that is open then, found `get`",
        ),
        (
            "ops 1\n[0] snapshot s -> ok\n[1] get \"k\" at s\n[0] release s -> ok\n",
            "4:5: expected an operation on a name that no other call uses meanwhile, \
             found `release`",
        ),
        (
            "ops 1\n[0] kill -> ok\n",
            "2:5: expected an operation of a history: no breakage, and puts instead of a fill, \
             found `kill`",
        ),
    ];
    for (text, says) in cases {
        assert_eq!(History::parse(text).expect_err(text).to_string(), says);
    }
}

fn call(lane: u32, invoked: u64, returned: u64) -> Call {
    let (op, reply) = (Op::Flush, Reply::Done);
    let answer = Some(Answered {
        at: returned,
        reply,
    });
    Call {
        lane,
        op,
        invoked,
        answer,
    }
}

#[test]
fn calls_that_make_no_history_are_refused() {
    let refused = |calls: Vec<Call>| History::new(calls).expect_err("no history");
    let op = "flush".to_string();
    assert_eq!(
        refused(vec![call(1, 0, 5), call(1, 4, 6)]),
        HistoryError::StillOpen { lane: 1, op }
    );
    assert_eq!(
        refused(vec![call(2, 4, 4)]),
        HistoryError::Backwards { lane: 2 }
    );
    assert_eq!(
        refused(vec![call(0, 0, 5), call(1, 5, 6)]),
        HistoryError::SameTime { at: 5 }
    );
}

#[test]
fn times_are_counted_anew() {
    let history = History::new(vec![call(0, 70, 90), call(1, 80, 1000)]).expect("a history");
    assert_eq!(
        history,
        History::new(vec![call(0, 0, 2), call(1, 1, 3)]).expect("a history")
    );
}
