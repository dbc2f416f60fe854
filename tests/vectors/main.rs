//! The test vectors below `spec/vectors/`: found again by the search that wrote them, and true of
//! the model and of the engine.
//!
//! `ETALON_BLESS=1 cargo test --test vectors` writes them. Whatever moves them then, a new
//! situation, another rule, a changed form, is to be seen in the difference.

mod command;
mod schema;
mod search;
mod themes;
mod traps;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use etalon::crash::Breakable;
use etalon_spec::vectors::{ALL, answered};
use etalon_spec::{
    Abilities, Ability, Case, Comment, Conflict, ModelTarget, Op, Place, Profile, Script,
    Situation, Survives, Target, applicable, expectations, json, keys_named, replay_case,
};

/// A vector that was found: its text, and what it needs that a store may lack.
struct Found {
    script: Script,
    needs: Vec<&'static str>,
}

/// Every vector, by its identifier.
fn found() -> BTreeMap<String, Found> {
    let mut all = BTreeMap::new();
    for (situation, ops) in search::shortest() {
        let family = if situation.is_engine_side() {
            "engine"
        } else {
            "model"
        };
        let id = format!("{family}/{}", situation.name().replace(' ', "-"));
        all.insert(id, vector(family, situation.name(), read_at_the_end(ops)));
    }
    for (name, why, lines) in traps::TRAPS {
        let ops = lines.iter().map(|line| search::op(line)).collect();
        all.insert(format!("trap/{name}"), vector("trap", why, ops));
    }
    all
}

/// A situation's sequence, and what the keys that it names hold then: that is compared on every
/// store, whatever else it can do.
fn read_at_the_end(mut ops: Vec<Op>) -> Vec<Op> {
    let is_fill = |op: &Op| matches!(op, Op::Fill(_));
    let named: Vec<Op> = ops.iter().filter(|op| !is_fill(op)).cloned().collect();
    let mut keys: Vec<Vec<u8>> = keys_named(&named).into_iter().collect();
    if keys.is_empty() {
        keys.push(b"a".to_vec());
    }
    for key in keys {
        let get = Op::get(key);
        if ops.last() != Some(&get) {
            ops.push(get);
        }
    }
    ops
}

fn vector(family: &'static str, why: &str, ops: Vec<Op>) -> Found {
    let mut tags = vec![family];
    for op in &ops {
        let word = op.kind().word();
        if !["get", "put", "delete"].contains(&word) && !tags.contains(&word) {
            tags.push(word);
        }
    }
    let mut script = answered(Case::new(ops)).expect("not too many replies");
    let comment = |text: String| Comment {
        place: Place::Header,
        text,
    };
    script.comments = vec![
        comment(format!("why: {why}")),
        comment(format!("tags: {}", tags.join(" "))),
    ];
    let needs = needs(&script.case);
    Found { script, needs }
}

/// What a store has to be able to do: without it the vector is not applicable. (A flush, a sync
/// or a compact is left out where it is missing, since it changes no answer.)
fn needs(case: &Case) -> Vec<&'static str> {
    let whole = Profile {
        can: Abilities::ALL,
        transaction_conflict: Conflict::Refused,
        ..Breakable::default().profile()
    };
    assert!(applicable(&mut case.clone(), &whole).is_ok());
    let is_needed = |ability: &Ability| {
        let mut less = whole.clone();
        less.can = less.can.without(*ability);
        if *ability == Ability::Reopen {
            // Nor is it closed and started again instead.
            less.survives_close = Survives::None;
        }
        applicable(&mut case.clone(), &less).is_err()
    };
    let mut needs: Vec<&str> = Ability::ALL
        .into_iter()
        .filter(is_needed)
        .map(Ability::word)
        .collect();
    let one_at_a_time = Profile {
        transaction_conflict: Conflict::OneAtATime,
        ..whole.clone()
    };
    if applicable(&mut case.clone(), &one_at_a_time).is_err() {
        needs.push("conflict");
    }
    let kinds = case
        .ops
        .iter()
        .map(Op::kind)
        .filter(|kind| kind.is_breakage());
    let breakages: BTreeSet<&str> = kinds.map(etalon_spec::OpKind::word).collect();
    needs.extend(breakages);
    needs
}

fn below_spec(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("spec")
        .join(path)
}

fn line(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}

/// Everything in one file.
fn whole_json(all: &BTreeMap<String, Found>) -> String {
    let words =
        |words: &mut dyn Iterator<Item = &str>| words.map(line).collect::<Vec<_>>().join(",");
    let one = |(id, found): (&String, &Found)| {
        let note = |name| found.script.note(name).unwrap_or_default();
        format!(
            "{{\"id\":{},\"why\":{},\"tags\":[{}],\"needs\":[{}],\"case\":{}}}",
            line(id),
            line(note("why")),
            words(&mut note("tags").split(' ')),
            words(&mut found.needs.iter().copied()),
            json::print(&found.script).trim_end(),
        )
    };
    let all: Vec<String> = all.iter().map(one).collect();
    format!("{{\"vectors\":1,\"cases\":[\n{}\n]}}\n", all.join(",\n"))
}

fn index(all: &BTreeMap<String, Found>) -> String {
    let mut text = "# Index\n\nWritten by `ETALON_BLESS=1 cargo test --test vectors`.\n\n\
        | vector | operations | needs | why |\n|---|---|---|---|\n"
        .to_owned();
    for (id, found) in all {
        let (operations, needs) = (found.script.case.ops.len(), found.needs.join(" "));
        let why = found.script.note("why").unwrap_or_default();
        writeln!(
            text,
            "| [{id}]({id}.ops) | {operations} | {needs} | {why} |"
        )
        .expect("memory");
    }
    text
}

/// The table of the crate, with its entries replaced.
fn table(all: &BTreeMap<String, Found>) -> String {
    let now = std::fs::read_to_string(below_spec("src/vectors/table.rs")).expect("it is there");
    let begin = "pub const ALL: &[Vector] = &[";
    let (head, _) = now.split_once(begin).expect("the table begins");
    let entries: Vec<String> = all
        .keys()
        .map(|id| format!("    vector!({id:?}),\n"))
        .collect();
    format!("{head}{begin}\n{}];\n", entries.concat())
}

/// What should be in each file, by its path below `spec/`.
fn files() -> BTreeMap<String, String> {
    let all = found();
    let vectors = all
        .iter()
        .map(|(id, found)| (format!("vectors/{id}.ops"), found.script.print()));
    let mut files: BTreeMap<String, String> = vectors.collect();
    files.insert("vectors/vectors.json".to_owned(), whole_json(&all));
    files.insert("vectors/INDEX.md".to_owned(), index(&all));
    files.insert("src/vectors/table.rs".to_owned(), table(&all));
    files
}

#[test]
fn the_vectors_are_what_the_search_finds() {
    let files = files();
    if std::env::var_os("ETALON_BLESS").is_some() {
        for (path, text) in &files {
            let path = below_spec(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(&path, text).expect("written");
        }
        return;
    }
    for (path, text) in &files {
        let now = std::fs::read_to_string(below_spec(path)).unwrap_or_default();
        assert!(
            now == *text,
            "spec/{path} has drifted: ETALON_BLESS=1 cargo test --test vectors"
        );
    }
    // Nor is there one that the search does not find.
    let listed: BTreeSet<String> = ALL
        .iter()
        .map(|vector| format!("vectors/{}.ops", vector.id))
        .collect();
    let is_vector = |path: &&String| Path::new(path.as_str()).extension() == Some("ops".as_ref());
    let found = files.keys().filter(is_vector).cloned();
    assert_eq!(listed, found.collect());
}

#[test]
fn every_situation_has_its_vector() {
    let ids: BTreeSet<&str> = ALL.iter().map(|vector| vector.id).collect();
    let slug = |situation: &Situation| situation.name().replace(' ', "-");
    let missing = Situation::ALL.iter().filter(|situation| {
        let family = if situation.is_engine_side() {
            "engine"
        } else {
            "model"
        };
        !ids.contains(format!("{family}/{}", slug(situation)).as_str())
    });
    let missing: Vec<&str> = missing.map(|situation| situation.name()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_vector_is_true_of_the_specification_and_of_the_engine() {
    for vector in ALL {
        let script = vector.script();
        assert!(expectations(&script).is_ok(), "{}", vector.id);
        assert!(
            script.expected.iter().all(|replies| !replies.is_empty()),
            "{}",
            vector.id
        );
        let engine = Breakable::default().profile();
        let replayed = if script.case.ops.iter().any(|op| !engine.sends(op.kind())) {
            // The engine has not all that some stores have.
            replay_case(&mut ModelTarget, &script.case)
        } else {
            replay_case(&mut Breakable::default(), &script.case)
        };
        let replayed = replayed.unwrap_or_else(|reason| panic!("{}: {reason}", vector.id));
        assert!(
            replayed.divergence.is_none(),
            "{}: {:?}",
            vector.id,
            replayed.divergence
        );
        assert!(replayed.compared > 0, "{}", vector.id);
        assert_eq!(
            json::parse(&json::print(&script)).expect("JSON").case,
            script.case
        );
        assert!(
            !vector.note("why").is_empty() && vector.tags().count() > 0,
            "{}",
            vector.id
        );
    }
}

#[test]
fn the_file_for_other_languages_is_of_its_schema() {
    let read = |path: &str| -> serde_json::Value {
        let text = std::fs::read_to_string(below_spec(path)).expect("it is there");
        serde_json::from_str(&text).expect("JSON")
    };
    let (schema, mut vectors) = (read("vectors/schema.json"), read("vectors/vectors.json"));
    assert_eq!(schema::complaint(&schema, &vectors), None);
    // The schema is no sieve without a mesh.
    vectors["cases"][0]["case"]["operations"][0]["kye"] = "a".into();
    assert!(schema::complaint(&schema, &vectors).is_some());
}
