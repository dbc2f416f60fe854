//! `etalon check` from the command line: the flags that say what is run, and what is written
//! about it.

mod schema;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const ETALON: &str = env!("CARGO_BIN_EXE_etalon");

/// Runs etalon in a directory: exit code, standard output, standard error.
fn etalon(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    etalon_with(directory, arguments, &[])
}

/// As [`etalon`], in an environment.
fn etalon_with(
    directory: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(ETALON)
        .args(arguments)
        .current_dir(directory)
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY")
        .envs(environment.iter().copied())
        .output()
        .expect("etalon runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// Runs etalon with nobody who reads its standard output: exit code, standard error.
fn unread(directory: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let ran = Command::new(ETALON)
        .args(arguments)
        .current_dir(directory)
        .stdout(writer)
        .output();
    let Output { status, stderr, .. } = ran.expect("etalon runs");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

#[test]
fn the_verdict_does_not_depend_on_whether_anyone_reads() {
    let scratch = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| unread(scratch.path(), arguments);
    let good = ["check", "--ops", "20000", "--model", "--report", "out"];
    assert_eq!(run(&good), (Some(0), String::new()));
    assert!(scratch.path().join("out/report.json").exists());
    let without_a_get = ["check", "--ops", "500", "--model", "--only", "put"];
    let json = [&without_a_get[..], &["--format", "json"]].concat();
    assert_eq!(run(&json), (Some(2), String::new()));
    fs::write(
        scratch.path().join("one.ops"),
        "ops 1\nput \"a\" \"1\"\nget \"a\"\nget \"b\"\n",
    )
    .expect("written");
    assert_eq!(run(&["replay", "one.ops"]), (Some(0), String::new()));
    assert_eq!(run(&["shrink", "one.ops"]), (Some(0), String::new()));
    let explored = run(&["explore", "--length", "2"]);
    assert_eq!(explored, (Some(2), String::new()));
}

#[test]
fn lies_are_told_quietly_and_as_json_and_nothing_to_find_is_no_failure() {
    let scratch = tempfile::tempdir().expect("a folder");
    let run = |flags: &[&str]| {
        let base = ["check", "--model", "--ops", "20000", "--sabotage"];
        etalon(scratch.path(), &[&base[..], flags].concat())
    };
    let two = "ignored-delete,empty-as-absent";
    let (code, out, _) = run(&[two, "-q"]);
    assert_eq!(
        (code, out.lines().last()),
        (Some(0), Some("2 of 2 lies found"))
    );
    assert_eq!(out.lines().count(), 1, "{out}");
    let (code, out, _) = run(&[two, "--format", "json"]);
    let told = report_of("spec/sabotage.schema.json", &out);
    assert_eq!((code, &told["verdict"]), (Some(0), &"PASS".into()));
    assert_eq!(told["lies"][1]["lie"], "empty-as-absent");
    assert_eq!(told["lies"][1]["outcome"], "found");
    // Without scans none can lack an entry.
    fs::write(scratch.path().join("small.toml"), "can = ['flush']\n").expect("written");
    let (code, out, _) = run(&["missing-entry", "--profile", "small.toml"]);
    assert!(out.ends_with("0 of 0 lies found\n"), "{out}");
    assert_eq!(code, Some(2));
    let (_, out, _) = run(&["all", "--profile", "small.toml", "--format", "json"]);
    let told = report_of("spec/sabotage.schema.json", &out);
    let lies = told["lies"].as_array().expect("lies").iter();
    let unseen = lies.filter(|lie| lie["outcome"] == "out of sight");
    assert!(unseen.count() > 5, "{told}");
    let (_, out, _) = run(&[two, "--only", "put", "--format", "json"]);
    let told = report_of("spec/sabotage.schema.json", &out);
    assert!(
        told["not_tried"].is_string() && told["verdict"] == "VACUOUS",
        "{told}"
    );
    let (code, out, _) = run(&[two, "--only", "put"]);
    assert!(
        out.contains("no lie was tried: without one the check is VACUOUS"),
        "{out}"
    );
    assert_eq!(code, Some(2));
    let (code, _, _) = run(&[two, "--report", "out"]);
    assert_eq!(code, Some(4));
}

#[test]
fn a_profile_file_takes_the_place_of_what_the_target_says() {
    let scratch = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| etalon(scratch.path(), arguments);
    fs::write(
        scratch.path().join("small.toml"),
        "can = ['flush']\nkeys.max = 9\n",
    )
    .expect("written");
    let arguments = [
        "check",
        "--ops",
        "20000",
        "--model",
        "--profile",
        "small.toml",
    ];
    let (code, out, error) = run(&arguments);
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains("not covered: scan, reverse, "), "{out}");
    assert!(!out.contains("\n  scan  "), "{out}");
    let again = "again: etalon check --seed 1 --profile small.toml --model)";
    assert!(out.contains(again), "{out}");
    let through_a_pipe = [
        &arguments[..3],
        &arguments[4..],
        &["--", ETALON, "serve", "--stdio", "--model"],
    ];
    let (code, out, error) = run(&through_a_pipe.concat());
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains("not covered: scan, reverse, "), "{out}");

    fs::write(scratch.path().join("wrong.toml"), "\n[keys]\n  mim = 1\n").expect("written");
    let (code, _, error) = run(&["check", "--profile", "wrong.toml"]);
    assert_eq!(code, Some(4));
    assert!(
        error.starts_with("etalon: wrong.toml:3:3: `keys`: unknown field `mim`"),
        "{error}"
    );
    assert!(error.contains("Did you mean `min`?"), "{error}");
    let (code, _, error) = run(&["check", "--profile", "none.toml"]);
    assert_eq!(
        (code, error.as_str()),
        (Some(4), "etalon: none.toml: no such file\n")
    );
}

/// The model behind a filter that garbles every request to flush: they are refused.
#[cfg(target_os = "linux")]
fn refuses_flush() -> [String; 4] {
    let filter = "sed -u 's/\"op\":\"flush\"/\"op\":\"flosh\"/'";
    let command = format!("{filter} | {ETALON} serve --stdio --model");
    ["--".into(), "sh".into(), "-c".into(), command]
}

#[cfg(target_os = "linux")]
fn with_target<'a>(flags: &[&'a str], target: &'a [String]) -> Vec<&'a str> {
    let target = target.iter().map(String::as_str);
    flags.iter().copied().chain(target).collect()
}

/// The report, which must be as the schema says.
fn report(text: &str) -> serde_json::Value {
    report_of("spec/report.schema.json", text)
}

fn report_of(schema: &str, text: &str) -> serde_json::Value {
    let report: serde_json::Value = serde_json::from_str(text).expect(text);
    let schema = fs::read_to_string(schema).expect("the schema");
    let schema = serde_json::from_str(&schema).expect("JSON");
    let complaints = schema::complaints(&schema, &report, "report");
    assert!(complaints.is_empty(), "{complaints:#?}");
    report
}

#[test]
fn the_report_of_a_run_that_passes_is_as_the_schema_says() {
    let scratch = tempfile::tempdir().expect("a folder");
    let flags = [
        "check", "--ops", "20000", "--format", "json", "--shard", "2/3",
    ];
    let (code, out, error) = etalon(scratch.path(), &flags);
    assert_eq!(code, Some(0), "{out}{error}");
    let report = report(&out);
    assert_eq!(report["verdict"], "PASS");
    assert_eq!(report["shard"], "2/3");
    assert!(
        report["kinds"]["get"]["ok"].as_u64() > Some(1_000),
        "{report}"
    );
    assert!(report["situations"]["flush of nothing"]["met"].as_u64() > Some(0));
    assert!(report["layers"]["memtable"].as_u64() > Some(0));
    let mut wrong = report.clone();
    wrong["kinds"]["get"]["ok"] = "many".into();
    wrong["surprise"] = 1.into();
    let schema = fs::read_to_string("spec/report.schema.json").expect("the schema");
    let schema = serde_json::from_str(&schema).expect("JSON");
    assert_eq!(
        schema::complaints(&schema, &wrong, "report").len(),
        2,
        "it can fail"
    );
}

/// The same object on standard output and in the folder; what a failure looks like there is shown
/// by `report/threads.rs`.
#[test]
fn the_report_of_a_run_with_threads_is_as_its_schema_says() {
    let scratch = tempfile::tempdir().expect("a folder");
    let flags = "check --threads 2 --ops 20000 --model --format json --report out";
    let flags: Vec<&str> = flags.split(' ').collect();
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", "summary.md"),
    ];
    let (code, out, error) = etalon_with(scratch.path(), &flags, &github);
    assert_eq!(code, Some(0), "{out}{error}");
    let read = |name: &str| fs::read_to_string(scratch.path().join(name)).expect(name);
    assert_eq!(read("out/report.json"), out);
    let report = report_of("spec/threads.schema.json", &out);
    assert_eq!(
        (&report["verdict"], &report["threads"]),
        (&"PASS".into(), &2.into())
    );
    assert!(
        report["kinds"]["get"]["ok"].as_u64() > Some(1_000),
        "{report}"
    );
    assert!(report["failure"].is_null() && report["target"] == "--model");
    let junit = read("out/junit.xml");
    assert!(junit.contains("tests=\"1\" failures=\"0\""), "{junit}");
    assert!(junit.contains("name=\"histories of seed 1\""), "{junit}");
    let summary = read("summary.md");
    assert!(
        summary.contains(" PASS\n\nseed 1, 2 clients, "),
        "{summary}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_keeps_going_groups_narrows_and_reports() {
    let scratch = tempfile::tempdir().expect("a folder");
    let target = refuses_flush();
    let flags = [
        "check",
        "--keep-going",
        "--ops",
        "6000",
        "--shrink-for",
        "2s",
        "--report",
        "out",
    ];
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", "summary.md"),
    ];
    let (code, out, error) = etalon_with(scratch.path(), &with_target(&flags, &target), &github);
    assert_eq!(code, Some(1), "{out}{error}");
    assert!(
        out.contains("shape 1 of 1: refused in flush; of flush\n"),
        "{out}"
    );
    assert!(
        out.contains("further sequences go without flush, which"),
        "{out}"
    );
    let annotation = out.lines().find(|line| line.starts_with("::error "));
    let annotation = annotation.expect("an annotation");
    assert!(
        annotation.starts_with("::error file=out/failures/seed-1-sequence-"),
        "{annotation}"
    );
    assert!(
        annotation.contains("ops,title=model%3A refused::flush: expected ok, got unsupported"),
        "{annotation}"
    );
    assert!(
        annotation.contains("%0A"),
        "the case is in it: {annotation}"
    );

    let read = |name: &str| fs::read_to_string(scratch.path().join(name)).expect(name);
    let report = report(&read("out/report.json"));
    assert_eq!(report["verdict"], "FAIL");
    let failure = &report["failures"][0];
    assert_eq!(failure["class"], "refused");
    assert!(failure["occurrences"].as_u64() > Some(3), "{failure}");
    assert_eq!(failure["left_out"][0], "flush");
    assert_eq!(report["narrowings"][0]["without"], "flush");
    let file = failure["file"].as_str().expect("a file");
    assert_eq!(read(file), failure["ops"].as_str().expect("text"));
    let junit = read("out/junit.xml");
    assert!(junit.contains("tests=\"2\" failures=\"1\""), "{junit}");
    assert!(
        junit.contains("<failure type=\"refused\" message=\"flush: expected ok, got unsupported\""),
        "{junit}"
    );
    assert!(
        junit.contains("\nflush -&gt; ok\n") && junit.contains("etalon replay out/failures"),
        "{junit}"
    );
    assert!(read("summary.md").starts_with("### etalon check: model FAIL\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_known_divergence_is_proved_left_out_and_noticed_when_it_is_gone() {
    let scratch = tempfile::tempdir().expect("a folder");
    let target = refuses_flush();
    let folder = scratch.path().join("known");
    fs::create_dir(&folder).expect("a folder");
    let proof = "ops 1\n# why: refused: flush: refused: unsupported\nflush\n";
    fs::write(folder.join("flush.ops"), proof).expect("written");
    let entry = |rest: &str| {
        let text = format!("[[known]]\nid = \"flush\"\nproof = \"known/flush.ops\"\n{rest}");
        fs::write(scratch.path().join("known.toml"), text).expect("written");
    };
    let run = |target: &[String]| {
        let flags = [
            "check",
            "--ops",
            "4000",
            "--format",
            "json",
            "--known",
            "known.toml",
        ];
        etalon(scratch.path(), &with_target(&flags, target))
    };
    entry("until = \"2999-12-31\"\nwithout = [\"flush\"]\n");
    let (code, out, error) = run(&target);
    assert_eq!(code, Some(0), "{out}{error}");
    let held = report(&out);
    assert_eq!(held["known"][0]["standing"], "holds");
    let lacks = held["not_covered"].as_array().expect("a list");
    assert!(lacks.contains(&"flush".into()), "{held}");

    let right = ["--", ETALON, "serve", "--stdio", "--model"].map(str::to_owned);
    let (code, out, error) = run(&right);
    assert_eq!(code, Some(1), "{out}{error}");
    assert!(
        error.contains("known.toml:2:1: flush: known/flush.ops no longer fails: remove the entry")
    );
    assert_eq!(report(&out)["verdict"], "FAIL");

    entry("until = 2020-02-29\nwithout = [\"flush\"]\n");
    let (code, _, error) = run(&target);
    assert_eq!(code, Some(1));
    assert!(
        error.contains("flush: was to be mended until 2020-02-29"),
        "{error}"
    );

    entry("until = \"2999-12-31\"\nclass = \"died\"\nwithout = [\"flush\"]\n");
    let (code, _, error) = run(&target);
    assert_eq!(code, Some(1));
    assert!(
        error.contains("was known to fail as `died`, and fails as `refused`"),
        "{error}"
    );

    entry("until = \"2999-12-31\"\nvalues.max = 1000000000\n");
    let (code, _, error) = run(&target);
    assert_eq!(code, Some(4));
    assert!(
        error.contains("known.toml:5:8: a known divergence may only narrow"),
        "{error}"
    );
}

/// What was found is told, wherever it can be kept.
#[cfg(unix)]
#[test]
fn a_failure_that_cannot_be_saved_is_shown_all_the_same() {
    let scratch = tempfile::tempdir().expect("a folder");
    fs::write(scratch.path().join("etalon-out"), "in the way").expect("written");
    let forgets = r#"echo '{"etalon":1,"name":"forgets"}'
        while IFS= read -r line; do
            id=${line#*:}; echo "{\"id\":${id%%,*},\"ok\":null}"
        done"#;
    let check = ["check", "--shrink-for", "2s", "--", "sh", "-c", forgets];
    let (code, said, noted) = etalon(scratch.path(), &check);
    assert_eq!(code, Some(1), "{said}{noted}");
    assert!(said.contains("\nput ") && said.contains("FAIL"), "{said}");
    assert!(
        noted.contains("cannot write") && noted.contains("kept nowhere"),
        "{noted}"
    );
}
