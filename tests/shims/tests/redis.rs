//! `etalon check --resp` against redis-server: it passes, restarted and killed too where its log is
//! written always; and one that loses what a kill takes is found.
//!
//! Without redis-server the tests fail: `tests/shims/install`.

mod built;

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use built::etalon;
use etalon_spec::resp::{Server, Settings};
use etalon_spec::{KeyValueStore, Options, Target};
use tempfile::TempDir;

/// A server of its own port and folder, killed when this is dropped.
struct Redis {
    port: u16,
    folder: TempDir,
}

impl Redis {
    fn start(port: u16, log: &str) -> Redis {
        let folder = tempfile::tempdir().expect("a folder");
        let redis = Redis { port, folder };
        let started = Command::new("sh")
            .args(["-c", &redis.start_command(log)])
            .status();
        assert!(started.expect("a shell").success(), "tests/shims/install");
        let begun = Instant::now();
        while TcpStream::connect(redis.address()).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "it does not come up"
            );
        }
        redis
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn start_command(&self, log: &str) -> String {
        let (folder, port) = (self.folder.path().display(), self.port);
        let log = match log {
            "" => "--appendonly no".to_owned(),
            sync => format!("--appendonly yes --appendfsync {sync}"),
        };
        format!(
            "redis-server --port {port} --dir {folder} --save '' {log} --daemonize yes >/dev/null"
        )
    }

    /// Kills it, and waits until nobody answers.
    fn kill_command(&self, signal: &str) -> String {
        let asked = format!("redis-cli -p {}", self.port);
        format!(
            "kill -{signal} $({asked} info server | sed -n 's/^process_id:\\([0-9]*\\).*/\\1/p'); \
             while {asked} ping >/dev/null 2>&1; do :; done"
        )
    }

    fn check(&self, flags: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(etalon());
        command
            .args(["check", "--report"])
            .arg(self.folder.path().join("report"));
        command.args(["--resp", &self.address()]).args(flags);
        let output = command.output().expect("etalon runs");
        let mut said = String::from_utf8(output.stdout).expect("UTF-8");
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        (output.status.code(), said)
    }

    fn client(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.port.to_string()]).args(arguments);
        let output = command.output().expect("redis-cli runs");
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim()
            .to_owned()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let command = self.kill_command("KILL");
        let shell = Command::new("sh")
            .args(["-c", &command])
            .stderr(Stdio::null())
            .status();
        drop(shell);
    }
}

#[test]
fn redis_passes_and_is_left_empty() {
    let redis = Redis::start(16_379, "");
    let (code, said) = redis.check(&["--ops", "20000"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(redis.client(&["DBSIZE"]), "0");
    // What is somebody's is not touched, and not gone near without being told.
    redis.client(&["SET", "mine", "1"]);
    let (code, said) = redis.check(&["--ops", "2000"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("the database holds 1 keys"), "{said}");
    let (code, said) = redis.check(&["--ops", "2000", "--non-empty"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(redis.client(&["KEYS", "*"]), "mine");
}

#[test]
fn redis_with_its_log_always_written_survives_restarts_and_kills() {
    let redis = Redis::start(16_380, "always");
    let start = redis.start_command("always");
    let kill = format!("{}; {start}", redis.kill_command("KILL"));
    let restart = format!("{}; {start}", redis.kill_command("TERM"));
    for (flag, command, word) in [
        ("--kill-command", &kill, "kill"),
        ("--restart-command", &restart, "reopen"),
    ] {
        let (code, said) = redis.check(&[flag, command, "--for", "5s"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(&format!("\n  {word}  ")), "{said}");
    }
}

#[test]
fn redis_without_a_log_is_found_out_by_a_kill() {
    let redis = Redis::start(16_381, "");
    let kill = format!(
        "{}; {}",
        redis.kill_command("KILL"),
        redis.start_command("")
    );
    let (code, said) = redis.check(&["--kill-command", &kill, "--shrink-for", "3s"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("wrong answer: "), "{said}");
}

#[test]
fn a_server_that_is_not_there_is_exit_code_3_and_one_that_goes_has_died() {
    let redis = Redis::start(16_382, "");
    let server = Server::connect(&redis.address(), Settings::default()).expect("it is there");
    let mut server = server;
    let mut store = server.create(&Options::default()).expect("a store");
    store.put(b"k", b"v").expect("it answers");
    redis.client(&["SHUTDOWN", "NOSAVE"]);
    let failure = store.get(b"k").expect_err("it is gone");
    assert!(
        failure
            .to_string()
            .starts_with("the server ended the connection"),
        "{failure}"
    );
    let (code, said) = redis.check(&["--ops", "100"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("cannot connect"), "{said}");
}
