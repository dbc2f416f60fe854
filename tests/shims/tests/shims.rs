//! Every driver of `spec/shims/` as it stands, with a right store and with wrong ones: a right one
//! passes, and is caught in every lie that it can be made to tell; a wrong one fails in its class.
//!
//! A language that is not there fails its test: `tests/shims/install`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use etalon_spec::process::Program;
use etalon_spec::sabotage::{Lie, sabotage};
use etalon_spec::{Class, Op, Report, Settings, Verdict, check};
use tempfile::TempDir;

/// A language: its driver, a store for it, how both become a program.
struct Language {
    driver: &'static str,
    store: &'static str,
    build: &'static [&'static str],
    run: &'static [&'static str],
    /// In the driver, what makes it answer `open`; something else there makes it unsupported.
    open: &'static str,
    /// What becomes of an error that the store throws: it has classes of its own in a language
    /// without exceptions, or whose driver does not catch them.
    thrown: Class,
}

const NODE: Language = Language {
    driver: "driver.js",
    store: "store.js",
    build: &[],
    run: &["node", "driver.js"],
    open: "open:",
    thrown: Class::Refused,
};
const PYTHON: Language = Language {
    driver: "driver.py",
    store: "store.py",
    build: &[],
    run: &["python3", "driver.py"],
    open: "\"open\"",
    thrown: Class::Refused,
};
const RUBY: Language = Language {
    driver: "driver.rb",
    store: "store.rb",
    build: &[],
    run: &["ruby", "driver.rb"],
    open: "\"open\"",
    thrown: Class::Refused,
};
const GO: Language = Language {
    driver: "driver.go",
    store: "store.go",
    build: &["go", "build", "-o", "driver", "driver.go", "store.go"],
    run: &["./driver"],
    open: "\"open\"",
    thrown: Class::Died,
};
const JAVA: Language = Language {
    driver: "Driver.java",
    store: "Store.java",
    build: &["javac", "Driver.java", "Store.java"],
    run: &["java", "-XX:TieredStopAtLevel=1", "Driver"],
    open: "\"open\"",
    thrown: Class::Died,
};
const C: Language = Language {
    driver: "driver.c",
    store: "store.h",
    build: &["gcc", "-O1", "-Wall", "-Werror", "-o", "driver", "driver.c"],
    run: &["./driver"],
    open: "\\\"open\\\"",
    thrown: Class::Died,
};

/// What is wrong with a store, and the class it fails in.
const TWINS: [(&str, Class); 6] = [
    ("wrong", Class::WrongAnswer),
    ("order", Class::Protocol),
    ("garbage", Class::Protocol),
    ("dies", Class::Died),
    ("hangs", Class::Hung),
    ("floods", Class::Flood),
];

impl Language {
    /// The driver and its store in a folder of their own, built.
    fn prepare(&self, change: impl Fn(String) -> String) -> TempDir {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = tempfile::tempdir().expect("a folder");
        let shim = here.join("../../spec/shims").join(self.driver);
        let driver = fs::read_to_string(shim).expect("the shim");
        fs::write(folder.path().join(self.driver), change(driver)).expect("written");
        let store = here.join("stores").join(self.store);
        fs::copy(store, folder.path().join(self.store)).expect("copied");
        if let Some((program, arguments)) = self.build.split_first() {
            let mut command = Command::new(program);
            command.args(arguments).current_dir(folder.path());
            // Where no home is set, Go asks for a cache.
            command.env("GOCACHE", std::env::temp_dir().join("etalon-go-cache"));
            let built = command.output();
            let built = built.unwrap_or_else(|error| panic!("{program}: {error}; {INSTALL}"));
            let said = String::from_utf8_lossy(&built.stderr);
            assert!(built.status.success(), "{program}: {said}");
        }
        folder
    }

    fn start(&self, folder: &TempDir, twin: &str) -> Program {
        let folder = folder.path().to_str().expect("text");
        let cd = format!("cd '{folder}' && TWIN={twin} exec {}", self.run.join(" "));
        let command = ["sh".to_owned(), "-c".to_owned(), cd];
        let program = Program::start(&command, std::env::temp_dir());
        let program = program.unwrap_or_else(|error| panic!("{error}{}; {INSTALL}", error.stderr));
        // A flood takes its time on a busy machine, and must not look like a hang.
        let seconds = if twin == "hangs" { 2 } else { 30 };
        program.with_timeout(Duration::from_secs(seconds))
    }

    fn check(&self, folder: &TempDir, twin: &str, settings: &Settings) -> Report {
        check(self.start(folder, twin), settings)
    }

    /// What `--sabotage all` does: each lie that the right store's profile makes visible is found.
    fn is_caught_lying(&self, folder: &TempDir) {
        let settings = Settings {
            time: None,
            operations: Some(1_000),
            ..Settings::default()
        };
        let outcome = sabotage(&self.start(folder, ""), &Lie::ALL, &settings);
        assert!(outcome.all_found(), "{}\n{outcome}", self.driver);
    }

    /// The class of the failure that a check finds.
    fn fails(&self, folder: &TempDir, twin: &str) -> Class {
        let settings = Settings {
            time: Some(Duration::from_secs(30)),
            shrink_time: Duration::from_secs(1),
            ..Settings::default()
        };
        let failed = self.check(folder, twin, &settings).failure;
        let failed = failed.unwrap_or_else(|| panic!("{}: {twin} is not found", self.driver));
        // A new process has not opened a store before: its first one is not locked out.
        let again = if twin == "locked" { 1 } else { 3 };
        assert!(failed.reproduced >= again, "{failed}");
        failed.shrunk.divergence.class
    }

    fn holds(&self) {
        let folder = self.prepare(|driver| driver);
        let settings = Settings {
            time: None,
            operations: Some(5_000),
            ..Settings::default()
        };
        let report = self.check(&folder, "", &settings);
        assert_eq!(*report.verdict(), Verdict::Pass, "{:?}", report.failure);
        self.is_caught_lying(&folder);
        for (twin, class) in TWINS {
            assert_eq!(self.fails(&folder, twin), class, "{} {twin}", self.driver);
        }
        assert_eq!(
            self.fails(&folder, "locked"),
            self.thrown,
            "{}",
            self.driver
        );
        let unsupported = self.prepare(|driver| {
            assert!(driver.contains(self.open));
            driver.replace(self.open, &self.open.replace("open", "opem"))
        });
        assert_eq!(
            self.fails(&unsupported, ""),
            Class::Refused,
            "{}",
            self.driver
        );
    }
}

const INSTALL: &str = "install what it needs: tests/shims/install";

#[test]
fn node() {
    NODE.holds();
}

#[test]
fn python() {
    PYTHON.holds();
}

#[test]
fn ruby() {
    RUBY.holds();
}

#[test]
fn go() {
    GO.holds();
}

#[test]
fn java() {
    JAVA.holds();
}

#[test]
fn c() {
    C.holds();
}

#[test]
fn a_death_in_the_case_after_is_told_of_that_one() {
    let late = Path::new(env!("CARGO_MANIFEST_DIR")).join("stores/late.py");
    let command = ["python3", late.to_str().expect("text")].map(str::to_owned);
    let program = Program::start(&command, std::env::temp_dir());
    let program = program.unwrap_or_else(|error| panic!("{error}{}; {INSTALL}", error.stderr));
    let settings = Settings {
        time: Some(Duration::from_secs(30)),
        ..Settings::default()
    };
    let failed = check(program, &settings).failure.expect("it dies");
    assert_eq!(failed.reproduced, 3, "{failed}");
    let shrunk = &failed.shrunk;
    assert_eq!(shrunk.divergence.class, Class::Died);
    assert_eq!(shrunk.case.ops, [Op::delete(b"")], "{failed}");
}
