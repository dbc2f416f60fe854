//! `profile.toml`: what is read, over what, and where a mistake is.
#![cfg(feature = "toml")]

use etalon_spec::{
    Abilities, Ability, Alphabet, LengthKind, Order, Profile, ProfileFile, Setting, Survives,
    Taken, View,
};

fn over(text: &str, profile: &Profile) -> Result<Profile, String> {
    let file = ProfileFile::parse(text).map_err(|error| error.to_string())?;
    file.over(profile).map_err(|error| error.to_string())
}

const WHOLE: &str = r#"
name = "mine"
version = "2"
can = ["scan", "flush"]
order = "none"
length = "live-estimate"
threads = 4
batch = { max = 7, repeats = "refused" }
range.inverted = "refused"
delete.absent = "refused"
snapshot.max = 1
iterator = { max = 2, view = "live", back = false }
survives = { close = "all", kill = "synced" }
timeout.op = 3

[keys]
min = 1
max = 511
alphabet = "text"

[values]
max = 0x1_0000

[options]
memtable_bytes = [256, 4_096]
compression = ["none", "lz4"]
sync = [false, true]
"#;

#[test]
fn every_field_is_read_over_the_profile() {
    let profile = over(WHOLE, &Profile::new("before").can([Ability::Compact])).expect(WHOLE);
    let (scan, flush) = (Ability::Scan, Ability::Flush);
    assert_eq!(profile.can, Abilities::from([scan, flush]), "replaced");
    assert_eq!(
        (profile.name.as_ref(), profile.version.as_ref()),
        ("mine", "2")
    );
    assert_eq!((profile.keys.min, profile.keys.max), (1, 511));
    assert_eq!(profile.alphabet, Alphabet::Text);
    assert_eq!((profile.values.min, profile.values.max), (0, 65_536));
    assert_eq!(
        (profile.batch_max, profile.batch_repeats),
        (7, Taken::Refused)
    );
    assert_eq!(profile.order, Order::None);
    assert_eq!(profile.length, LengthKind::Estimate);
    assert_eq!(profile.range_inverted, Taken::Refused);
    assert_eq!(profile.delete_absent, Taken::Refused);
    assert_eq!((profile.snapshot_max, profile.iterator_max), (1, 2));
    assert_eq!(
        (profile.iterator_view, profile.iterator_back),
        (View::Live, false)
    );
    assert_eq!(profile.survives_close, Survives::All);
    assert_eq!(profile.survives_kill, Survives::Synced);
    assert_eq!((profile.threads, profile.timeout.as_secs()), (4, 3));
    let options: Vec<&str> = profile
        .options
        .iter()
        .map(|option| option.name.as_ref())
        .collect();
    assert_eq!(options, ["compression", "memtable_bytes", "sync"]);
    assert_eq!(profile.options[1].values[1], Setting::Integer(4_096));
}

#[test]
fn what_is_not_named_stays_as_it_is() {
    let before = over(WHOLE, &Profile::default()).expect(WHOLE);
    assert_eq!(over("", &before), Ok(before.clone()));
    let after = over("keys.min = 2", &before).expect("a field");
    assert_eq!((after.keys.min, after.keys.max), (2, 511));
}

#[test]
fn a_mistake_has_a_line_a_column_and_the_word_that_was_meant() {
    let wrong = |text: &str| over(text, &Profile::default()).expect_err(text);
    let unknown = wrong("name = \"x\"\n\ncann = []\n");
    assert!(
        unknown.starts_with("3:1: unknown field `cann`; there are "),
        "{unknown}"
    );
    assert!(unknown.ends_with(" Did you mean `can`?"), "{unknown}");
    let ability = wrong("can = [\"scan\",\n  \"flsh\"]\n");
    assert!(
        ability.starts_with("2:3: `can`: unknown ability \"flsh\""),
        "{ability}"
    );
    assert!(ability.ends_with("Did you mean `flush`?"), "{ability}");
    assert_eq!(
        wrong("[keys]\nmin = 9\nmax = 8\n"),
        "2:1: `keys`: `min` is above `max`"
    );
    assert_eq!(
        wrong("survives.kill = \"al\""),
        "1:10: `survives`: `kill`: \"al\" is none of none, flushed, synced, all. Did you mean `all`?"
    );
    assert_eq!(
        wrong("keys.max = -1"),
        "1:6: `keys`: `max`: expected a whole number, found a number"
    );
    assert_eq!(wrong("x = 1.5"), "1:5: no field takes a float");
    assert_eq!(
        wrong("\nwindow = 3"),
        "2:1: `window` is no part of a profile: a driver greets with it"
    );
    assert!(
        wrong("[keys\n").starts_with("1:6: "),
        "{}",
        wrong("[keys\n")
    );
    assert!(
        wrong("a = 1\na = 2\n").starts_with("2:1: "),
        "a field twice"
    );
}

#[test]
fn nothing_is_promised_that_the_target_cannot_be_driven_to() {
    let over = |text: &str, dies| {
        let file = ProfileFile::parse(text).expect(text);
        let over = file.over_target(&Profile::default(), dies);
        over.map_err(|error| error.to_string())
    };
    assert!(over("survives.kill = 'all'", false).is_err());
    assert!(over("survives.kill = 'all'", true).is_ok());
    assert!(over("survives.power = 'all'", true).is_err());
    assert!(over("can = ['layers']", true).is_err());
    assert!(over("threads = 2", true).is_err());
    let restarted = over("survives.close = 'all'", true).expect("a process");
    assert!(
        restarted.can.has(Ability::Reopen),
        "by ending it and starting it anew"
    );
    assert!(
        !over("survives.close = 'all'", false)
            .expect("narrower")
            .can
            .has(Ability::Reopen)
    );
}
