//! `etalon serve --resp`, the engine and the bare model, asked by what knows Redis: our own
//! `check --resp`, redis-cli and redis-benchmark. And a store that is wrong, served the same way,
//! is found.
//!
//! Without redis-tools the tests fail: `tests/shims/install`.

mod built;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use built::etalon;
use etalon_spec::resp::Service;
use etalon_spec::{Entry, KeyValueStore, Locked, Model, Outcome, Scan};
use tempfile::TempDir;

/// `etalon serve` on a port of its own, ended when this is dropped.
struct Served {
    child: Child,
    port: String,
    said: String,
}

impl Served {
    fn start(arguments: &[&str]) -> Served {
        Served::start_on("0", arguments)
    }

    fn start_on(port: &str, arguments: &[&str]) -> Served {
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new(etalon());
        command.args(["serve", "--resp", &address]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut said = String::new();
        let out = child.stdout.take().expect("piped");
        BufReader::new(out)
            .read_line(&mut said)
            .expect("it says where it listens");
        let (address, what) = said.split_once(": ").expect("what it offers");
        let (_, port) = address.rsplit_once(':').expect("a port");
        Served {
            port: port.to_owned(),
            said: what.trim_end().to_owned(),
            child,
        }
    }

    fn client(&self, input: &str) -> String {
        redis("redis-cli", &["-p", &self.port], input)
    }

    fn benchmark(&self, arguments: &[&str]) -> String {
        let mut all = vec!["-p", &self.port, "-n", "4000", "--csv"];
        all.extend(arguments);
        redis("redis-benchmark", &all, "")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already, as it should.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program of Redis's, and returns all that it says.
fn redis(program: &str, arguments: &[&str], input: &str) -> String {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("tests/shims/install");
    let mut to = child.stdin.take().expect("piped");
    to.write_all(input.as_bytes()).expect("it reads");
    drop(to);
    let output = child.wait_with_output().expect("it ends");
    let mut said = String::from_utf8(output.stdout).expect("UTF-8");
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program}: {said}");
    said
}

fn check(port: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let report = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(etalon());
    command.args(["check", "--resp", &format!("127.0.0.1:{port}"), "--report"]);
    let output = command.arg(report.path()).args(arguments).output();
    let output = output.expect("etalon runs");
    let mut said = String::from_utf8(output.stdout).expect("UTF-8");
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

/// So small a memtable that a case of the check has many.
const SMALL: [&str; 4] = [
    "--option",
    "memtable_bytes=512",
    "--option",
    "compaction=\"automatic\"",
];

const LINES: &str = r#"PING
SET fruit "red\x00\n apple"
GET fruit
GET absent
STRLEN fruit
MSET a 1 b "" c 3
MGET a absent b
EXISTS a a absent
SCAN 0 MATCH [ab] COUNT 100
KEYS *
DBSIZE
DEL a absent b
TYPE c
SET c 4 EX 10
SELECT 1
INCR c
INCR fruit
LPUSH c
CONFIG GET appendonly
FLUSHALL
DBSIZE
"#;

const ANSWERS: &str = r#"PONG
OK
"red\x00\n apple"
(nil)
(integer) 11
OK
1) "1"
2) (nil)
3) ""
(integer) 2
1) "0"
2) 1) "a"
   2) "b"
1) "a"
2) "b"
3) "c"
4) "fruit"
(integer) 4
(integer) 2
string
(error) ERR syntax error at 'EX': SET takes a key and a value here
(error) ERR DB index is out of range: there is only 0
(integer) 4
(error) ERR value is not an integer or out of range
(error) ERR unknown command 'LPUSH', with args beginning with: 'c'
1) "appendonly"
2) "no"
OK
(integer) 0
"#;

#[test]
fn a_session_of_redis_cli_is_answered() {
    for (arguments, what) in [(&[][..], "a store in memory"), (&["--model"], "the model")] {
        let served = Served::start(arguments);
        assert_eq!(served.said, what);
        let said = redis("redis-cli", &["--no-raw", "-p", &served.port], LINES);
        let said: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(said, ANSWERS.lines().collect::<Vec<&str>>(), "{what}");
    }
}

#[test]
fn redis_benchmark_gets_all_its_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    let directory = store.to_str().expect("UTF-8");
    for arguments in [&[directory][..], &["--model"]] {
        let served = Served::start(arguments);
        for (pipelined, keys) in [("1", "1000"), ("16", "3000")] {
            let said = served.benchmark(&["-t", "ping,set,get,mset", "-P", pipelined, "-r", keys]);
            assert!(!said.contains("rror"), "{said}");
            for test in ["PING_INLINE", "PING_MBULK", "SET", "GET", "MSET (10 keys)"] {
                assert!(
                    said.contains(&format!("\n\"{test}\",")),
                    "no {test} in {said}"
                );
            }
        }
        let keys: u64 = served.client("DBSIZE\n").trim().parse().expect("a number");
        assert!((1_000..4_000).contains(&keys), "{keys}");
        let scanned = redis("redis-cli", &["-p", &served.port, "--scan"], "");
        assert_eq!(scanned.lines().count() as u64, keys);
    }
}

#[test]
fn the_model_passes_our_own_check() {
    let served = Served::start(&["--model"]);
    let (code, said) = check(&served.port, &["--ops", "10000"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(served.client("DBSIZE\n"), "0\n", "nothing is left");
}

/// The commands that end the server of a port and start it again on the same store.
struct Commands {
    folder: TempDir,
    port: String,
}

impl Commands {
    fn start(&self) -> String {
        let store = self.folder.path().join("store");
        format!(
            "'{}' serve --resp 127.0.0.1:{} '{}' {} {} >/dev/null 2>&1 &",
            etalon().display(),
            self.port,
            store.display(),
            SMALL[..2].join(" "),
            "--option 'compaction=\"automatic\"'"
        )
    }

    /// Ends it with this, and waits until nobody answers: the lock is free then.
    fn again(&self, end: &str) -> String {
        let ask = format!("redis-cli -p {}", self.port);
        let end = end.replace("CLIENT", &ask);
        format!(
            "{end}; while {ask} ping >/dev/null 2>&1; do :; done; {}",
            self.start()
        )
    }
}

impl Drop for Commands {
    fn drop(&mut self) {
        let mut end = Command::new("redis-cli");
        end.args(["-p", &self.port, "shutdown"]);
        drop(end.output());
    }
}

const KILL: &str = "kill -KILL $(CLIENT info server | sed -n 's/^process_id:\\([0-9]*\\).*/\\1/p')";

#[test]
fn the_engine_passes_our_own_check_restarted_and_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    let mut first = vec![store.to_str().expect("UTF-8")];
    first.extend(SMALL);
    let served = Served::start(&first);
    let port = served.port.clone();
    let commands = Commands { folder, port };
    let restart = commands.again("CLIENT shutdown");
    let kill = commands.again(KILL);
    for (flag, command, word) in [
        ("--restart-command", &restart, "reopen"),
        ("--kill-command", &kill, "kill"),
    ] {
        let (code, said) = check(&served.port, &[flag, command, "--for", "5s"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(&format!("\n  {word}  ")), "{said}");
    }
}

/// A store whose second delete of a key brings its first value back.
#[derive(Default)]
struct Wrong(Model, std::collections::BTreeMap<Vec<u8>, Vec<u8>>);

impl KeyValueStore for Wrong {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.0.get(key)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        let first = || value.to_vec();
        self.1.entry(key.to_vec()).or_insert_with(first);
        self.0.put(key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        match (self.0.get(key)?, self.1.get(key)) {
            (None, Some(first)) => self.0.put(key, first),
            _ => self.0.delete(key),
        }
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.0.scan(scan)
    }
}

#[test]
fn a_wrong_store_that_is_served_is_found() {
    let service = Service::bind("127.0.0.1:0").expect("a port");
    let port = service.address().port().to_string();
    let store = Locked::from(Wrong::default());
    std::thread::scope(|scope| {
        let served = scope.spawn(|| service.serve(&store));
        let (code, said) = check(&port, &["--ops", "50000"]);
        service.stopper().stop();
        served.join().expect("no panic").expect("it served");
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("wrong answer: "), "{said}");
    });
}
