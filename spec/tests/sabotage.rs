//! Every lie is found on a store that is right, and said to be out of sight where it is.

use etalon_spec::sabotage::{Found, Lie, Outcome, sabotage};
use etalon_spec::{
    Ability, KeyValueStore, Model, ModelTarget, Options, Profile, Settings, Target, Verdict,
};

fn settings() -> Settings {
    Settings {
        time: None,
        operations: Some(20_000),
        ..Settings::default()
    }
}

#[test]
fn every_lie_is_found_on_a_store_that_is_right() {
    let outcome = sabotage(&ModelTarget, &Lie::ALL, &settings());
    assert!(outcome.all_found(), "{outcome}");
    let Outcome::Tried(lies) = &outcome else {
        panic!("{outcome}");
    };
    let unseen = lies.iter().filter(|(_, found)| *found == Found::Invisible);
    let unseen: Vec<Lie> = unseen.map(|(lie, _)| *lie).collect();
    assert_eq!(
        unseen,
        [Lie::ForgetfulReopen],
        "a model has nothing to reopen"
    );
}

/// The model, of which less is asked.
#[derive(Clone)]
struct Under(Profile);

impl Target for Under {
    type Store = Model;

    fn profile(&self) -> Profile {
        self.0.clone()
    }

    fn create(&mut self, options: &Options) -> etalon_spec::Outcome<Model> {
        ModelTarget.create(options)
    }
}

#[test]
fn what_a_profile_hides_is_not_tried() {
    let plain = Under(Profile::new("plain").can([Ability::Scan]).values(1..=100));
    let Outcome::Tried(lies) = sabotage(&plain, &Lie::ALL, &settings()) else {
        panic!("the model is right");
    };
    let hidden = lies.iter().filter(|(_, found)| *found == Found::Invisible);
    let hidden: Vec<&str> = hidden.map(|(lie, _)| lie.word()).collect();
    assert_eq!(
        hidden.join(" "),
        "empty-as-absent lost-after-flush resurrected forgetful-reopen not-reversed wrong-length \
         torn-batch incomplete-clear ignored-range moving-snapshot skipped-entry wrong-first \
         careless-swap lost-ingest leaking-rollback lost-commit ignored-savepoint mixed-spaces \
         lost-rename"
    );
}

#[test]
fn a_check_that_sees_too_little_misses_lies() {
    let blind = Settings {
        without: vec![etalon_spec::OpKind::Delete],
        operations: Some(2_000),
        floors: etalon_spec::Floors::parse(["none"]).expect("a floor"),
        ..settings()
    };
    let outcome = sabotage(&ModelTarget, &[Lie::IgnoredDelete], &blind);
    assert!(!outcome.all_found());
    assert!(
        outcome.to_string().contains("ignored-delete: MISSED"),
        "{outcome}"
    );
}

/// Forgets what it is told.
#[derive(Clone)]
struct Forgetful;
struct Nothing;

impl KeyValueStore for Nothing {
    fn get(&mut self, _: &[u8]) -> etalon_spec::Outcome<Option<Vec<u8>>> {
        Ok(None)
    }
    fn put(&mut self, _: &[u8], _: &[u8]) -> etalon_spec::Outcome<()> {
        Ok(())
    }
    fn delete(&mut self, _: &[u8]) -> etalon_spec::Outcome<()> {
        Ok(())
    }
}

impl Target for Forgetful {
    type Store = Nothing;

    fn profile(&self) -> Profile {
        Profile::new("forgetful")
    }

    fn create(&mut self, _: &Options) -> etalon_spec::Outcome<Nothing> {
        Ok(Nothing)
    }
}

#[test]
fn a_store_that_is_wrong_by_itself_is_not_made_to_lie() {
    let outcome = sabotage(&Forgetful, &Lie::ALL, &settings());
    assert_eq!(outcome, Outcome::NotTried(Verdict::Fail));
    assert!(!outcome.all_found());
}
