//! `SPEC.md`, `DIVERGENCES.md` and the README say what the code does: their tables are compared
//! with it, their examples are run on the model, their links are followed.

mod fields;

use std::path::{Path, PathBuf};

use etalon_spec::{
    Ability, Breach, Class, Failure, MEASURED, Model, Op, OpKind, Profile, Reply, Script,
    Situation, Verdict, apply,
};

const NOT_CHECKED: &str = "Stated here, checked from a later version on.";

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    let path = package().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text from the line that begins with this heading up to the next heading of its depth.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let marks = heading.split(' ').next().expect("a heading begins with #");
    let start = document.find(&format!("\n{heading}")).expect(heading) + 1;
    let rest = &document[start..];
    let ends = rest[1..].find(&format!("\n{marks} "));
    ends.map_or(rest, |end| &rest[..=end])
}

/// The rows of the first table of a text: its cells, without the marks of code.
fn table(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    let cell = |cell: &str| cell.trim().replace('`', "");
    rows.map(|row| row.trim_matches('|').split('|').map(cell).collect())
        .collect()
}

fn column(rows: &[Vec<String>], place: usize) -> Vec<&str> {
    rows.iter().map(|row| row[place].as_str()).collect()
}

/// The fenced blocks of a language.
fn blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("\n```{language}\n");
    let rest = document.split(&opening).skip(1);
    rest.map(|rest| rest.split("```").next().expect("split gives one at least"))
        .collect()
}

/// The model's reply; it goes on after a reopen.
fn reply(model: &mut Model, op: &Op) -> Reply {
    match op {
        Op::Reopen => {
            model.reopen();
            Reply::Done
        }
        _ => apply(model, op).unwrap_or(Reply::Refused),
    }
}

#[test]
fn the_table_of_operations_has_each_one_with_the_ability_that_it_needs() {
    let spec = read("SPEC.md");
    let needs = |kind: OpKind| {
        let sends = |ability: &Ability| Profile::default().can([*ability]).sends(kind);
        if Profile::default().sends(kind) {
            ""
        } else {
            let ability = Ability::ALL.iter().find(|ability| sends(ability));
            ability.map_or("(survives)", |ability| ability.word())
        }
    };
    let rows = table(section(&spec, "## The sequential specification"));
    assert_eq!(column(&rows, 0), OpKind::ALL.map(OpKind::word));
    assert_eq!(column(&rows, 3), OpKind::ALL.map(needs));
    let structural = OpKind::ALL.into_iter().filter(|kind| kind.is_structural());
    let words: Vec<String> = structural
        .map(|kind| format!("`{}`", kind.word()))
        .collect();
    let words = format!("({})", words.join(", "));
    for document in [&spec, &read("DIVERGENCES.md")] {
        assert!(document.contains(&words), "{words}");
    }
}

#[test]
fn the_table_of_abilities_has_each_one() {
    let document = read("DIVERGENCES.md");
    let rows = table(section(&document, "## Abilities"));
    assert_eq!(column(&rows, 0), Ability::ALL.map(Ability::word));
}

#[test]
fn the_kinds_of_failures_and_classes_are_the_codes() {
    let document = read("DIVERGENCES.md");
    let rows = table(section(&document, "### Definite, indefinite, unsupported"));
    let text = String::new;
    let failures = [
        Failure::Definite(text()),
        Failure::Indefinite(text()),
        Failure::Unsupported,
        Failure::Breach(Box::new(Breach::Died(text()))),
    ];
    let names = failures.map(|failure| match failure {
        Failure::Definite(_) => "Definite",
        Failure::Indefinite(_) => "Indefinite",
        Failure::Unsupported => "Unsupported",
        Failure::Breach(_) => "Breach",
    });
    assert_eq!(column(&rows, 0), names);

    let spec = read("SPEC.md");
    let rows = table(section(&spec, "## What is compared"));
    let classes = [
        Class::WrongAnswer,
        Class::Refused,
        Class::Died,
        Class::Hung,
        Class::Protocol,
        Class::Flood,
        Class::Structure,
    ];
    let names = classes.map(|class| match class {
        Class::WrongAnswer
        | Class::Refused
        | Class::Died
        | Class::Hung
        | Class::Protocol
        | Class::Flood
        | Class::Structure => class.name(),
    });
    assert_eq!(column(&rows, 0), names);
}

#[test]
fn the_verdicts_have_their_words_and_exit_codes() {
    let spec = read("SPEC.md");
    let text = section(&spec, "## The verdict");
    let vacuous = Verdict::Vacuous(vec!["nothing was compared".into()]);
    let verdicts = [Verdict::Pass, Verdict::Fail, vacuous];
    let words = verdicts.clone().map(|verdict| {
        let line = verdict.to_string();
        line.split(':').next().expect("a word").to_string()
    });
    let codes = verdicts.map(|verdict| verdict.exit_code().to_string());
    let rows = table(text);
    assert_eq!(column(&rows, 0), words);
    assert_eq!(column(&rows, 1), codes);
    assert_eq!(MEASURED, 2_000);
    assert!(text.contains("beginning: 2,000 sequences"));
    for rule in 1..=7 {
        assert_eq!(
            text.matches(&format!("\n**V{rule}, ")).count(),
            1,
            "V{rule}"
        );
    }
}

#[test]
fn the_lists_of_situations_are_the_codes() {
    let spec = read("SPEC.md");
    let mut families = section(&spec, "## Situations").split("The engine's side is reported");
    for is_engine_side in [false, true] {
        let lines = families.next().expect("two families").lines();
        let names = lines.filter_map(|line| line.strip_prefix("- `")?.strip_suffix('`'));
        let of_code = Situation::ALL
            .iter()
            .filter(|situation| situation.is_engine_side() == is_engine_side)
            .map(|situation| situation.name());
        assert_eq!(names.collect::<Vec<_>>(), of_code.collect::<Vec<_>>());
    }
}

#[test]
fn each_guarantee_has_one_heading_and_the_status_that_its_section_gives() {
    let spec = read("SPEC.md");
    let rows = table(section(&spec, "## What is stated"));
    let numbers: Vec<String> = (1..=12).map(|number| format!("G{number}")).collect();
    assert_eq!(column(&rows, 0), numbers);
    let headings = spec.lines().filter_map(|line| {
        let number = line.strip_prefix("### G")?;
        Some(format!("G{}", number.split(':').next()?))
    });
    assert_eq!(headings.collect::<Vec<String>>(), numbers);
    for (row, number) in rows.iter().zip(&numbers) {
        let text = section(&spec, &format!("### {number}: {}\n", row[1]));
        // A heading of the next depth up ends the last section.
        let text = text
            .split("\n## ")
            .next()
            .expect("split gives one at least");
        let flat = text.replace('\n', " ");
        let checked = flat.contains("**Checked now**");
        let not_checked = flat.contains("**Not checked in this version**")
            || flat.contains("**Not checked in this version.**");
        assert_eq!(not_checked, flat.contains(NOT_CHECKED), "{number}");
        let status = match (checked, not_checked) {
            (true, false) => "checked",
            (true, true) => "checked in part",
            (false, true) => "not checked yet",
            (false, false) => panic!("{number} does not say what is checked"),
        };
        assert_eq!(row[2], status, "{number}");
    }
}

#[test]
fn the_examples_are_canonical_and_the_model_answers_what_they_expect() {
    for (path, at_least) in [("SPEC.md", 6), ("DIVERGENCES.md", 4), ("../README.md", 1)] {
        let document = read(path);
        let examples = blocks(&document, "ops");
        assert!(examples.len() >= at_least, "{path}: {}", examples.len());
        for example in examples {
            let script = Script::parse(example).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert_eq!(script.print(), example, "{path}");
            let mut model = Model::default();
            for (place, op) in script.case.ops.iter().enumerate() {
                let got = reply(&mut model, op);
                match script.replies(place) {
                    [] => assert!(!op.kind().is_read(), "{path}: `{op}` expects nothing"),
                    expected => assert_eq!(expected, [got], "{path}: `{op}`"),
                }
            }
        }
    }
}

/// How a heading is called in a link.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.replace(' ', "-");
    kept.chars()
        .filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c))
        .collect()
}

/// The targets of the links of a document, without those of its blocks.
fn links(document: &str) -> Vec<String> {
    let outside = document.split("\n```").step_by(2);
    let targets = outside.flat_map(|text| text.split("](").skip(1));
    targets
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_string()))
        .collect()
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut followed = 0;
    for path in [
        "SPEC.md",
        "DIVERGENCES.md",
        "CASES.md",
        "FORMAT.md",
        "../README.md",
    ] {
        let document = read(path);
        let folder: PathBuf = package().join(path);
        let folder = folder.parent().expect("a file is in a folder");
        for link in links(&document) {
            if link.contains("://") {
                continue;
            }
            let (file, fragment) = link.split_once('#').unwrap_or((&link, ""));
            let target = folder.join(file);
            assert!(target.exists(), "{path}: {link}");
            if !fragment.is_empty() {
                let text = std::fs::read_to_string(&target).expect("a text");
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.any(|line| anchor(line) == fragment),
                    "{path}: {link}"
                );
            }
            followed += 1;
        }
    }
    assert!(followed >= 10, "{followed} links");
}

#[test]
fn the_documents_are_ascii() {
    for path in ["SPEC.md", "DIVERGENCES.md", "../README.md"] {
        let document = read(path);
        let other = document.lines().position(|line| !line.is_ascii());
        assert_eq!(other.map(|line| line + 1), None, "{path}");
    }
}
