//! Reading cases from files, in any form.

use std::path::{Path, PathBuf};

use etalon_spec::history::History;
use etalon_spec::{Failure, Obstacle, Options, Profile, Script, applicable, json};

use crate::exit::Problem;

/// Reads one case of the engine's: `.ops` text, its byte form, or JSON.
pub fn load(path: &Path) -> Result<Script, Problem> {
    let script = load_for(path, &etalon::oracle::profile())?;
    values_are_taken(path, &script)?;
    Ok(script)
}

/// Whether the engine takes the value of each option.
pub fn values_are_taken(path: &Path, script: &Script) -> Result<(), Problem> {
    for (name, setting) in script.case.options.iter() {
        let mut alone = Options::default();
        alone.set(name.to_owned(), setting.clone());
        if let Err(Failure::Definite(why)) = etalon::oracle::options(&alone) {
            let (line, column) = script.option_place(name);
            let path = path.display();
            return Err(Problem::usage(format!("{path}:{line}:{column}: {why}")));
        }
    }
    Ok(())
}

/// Reads one case, whose options must be those of the profile.
pub fn load_for(path: &Path, profile: &Profile) -> Result<Script, Problem> {
    let name = path.display();
    let bytes = read(path)?;
    // No version of the byte form begins like JSON.
    let script = if bytes.first() == Some(&b'{') {
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| Problem::usage(format!("{name}: not UTF-8: {error}")))?;
        json::parse(text).map_err(|error| Problem::usage(format!("{name}: {error}")))?
    } else {
        Script::load(&bytes).map_err(|error| Problem::usage(error.in_file(name)))?
    };
    let known = profile.options.iter().map(|option| option.name.as_ref());
    let known: Vec<&str> = known.collect();
    script
        .check_options(&known)
        .map_err(|error| Problem::usage(error.in_file(path.display())))?;
    names_are_open(path, &script, profile)?;
    Ok(script)
}

/// Whether each name is used while it stands for something: it is the file that is wrong where
/// one is not, for whatever store.
fn names_are_open(path: &Path, script: &Script, profile: &Profile) -> Result<(), Problem> {
    match applicable(&mut script.case.clone(), profile) {
        Err(wrong) if wrong.obstacle == Obstacle::NotOpen => {
            let places = script
                .lines
                .get(wrong.place)
                .zip(script.columns.get(wrong.place));
            let place = places.map_or(String::new(), |(line, column)| format!("{line}:{column}: "));
            Err(Problem::usage(format!("{}:{place}{wrong}", path.display())))
        }
        _ => Ok(()),
    }
}

/// Refuses a file that was found on another target than the engine, where none is named.
pub fn is_of_the_engine(path: &Path, script: &Script, command: &str) -> Result<(), Problem> {
    let Some(target) = script.note("target") else {
        return Ok(());
    };
    let name = path.display();
    Err(Problem::usage(format!(
        "{name}: was found on another target, not on the engine.\n  To try that target: \
         etalon {command} {name} {target}\n  To try the engine all the same, add --engine."
    )))
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let name = path.display();
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Problem::usage(format!("{name}: no such file")),
        _ if path.is_dir() => Problem::usage(format!("{name}: a directory, where a file is due")),
        _ => Problem::failed(format!("{name}: cannot read the file: {error}")),
    })
}

/// Reads a file that must be text.
pub fn text(path: &Path) -> Result<String, Problem> {
    let name = path.display();
    String::from_utf8(read(path)?)
        .map_err(|error| Problem::usage(format!("{name}: not UTF-8: {error}")))
}

/// Reads a recorded history, if the file is one.
pub fn history(path: &Path) -> Result<Option<History>, Problem> {
    let bytes = read(path)?;
    let text = std::str::from_utf8(&bytes).ok();
    let Some(text) = text.filter(|text| History::is_text(text)) else {
        return Ok(None);
    };
    let history = History::parse(text);
    let history = history.map_err(|error| Problem::usage(error.in_file(path.display())))?;
    Ok(Some(history))
}

/// The files that paths stand for: a folder is all `.ops` files below it, in order.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            below(path, &mut files)
                .map_err(|error| Problem::failed(format!("{}: {error}", path.display())))?;
            files[before..].sort();
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            below(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "ops") {
            files.push(path);
        }
    }
    Ok(())
}
