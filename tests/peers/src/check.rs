//! `etalon-peers check`: engines against the specification.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use etalon_peers::engine::{ENGINES, Engine, Open, Visitor, target};
use etalon_peers::findings::Finding;
use etalon_spec::sabotage::{Lie, sabotage};
use etalon_spec::{
    Failed, KeyValueStore, OpKind, Profile, Report, Setting, Settings, ThreadSettings, check,
};

use crate::arguments::Check;

/// Checks one engine or all; the exit code of the worst.
pub(crate) fn run(arguments: &Check) -> ExitCode {
    let settings = settings(arguments);
    let stop = Arc::clone(&settings.interrupt);
    if let Err(error) = ctrlc::set_handler(move || stop.store(true, Ordering::Relaxed)) {
        eprintln!("etalon-peers: cannot listen for Ctrl-C: {error}");
        return ExitCode::from(3);
    }
    let engines = match arguments.engine {
        Some(engine) => std::slice::from_ref(engine),
        None => ENGINES,
    };
    let mut codes = Vec::new();
    for engine in engines {
        println!(
            "{} {}, seed {}",
            engine.name,
            engine.version(),
            settings.seed
        );
        codes.push(if arguments.threads.is_some() {
            threaded(engine, arguments, &settings)
        } else {
            checked(engine, arguments, &settings)
        });
        if settings.interrupt.load(Ordering::Relaxed) {
            return ExitCode::from(130);
        }
    }
    ExitCode::from(worst(&codes))
}

/// FAIL beats what could not be done, that beats VACUOUS, that beats PASS.
fn worst(codes: &[u8]) -> u8 {
    let order = [1, 3, 2];
    let found = order.into_iter().find(|code| codes.contains(code));
    found.unwrap_or(0)
}

fn settings(arguments: &Check) -> Settings {
    let default = arguments.ops.is_none().then_some(Duration::from_secs(10));
    Settings {
        seed: arguments.seed,
        length: arguments.length,
        time: arguments.time.or(default),
        operations: arguments.ops,
        only: arguments.only.clone(),
        without: arguments.without.clone(),
        shrink_time: arguments.shrink_for,
        interrupt: Arc::new(AtomicBool::new(false)),
        ..Settings::default()
    }
}

fn checked(engine: &Engine, arguments: &Check, settings: &Settings) -> u8 {
    let profile = if arguments.strict {
        engine.promised()
    } else {
        for finding in Finding::of(engine) {
            println!("narrowed by a finding: {}", finding.name);
        }
        engine.asked()
    };
    println!("{}", options(&profile));
    let mut settings = settings.clone();
    settings.without.extend(engine.lacks());
    let settings = &settings;
    // A lie about a rename is out of sight where nothing is renamed.
    let mut lies = arguments.sabotage.concat();
    lies.retain(|lie| *lie != Lie::LostRename || !settings.without.contains(&OpKind::Rename));
    if lies.is_empty() {
        engine.visit(
            profile,
            Campaign {
                arguments,
                settings,
            },
        )
    } else {
        engine.visit(
            profile,
            Lies {
                lies: &lies,
                settings,
            },
        )
    }
}

/// The options and how many values of each are tried, in words.
pub(crate) fn options(profile: &Profile) -> String {
    let each = profile.options.iter().map(|option| {
        let values: Vec<String> = option.values.iter().map(shown).collect();
        format!("{}={}", option.name, values.join("|"))
    });
    format!("options: {}", each.collect::<Vec<_>>().join(" "))
}

fn shown(setting: &Setting) -> String {
    match setting {
        Setting::Integer(number) => number.to_string(),
        Setting::Text(text) => String::from_utf8_lossy(text).into_owned(),
        Setting::Switch(true) => "on".to_owned(),
        Setting::Switch(false) => "off".to_owned(),
    }
}

struct Campaign<'a> {
    arguments: &'a Check,
    settings: &'a Settings,
}

impl Visitor for Campaign<'_> {
    type Output = u8;

    fn visit<S>(self, profile: Profile, open: Open<S>) -> u8
    where
        S: KeyValueStore + 'static,
    {
        let report = check(target(profile, open), self.settings);
        let saved = report.failure.as_ref().map_or(Ok(()), |failed| {
            println!("{failed}");
            save(&self.arguments.report, &report.store, failed)
        });
        tell(&report);
        match saved {
            Ok(()) => report.verdict().exit_code(),
            Err(error) => {
                eprintln!("etalon-peers: {}: {error}", self.arguments.report.display());
                3
            }
        }
    }
}

fn save(folder: &Path, engine: &str, failed: &Failed) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{engine}.ops"));
    fs::write(&path, failed.script.to_string())?;
    println!("saved: {}", path.display());
    Ok(())
}

fn tell(report: &Report) {
    let tally = &report.tally;
    println!("{}: {}", report.store, report.verdict());
    println!(
        "{} operations in {} sequences, {} replies compared, {:.1} s",
        tally.operations(),
        tally.sequences,
        tally.compared,
        report.elapsed.as_secs_f64()
    );
    println!("not covered: {}\n", report.not_covered.join(" "));
}

struct Lies<'a> {
    lies: &'a [Lie],
    settings: &'a Settings,
}

impl Visitor for Lies<'_> {
    type Output = u8;

    fn visit<S>(self, profile: Profile, open: Open<S>) -> u8
    where
        S: KeyValueStore + 'static,
    {
        let outcome = sabotage(&target(profile, open), self.lies, self.settings);
        println!("{outcome}");
        u8::from(!outcome.all_found())
    }
}

/// As [`checked`], by several threads at once.
fn threaded(engine: &Engine, arguments: &Check, settings: &Settings) -> u8 {
    let threads = ThreadSettings {
        threads: arguments.threads.map_or(1, usize::from),
        seed: settings.seed,
        length: settings.length,
        time: settings.time,
        operations: settings.operations,
        only: settings.only.clone(),
        without: settings.without.clone(),
        interrupt: Arc::clone(&settings.interrupt),
        ..ThreadSettings::default()
    };
    if engine.name != "redb" {
        println!("not checked: no adapter of it is shared by threads yet, but redb's\n");
        return if arguments.all { 0 } else { 4 };
    }
    shared(&threads)
}

#[cfg(feature = "redb")]
fn shared(settings: &ThreadSettings) -> u8 {
    let report = etalon_spec::check_threads(etalon_peers::SharedRedb, settings, &mut ());
    if let Some(failure) = &report.failure {
        println!("{failure}");
    }
    println!("{}: {report}\n", report.store);
    report.verdict().exit_code()
}

#[cfg(not(feature = "redb"))]
fn shared(_: &ThreadSettings) -> u8 {
    unreachable!("the engine is not in this build")
}
