//! What a profile says of openings: how long one may take, apart from the operations, and whether
//! the directory of a new store is there. Said by the store itself, or by a file over it.

use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use etalon_spec::{
    Ability, Case, Class, Contents, Factory, Failure, KeyValueStore, Model, Moment, Op, Options,
    Outcome, Profile, Sandbox, Settings, Target, Under, check, check_case,
};

/// The model, which takes a while to be opened, or to put.
#[derive(Clone)]
struct Slow {
    opening: Duration,
    profile: Profile,
}

fn pause(time: Duration) {
    // Nobody sends anything.
    let (_kept, inbox) = channel::<()>();
    assert!(inbox.recv_timeout(time).is_err());
}

impl Target for Slow {
    type Store = Model;

    fn profile(&self) -> Profile {
        self.profile.clone()
    }

    fn create(&mut self, _: &Options) -> Outcome<Model> {
        pause(self.opening);
        Ok(Model::default())
    }
}

fn slow(opening: u64, granted: (u64, u64)) -> Slow {
    Slow {
        opening: Duration::from_millis(opening),
        profile: Profile {
            timeout: Duration::from_millis(granted.0),
            timeout_open: Duration::from_millis(granted.1),
            ..Profile::new("slow")
        },
    }
}

/// Fails if an opening is granted what an operation is, in a search or where it is run again.
#[test]
fn an_opening_has_a_time_of_its_own() {
    let settings = Settings {
        time: None,
        operations: Some(100),
        ..Settings::default()
    };
    let patient = slow(400, (150, 20_000));
    assert!(check(patient.clone(), &settings).failure.is_none());
    let case = Case::new(vec![Op::put(b"k", b"v")]);
    let run = |target: Slow| {
        let timeout = target.profile.timeout;
        Sandbox::new(target, timeout).run(&case, Contents::Compared)
    };
    assert_eq!(run(patient), None);

    let failure = check(slow(400, (20_000, 100)), &settings).failure;
    let divergence = failure.expect("it hangs").shrunk.divergence;
    assert_eq!(divergence.class, Class::Hung);
    assert_eq!(divergence.moment, Moment::Create);
    let divergence = run(slow(400, (20_000, 100))).expect("it hangs");
    assert_eq!(divergence.class, Class::Hung);
}

/// Insists that its directory is not there yet.
struct Fresh(Model);

impl KeyValueStore for Fresh {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.0.get(key)
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.0.put(key, value)
    }
    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.0.delete(key)
    }
    fn profile(&self) -> Profile {
        Profile {
            fresh_dir: true,
            ..Profile::new("fresh")
        }
    }
}

/// Fails if the directory is made all the same, or the one it is to lie in is not.
#[test]
fn a_directory_that_must_not_be_there_is_not() {
    let open = |directory: &Path, _: &Options| {
        std::fs::create_dir(directory)?;
        Ok(Fresh(Model::default()))
    };
    let mut factory = Factory::new("fresh", [], open);
    assert!(factory.profile().fresh_dir, "as its store says");
    for _ in 0..2 {
        check_case(&mut factory, &Case::new(vec![Op::get(b"k")])).expect("agreement");
    }
}

#[test]
fn a_profile_over_that_of_a_factory_says_what_its_directories_are() {
    let open = |directory: &Path, _: &Options| {
        let is_there = directory.exists();
        let found = is_there.then(Model::default);
        found.ok_or_else(|| Failure::definite("no directory"))
    };
    let factory = Factory::new("there", [Ability::Flush], open);
    let case = Case::new(vec![Op::get(b"k")]);
    check_case(&mut factory.clone(), &case).expect("it is there");
    let fresh = Profile {
        fresh_dir: true,
        ..factory.profile()
    };
    check_case(&mut Under::new(factory, fresh), &case).expect_err("it is not");
}

#[cfg(unix)]
mod programs {
    use super::*;
    use etalon_spec::process::Program;

    /// A shell script that greets, and does this when it is asked to `open`.
    fn program(greeting: &str, opening: &str) -> Program {
        let text = format!(
            r#"echo '{{"etalon":1,"name":"toy"{greeting}}}'
            while IFS= read -r line; do
            id=${{line#*:}}; id=${{id%%,*}}; op=${{line#*op\":\"}}; op=${{op%%\"*}}
            dir=${{line#*dir\":\"}}; dir=${{dir%%\"*}}
            if [ $op = open ]; then {opening}; fi
            echo "{{\"id\":$id,\"ok\":null}}"
            done"#
        );
        let command = ["sh".to_owned(), "-c".to_owned(), text];
        Program::start(&command, std::env::temp_dir()).expect("it greets")
    }

    #[test]
    fn an_opening_of_a_program_has_a_time_of_its_own() {
        let case = Case::new(vec![Op::put(b"k", b"v")]);
        let run = |times: &str| {
            let program = program(&format!(r#","timeout":{times}"#), "sleep 1.5");
            let timeout = program.profile().timeout;
            Sandbox::new(program, timeout).run(&case, Contents::NotCompared)
        };
        assert_eq!(run(r#"{"op":1,"open":20}"#), None);
        let divergence = run(r#"{"op":20,"open":1}"#).expect("too late");
        assert_eq!(divergence.class, Class::Hung);
        assert_eq!(divergence.moment, Moment::Create);
    }

    #[test]
    fn a_profile_over_that_of_a_program_says_what_its_directories_are() {
        let case = Case::new(vec![Op::put(b"k", b"v")]);
        let program = || program("", r#"if [ -e "$dir" ]; then exit 3; fi"#);
        let run = |profile: Profile| {
            let mut under = Under::new(program(), profile);
            let outcome = under.create(&case.options).map(drop);
            outcome.is_ok()
        };
        assert!(!run(Profile::new("toy")), "it is there");
        assert!(run(Profile {
            fresh_dir: true,
            ..Profile::new("toy")
        }));
    }
}
