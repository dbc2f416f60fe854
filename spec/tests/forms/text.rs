//! The laws of the text form, and examples of its canonical writing.

use etalon_spec::text::{Quoted, REPEATS_MAX};
use etalon_spec::{Case, Op, Place, Script};

use crate::arbitrary::{self, CASES};
use crate::random::Random;

/// The script without what depends on where its lines stood.
fn without_places(script: Script) -> Script {
    Script {
        lines: Vec::new(),
        columns: Vec::new(),
        option_places: Vec::new(),
        ..script
    }
}

#[test]
fn every_case_that_is_printed_parses_to_itself() {
    let mut random = Random::new(1);
    for _ in 0..CASES {
        let case = arbitrary::case(&mut random);
        let text = case.to_string();
        assert!(text.is_ascii());
        assert_eq!(text.parse::<Case>().as_ref(), Ok(&case), "{text}");
        assert_eq!(Script::from(case).print(), text);
    }
}

#[test]
fn every_script_that_is_printed_parses_to_itself_with_replies_and_comments() {
    let mut random = Random::new(2);
    for _ in 0..CASES {
        let script = arbitrary::script(&mut random);
        let text = script.print();
        let parsed = Script::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(parsed.print(), text, "what print wrote, print writes again");
        assert_eq!(without_places(parsed), script, "{text}");
    }
}

#[test]
fn every_operation_that_is_printed_parses_to_itself() {
    let mut random = Random::new(3);
    for _ in 0..CASES {
        let op = arbitrary::op(&mut random);
        assert_eq!(op.to_string().parse::<Op>(), Ok(op));
    }
}

#[test]
fn parsing_is_total_over_mutated_texts_and_what_it_takes_it_prints_back() {
    let mut random = Random::new(4);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..CASES {
        let mut text = arbitrary::script(&mut random).print().into_bytes();
        text.truncate(3_000);
        for _ in 0..=random.below(3) {
            mutate(&mut random, &mut text);
        }
        match Script::parse_bytes(&text) {
            Ok(script) => {
                taken += 1;
                let printed = script.print();
                let again = Script::parse(&printed).expect("what print wrote");
                assert_eq!(again.case, script.case);
                assert_eq!(again.expected, script.expected);
                assert_eq!(again.print(), printed);
            }
            Err(error) => {
                refused += 1;
                let lines = text.split(|byte| *byte == b'\n').count();
                assert!((1..=lines).contains(&error.line), "{error}");
                let line = text
                    .split(|byte| *byte == b'\n')
                    .nth(error.line - 1)
                    .unwrap();
                assert!((1..=line.len() + 1).contains(&error.column), "{error}");
            }
        }
    }
    assert!(
        taken > CASES / 20 && refused > CASES / 4,
        "{taken} taken, {refused} refused"
    );
}

fn mutate(random: &mut Random, text: &mut Vec<u8>) {
    let place = random.below(text.len() + 1);
    match random.below(5) {
        0 => text.truncate(place),
        1 => text.insert(place, random.next() as u8),
        2 => drop(text.drain(place..text.len().min(place + random.below(9)))),
        3 => {
            let words = [
                " limit ", "\"", " or ", "->", "#", "*9", "..", "\r\n", "\u{e4}", "sync",
            ];
            let word = random.pick(&words);
            text.splice(place..place, word.bytes());
        }
        _ => {
            let piece = text[place..text.len().min(place + 30)].to_vec();
            let to = random.below(text.len() + 1);
            text.splice(to..to, piece);
        }
    }
}

#[test]
fn a_text_by_hand_becomes_canonical() {
    let by_hand = "\n# target: -- node x.js\r\n  ops\t1  # above\n\noption  b=\"x\"*20\noption a = off\n\
                   # below the options\nput\"a\\x41\"\"\"# first\nscan \"a\" .. = \"c\" reverse limit 007\n\
                   write   # nothing\nget \"\\x09\" -> \"1\"or none\nlength->18446744073709551615\n# end";
    let canonical = r#"ops 1
# target: -- node x.js
# above
option a = off
option b = "x"*20
# below the options
put "aA" "" # first
scan "a"..="c" reverse limit 7
write # nothing
get "\t" -> "1" or none
length -> 18446744073709551615
# end
"#;
    let script = Script::parse(by_hand).unwrap();
    assert_eq!(script.print(), canonical);
    assert_eq!(script.lines, [8, 9, 10, 11, 12]);
    assert_eq!(script.columns, [1, 1, 1, 15, 9]);
    assert_eq!(script.option_places[0], ("b".to_string(), 5, 9));
}

#[test]
fn the_example_of_the_design_parses_as_far_as_this_version_goes() {
    let text = "ops 1\n# why: a batch must hide an older flushed value\noption memtable_bytes = 256\n\
                put \"a\\x00\" \"1\"\nput \"\\xff\" \"x\"*300\nflush\n\
                write put \"a\\x00\" \"2\", delete \"\\xff\" -> ok\n\
                scan >\"a\"..=\"c\" reverse limit 10 -> \"a\\x00\"=\"2\"\nscan \"z\"..\"b\" -> empty\n\
                get \"a\\x00\" -> \"1\" or \"2\"\nlength -> 1 or 2\n";
    assert_eq!(Script::parse(text).unwrap().print(), text);
}

#[test]
fn comments_that_hold_line_ends_stay_comments() {
    let mut script = Script::from(Case::new(vec![Op::Flush]));
    script.set_note("why", "one\nput \"k\" \"v\"\r\nthree");
    script.comments.push(etalon_spec::Comment {
        place: Place::Beside(0),
        text: "x\nclear".to_string(),
    });
    let parsed = Script::parse(&script.print()).unwrap();
    assert_eq!(parsed.case, script.case);
    assert_eq!(parsed.comments.len(), 2);
}

#[test]
fn sixteen_equal_bytes_are_a_repeat_and_fifteen_are_not() {
    assert_eq!(Quoted(&[b'x'; 16]).to_string(), r#""x"*16"#);
    assert_eq!(Quoted(&[b'x'; 15]).to_string(), r#""xxxxxxxxxxxxxxx""#);
    assert_eq!(Quoted(&[0; 16]).to_string(), r#""\x00"*16"#);
}

#[test]
fn repeats_of_one_file_stand_for_bounded_memory() {
    let half = REPEATS_MAX / 2;
    let text = format!(
        "ops 1\nput \"a\" \"x\"*{half}\nput \"b\" \"xy\"*{}\n",
        half / 2
    );
    let script = Script::parse(&text).unwrap();
    assert_eq!(
        script.print().len() - "ops 1\nput \"a\" \"x\"*33554432\nput \"b\" \n".len(),
        half + 2
    );
    let error = Script::parse(&format!("{text}put \"c\" \"x\"*1")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "4:13: expected a repeat that stands for at most 0 more bytes, found `1`"
    );
    assert!(Script::parse("ops 1\nput \"\" \"\"*18446744073709551615").is_ok());
    assert!(Script::parse("ops 1\nput \"\" \"xx\"*18446744073709551615").is_err());

    // A case whose runs are more than a file may repeat is written out, and comes back.
    let value = vec![b'x'; half];
    let put = |key: &[u8]| Op::put(key.to_vec(), value.clone());
    let case = Case::new(vec![put(b"a"), put(b"b"), put(b"c")]);
    let text = case.to_string();
    assert!(text.len() > half && text.len() < half + 100);
    assert!(text.parse::<Case>().is_ok_and(|parsed| parsed == case));
}
