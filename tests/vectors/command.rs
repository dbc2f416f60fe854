//! `etalon vectors`: the same vectors out of the program.

use std::process::Command;
use std::thread;

use etalon_spec::resp::Service;
use etalon_spec::vectors::ALL;
use etalon_spec::{Entry, KeyValueStore, Locked, Model, Outcome, Scan};

const ETALON: &str = env!("CARGO_BIN_EXE_etalon");

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(ETALON).arg("vectors").args(arguments).output();
    let output = output.expect("it runs");
    let mut said = String::from_utf8(output.stdout).expect("UTF-8");
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

fn last_line(said: &str) -> &str {
    said.lines().last().unwrap_or_default()
}

#[test]
fn all_of_them_are_listed_copied_and_run() {
    let (code, said) = run(&["list"]);
    assert_eq!((code, said.lines().count()), (Some(0), ALL.len()));
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy");
    let copy = copy.to_str().expect("UTF-8");
    assert_eq!(run(&["copy", copy]).0, Some(0));
    for vector in ALL {
        let text = std::fs::read_to_string(format!("{copy}/{}.ops", vector.id));
        assert_eq!(text.expect("it is there"), vector.text);
    }
    let (code, said) = run(&["copy", copy]);
    assert_eq!(code, Some(4), "{said}");
    let (code, said) = run(&["run", "--tag", "model"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_a_target_cannot_do_is_counted_and_alone_decides_nothing() {
    let model = ["--", ETALON, "serve", "--stdio", "--model"];
    let (code, said) = run(&[&["run"], &model[..]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with(" not applicable\n"), "{said}");
    let (code, said) = run(&[&["run", "--tag", "fail"], &model[..]].concat());
    assert_eq!(code, Some(2), "{said}");
    assert!(
        last_line(&said).starts_with("VACUOUS: none of 2 "),
        "{said}"
    );
}

/// Takes an empty value for none.
struct Wrong(Model);

impl KeyValueStore for Wrong {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.get(key)?.filter(|value| !value.is_empty()))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.0.put(key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.0.delete(key)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        self.0.scan(scan)
    }
}

#[test]
fn a_store_that_is_wrong_fails_the_vectors_that_say_so() {
    let service = Service::bind("127.0.0.1:0").expect("a port");
    let address = service.address().to_string();
    let store = Locked::from(Wrong(Model::default()));
    thread::scope(|scope| {
        let served = scope.spawn(|| service.serve(&store));
        let (code, said) = run(&["run", "--resp", &address]);
        service.stopper().stop();
        served.join().expect("no panic").expect("it served");
        assert_eq!(code, Some(1), "{said}");
        let failed = said
            .lines()
            .filter_map(|line| line.strip_prefix("FAILED  "));
        let failed: Vec<&str> = failed.filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(
            failed,
            ["model/empty-value-read", "trap/empty-value"],
            "{said}"
        );
    });
}
