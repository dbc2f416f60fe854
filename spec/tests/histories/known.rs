//! Histories whose answer is known, each named for what it shows.

use etalon_spec::history::{Contradiction, Decision, Effort, History, decide};

use super::brute::has_order;

/// Histories that have an order.
const GOOD: [(&str, &str); 14] = [
    (
        "of two swaps that expect the same one matches",
        "
        [0] cas \"k\" none \"1\"
        [1] cas \"k\" none \"2\" -> true
        [0] -> false
        [0] first -> \"k\"=\"2\"",
    ),
    (
        "a swap without an answer may match late, or never",
        "
        [0] cas \"k\" \"1\" \"2\"
        [1] cas \"k\" none \"1\" -> true
        [1] get \"k\" -> \"1\"
        [1] cas \"k\" \"1\" \"3\" -> false
        [2] cas \"k\" \"9\" \"4\"",
    ),
    (
        "a get beside a put sees it or not",
        "
        [0] put \"k\" \"1\"
        [1] get \"k\" -> none
        [1] get \"k\" -> \"1\"
        [0] -> ok",
    ),
    (
        "overlapping puts in either order",
        "
        [0] put \"k\" \"1\"
        [1] put \"k\" \"2\"
        [0] -> ok
        [1] -> ok
        [0] get \"k\" -> \"1\"",
    ),
    (
        "a put without an answer is seen much later",
        "
        [0] put \"k\" \"1\"
        [1] get \"k\" -> none
        [1] get \"k\" -> \"1\"",
    ),
    (
        "a put without an answer is never seen",
        "
        [0] put \"k\" \"1\"
        [1] get \"k\" -> none",
    ),
    (
        "a put that was refused did nothing",
        "
        [0] put \"k\" \"1\" -> error
        [1] get \"k\" -> none",
    ),
    (
        "a scan beside a batch sees all of it",
        "
        [0] write put \"a\" \"1\", put \"b\" \"1\"
        [1] scan .. -> \"a\"=\"1\", \"b\"=\"1\"
        [0] -> ok",
    ),
    (
        "a scan that reached its limit says nothing of what follows",
        "
        [0] write put \"a\" \"1\", put \"b\" \"1\" -> ok
        [1] scan .. limit 1 -> \"a\"=\"1\"
        [1] scan .. reverse limit 1 -> \"b\"=\"1\"
        [1] scan .. limit 0 -> empty",
    ),
    (
        "a snapshot keeps what it saw",
        "
        [0] put \"k\" \"1\" -> ok
        [0] snapshot s -> ok
        [1] put \"k\" \"2\" -> ok
        [1] flush -> ok
        [0] get \"k\" at s -> \"1\"
        [1] scan .. at s -> \"k\"=\"1\"
        [0] length at s -> 1
        [0] release s -> ok",
    ),
    (
        "a snapshot beside a batch comes before it or after it",
        "
        [0] snapshot s
        [1] write put \"a\" \"1\", put \"b\" \"1\" -> ok
        [0] -> ok
        [0] get \"a\" at s -> \"1\"
        [1] get \"b\" at s -> \"1\"",
    ),
    (
        "a name that is used again is another snapshot",
        "
        [0] snapshot s -> ok
        [0] put \"k\" \"1\" -> ok
        [0] get \"k\" at s -> none
        [0] snapshot s -> ok
        [0] get \"k\" at s -> \"1\"",
    ),
    (
        "an iterator sees its creation",
        "
        [0] write put \"a\" \"1\", put \"c\" \"1\" -> ok
        [0] iterator i -> ok
        [1] put \"b\" \"2\" -> ok
        [0] next i -> \"a\"=\"1\"
        [0] next i -> \"c\"=\"1\"
        [0] next i -> end
        [0] prev i -> \"c\"=\"1\"
        [0] seek i \"b\" -> \"c\"=\"1\"
        [0] seekfirst i -> \"a\"=\"1\"
        [0] prev i -> end
        [0] seeklast i -> \"c\"=\"1\"
        [0] close i -> ok",
    ),
    (
        "deletes of ranges, and lengths",
        "
        [0] write put \"a\" \"1\", put \"b\" \"1\", put \"c\" \"1\" -> ok
        [0] deleterange \"b\"..
        [1] length -> 3
        [1] length -> 1
        [0] -> ok
        [1] clear -> ok
        [0] length -> 0",
    ),
];

/// Histories that have none, with how many calls of them are needed to show it.
const BAD: [(&str, usize, &str); 18] = [
    (
        "a stale read",
        2,
        "
        [0] put \"k\" \"1\" -> ok
        [1] get \"k\" -> none",
    ),
    (
        "a stale read of what was overwritten",
        3,
        "
        [0] put \"k\" \"1\" -> ok
        [0] put \"k\" \"2\" -> ok
        [1] get \"k\" -> \"1\"",
    ),
    (
        "a lost update",
        2,
        "
        [0] put \"k\" \"1\"
        [1] put \"k\" \"2\"
        [0] -> ok
        [1] -> ok
        [0] get \"k\" -> none
        [1] get \"k\" -> \"2\"",
    ),
    (
        "a value that nobody wrote",
        1,
        "
        [0] put \"k\" \"1\" -> ok
        [1] get \"k\" -> \"7\"",
    ),
    (
        "reads that go back",
        3,
        "
        [0] put \"k\" \"1\"
        [1] get \"k\" -> \"1\"
        [1] get \"k\" -> none
        [0] -> ok",
    ),
    (
        "two readers that disagree on the order of two puts",
        5,
        "
        [0] put \"k\" \"1\"
        [1] put \"k\" \"2\"
        [2] get \"k\" -> \"1\"
        [2] get \"k\" -> \"2\"
        [3] get \"k\" -> \"2\"
        [3] get \"k\" -> \"1\"
        [0] -> ok
        [1] -> ok",
    ),
    (
        "a torn batch",
        2,
        "
        [0] write put \"a\" \"1\", put \"b\" \"1\"
        [1] scan .. -> \"a\"=\"1\"
        [0] -> ok",
    ),
    (
        "a batch seen key by key",
        3,
        "
        [0] write put \"a\" \"1\", put \"b\" \"1\"
        [1] get \"a\" -> \"1\"
        [1] get \"b\" -> none
        [0] -> ok",
    ),
    (
        "a scan that misses",
        2,
        "
        [0] put \"a\" \"1\" -> ok
        [0] put \"b\" \"1\" -> ok
        [1] scan \"a\"..\"c\" -> \"a\"=\"1\"",
    ),
    (
        "a scan that mixes two moments",
        3,
        "
        [1] scan ..
        [0] put \"a\" \"1\" -> ok
        [0] put \"b\" \"1\" -> ok
        [1] -> \"b\"=\"1\"",
    ),
    (
        "a scan out of order",
        1,
        "
        [0] write put \"a\" \"1\", put \"b\" \"1\" -> ok
        [1] scan .. -> \"b\"=\"1\", \"a\"=\"1\"",
    ),
    (
        "a snapshot that moves",
        3,
        "
        [0] put \"k\" \"1\" -> ok
        [0] snapshot s -> ok
        [1] put \"k\" \"2\" -> ok
        [0] get \"k\" at s -> \"1\"
        [0] get \"k\" at s -> \"2\"",
    ),
    (
        "a snapshot of no moment",
        4,
        "
        [0] snapshot s
        [1] write put \"a\" \"1\", put \"b\" \"1\" -> ok
        [0] -> ok
        [0] get \"a\" at s -> \"1\"
        [1] get \"b\" at s -> none",
    ),
    (
        "a deleted key that comes back",
        3,
        "
        [0] put \"k\" \"1\" -> ok
        [0] delete \"k\" -> ok
        [1] compact -> ok
        [1] get \"k\" -> \"1\"",
    ),
    (
        "an iterator that passes over a key",
        4,
        "
        [0] write put \"a\" \"1\", put \"b\" \"1\" -> ok
        [0] iterator i -> ok
        [0] seek i \"a\" -> \"a\"=\"1\"
        [0] next i -> end",
    ),
    (
        "a length that counts a key twice",
        2,
        "
        [0] put \"k\" \"1\" -> ok
        [1] length -> 2",
    ),
    (
        "two swaps that expect the same, and both match",
        2,
        "
        [0] cas \"k\" none \"1\"
        [1] cas \"k\" none \"2\" -> true
        [0] -> true",
    ),
    (
        "a swap that does not match what is there",
        2,
        "
        [0] put \"k\" \"1\" -> ok
        [1] cas \"k\" \"1\" \"2\" -> false",
    ),
];

fn parsed(text: &str) -> History {
    History::parse(&format!("ops 1\n{text}\n")).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn good_histories_are_linearizable() {
    for (name, text) in GOOD {
        let history = parsed(text);
        let decision = decide(&history, Effort::default());
        assert!(
            matches!(decision, Decision::Linearizable(_)),
            "{name}: {decision}"
        );
        assert!(has_order(&history), "{name}: by trying every order");
    }
}

#[test]
fn bad_histories_are_impossible_and_shown_by_the_fewest_calls() {
    let mut wrong = Vec::new();
    for (name, calls, text) in BAD {
        let history = parsed(text);
        assert!(!has_order(&history), "{name}: by trying every order");
        let found = contradiction(name, &history);
        if found.window.calls().len() != calls {
            wrong.push(format!("{name}: not {calls} calls\n{found}"));
        }
        assert!(
            !has_order(&found.window),
            "{name}: the window is evidence by itself"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn contradiction(name: &str, history: &History) -> Contradiction {
    match decide(history, Effort::default()) {
        Decision::Impossible(found) => *found,
        decision => panic!("{name}: {decision}"),
    }
}

#[test]
fn a_failure_is_shown_as_a_picture_and_as_text() {
    let (name, _, text) = BAD[4];
    let shown = contradiction(name, &parsed(text)).to_string();
    assert_eq!(
        shown,
        "not linearizable: these 3 of 3 calls cannot be put in one order\n\
         \n\
         [0] |put \"k\" \"1\" ---------------------\n\
         [1]  |get \"k\" - \"1\"| |get \"k\" - none|\n\
         \n\
         ops 1\n\
         [0] put \"k\" \"1\"\n\
         [1] get \"k\" -> \"1\"\n\
         [1] get \"k\" -> none\n\n"
    );
}

#[test]
fn without_effort_nothing_is_known() {
    let history = parsed(GOOD[1].1);
    let decision = decide(&history, Effort { configurations: 1 });
    assert!(matches!(decision, Decision::Unknown(_)), "{decision}");
}

/// The marks of open calls are the bits of one word.
#[test]
fn more_than_sixty_four_open_calls_are_not_decided() {
    let open = |calls: u32| {
        let line = |lane| format!("[{lane}] put \"k\" \"{lane}\"\n");
        (0..calls).map(line).collect::<String>() + "[99] get \"k\" -> none\n"
    };
    assert_eq!(
        parsed(&open(63)).is_linearizable(Effort::default()),
        Some(true)
    );
    assert_eq!(parsed(&open(65)).is_linearizable(Effort::default()), None);
}
