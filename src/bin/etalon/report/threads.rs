//! The report of `check --threads` as one JSON object; `spec/threads.schema.json` says what each
//! field is.

use std::path::{Path, PathBuf};

use etalon_spec::{ThreadFailure, ThreadReport, ThreadSettings, Trouble, Verdict};
use serde_json::{Map, Value, json};

use super::account::Account;
use crate::exit::Problem;
use crate::show::Format;

/// Changes when a field goes or means something else; new fields leave it as it is.
const VERSION: u32 = 1;

/// A run with threads that has ended, and where its failure was written.
pub struct ThreadRun<'a> {
    pub report: &'a ThreadReport,
    pub settings: &'a ThreadSettings,
    /// The target as on the command line; empty for the engine.
    pub target: &'static str,
    /// Of the smallest window first, if there is one.
    pub saved: &'a [PathBuf],
}

impl ThreadRun<'_> {
    /// Stopped from outside, before anything was found.
    pub fn is_interrupted(&self) -> bool {
        self.report.interrupted && self.report.failure.is_none()
    }

    /// The verdict in a word.
    pub(super) fn verdict(&self) -> &'static str {
        match self.report.verdict() {
            Verdict::Fail => "FAIL",
            _ if self.is_interrupted() => "INTERRUPTED",
            Verdict::Pass => "PASS",
            Verdict::Vacuous(_) => "VACUOUS",
        }
    }

    /// What the run lacks, if it is vacuous.
    pub(super) fn missing(&self) -> &[String] {
        match self.report.verdict() {
            Verdict::Vacuous(missing) if !self.is_interrupted() => missing,
            _ => &[],
        }
    }

    /// The target, after a space.
    pub(super) fn target(&self) -> String {
        match self.target {
            "" => String::new(),
            target => format!(" {target}"),
        }
    }

    /// The first line of what is told of a failure.
    pub(super) fn summary(failure: &ThreadFailure) -> String {
        let text = failure.to_string();
        text.lines().next().unwrap_or_default().to_owned()
    }

    /// What shows it: the smallest window, or all that there is to say.
    pub(super) fn text(failure: &ThreadFailure) -> String {
        match &failure.trouble {
            Trouble::Impossible(contradiction) => contradiction.window.to_string(),
            _ => failure.to_string(),
        }
    }

    /// The command that decides the smallest window again; what is no window cannot be repeated.
    pub(super) fn replay(&self, failure: &ThreadFailure) -> Option<String> {
        let window = matches!(failure.trouble, Trouble::Impossible(_));
        let file = self.saved.first().filter(|_| window);
        file.map(|file| format!("etalon replay {}", file.display()))
    }

    /// Writes what belongs into the folder of `--report`, and what GitHub is told.
    pub fn write(&self, folder: Option<&Path>, format: Format) -> Result<(), Problem> {
        super::write(folder, format, &self.json(), &Account::of_threads(self))
    }

    /// The result as one JSON object.
    pub fn json(&self) -> String {
        let (report, tally) = (self.report, &self.report.tally);
        let searched = &report.searched;
        let failure = report.failure.as_ref();
        let object = json!({
            "schema": VERSION,
            "etalon": env!("CARGO_PKG_VERSION"),
            "verdict": self.verdict(),
            "missing": self.missing(),
            "store": report.store,
            "target": self.target,
            "seed": report.seed,
            "threads": report.threads,
            "length": self.settings.length,
            "histories": report.histories(),
            "undecided": report.undecided(),
            "operations": tally.operations(),
            "kinds": self.kinds(),
            "windows": searched.windows,
            "overlapping": searched.overlapping,
            "structure_overlapping": searched.structure_overlapping,
            "configurations": searched.configurations,
            "seconds": report.elapsed.as_secs_f64(),
            "failure": failure.map(|failure| self.failure(failure)),
        });
        format!("{object}\n")
    }

    /// What became of each kind of operation that clients sent.
    fn kinds(&self) -> Map<String, Value> {
        let kind = |kind: etalon_spec::OpKind| {
            let tally = self.report.tally.of(kind);
            (
                kind.word().to_owned(),
                json!({"sent": tally.sent, "ok": tally.ok}),
            )
        };
        self.report.kinds.iter().map(kind).collect()
    }

    fn failure(&self, failure: &ThreadFailure) -> Value {
        let picture = match &failure.trouble {
            Trouble::Impossible(contradiction) => Some(contradiction.picture()),
            _ => None,
        };
        let saved = self.saved.iter().map(|file| file.display().to_string());
        json!({
            "class": failure.trouble.class(),
            "history": failure.index,
            "summary": Self::summary(failure),
            "ops": Self::text(failure),
            "picture": picture,
            "files": saved.collect::<Vec<String>>(),
            "replay": self.replay(failure),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use etalon_spec::{
        KeyValueStore, Options, Outcome, Profile, Target, ThreadSettings, check_threads,
    };

    use super::*;
    use crate::report::{github, junit};
    use crate::threads::save;

    /// Answers every get alike.
    struct Parrot;

    impl KeyValueStore for &Parrot {
        fn get(&mut self, _: &[u8]) -> Outcome<Option<Vec<u8>>> {
            Ok(Some(b"<parrot>".to_vec()))
        }
        fn put(&mut self, _: &[u8], _: &[u8]) -> Outcome<()> {
            Ok(())
        }
        fn delete(&mut self, _: &[u8]) -> Outcome<()> {
            Ok(())
        }
    }

    /// For whoever calls it alone: here nobody.
    impl KeyValueStore for Parrot {
        fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
            KeyValueStore::get(&mut &*self, key)
        }
        fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
            KeyValueStore::put(&mut &*self, key, value)
        }
        fn delete(&mut self, key: &[u8]) -> Outcome<()> {
            KeyValueStore::delete(&mut &*self, key)
        }
    }

    #[derive(Clone)]
    struct Parrots;

    impl Target for Parrots {
        type Store = Parrot;

        fn profile(&self) -> Profile {
            Profile {
                threads: 8,
                ..Profile::new("parrot")
            }
        }

        fn create(&mut self, _: &Options) -> Outcome<Parrot> {
            Ok(Parrot)
        }
    }

    /// Fails if the window, or the way to decide it again, is missing from one of the three.
    #[test]
    fn a_history_without_an_order_is_in_every_report() {
        let settings = ThreadSettings {
            time: None,
            operations: Some(10_000),
            ..ThreadSettings::default()
        };
        let report = check_threads(Parrots, &settings, &mut ());
        let failure = report.failure.as_ref().expect("nobody put that");
        let folder = tempfile::tempdir().expect("a folder");
        let saved = save(folder.path(), &report, failure);
        let run = ThreadRun {
            report: &report,
            settings: &settings,
            target: "",
            saved: &saved,
        };
        let object: Value = serde_json::from_str(&run.json()).expect("JSON");
        assert_eq!(object["verdict"], "FAIL");
        assert_eq!(object["failure"]["class"], "no order");
        let schema = include_str!("../../../../spec/threads.schema.json");
        let schema: Value = serde_json::from_str(schema).expect("JSON");
        let schema = &schema["properties"]["failure"];
        let fields = object["failure"].as_object().expect("an object");
        let required = schema["required"].as_array().expect("names");
        assert_eq!(fields.len(), required.len());
        let has = |name: &Value| fields.contains_key(name.as_str().expect("a name"));
        assert!(required.iter().all(has), "{fields:?}");
        let classes = schema["properties"]["class"]["enum"].as_array();
        assert!(classes.expect("words").contains(&fields["class"]));
        let window = object["failure"]["ops"].as_str().expect("text");
        let file = fs::read_to_string(&saved[0]).expect("the file");
        let without_notes = |line: &&str| !line.starts_with('#');
        assert!(
            file.lines()
                .filter(without_notes)
                .eq(window.lines().filter(without_notes)),
            "{file}\n{window}"
        );
        let replay = object["failure"]["replay"].as_str().expect("a command");
        assert!(replay.ends_with(&saved[0].display().to_string()));

        let account = Account::of_threads(&run);
        let junit = junit::text(&account);
        assert!(junit.contains("tests=\"2\" failures=\"1\""), "{junit}");
        assert!(junit.contains("<failure type=\"no order\""), "{junit}");
        assert!(
            junit.contains("&lt;parrot&gt;") && junit.contains(replay),
            "{junit}"
        );
        let annotations = github::annotations(&account);
        assert_eq!(annotations.len(), 1, "{annotations:?}");
        assert!(
            annotations[0].contains("title=parrot%3A no order::history "),
            "{annotations:?}"
        );
        assert!(annotations[0].contains("<parrot>"), "{annotations:?}");
    }
}
