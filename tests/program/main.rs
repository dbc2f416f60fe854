//! Programs from the command line: `etalon check -- PROGRAM`, `replay` and `shrink` of what it
//! finds, `etalon serve`, `etalon shim`, and the session of `PROTOCOL.md`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const ETALON: &str = env!("CARGO_BIN_EXE_etalon");

/// Runs etalon in a directory: exit code, standard output, standard error.
fn etalon(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(ETALON)
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("etalon runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// Word for word, and every operation of the page's table is in it.
#[test]
fn the_session_of_the_page_is_what_serve_answers() {
    let page = fs::read_to_string("spec/PROTOCOL.md").expect("the page");
    let session = page.split("\n```session\n").nth(1).expect("a session");
    let session = session.split("```").next().expect("its end");
    let mut server = Command::new(ETALON)
        .args(["serve", "--stdio", "--model"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("etalon runs");
    let mut input = server.stdin.take().expect("piped");
    let mut output = BufReader::new(server.stdout.take().expect("piped"));
    let mut operations = Vec::new();
    for line in session.lines() {
        let (side, text) = line.split_at(2);
        if side == "> " {
            writeln!(input, "{text}").expect("it reads");
            let op = text.split("\"op\":\"").nth(1).expect("an operation");
            operations.push(op.split('"').next().expect("its word").to_owned());
            continue;
        }
        let mut answer = String::new();
        output.read_line(&mut answer).expect("it answers");
        match text.strip_suffix(" ...") {
            Some(beginning) => assert!(answer.starts_with(beginning), "{answer}"),
            None => assert_eq!(answer.trim_end(), text),
        }
    }
    drop(input);
    assert!(server.wait().expect("it ends").success());
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let words = rows.filter_map(|row| row.split('`').nth(1));
    let from = page.find("| `op`").expect("a table");
    let to = page.find("### Errors").expect("after it");
    let is_op = |word: &&str| page[from..to].contains(&format!("\n| `{word}`"));
    for word in words.filter(is_op) {
        assert!(
            operations.iter().any(|op| op == word),
            "{word} is not in the session"
        );
    }
}

#[test]
fn the_model_and_the_engine_pass_as_programs() {
    let scratch = tempfile::tempdir().expect("a folder");
    let model: &[&str] = &["--model"];
    for extra in [model, &[]] {
        let mut arguments = vec!["check", "--ops", "3000", "--", ETALON, "serve", "--stdio"];
        arguments.extend(extra);
        let (code, out, error) = etalon(scratch.path(), &arguments);
        assert_eq!(code, Some(0), "{out}{error}");
        assert!(out.contains("\nPASS\n"), "{out}");
        let again = format!("again: etalon check --seed 1 -- {ETALON} serve --stdio");
        assert!(out.contains(&again), "{out}");
        let kills = out.contains("\n  kill  ");
        assert_eq!(kills, extra.is_empty(), "only the engine survives: {out}");
    }
}

/// Forgets every delete: it answers gets from a file of puts.
#[cfg(unix)]
const HOARDER: &str = r#"echo '{"etalon":1,"name":"hoarder"}'
while IFS= read -r line; do
  id=${line#*:}; id=${id%%,*}; key=${line#*key\":}; ok=null
  case $line in
    *'"op":"open"'*) rm -f kept ;;
    *'"op":"put"'*) echo "$key" >>kept ;;
    *'"op":"get"'*) echo "asked for $key" >&2
      value=$(grep -F -- "${key%?}," kept | tail -n 1); value=${value#*value\":}
      ok=${value%?}; ok=${ok:-null} ;;
  esac
  printf '{"id":%s,"ok":%s}\n' "$id" "$ok"
done
"#;

#[cfg(unix)]
#[test]
fn a_failure_of_a_program_is_replayed_and_shrunk_on_the_program() {
    let scratch = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| etalon(scratch.path(), arguments);
    fs::write(scratch.path().join("hoarder.sh"), HOARDER).expect("written");
    let (code, out, _) = run(&["check", "--length", "10", "--", "sh", "hoarder.sh"]);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("wrong answer: get "), "{out}");
    assert!(
        out.contains("the last of its standard error:\n  asked for "),
        "{out}"
    );
    assert!(
        !out.contains("as a test:"),
        "no Rust test of a program: {out}"
    );
    let replay = out
        .lines()
        .find_map(|line| line.strip_prefix("replay: etalon "));
    let replay: Vec<&str> = replay.expect("a command").split(' ').collect();
    assert_eq!(replay[2..], ["--", "sh", "hoarder.sh"]);
    let (code, again, _) = run(&replay);
    assert_eq!(code, Some(1), "{again}");
    assert!(
        again.contains("FAILED") && again.contains("wrong answer"),
        "{again}"
    );

    let file = replay[1];
    let stderr = fs::read_to_string(scratch.path().join(file).with_extension("stderr"));
    assert!(stderr.expect("beside it").contains("asked for "));
    for command in ["replay", "shrink"] {
        let (code, _, error) = run(&[command, file]);
        assert_eq!(code, Some(4));
        let hint = format!("etalon {command} {file} -- sh hoarder.sh");
        assert!(error.contains(&hint), "{error}");
        for own in ["--engine", "--model"] {
            let (code, out, error) = run(&[command, file, own]);
            assert_eq!(code, Some(0), "{out}{error}");
        }
    }
    // On a store that is right it passes.
    let (code, out, _) = run(&["replay", file, "--", ETALON, "serve", "--stdio", "--model"]);
    assert_eq!(code, Some(0), "{out}");

    let longer = "ops 1\nput \"a\" \"1\"\nput \"b\" \"2\"\ndelete \"a\"\nget \"b\"\nget \"a\"\n";
    fs::write(scratch.path().join("longer.ops"), longer).expect("written");
    let (code, out, error) = run(&["shrink", "longer.ops", "--", "sh", "hoarder.sh"]);
    assert_eq!(code, Some(1), "{out}{error}");
    let smallest = fs::read_to_string(scratch.path().join("etalon-out/longer.min.ops"));
    let smallest = smallest.expect("written");
    assert!(
        smallest.contains("# target: -- sh hoarder.sh\n"),
        "{smallest}"
    );
    let operations = smallest
        .lines()
        .filter(|line| !line.starts_with('#'))
        .count();
    assert_eq!(operations, 1 + 3, "put, delete, get: {smallest}");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_started_is_exit_code_3_and_what_decides_nothing_2() {
    let scratch = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| etalon(scratch.path(), arguments);
    let (code, _, error) = run(&["check", "--", "no-such-program"]);
    assert_eq!(code, Some(3));
    assert!(error.contains("cannot start `no-such-program`"), "{error}");
    let (code, _, error) = run(&["check", "--", "sh", "-c", "echo cannot find it >&2"]);
    assert_eq!(code, Some(3));
    assert!(
        error.contains("did not greet") && error.contains("cannot find it"),
        "{error}"
    );
    let serve = [ETALON, "serve", "--stdio", "--model"];
    let only = [
        "check",
        "--only",
        "get",
        "--ops",
        "100",
        "--require",
        "none",
        "--",
    ];
    let (code, out, _) = run(&[&only[..], &serve[..]].concat());
    assert_eq!(code, Some(2), "{out}");
    // The engine's own flags do not go with a program, and a program needs its dashes.
    let (code, _, _) = run(&["check", "--model", "--", "sh"]);
    assert_eq!(code, Some(4));
    let (code, _, error) = run(&["check", "node", "driver.js"]);
    assert_eq!(code, Some(4));
    assert!(error.contains("etalon check -- node driver.js"), "{error}");
}

#[test]
fn a_word_that_is_unknown_gets_the_hint_that_fits_it() {
    let scratch = tempfile::tempdir().expect("a folder");
    let told = |arguments: &[&str]| {
        let (code, _, error) = etalon(scratch.path(), arguments);
        assert_eq!(code, Some(4), "{error}");
        error
    };
    // No beginning of a flag stands for it: `--time` is not `--timeout`.
    for flag in ["--time", "--seconds"] {
        let error = told(&["check", flag, "30"]);
        assert!(
            error.ends_with("etalon: how long to search: --for 30s\n"),
            "{error}"
        );
        assert!(!error.contains("--timeout"), "{error}");
    }
    let error = told(&["check", "--for", "1s", "-v"]);
    assert!(!error.contains("check a program"), "{error}");
    let error = told(&["check", "my store.mjs"]);
    assert!(
        error.contains("etalon check --create-store 'my store.mjs'\n"),
        "{error}"
    );
    assert!(
        error.contains("etalon check -- node 'my store.mjs'\n"),
        "{error}"
    );
    let error = told(&["check", "--for", "1s", "python3", "a b.py"]);
    assert!(
        error.ends_with(": etalon check -- python3 'a b.py'\n"),
        "{error}"
    );
}

#[test]
fn every_shim_is_printed_and_has_at_most_20_lines() {
    let scratch = tempfile::tempdir().expect("a folder");
    for language in ["node", "python", "go", "java", "c", "ruby"] {
        let (code, out, _) = etalon(scratch.path(), &["shim", language]);
        assert_eq!(code, Some(0));
        assert!((10..=20).contains(&out.lines().count()), "{language}");
        assert!(out.contains("mystore"), "{language}");
    }
}

#[test]
fn no_run_is_told_to_be_shorter_than_it_was() {
    let scratch = tempfile::tempdir().expect("a folder");
    let only = [
        "check",
        "--model",
        "--only",
        "get",
        "--require",
        "none",
        "--ops",
    ];
    for (ops, says) in [
        ("100", "Try --ops 1000, or send `put`."),
        ("2000", "Send `put`."),
    ] {
        let (code, out, _) = etalon(scratch.path(), &[&only[..], &[ops]].concat());
        assert_eq!(code, Some(2), "{out}");
        assert!(
            out.contains(&format!("gets found a value. {says}\n")),
            "{out}"
        );
    }
}

/// The model as a server, until it is dropped, and where it listens.
#[cfg(unix)]
struct Served(std::process::Child, String);

#[cfg(unix)]
impl Served {
    fn start() -> Served {
        let mut child = Command::new(ETALON)
            .args(["serve", "--resp", "127.0.0.1:0", "--model"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("etalon runs");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let address = line.strip_prefix("listening on ").expect(&line);
        let address = address.split(": ").next().expect("its end").to_owned();
        Served(child, address)
    }
}

#[cfg(unix)]
impl Drop for Served {
    fn drop(&mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it ends");
    }
}

#[cfg(unix)]
#[test]
fn a_command_that_fails_is_not_a_failure_of_the_server() {
    let scratch = tempfile::tempdir().expect("a folder");
    let served = Served::start();
    let at = [
        "check",
        "--shrink-for",
        "1s",
        "--ops",
        "20000",
        "--resp",
        &served.1,
    ];
    for flag in ["--kill-command", "--restart-command"] {
        let flags = [flag, "exit 7", "--prefix", "a:"];
        let (code, out, error) = etalon(scratch.path(), &[&at[..], &flags].concat());
        assert_eq!(code, Some(3), "{out}{error}");
        assert!(
            error.contains("`exit 7` ended with exit status: 7"),
            "{error}"
        );
        assert!(!out.contains("FAIL"), "{out}");
        // How to do it again is said with all flags.
        let again = format!("--seed 1 --resp {} --prefix a: {flag} 'exit 7')", served.1);
        assert!(out.contains(&again), "{out}");
    }
}

#[test]
fn an_address_that_is_none_is_a_mistake_of_the_command_line() {
    let scratch = tempfile::tempdir().expect("a folder");
    for command in ["check", "serve", "replay"] {
        for address in ["foo", "127.0.0.1:99999", ":1"] {
            let (code, _, error) = etalon(scratch.path(), &[command, "--resp", address]);
            assert_eq!(code, Some(4), "{error}");
            assert!(error.contains("such as 127.0.0.1:6379"), "{error}");
        }
    }
}
