//! What the README names is there: sources on its map, commands and their flags, languages of
//! shims, fuzz targets; and no command or fuzz target is left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{blocks, root, run};

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("the README")
}

/// The rows of the table with this head, cell by cell, without its first two lines.
fn table(readme: &str, head: &str) -> Vec<Vec<String>> {
    // A bar that is no border of a cell is escaped.
    const BAR: char = '\u{1}';
    let lines = readme.lines().skip_while(|line| !line.starts_with(head));
    let rows = lines.take_while(|line| line.starts_with('|')).skip(2);
    let cells = |row: &str| {
        let row = row.replace("\\|", &BAR.to_string());
        let inner = row.trim_matches('|').split('|');
        let cell = |cell: &str| cell.trim().replace(BAR, "|");
        inner.map(cell).collect()
    };
    let rows: Vec<Vec<String>> = rows.map(cells).collect();
    assert!(rows.len() > 2, "{head}");
    rows
}

fn help(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let output = run(&[words, vec!["--help".to_owned()]].concat(), &root());
    assert!(output.status.success(), "no help");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The words of a help's `Commands:`.
fn commands(help: &str) -> BTreeSet<String> {
    let (_, rest) = help.split_once("Commands:\n").expect("commands");
    let lines = rest.lines().take_while(|line| !line.is_empty());
    let words = lines.filter_map(|line| line.split_whitespace().next());
    words
        .filter(|word| *word != "help")
        .map(str::to_owned)
        .collect()
}

/// Holds a command line as the README writes it, behind `etalon `, against the helps; returns the
/// commands that it stands for: `get|put DIR` for two.
fn hold(line: &str) -> Vec<String> {
    let mut words = line.split(|c: char| c.is_whitespace() || "[]`,".contains(c));
    let names: Vec<String> = words
        .next()
        .expect("a command")
        .split('|')
        .map(str::to_owned)
        .collect();
    let known = commands(&help(&[]));
    for name in &names {
        assert!(known.contains(name), "no command `{name}`: etalon {line}");
    }
    let help = help(&[&names[0]]);
    for word in words.filter(|word| *word != "--") {
        let is_choice = word.contains('|') && word.starts_with(|c: char| c.is_ascii_lowercase());
        let choices = word.split('|').filter(|_| is_choice);
        // `copy DIR|run`: a choice has one word.
        let choices = choices.filter(|choice| choice.chars().all(|c| c.is_ascii_lowercase()));
        let flag = word.starts_with("--").then_some(word);
        for named in choices.chain(flag) {
            let mut there = help.split(|c: char| !(c.is_alphanumeric() || c == '-'));
            assert!(
                there.any(|word| word == named),
                "no `{named}`: etalon {line}"
            );
        }
    }
    names
}

#[test]
fn the_table_of_commands_has_each_one_and_no_flag_that_is_not_there() {
    let mut named = BTreeSet::new();
    for row in table(&readme(), "| command ") {
        // `etalon check -- COMMAND`, `--resp`: a flag alone belongs to the command before it.
        let mut command = String::new();
        for code in row[0].split('`').skip(1).step_by(2) {
            let Some(line) = code.strip_prefix("etalon ") else {
                hold(&format!("{command} {code}"));
                continue;
            };
            let commands = hold(line);
            command.clone_from(&commands[0]);
            named.extend(commands);
        }
    }
    assert_eq!(named, commands(&help(&[])));
}

#[test]
fn commands_that_no_test_runs_can_be_typed() {
    let readme = readme();
    let texts = blocks(&readme).into_iter();
    let lines = texts
        .filter(|block| block.language == "text")
        .flat_map(|block| block.lines);
    let mut held = 0;
    for line in lines.filter_map(|line| line.strip_prefix("etalon ")) {
        let (command, remark) = line.split_once('#').unwrap_or((line, ""));
        hold(command.trim_end());
        held += 1;
        let Some(first) = command.strip_prefix("shim ") else {
            continue;
        };
        // `# or python, go; ...`: the other languages.
        let others = remark.split(';').next().unwrap_or_default();
        let others = others.trim().trim_start_matches("or ").split(", ");
        for language in first.split_whitespace().take(1).chain(others) {
            let words = ["shim", language].map(str::to_owned);
            let output = run(&words, &root());
            assert!(output.status.success(), "no shim for {language}");
            held += 1;
        }
    }
    assert!(held >= 10, "only {held} found");
}

#[test]
fn the_table_of_fuzz_targets_has_each_one() {
    let rows = table(&readme(), "| target ");
    let named: BTreeSet<String> = rows
        .iter()
        .map(|row| row[0].trim_matches('`').to_owned())
        .collect();
    let files = fs::read_dir(root().join("fuzz/fuzz_targets")).expect("the targets");
    let there = files.map(|file| {
        let path = file.expect("a file").path();
        let stem = path.file_stem().expect("a name");
        stem.to_string_lossy().into_owned()
    });
    assert_eq!(named, there.collect());
}

#[test]
fn everything_on_the_map_of_the_sources_is_there() {
    let readme = readme();
    let map = blocks(&readme).into_iter();
    let map = map.filter(|block| {
        block
            .lines
            .first()
            .is_some_and(|line| line.starts_with("src/"))
    });
    let mut folder = "";
    let mut named = 0;
    for line in map.flat_map(|block| block.lines) {
        let words = line.split_whitespace();
        let mut words = words.map(|word| word.trim_matches([',', ';']));
        if !line.starts_with(' ') {
            folder = words.next().expect("a folder");
            assert!(root().join(folder).is_dir(), "{folder}");
        }
        let is_path = |word: &&str| {
            let is_source = Path::new(word).extension().is_some_and(|end| end == "rs");
            is_source || word.ends_with('/')
        };
        for path in words.filter(is_path) {
            let places = [root().join(path), root().join(folder).join(path)];
            assert!(places.iter().any(|place| place.exists()), "{path}: {line}");
            named += 1;
        }
    }
    assert!(named >= 25, "only {named} found");
}
