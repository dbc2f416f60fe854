//! `profile.toml` and `known.toml`: what is read, over what, and where a mistake is.
#![cfg(feature = "toml")]

use etalon_spec::{
    Abilities, Ability, Alphabet, Class, Date, Divergence, Got, KnownFile, LengthKind, Moment, Op,
    OpKind, Order, Profile, ProfileFile, Reply, Script, Setting, Standing, Survives, Taken, View,
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
range = { inverted = "refused", from_excluded = "refused", prefix_reverse = "refused" }
delete.absent = "refused"
snapshot.max = 1
iterator = { max = 2, view = "live", back = false }
survives = { close = "all", kill = "synced" }
timeout = { op = 3, open = 60 }
open.fresh_dir = true

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
    let ranges = (profile.range_from_excluded, profile.range_prefix_reverse);
    assert_eq!(ranges, (Taken::Refused, Taken::Refused));
    assert_eq!(profile.range_to_included, Taken::Answered);
    assert_eq!(
        (profile.timeout_open.as_secs(), profile.fresh_dir),
        (60, true)
    );
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
    assert_eq!(
        wrong("[open]\nfresh_dr = true"),
        "2:1: `open`: unknown field `fresh_dr`; there are fresh_dir. Did you mean `fresh_dir`?"
    );
    assert_eq!(
        wrong("timeout.open = 0"),
        "1:9: `timeout`: `open`: from 1 to 86400 seconds"
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
    assert!(over("open.fresh_dir = true", true).is_ok());
    assert_eq!(
        over("open.fresh_dir = true", false).expect_err("no directory"),
        "1:6: this target is handed no directory"
    );
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

/// One entry that narrows by these lines.
fn entry(lines: &str) -> String {
    format!("[[known]]\nid = \"a\"\nuntil = \"2027-03-01\"\nproof = \"a.ops\"\n{lines}\n")
}

/// What is left of a profile that can scan and compact, and takes keys of 1 to 9 bytes.
fn left(lines: &str) -> Result<(Profile, Vec<OpKind>), String> {
    let profile = Profile::new("whole")
        .can([Ability::Scan, Ability::Compact])
        .keys(1..=9)
        .option("cache", [Setting::Integer(0), Setting::Integer(8)])
        .option("sync", [Setting::Switch(true)]);
    let file = KnownFile::parse(&entry(lines)).map_err(|error| error.to_string())?;
    file.narrow(&profile).map_err(|error| error.to_string())
}

#[test]
fn a_known_divergence_narrows_and_nothing_else() {
    let (profile, kinds) = left("without = [\"scan\", \"delete\"]").expect("narrower");
    assert!(!profile.can.has(Ability::Scan) && profile.can.has(Ability::Compact));
    assert_eq!(kinds, [OpKind::Delete]);
    let (profile, _) = left("options.cache = [8]\nkeys.alphabet = \"text\"").expect("narrower");
    assert_eq!(profile.options[0].values, [Setting::Integer(8)]);
    assert_eq!(
        profile.options.len(),
        2,
        "an option that is not named stays"
    );
    assert_eq!(profile.alphabet, Alphabet::Text);

    let may_only = "a known divergence may only narrow the profile";
    for (lines, place) in [
        ("keys.min = 0", "5:6"),
        ("keys.max = 10", "5:6"),
        ("options.cache = [0, 1]", "5:1"),
        ("options.other = [1]", "5:1"),
        ("timeout.op = 1000", "5:1"),
        ("threads = 2", "5:1"),
        ("survives.kill = \"all\"", "5:1"),
    ] {
        assert_eq!(left(lines), Err(format!("{place}: {may_only}")), "{lines}");
    }
    let wrong = |lines: &str| left(lines).expect_err(lines);
    assert_eq!(wrong(""), "1:1: this entry narrows nothing");
    assert_eq!(
        wrong("without = [\"flush\"]"),
        "1:1: this entry narrows nothing"
    );
    assert_eq!(
        wrong("without = [\"scna\"]"),
        "5:12: neither an ability nor an operation: \"scna\". Did you mean `scan`?"
    );
    assert!(
        wrong("can = []").starts_with("5:1: not in an entry"),
        "{}",
        wrong("can = []")
    );
    assert!(wrong("linc = \"x\"").starts_with("5:1: unknown field `linc`"));
    assert!(wrong("class = \"sad\"").starts_with("5:1: no such class; there are wrong answer, "));
    let no_proof = KnownFile::parse("[[known]]\nid = \"a\"\nuntil = \"2027-03-01\"\n");
    assert_eq!(
        no_proof.expect_err("no proof").to_string(),
        "1:1: the field `proof` is missing"
    );
    let no_day = KnownFile::parse("[[known]]\nid = \"a\"\nuntil = \"soon\"\n").expect_err("no day");
    assert_eq!(
        no_day.to_string(),
        "3:1: expected a day such as \"2027-03-01\""
    );
}

#[test]
fn a_known_divergence_stands_as_its_proof_and_the_day_say() {
    let file = KnownFile::parse(&entry("keys.min = 1")).expect("an entry");
    let entry = &file.entries[0];
    let script = |why: &str| Script::parse(&format!("ops 1\n# why: {why}\nflush\n")).expect("ops");
    assert_eq!(
        entry.expected_class(&script("died: somewhere")),
        Some(Class::Died)
    );
    assert_eq!(entry.expected_class(&script("it is so")), None);
    let fails = Divergence {
        class: Class::Died,
        moment: Moment::Create,
        read: Op::Flush,
        expected: Reply::Done,
        got: Got::Error(String::new()),
    };
    let day = |text: &str| text.parse::<Date>().expect(text);
    let standing = |today, class, outcome| entry.standing(day(today), class, outcome);
    let fails = || Some(fails.clone());
    assert_eq!(
        standing("2027-03-01", Class::Died, fails()),
        Standing::Holds
    );
    assert_eq!(
        standing("2027-03-02", Class::Died, fails()),
        Standing::Expired
    );
    assert_eq!(standing("2027-03-02", Class::Died, None), Standing::Mended);
    let else_ = standing("2027-03-01", Class::Hung, fails());
    assert!(matches!(else_, Standing::FailsElse(_)), "{else_:?}");
}
