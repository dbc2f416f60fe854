//! The JSON form, both ways, and what it answers to mistakes.

use etalon_spec::{Script, json};

use crate::arbitrary::{self, CASES};
use crate::random::Random;

#[test]
fn every_script_comes_back_from_json_with_its_replies() {
    let mut random = Random::new(21);
    for _ in 0..CASES {
        let script = Script {
            comments: Vec::new(),
            ..arbitrary::script(&mut random)
        };
        let text = json::print(&script);
        assert!(
            text.bytes()
                .all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte))
        );
        assert_eq!(json::parse(&text).as_ref(), Ok(&script), "{text}");
    }
}

#[test]
fn json_is_written_one_operation_a_line_with_the_fields_of_a_request() {
    let script = Script::parse(
        "ops 1\noption b = on\noption a = 7\noption c = \"\\xff\"\nput \"a\\x00\" \"\\\"\\\\\"\n\
         scan >\"a\"..=\"c\" reverse limit 3 -> \"b\"=\"1\" or empty\nscan \"a\"..\"c\"\n\
         deleterange prefix \"\"\nwrite put \"k\" \"v\", delete \"k\" -> ok\nfill \"k\" 3 4\n\
         get \"k\" -> \"v\" or none\nlength -> 3\nwrite\n",
    );
    let written = r#"{"ops":1,"options":{"a":7,"b":true,"c":"\u00ff"},"operations":[
{"op":"put","key":"a\u0000","value":"\"\\"},
{"op":"scan","from":"a","from_excluded":true,"to":"c","to_included":true,"reverse":true,"limit":3,"reply":[{"entries":[["b","1"]]},{"entries":[]}]},
{"op":"scan","from":"a","to":"c"},
{"op":"deleterange","prefix":""},
{"op":"write","ops":[["put","k","v"],["delete","k"]],"reply":"ok"},
{"op":"fill","prefix":"k","count":3,"size":4},
{"op":"get","key":"k","reply":[{"value":"v"},"none"]},
{"op":"length","reply":{"length":3}},
{"op":"write","ops":[]}
]}
"#;
    assert_eq!(json::print(&script.unwrap()), written);
}

#[test]
fn a_mistake_in_json_is_answered_with_its_place() {
    let file = |operation: &str| format!("{{\"ops\":1,\"operations\":[{operation}]}}");
    let mistakes = [
        (
            file(r#"{"op":"get"}"#),
            "operations[0]: the field `key` is missing",
        ),
        (
            file(r#"{"op":"gett","key":""}"#),
            "operations[0].op: unknown operation `gett`. Did you mean `get`?",
        ),
        (
            file(r#"{"op":"get","key":"\u0100"}"#),
            "operations[0].key: expected a string of one character a byte, U+0000 to U+00FF",
        ),
        (
            file(r#"{"op":"get","key":"","limt":1}"#),
            "operations[0]: unknown field `limt`",
        ),
        (
            file(r#"{"op":"scan","limt":1}"#),
            "operations[0]: unknown field `limt`. Did you mean `limit`?",
        ),
        (
            file(r#"{"op":"scan","limit":4294967296}"#),
            "operations[0].limit: expected a number up to 4294967295",
        ),
        (
            file(r#"{"op":"scan","prefix":"","from":""}"#),
            "operations[0]: unknown field `from`",
        ),
        (
            file(r#"{"op":"scan","to_included":true}"#),
            "operations[0]: unknown field `to_included`",
        ),
        (
            file(r#"{"op":"write","ops":[["put","k"]]}"#),
            r#"operations[0].ops[0]: expected ["put",key,value] or ["delete",key]"#,
        ),
        (
            file(r#"{"op":"fill","prefix":"","count":65536,"size":0}"#),
            "operations[0].count: expected a number up to 65535",
        ),
        (
            file(r#"{"op":"fill","prefix":"","count":65535,"size":65535}"#),
            "operations[0].count: expected a fill of at most 536870912 more bytes of keys and values",
        ),
        (
            file(r#"{"op":"flush","reply":"OK"}"#),
            r#"operations[0].reply: expected "ok", "none", "end", "error", "unsupported", true, false or an object"#,
        ),
        (
            file(r#"{"op":"get","key":"","reply":{"value":"","entries":[]}}"#),
            "operations[0].reply: unknown field `entries`",
        ),
        (
            r#"{"ops":2,"operations":[]}"#.to_string(),
            "ops: expected 1, the only version that is known",
        ),
        (
            r#"{"ops":1,"options":{"9":1},"operations":[]}"#.to_string(),
            "options.9: expected a name of letters, digits and `_`",
        ),
        (
            r#"{"ops":1,"options":{"a":-1},"operations":[]}"#.to_string(),
            "options.a: expected a number of 64 bits, a string, true or false",
        ),
        ("[]".to_string(), "expected an object"),
        (
            "{".to_string(),
            "EOF while parsing an object at line 1 column 1",
        ),
    ];
    for (text, message) in mistakes {
        assert_eq!(
            json::parse(&text).expect_err(&text).to_string(),
            message,
            "{text}"
        );
    }
}

#[test]
fn parsing_mutated_json_never_panics_and_what_it_takes_comes_back() {
    let mut random = Random::new(22);
    let mut taken = 0;
    for _ in 0..CASES / 4 {
        let mut text = json::print(&arbitrary::script(&mut random)).into_bytes();
        let place = random.below(text.len());
        match random.below(3) {
            0 => text[place] = 0x20 + (random.next() % 0x5f) as u8,
            1 => drop(text.remove(place)),
            _ => text.insert(place, random.pick(b"\",:[]{}0a-")),
        }
        if let Ok(script) = json::parse(&String::from_utf8(text).unwrap()) {
            taken += 1;
            assert_eq!(json::parse(&json::print(&script)), Ok(script));
        }
    }
    assert!(taken > CASES / 100, "{taken} taken");
}
