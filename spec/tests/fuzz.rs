//! The laws of the mutator, the file of statistics, and what a failing fuzz target prints. No
//! fuzzer is needed.

use std::process::{Command, Output};
use std::{env, fs};

use etalon_spec::bytes::{decode, encode};
use etalon_spec::{
    Ability, Case, Floors, Generator, KeyValueStore, Model, ModelTarget, Op, OpKind, Options,
    Outcome, Profile, Random, Script, Situation, Statistics, Target, Verdict, crossover, fuzz,
    mutate,
};

/// Inputs as a fuzzer has them: generated cases, and bytes of no sense.
fn inputs() -> Vec<Vec<u8>> {
    let profile = etalon_spec::Target::profile(&ModelTarget);
    let mut generator = Generator::new(1, &profile);
    let mut random = Random::new(2);
    let mut inputs: Vec<Vec<u8>> = (0..200)
        .map(|index| encode(&generator.case(index, index as usize % 40)))
        .collect();
    for length in 0..200 {
        let mut bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        if let (true, Some(first)) = (length % 2 == 0, bytes.first_mut()) {
            *first = 1;
        }
        inputs.push(bytes);
    }
    inputs
}

fn mutant(input: &[u8], max: usize, seed: u32) -> Vec<u8> {
    let mut data = input.to_vec();
    data.resize(max.max(input.len()), 0xee);
    let size = mutate(&mut data, input.len(), max, seed);
    data.truncate(size);
    data
}

#[test]
fn a_mutant_is_a_canonical_case_that_fits_and_is_the_same_for_the_same_seed() {
    for (seed, input) in inputs().into_iter().enumerate() {
        for max in [1, 2, 7, 50, input.len(), input.len() + 500] {
            let mutant_ = mutant(&input, max, seed as u32);
            assert!(mutant_.len() <= max, "{} > {max}", mutant_.len());
            if max > 0 {
                assert_eq!(encode(&decode(&mutant_).case), mutant_);
                assert!(decode(&mutant_).known_version);
            }
            assert_eq!(mutant(&input, max, seed as u32), mutant_);
        }
    }
}

#[test]
fn with_room_a_mutant_is_another_case() {
    for (seed, input) in inputs().into_iter().enumerate() {
        let mutant = mutant(&input, input.len() + 4_000, seed as u32);
        assert_ne!(mutant, input);
    }
}

#[test]
fn no_size_and_no_room_are_taken_amiss() {
    assert_eq!(mutate(&mut [], 0, 0, 1), 0);
    assert_eq!(mutate(&mut [], 100, 100, 1), 0);
    let mut data = *b"\x01\xb4";
    assert!(mutate(&mut data, 100, 100, 1) <= 2);
    assert_eq!(crossover(b"", b"", &mut [], 1), 0);
}

/// A mutator that never draws a kind, or never touches options, narrows every campaign silently.
#[test]
fn mutations_from_nothing_reach_every_kind_of_operation_and_options() {
    let mut kinds = [0_u32; OpKind::COUNT];
    let mut options = 0;
    let mut bytes = encode(&Case::default());
    for seed in 0..20_000 {
        bytes = mutant(&bytes, 300, seed);
        let case = decode(&bytes).case;
        case.ops
            .iter()
            .for_each(|op| kinds[op.kind() as usize] += 1);
        options += case.options.len();
    }
    // What only some stores have comes less often: the others drop it.
    let is_of_some = |kind: OpKind| kind as u8 > OpKind::Fail as u8;
    let least = |kind| if is_of_some(kind) { 20 } else { 2_000 };
    let rare = |kind: &OpKind| kinds[*kind as usize] <= least(*kind) && !kind.is_breakage();
    let rare: Vec<OpKind> = OpKind::ALL.into_iter().filter(rare).collect();
    assert_eq!(rare, [], "{kinds:?}");
    assert!(options > 2_000, "{options}");
}

/// Operations that share no key find little.
#[test]
fn mutations_use_the_keys_that_are_there() {
    let case: Case = "ops 1\nput \"the only key\" \"1\"\n".parse().unwrap();
    let named = (0..1_000)
        .filter(|seed| {
            let mutant = decode(&mutant(&encode(&case), 200, *seed)).case;
            mutant.to_string().matches("the only key").count() > 1
        })
        .count();
    assert!(named > 200, "{named}");
}

#[test]
fn a_crossover_is_a_case_made_of_both() {
    let first: Case = "ops 1\noption a = 1\nflush\nflush\nflush\n"
        .parse()
        .unwrap();
    let second: Case = "ops 1\noption b = 1\ncompact\ncompact\n".parse().unwrap();
    let (first, second) = (encode(&first), encode(&second));
    let mut both = 0;
    for seed in 0..200 {
        let mut out = [0; 64];
        let size = crossover(&first, &second, &mut out, seed);
        let child = decode(&out[..size]);
        assert!(child.known_version);
        assert_eq!(encode(&child.case), out[..size]);
        let has = |op| child.case.ops.contains(&op);
        both += u32::from(has(Op::Flush) && has(Op::Compact));
        let mut narrow = [0; 3];
        assert!(crossover(&first, &second, &mut narrow, seed) <= 3);
    }
    assert!(both > 50, "{both}");
}

/// Statistics with every field set.
fn statistics() -> Statistics {
    let mut statistics = Statistics {
        target: "mystore".to_owned(),
        unknown_version: 3,
        ended: true,
        ..Statistics::default()
    };
    statistics.can = statistics.can.with(Ability::Scan).with(Ability::Flush);
    let tally = &mut statistics.tally;
    (tally.sequences, tally.compared, tally.contents) = (10, 100, 7);
    (tally.gets_found, tally.gets_absent) = (5, 6);
    for (at, kind) in tally.kinds.iter_mut().enumerate() {
        (kind.sent, kind.ok) = (at as u64 + 10, at as u64 + 5);
    }
    tally.reverse.sent = 2;
    tally.prefix.ok = 1;
    tally.situations.count_times(Situation::CompactTwice, 4);
    let mut case = Case::new(vec![Op::Compact, Op::Compact, Op::LENGTH]);
    case.options
        .set("unheard_of", etalon_spec::Setting::Integer(1));
    statistics.restricted = etalon_spec::restrict(&mut case, &Profile::default());
    statistics.tally.dropped = statistics.restricted.total();
    statistics
}

#[test]
fn statistics_are_read_as_they_were_written() {
    let statistics = statistics();
    let text = statistics.to_string();
    assert_eq!(Statistics::parse(&text), Ok(statistics), "{text}");
    assert!(text.contains("op compact = 30 25 0 2\n"), "{text}");
    assert!(text.contains("situation compact twice = 4\n"), "{text}");
}

#[test]
fn a_damaged_file_of_statistics_is_an_error_that_names_the_line() {
    let text = statistics().to_string();
    for (from, to, says) in [
        (
            "etalon-stats 1",
            "etalon-stats 2",
            "1: expected `etalon-stats 1`",
        ),
        (
            "cases = 10",
            "cases = ten",
            "4: expected a number, found `ten`",
        ),
        ("cases = 10", "cases 10", "4: expected `name = value`"),
        ("failures = 0", "cases = 0", "5: `cases` stands here twice"),
        (
            "can = scan",
            "can = scam",
            "3: unknown ability `scam`; did you mean `scan`?",
        ),
        (
            "op get = 10 5 0 0",
            "op get = 10 5 0",
            "15: expected 4 numbers, found `10 5 0`",
        ),
        (
            "op get",
            "op got",
            "15: unknown operation `got`; did you mean `get`?",
        ),
        (
            "compact twice",
            "compact thrice",
            "53: unknown situation `compact thrice`",
        ),
        (
            "ended = yes",
            "ended = 1",
            "54: expected `yes` or `no`, found `1`",
        ),
        ("ended = yes\n", "", "53: the file ends without `ended`"),
    ] {
        let error = Statistics::parse(&text.replace(from, to)).unwrap_err();
        assert!(error.to_string().starts_with(says), "{error}, not {says}");
    }
    assert!(Statistics::parse("").is_err());
    for length in 0..text.len() - 1 {
        assert!(
            Statistics::parse(&text[..length]).is_err(),
            "cut at {length}"
        );
    }
}

#[test]
fn the_verdict_on_a_campaign_holds_v1_and_what_was_required_and_knows_an_early_end() {
    let statistics = statistics();
    let verdict = |statistics: &Statistics, floors: &[&str]| {
        let floors = Floors::parse(floors.iter().copied()).unwrap();
        statistics.judge(&floors).verdict
    };
    assert_eq!(verdict(&statistics, &[]), Verdict::Pass);
    assert_eq!(verdict(&statistics, &["compact twice>=4"]), Verdict::Pass);
    let lacking = verdict(&statistics, &["compact twice>=5"]).to_string();
    assert!(lacking.ends_with("asks for 5. Fuzz longer."), "{lacking}");

    let mut no_value = statistics.clone();
    no_value.tally.gets_found = 0;
    let vacuous = verdict(&no_value, &[]).to_string();
    assert!(
        vacuous.contains("none of 6 gets found a value. Fuzz longer"),
        "{vacuous}"
    );

    let mut cut = statistics.clone();
    cut.ended = false;
    assert!(
        verdict(&cut, &[])
            .to_string()
            .contains("did not end by itself")
    );

    let failed = Statistics { failures: 1, ..cut };
    assert_eq!(verdict(&failed, &[]), Verdict::Fail);
}

/// A store with the bug that the environment asks for.
struct Buggy(Model);

fn bug() -> String {
    env::var("BUG").unwrap_or_default()
}

impl KeyValueStore for Buggy {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        match bug().as_str() {
            "panic" => panic!("the store is out of order"),
            "thread" => {
                let died = std::thread::spawn(|| panic!("a thread of the store died")).join();
                assert!(died.is_err());
            }
            _ => {}
        }
        self.0.get(key)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.0.put(key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        if bug() == "hoard" {
            return Ok(());
        }
        self.0.delete(key)
    }
}

struct BuggyTarget;

impl Target for BuggyTarget {
    type Store = Buggy;

    fn profile(&self) -> Profile {
        Profile::new("etalon")
    }

    fn create(&mut self, _: &Options) -> Outcome<Buggy> {
        Ok(Buggy(Model::default()))
    }
}

/// The other process: an abort at the first panic, as libFuzzer's Rust glue has it, then a case.
/// No test of its own: where no test below has started it, it has nothing to do.
#[test]
fn as_a_fuzz_target() {
    if env::var_os("BUG").is_none() {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        before(info);
        std::process::abort();
    }));
    let text = "ops 1\noption unknown = 1\nflush\nput \"k\" \"v\"\ndelete \"k\"\nput \"z\" \"\"\nget \"k\"\nput \"never\" \"\"\n";
    let case: Case = text.parse().unwrap();
    fuzz(&[0xff, 1, 2], || BuggyTarget);
    fuzz(&encode(&case), || BuggyTarget);
}

fn in_another_process(bug: &str, directory: &std::path::Path) -> Output {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "as_a_fuzz_target", "--nocapture"])
        .env("BUG", bug)
        .env("ETALON_STATS", directory.join("stats-%p.txt"))
        .env("ETALON_OUT", directory)
        .output()
        .unwrap()
}

struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = env::temp_dir().join(format!("etalon-fuzz-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    /// What the other process left: its one file of that ending.
    fn file(&self, ending: &str) -> String {
        let files = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut found = files.filter(|path| path.to_str().unwrap().ends_with(ending));
        let text = fs::read_to_string(found.next().expect(ending)).unwrap();
        assert_eq!(found.next(), None);
        text
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const HOARDED: &str = "\
ops 1
# why: wrong answer: get \"k\": expected none, got \"v\"
# found: by fuzzing etalon
put \"k\" \"v\"
delete \"k\"
put \"z\" \"\"
get \"k\" -> none
";

#[test]
fn a_wrong_answer_is_printed_as_ops_before_the_process_aborts() {
    let scratch = Scratch::new("hoard");
    let output = in_another_process("hoard", &scratch.0);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    let ops = said.find(HOARDED).unwrap_or_else(|| panic!("{said}"));
    let panicked = said.find("panicked at").expect("the panic, too");
    assert!(ops < panicked, "{said}");
    assert_eq!(scratch.file(".ops"), HOARDED);
    let replay = said
        .lines()
        .find(|line| line.starts_with("replay: "))
        .unwrap();
    assert!(replay.starts_with("replay: etalon replay "));

    let statistics = Statistics::parse(&scratch.file(".txt")).unwrap();
    assert_eq!((statistics.failures, statistics.unknown_version), (1, 1));
    assert_eq!(statistics.restricted.dropped(OpKind::Flush), 1);
    assert_eq!(statistics.restricted.options, 1);
    assert_eq!(statistics.judge(&Floors::default()).verdict, Verdict::Fail);
}

#[test]
fn a_panic_of_the_store_is_printed_as_ops_that_end_with_the_operation_that_died() {
    let scratch = Scratch::new("panic");
    let output = in_another_process("panic", &scratch.0);
    assert!(!output.status.success());
    let script = Script::parse(&scratch.file(".ops")).unwrap();
    assert!(script.print().ends_with("get \"k\" -> none\n"), "{script}");
    let why = script.note("why").unwrap();
    assert!(why.starts_with("died: get \"k\": panicked at "), "{why}");
    assert!(why.ends_with("the store is out of order"), "{why}");
}

#[test]
fn a_panic_on_another_thread_prints_the_running_case_first_and_is_no_pass() {
    let scratch = Scratch::new("thread");
    let output = in_another_process("thread", &scratch.0);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    let ops = said
        .find("put \"never\" \"\"\n")
        .unwrap_or_else(|| panic!("{said}"));
    assert!(ops < said.find("thread '").unwrap(), "{said}");
    // Its statistics were last written before this case.
    let statistics = Statistics::parse(&scratch.file(".txt")).unwrap();
    let verdict = statistics.judge(&Floors::default()).verdict.to_string();
    assert!(verdict.contains("did not end by itself"), "{verdict}");
}

#[test]
fn a_campaign_without_a_failure_comes_to_its_end_in_its_statistics() {
    let scratch = Scratch::new("none");
    let output = in_another_process("", &scratch.0);
    assert!(output.status.success(), "{output:?}");
    let statistics = Statistics::parse(&scratch.file(".txt")).unwrap();
    assert!(statistics.ended);
    assert_eq!((statistics.tally.sequences, statistics.failures), (1, 0));
    assert_eq!(statistics.tally.of(OpKind::Put).ok, 3);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("etalon: 1 cases, 5 operations, 1 dropped, "),
        "{said}"
    );
}
