//! Programs as targets: every way to go wrong is a failure of its class, found, shrunk and
//! reproduced, in bounded memory and time. The programs are shell scripts of a few lines; a right
//! one is the command line's `serve` (see the tests of the root package).
#![cfg(unix)]

use std::time::{Duration, Instant};

use etalon_spec::process::Program;
use etalon_spec::{
    Case, Class, Coming, Contents, Divergence, Got, KeyValueStore, Moment, Op, OpKind, Report,
    Sandbox, Settings, Target, check,
};

/// Reads a request into `id` and `op`.
const READ: &str = r#"while IFS= read -r line; do
    id=${line#*:}; id=${id%%,*}; op=${line#*op\":\"}; op=${op%%\"*}"#;
/// Answers it with null, whatever it is.
const NULL: &str = r#"echo "{\"id\":$id,\"ok\":null}""#;

/// A shell script that greets and then does this for each request.
fn script(greeting: &str, body: &str) -> [String; 3] {
    let text = format!("echo '{{\"etalon\":1,\"name\":\"toy\"{greeting}}}'\n{READ}\n{body}\ndone");
    ["sh".to_owned(), "-c".to_owned(), text]
}

fn start(greeting: &str, body: &str) -> Program {
    let command = script(greeting, body);
    Program::start(&command, std::env::temp_dir()).expect("it greets")
}

fn settings() -> Settings {
    Settings {
        time: Some(Duration::from_secs(20)),
        shrink_time: Duration::from_secs(3),
        ..Settings::default()
    }
}

fn report(program: Program) -> Report {
    check(program, &settings())
}

/// The class of the failure that a check found; it must have been the same again each time.
fn found(greeting: &str, body: &str) -> (Class, String, usize) {
    let report = report(start(greeting, body));
    let failed = report.failure.expect("a failure");
    assert_eq!(failed.reproduced, 3, "{failed}");
    let operations = failed.shrunk.case.ops.len();
    (failed.shrunk.divergence.class, failed.summary(), operations)
}

#[test]
fn a_store_that_forgets_everything_answers_wrongly() {
    for window in ["", r#","window":64"#] {
        let (class, summary, operations) = found(window, NULL);
        assert_eq!(class, Class::WrongAnswer);
        assert!(summary.ends_with("got none"), "{summary}");
        assert_eq!(operations, 2, "a put and a get");
    }
}

#[test]
fn a_child_that_dies_is_found_out_with_how() {
    let body = format!("if [ $op = put ]; then kill -KILL $$; fi; {NULL}");
    let (class, summary, _) = found("", &body);
    assert_eq!(class, Class::Died);
    assert!(summary.contains("was ended by signal: 9"), "{summary}");
    let body = format!("if [ $op = put ]; then exit 3; fi; {NULL}");
    let (class, summary, operations) = found(r#","window":64"#, &body);
    assert_eq!((class, operations), (Class::Died, 1), "the put alone");
    assert!(
        summary.ends_with("its process ended with exit code 3"),
        "{summary}"
    );
}

#[test]
fn a_child_that_hangs_is_killed_and_shrunk() {
    let greeting = r#","timeout":{"op":1}"#;
    // With a process of its own, which must go with it.
    let body = format!("if [ $op = put ]; then sleep 1000; fi; {NULL}");
    let begun = Instant::now();
    let (class, summary, operations) = found(greeting, &body);
    assert_eq!((class, operations), (Class::Hung, 1));
    assert!(summary.contains("no answer within"), "{summary}");
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn garbage_wrong_ids_and_wrong_shapes_break_the_protocol() {
    let bodies = [
        ("echo debug", "wrote what is no answer"),
        (r#"echo "{\"id\":$id}""#, "neither `ok` nor `error`"),
        (r#"echo "{\"id\":$((id + 1)),\"ok\":null}""#, "where"),
        (
            r#"echo "{\"id\":$id,\"ok\":7}""#,
            "expected a string, found a number",
        ),
        (
            r#"echo "{\"id\":$id,\"ok\":\"\\u20ac\"}""#,
            "U+20AC in a string",
        ),
        (r"printf '\377\n'", "not UTF-8"),
        (
            r#"echo "{\"id\":$id,\"ok\":null}"; echo "{\"id\":$id,\"ok\":null}""#,
            "answered id",
        ),
    ];
    for (body, text) in bodies {
        let body = format!("if [ $op = get ]; then {body}; else {NULL}; fi");
        let (class, summary, operations) = found(r#","window":8"#, &body);
        assert_eq!(class, Class::Protocol, "{body}: {summary}");
        assert!(summary.contains(text), "{body}: {summary}");
        assert!(operations <= 2, "{body}");
    }
}

#[test]
fn answers_out_of_order_break_the_protocol() {
    // Every second answer waits for the one after it.
    let body = r#"if [ -z "$held" ]; then held=$id
        else echo "{\"id\":$id,\"ok\":null}"; echo "{\"id\":$held,\"ok\":null}"; held=; fi"#;
    let body = format!("if [ $op = open ]; then {NULL}; else {body}; fi");
    let program = start(r#","window":8"#, &body);
    let case = Case::new(vec![Op::get(b"a"), Op::get(b"b")]);
    let divergence = run(program, &case, Contents::NotCompared).expect("a failure");
    assert_eq!(
        (divergence.class, divergence.moment),
        (Class::Protocol, Moment::Operation(0))
    );
}

fn run(program: Program, case: &Case, contents: Contents) -> Option<Divergence> {
    let timeout = program.profile().timeout;
    Sandbox::new(program, timeout).run(case, contents)
}

#[test]
fn a_flood_is_dropped() {
    for (flood, text) in [
        (
            "exec head -c 80000000 /dev/zero",
            "a line of more than 64 MiB",
        ),
        (
            "head -c 80000000 /dev/zero >&2; sleep 1000",
            "more than 64 MiB to standard error",
        ),
    ] {
        let body = format!("if [ $op = put ]; then {flood}; fi; {NULL}");
        let case = Case::new(vec![Op::put(b"k", b"v")]);
        let program = start("", &body);
        let divergence = run(program.clone(), &case, Contents::NotCompared).expect("a failure");
        assert_eq!(divergence.class, Class::Flood);
        assert!(divergence.to_string().contains(text), "{divergence}");
        assert!(
            program.stderr().len() <= 65_536,
            "the end of it is kept, no more"
        );
    }
}

#[test]
fn lines_that_nobody_asked_for_wait_in_the_pipe() {
    let program = start("", "yes");
    let case = Case::new(vec![Op::put(b"k", b"v")]);
    let divergence = run(program, &case, Contents::NotCompared).expect("a failure");
    assert_eq!(divergence.class, Class::Protocol);
}

#[test]
fn a_lock_that_goes_in_time_is_no_failure_and_one_that_stays_is() {
    let locked = r#"echo "{\"id\":$id,\"error\":\"locked\",\"kind\":\"definite\"}""#;
    let case = Case::new(vec![Op::Reopen]);
    let greeting = r#","can":["reopen"]"#;
    let goes = format!("if [ $op = reopen ] && [ $id -lt 5 ]; then {locked}; else {NULL}; fi");
    assert_eq!(
        run(start(greeting, &goes), &case, Contents::NotCompared),
        None
    );
    let stays = format!("if [ $op = reopen ]; then {locked}; else {NULL}; fi");
    let divergence = run(start(greeting, &stays), &case, Contents::NotCompared).expect("locked");
    assert_eq!(divergence.class, Class::Refused);
    assert_eq!(divergence.got, Got::Error("locked".to_owned()));
}

#[test]
fn what_is_declared_and_unsupported_is_refused() {
    let body = r#"echo "{\"id\":$id,\"error\":\"\",\"kind\":\"unsupported\"}""#;
    let (class, summary, _) = found("", body);
    assert_eq!(class, Class::Refused);
    assert_eq!(summary, "opening the store: expected ok, got unsupported");
    let body = format!("if [ $op = flush ]; then {body}; else {NULL}; fi");
    let case = Case::new(vec![Op::Flush]);
    let divergence = run(
        start(r#","can":["flush"]"#, &body),
        &case,
        Contents::NotCompared,
    );
    assert_eq!(divergence.expect("refused").class, Class::Refused);
}

#[test]
fn a_broken_structure_is_a_class_of_its_own() {
    let body = r#"if [ $op = flush ]; then
        echo "{\"id\":$id,\"error\":\"b before a\",\"kind\":\"structure\",\"rule\":\"sorted\"}""#;
    let body = format!("{body}; else {NULL}; fi");
    let case = Case::new(vec![Op::Flush]);
    let divergence = run(
        start(r#","can":["flush"]"#, &body),
        &case,
        Contents::NotCompared,
    );
    let divergence = divergence.expect("a failure");
    assert_eq!(divergence.class, Class::Structure);
    assert_eq!(divergence.to_string(), "flush: sorted: b before a");
}

#[test]
fn the_end_of_standard_error_is_kept() {
    let body = format!("echo \"about to $op\" >&2; if [ $op = put ]; then exit 1; fi; {NULL}");
    let program = start("", &body);
    let case = Case::new(vec![Op::put(b"k", b"v")]);
    let divergence = run(program.clone(), &case, Contents::NotCompared).expect("it dies");
    assert_eq!(divergence.class, Class::Died);
    assert_eq!(program.stderr(), "about to open\nabout to put\n");
}

#[test]
fn a_program_that_does_not_greet_is_no_failure_of_the_store() {
    let error = |command: &[&str]| {
        let command: Vec<String> = command.iter().map(ToString::to_string).collect();
        let error = Program::start(&command, std::env::temp_dir()).expect_err("no greeting");
        (error.to_string(), error.stderr)
    };
    let (text, _) = error(&["no-such-program-of-etalon"]);
    assert!(
        text.starts_with("cannot start `no-such-program-of-etalon`: "),
        "{text}"
    );
    let (text, stderr) = error(&["sh", "-c", "echo oh no >&2; exit 7"]);
    assert!(
        text.ends_with("did not greet: its process ended with exit code 7"),
        "{text}"
    );
    assert_eq!(stderr, "oh no\n");
    let (text, _) = error(&["echo", "Hello"]);
    assert!(
        text.contains("greets wrongly: expected a value, found 'H'"),
        "{text}"
    );
    assert!(text.ends_with("its first line: Hello"), "{text}");
}

#[test]
fn the_next_case_begins_before_this_one_has_ended() {
    // Every answer but the first waits for the next request: the last of a case for the next case.
    let body = r#"if [ $id -gt 2 ]; then echo "{\"id\":$((id - 1)),\"ok\":null}"; fi
        if [ $id -eq 1 ]; then echo "{\"id\":1,\"ok\":null}"; fi"#;
    let settings = Settings {
        time: None,
        operations: Some(1_000),
        only: vec![OpKind::Get, OpKind::Delete],
        ..Settings::default()
    };
    let check = |window: &str| {
        check(
            start(&format!("{window},\"timeout\":{{\"op\":1}}"), body),
            &settings,
        )
    };
    assert!(check(r#","window":8"#).failure.is_none());
    let failed = check("")
        .failure
        .expect("one at a time there is no next request");
    assert_eq!(failed.shrunk.divergence.class, Class::Hung);
}

#[test]
fn a_case_begun_on_a_child_that_died_begins_anew() {
    let program = start(
        r#","can":["flush"],"window":8"#,
        &format!("if [ $op = flush ]; then exit 3; fi; {NULL}"),
    );
    let mut target = program.clone();
    let (case, profile) = (Case::new(vec![Op::Flush]), program.profile());
    let coming = Coming {
        case: &case,
        profile: &profile,
        contents: Contents::NotCompared,
    };
    target.foresee_next(&coming);
    target.foresee(&coming);
    let mut store = target.create(&case.options).expect("opened");
    assert!(store.flush().is_err(), "it dies");
    assert!(target.has_begun_next());
    // The same case again, on its own: not what was begun there.
    target.foresee(&coming);
    assert!(target.create(&case.options).is_ok());
    assert_eq!(program.starts(), 2);
    assert!(!target.has_begun_next());
}

#[test]
fn a_process_is_started_once_and_its_directories_go() {
    let folder = std::env::temp_dir().join(format!("etalon-process-{}", std::process::id()));
    std::fs::create_dir(&folder).expect("a new folder");
    let command = script(r#","window":4"#, NULL);
    let program = Program::start(&command, &folder).expect("it greets");
    let mut sandbox = Sandbox::new(program.clone(), Duration::from_secs(10));
    for _ in 0..5 {
        let case = Case::new(vec![Op::get(b"k"), Op::delete(b"k"), Op::get(b"k")]);
        assert_eq!(sandbox.run(&case, Contents::Compared), None);
    }
    assert_eq!(program.starts(), 1);
    let directories = || std::fs::read_dir(&folder).expect("the folder").count();
    assert_eq!(directories(), 1, "the newest store's");
    drop(program);
    std::fs::remove_dir_all(folder).expect("the folder");
}

#[test]
fn a_store_that_is_reopened_by_ending_it_is_started_again() {
    // Its one value lives in a file of its directory.
    let body = r#"dir_=${line#*dir\":\"}; dir_=${dir_%%\"*}
        case $op in open|reopen) dir=$dir_; echo "{\"id\":$id,\"ok\":null}" ;;
        put) value=${line#*value\":\"}; echo "${value%%\"*}" >"$dir/v"; echo "{\"id\":$id,\"ok\":null}" ;;
        *) if [ -f "$dir/v" ]; then echo "{\"id\":$id,\"ok\":\"$(cat "$dir/v")\"}"
           else echo "{\"id\":$id,\"ok\":null}"; fi ;; esac"#;
    let greeting = r#","window":8,"survives":{"close":"all","kill":"all"}"#;
    let program = start(greeting, body);
    let kill = Op::Kill { then: Vec::new() };
    let ops = [
        Op::put(b"k", b"1"),
        Op::Reopen,
        Op::get(b"k"),
        Op::put(b"k", b"2"),
        kill,
        Op::get(b"k"),
    ];
    let case = Case::new(ops.to_vec());
    assert_eq!(run(program.clone(), &case, Contents::Compared), None);
    assert_eq!(program.starts(), 3);
    // The same one, said to keep what it keeps not.
    let forgets = body.replace("reopen)", "reopen) rm -f \"$dir_/v\";");
    let program = start(greeting, &forgets);
    let divergence = run(program, &case, Contents::Compared).expect("it forgets");
    assert_eq!(divergence.class, Class::WrongAnswer);
}
