//! `spec/CASES.md` says what the code does: its tables and examples are read and tried.

use etalon_spec::bytes::{Opcode, decode, encode, ranges};
use etalon_spec::text::{FILLS_MAX, REPEATS_MAX};
use etalon_spec::{Case, Op, OpKind, Script, Setting};

const DOCUMENT: &str = include_str!("../../CASES.md");

/// The first fenced block that begins with these words, without its first word if it is a tag.
fn block(language: &str, begins: &str) -> &'static str {
    let opening = format!("\n```{language}\n");
    let mut blocks = DOCUMENT
        .split(&opening)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    blocks
        .find(|block| block.starts_with(begins))
        .expect("the document has this block")
}

/// The rows of the table below this heading: their cells.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let section = DOCUMENT.split(heading).nth(1).expect("the heading");
    let rows = section.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn the_opcode_tables_are_the_codes() {
    let word = |what| match what {
        Opcode::Op(kind) => OpKind::word(kind).to_string(),
        Opcode::More(kind) => format!("{} +", OpKind::word(kind)),
        Opcode::Option => "option".to_string(),
        Opcode::Scope => "scope".to_string(),
    };
    for (version, heading) in [
        (1, "### Opcodes\n"),
        (2, "### Opcodes of version 2\n"),
        (4, "### Opcodes of version 4\n"),
    ] {
        let of_code: Vec<Vec<String>> = ranges(version)
            .unwrap()
            .iter()
            .map(|(first, last, what)| vec![format!("0x{first:02x}-0x{last:02x}"), word(*what)])
            .collect();
        let of_document: Vec<Vec<&str>> = table(heading)
            .into_iter()
            .map(|row| row[..2].to_vec())
            .collect();
        assert_eq!(of_document, of_code, "version {version}");
    }
}

fn first_op(bytes: &[u8]) -> Op {
    decode(bytes).case.ops.remove(0)
}

#[test]
fn the_pool_of_keys_is_the_codes() {
    let keys: Vec<&str> = block("", "\"a\" \"b\"").split_whitespace().collect();
    assert_eq!(keys.len(), 32);
    for (number, key) in keys.iter().enumerate() {
        let expected: Op = format!("get {key}").parse().unwrap();
        let bytes = [1, 0, number as u8];
        assert_eq!(first_op(&bytes), expected);
        assert_eq!(
            encode(&Case::new(vec![expected])),
            bytes,
            "canonical, hence no key twice"
        );
    }
    for tag in (0x20..0x80).chain(0xa9..=0xff) {
        assert_eq!(first_op(&[1, 0, tag]), first_op(&[1, 0, tag % 8]));
    }
}

#[test]
fn the_values_of_one_byte_are_the_codes() {
    let value = |tag| match first_op(&[1, 0x40, 0, tag]) {
        Op::Put { value, .. } => value,
        other => panic!("{other}"),
    };
    assert_eq!(value(0), b"");
    assert!((1..0x80).all(|tag| value(tag) == [tag]));
    assert!((0xa9..=0xff).all(|tag| value(tag) == [tag - 0x80]));
}

#[test]
fn the_table_of_numbers_is_the_codes() {
    let number = |tag: u8| match first_op(&[1, 0xc8, 20, tag, 1, 2, 3, 4, 5, 6, 7, 8]) {
        Op::Scan { scan, .. } => u64::from(scan.limit.expect("shape 20 has a limit")),
        other => panic!("{other}"),
    };
    assert!((0..0xf0).all(|tag| number(tag) == u64::from(tag)));
    let rows = table("### Numbers");
    let notable: Vec<u64> = rows[1][1]
        .split(", ")
        .map(|cell| cell.parse().unwrap())
        .collect();
    assert_eq!((rows[1][0], notable.len()), ("0xf0-0xfa", 11));
    assert_eq!((0xf0..=0xfa).map(number).collect::<Vec<u64>>(), notable);
    assert_eq!((number(0xfb), number(0xfc)), (0x0102, 0x0102_0304));
    assert_eq!(
        number(0xfd),
        u64::from(u32::MAX),
        "the greatest that a limit holds"
    );
}

#[test]
fn the_names_and_settings_of_options_are_the_codes() {
    let option = |name: u8, setting: &[u8]| {
        let options = decode(&[&[1, 0xfa, name], setting].concat()).case.options;
        let (name, setting) = options.iter().next().expect("one option");
        (name.to_string(), setting.clone())
    };
    let names: Vec<&str> = block("", "memtable_bytes block_bytes")
        .split_whitespace()
        .collect();
    assert_eq!(names.len(), 16);
    for (tag, name) in names.iter().enumerate() {
        assert_eq!(option(tag as u8, &[0]).0, *name);
    }
    assert!((0x10..0xff).all(|tag| option(tag, &[0]).0 == names[usize::from(tag) % 5]));

    let setting = |bytes: &[u8]| option(0, bytes).1;
    assert_eq!([setting(&[0]), setting(&[1])], [false.into(), true.into()]);
    assert_eq!(
        [setting(b"\x02\x07"), setting(b"\x03\x81x")],
        [7.into(), "x".into()]
    );
    let words = ["none", "snappy", "lz4", "zstd"].map(Setting::from);
    assert!((0x04..0x10).all(|tag| setting(&[tag]) == words[usize::from(tag % 4)]));
    assert!((0x10..0xa0).all(|tag| setting(&[tag]) == Setting::Integer(1 << (tag % 21))));
    assert!((0xa0..=0xff).all(|tag| setting(&[tag]) == Setting::Integer(u64::from(tag) - 0xa0)));
}

/// All fenced blocks of a language that begin with these words.
fn blocks(language: &str, begins: &str) -> Vec<&'static str> {
    let opening = format!("\n```{language}\n");
    let blocks = DOCUMENT.split(&opening).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap())
        .filter(|block| block.starts_with(begins))
        .collect()
}

#[test]
fn each_example_in_text_and_its_example_in_bytes_are_the_same_case() {
    let (texts, hexes) = (blocks("ops", "ops 1"), blocks("hex", "0"));
    assert_eq!((texts.len(), hexes.len()), (3, 3));
    for (text, hex) in texts.into_iter().zip(hexes) {
        let is_hex = |word: &&str| word.len() == 2 && word.bytes().all(|b| b.is_ascii_hexdigit());
        let of_line = |line: &'static str| line[..38].split_whitespace().take_while(is_hex);
        let hex = hex.lines().flat_map(of_line);
        let bytes: Vec<u8> = hex
            .map(|word| u8::from_str_radix(word, 16).unwrap())
            .collect();
        let script = Script::parse(text).unwrap();
        assert_eq!(script.print(), text);
        assert_eq!(encode(&script.case), bytes);
        assert_eq!(decode(&bytes).case, script.case);
    }
}

#[test]
fn the_limits_and_messages_of_the_document_are_the_codes() {
    assert!(DOCUMENT.contains(&format!("at most {REPEATS_MAX} bytes")));
    assert!(DOCUMENT.contains(&format!("at most {FILLS_MAX} bytes")));
    let (floor, rate) = (etalon_spec::bytes::RUN_FLOOR, etalon_spec::bytes::RUN_RATE);
    assert!(DOCUMENT.contains(&format!("at most\n{floor} + {rate} o bytes")));
    for (line, message) in ["put \"k\" foo", "delte"]
        .iter()
        .zip(block("", "2:9").lines())
    {
        let error = Script::parse(&format!("ops 1\n{line}")).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let words = DOCUMENT
        .split("Operations: ")
        .nth(1)
        .unwrap()
        .split('.')
        .next()
        .unwrap();
    for word in words.split_whitespace() {
        let error = Script::parse(&format!("ops 1\n{word}")).unwrap_err();
        assert_eq!(
            error.problem,
            etalon_spec::text::Problem::Reserved,
            "{word}"
        );
    }
}

#[cfg(feature = "json")]
#[test]
fn the_example_in_json_is_what_is_printed() {
    let text = block("json", "{");
    let script = etalon_spec::json::parse(text).unwrap();
    assert_eq!(etalon_spec::json::print(&script), text);
}

#[test]
fn the_example_in_rust_is_what_is_printed() {
    let script = Script::parse("ops 1\nput \"k\" \"\"\nflush\nget \"k\" -> \"\"\n").unwrap();
    let test = etalon_spec::RustTest {
        name: "empty value after a flush",
        why: "an empty value is a value",
        target: "etalon::oracle::Memory::default()",
    };
    assert_eq!(script.to_rust(&test), block("rust", "///"));
}
