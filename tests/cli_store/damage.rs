//! Truncated, flipped and emptied files of every kind: an error that names file and offset with
//! exit code 1, or the right answer. Nothing panics (`Shell::run` sees to that).

use std::fs;

use crate::shell::{Ran, SCANS, Shell};

/// Runs `dump FILE`, `dump DIR` and `scan DIR` with this file cut, flipped and emptied, and hands
/// what each did to `judge`, along with what it did before.
fn sweep(name: &str, judge: &dyn Fn(&str, &Ran, &Ran)) {
    let shell = Shell::with_store();
    let file = format!("store/{name}");
    let path = shell.path(&file);
    let bytes = fs::read(&path).expect("reads");
    let commands = [
        vec!["dump", &file],
        vec!["dump", "store"],
        vec!["scan", "store"],
    ];
    let before: Vec<Ran> = commands.iter().map(|command| shell.run(command)).collect();

    let cuts = (0..bytes.len()).step_by(5);
    let mut tries: Vec<(String, Vec<u8>)> = cuts
        .map(|length| (format!("cut to {length}"), bytes[..length].to_vec()))
        .collect();
    for at in (0..bytes.len()).step_by(3) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        tries.push((format!("flipped at {at}"), flipped));
    }
    for (what, damaged) in tries {
        fs::write(&path, damaged).expect("writes");
        for (command, before) in commands.iter().zip(&before) {
            let ran = shell.run(command);
            let place = format!("{command:?}, {name} {what}");
            assert!(
                [0, 1].contains(&ran.code),
                "{place}: {} {}",
                ran.code,
                ran.error
            );
            judge(&place, &ran, before);
        }
    }
}

/// Whether it was refused as damage of that file.
fn names(ran: &Ran, file: &str) -> bool {
    ran.code == 1
        && ran
            .error
            .contains(&format!("store/{file}: damaged at offset "))
}

#[test]
fn a_damaged_segment_is_named_or_harmless() {
    for file in ["000005.ldb", "000007.ldb"] {
        sweep(file, &|place, ran, before| {
            let harmless = ran.code == 0 && ran.out == before.out && ran.error.is_empty();
            assert!(harmless || names(ran, file), "{place}: {}", ran.error);
        });
    }
}

#[test]
fn a_damaged_manifest_is_named_or_its_tail_cut_with_a_note() {
    let file = "MANIFEST-000001";
    // Its third edit begins at 90: a cut there is a shorter manifest, taken by itself.
    sweep(file, &|place, ran, before| {
        let noted = ran.error.contains("bytes left out from offset") && ran.error.contains(file);
        let is_scan = place.contains("scan");
        let harmless = ran.code == 0 && (ran.out == before.out || (noted && !is_scan));
        // Cut behind its first edit it is a manifest, but one too old for the log.
        let too_old =
            "store/000006.log: damaged at offset 0: begins with change 5, but the manifest";
        let named = names(ran, file) || (ran.code == 1 && ran.error.contains(too_old));
        let shorter =
            place.starts_with("[\"dump\", \"store/MANIFEST") && place.ends_with("cut to 90");
        assert!(harmless || named || shorter, "{place}: {}", ran.error);
    });
}

#[test]
fn a_damaged_current_is_named() {
    sweep("CURRENT", &|place, ran, _| {
        assert!(names(ran, "CURRENT"), "{place}: {}", ran.error);
    });
}

#[test]
fn a_closed_log_that_is_damaged_is_named_and_one_that_is_cut_is_read_up_to_there() {
    let file = "000006.log";
    // Where the three batches and the mark begin: a cut there is a shorter log, not damage.
    let whole = ["cut to 0", "cut to 31", "cut to 57", "cut to 83"];
    sweep(file, &|place, ran, _| {
        let noted = ran.error.contains(&format!("note: store/{file}: "))
            && ran.error.contains(" bytes left out from offset ");
        let harmless = ran.code == 0 && (noted || whole.iter().any(|end| place.ends_with(end)));
        assert!(harmless || names(ran, file), "{place}: {}", ran.error);
        if place.contains("scan") {
            // Before the mark it was durable once.
            let flipped = place.rsplit_once("flipped at ");
            let durable = flipped.is_some_and(|(_, at)| at.parse().is_ok_and(|at: u64| at < 83));
            assert_eq!(harmless, !durable, "{place}: {}", ran.error);
            let prefix = SCANS.contains(&ran.out.as_str());
            assert!(durable || prefix, "{place}: {}", ran.out);
        }
    });
}

#[test]
fn a_log_cut_in_its_last_record_gives_the_prefix_and_says_how_many_bytes_went() {
    let shell = Shell::with_store();
    let path = shell.path("store/000006.log");
    let bytes = fs::read(&path).expect("reads");
    fs::write(&path, &bytes[..79]).expect("writes"); // the last record ends at 83
    let note = "etalon: note: store/000006.log: 22 bytes left out from offset 57 on: \
                a record is longer than its block or the file\n";

    let scan = shell.run(&["scan", "store"]);
    assert_eq!(
        (scan.code, scan.out.as_str(), scan.error.as_str()),
        (0, SCANS[2], note)
    );
    let get = shell.run(&["get", "store", "apple"]);
    assert_eq!(
        (get.code, get.out.as_str(), get.error.as_str()),
        (0, "red\n", note)
    );
    let dump = shell.run(&["dump", "store/000006.log"]);
    assert_eq!((dump.code, dump.error.as_str()), (0, note));
    let tail = "put \"lime\" \"\"\n# torn tail: 22 bytes from offset 57 on: a record is longer than \
                its block or the file\n# 2 batches, 2 changes, sequence 5 to 6\n";
    assert!(dump.out.ends_with(tail), "{}", dump.out);
    let directory = shell.run(&["dump", "store"]);
    assert_eq!((directory.code, directory.error.as_str()), (0, note));
    assert!(
        directory
            .out
            .contains("torn tail: 22 bytes from offset 57 on")
    );

    // Writing recovers for good, and says so once.
    let put = shell.run(&["put", "store", "mango", "yellow"]);
    assert_eq!((put.code, put.error.as_str()), (0, note));
    assert_eq!(
        shell.prints(&["scan", "store"]),
        format!("{}mango\tyellow\n", SCANS[2])
    );
}

#[test]
fn what_was_read_before_the_damage_is_printed() {
    let shell = Shell::with_store();
    let path = shell.path("store/000006.log");
    let mut bytes = fs::read(&path).expect("reads");
    bytes[40] ^= 1; // in the second of three batches
    fs::write(&path, &bytes).expect("writes");
    let ran = shell.run(&["dump", "store/000006.log"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("put \"kiwi\" \"green\"\n") && !ran.out.contains("lime"));
    let said = "etalon: store/000006.log: damaged at offset 31: the checksum does not match\n";
    assert_eq!(ran.error, said);
    let directory = shell.run(&["dump", "store"]);
    assert_eq!((directory.code, directory.error.as_str()), (1, said));
    assert!(
        directory
            .out
            .contains("000006.log              102 bytes  damaged\nlevel 0")
    );
}

#[test]
fn a_file_that_is_gone_is_damage_of_the_file_that_names_it() {
    for (gone, names_it) in [
        ("000005.ldb", "MANIFEST-000001"),
        ("000006.log", "MANIFEST-000001"),
        ("MANIFEST-000001", "CURRENT"),
    ] {
        let shell = Shell::with_store();
        fs::remove_file(shell.path("store").join(gone)).expect("removes");
        for command in [
            &["scan", "store"][..],
            &["put", "store", "k", "v"],
            &["dump", "store"],
        ] {
            let ran = shell.run(command);
            assert!(
                names(&ran, names_it),
                "{command:?} without {gone}: {}",
                ran.error
            );
            assert!(ran.error.contains(gone), "{}", ran.error);
        }
    }
    let shell = Shell::with_store();
    fs::remove_file(shell.path("store/CURRENT")).expect("removes");
    for command in [
        &["scan", "store"][..],
        &["put", "store", "k", "v"],
        &["delete", "store", "k"],
        &["dump", "store"],
    ] {
        assert!(names(&shell.run(command), "CURRENT"), "{command:?}");
    }
}
