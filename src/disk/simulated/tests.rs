//! What each crash model lets survive, by small examples; and failures on purpose.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

/// Runs `work` on an empty disk whose root is durable, and takes the recording.
fn record(work: impl FnOnce(&SimulatedDisk) -> io::Result<()>) -> Recording {
    let disk = SimulatedDisk::default();
    work(&disk).expect("nothing fails");
    disk.take_recording()
}

/// An image as text: `a=bytes b=bytes`, names in order.
fn text(image: &Image) -> String {
    let mut files: Vec<String> = image
        .files()
        .map(|(path, bytes)| format!("{}={}", path.display(), bytes.escape_ascii()))
        .collect();
    files.sort();
    files.join(" ")
}

/// The distinct states of a model at the end of a recording.
fn states(recording: &Recording, model: CrashModel) -> BTreeSet<String> {
    let point = recording.last_point();
    let mut found = BTreeSet::new();
    let extent = model.each(&point, &Limits::default(), &mut |survival| {
        let image = point.image(survival);
        let again = SimulatedDisk::from_image(image.clone()).take_recording();
        let fresh = again.first_point();
        let own = fresh.digest(&Survival::none(&fresh));
        assert_eq!(point.digest(survival), own, "invariant 2 of `point`");
        found.insert(text(&image));
        true
    });
    assert_eq!(extent, Extent::Complete);
    found
}

fn set<const N: usize>(texts: [&str; N]) -> BTreeSet<String> {
    texts.into_iter().map(str::to_owned).collect()
}

/// Two files whose names are durable, each with two writes pending.
fn two_files(disk: &SimulatedDisk) -> io::Result<()> {
    let (a, b) = (disk.create(Path::new("a"))?, disk.create(Path::new("b"))?);
    disk.sync_directory(Path::new(""))?;
    a.append(b"1")?;
    b.append(b"2")?;
    a.append(b"3")
}

#[test]
fn a_prefix_keeps_the_first_effects_of_all_files() {
    let wanted = set(["a= b=", "a=1 b=", "a=1 b=2", "a=13 b=2"]);
    assert_eq!(states(&record(two_files), CrashModel::Prefix), wanted);
}

#[test]
fn a_prefix_per_file_keeps_the_first_effects_of_each() {
    let wanted = set([
        "a= b=", "a=1 b=", "a=13 b=", "a= b=2", "a=1 b=2", "a=13 b=2",
    ]);
    assert_eq!(
        states(&record(two_files), CrashModel::PrefixPerFile),
        wanted
    );
}

#[test]
fn a_subset_leaves_zeros_where_an_earlier_write_is_lost() {
    let holes = set([r"a=\x003 b=", r"a=\x003 b=2"]);
    let files = record(two_files);
    let wanted = &states(&files, CrashModel::PrefixPerFile) | &holes;
    assert_eq!(states(&files, CrashModel::Subset), wanted);
}

#[test]
fn names_survive_in_any_order_where_the_model_says_so() {
    let renamed = record(|disk| {
        disk.create(Path::new("old"))?.append(b"x")?;
        disk.rename(Path::new("old"), Path::new("new"))?;
        disk.create(Path::new("other"))?;
        Ok(())
    });
    let with_data = ["new=x", "new=x other=", "old=x", "old=x other="];
    let without = ["", "new=", "new= other=", "old=", "old= other=", "other="];
    let wanted = &set(with_data) | &set(without);
    assert_eq!(states(&renamed, CrashModel::Directory), wanted);
    let in_order = set(["", "old=", "old=x", "new=x", "new=x other="]);
    assert_eq!(states(&renamed, CrashModel::Prefix), in_order);
}

#[test]
fn a_torn_write_ends_anywhere_in_something_old_zero_or_other() {
    let torn = record(|disk| {
        let file = disk.create(Path::new("a"))?;
        disk.sync_directory(Path::new(""))?;
        file.append(b"xyz")
    });
    let wanted = set([
        r"a=\x00\x00\x00",
        r"a=x\x00\x00",
        r"a=xy\x00",
        r"a=\xa7\xfe\x15",
        r"a=x\xfe\x15",
        r"a=xy\x15",
        "a=x",
        "a=xy",
    ]);
    assert_eq!(states(&torn, CrashModel::TornByte), wanted);
    let whole = set([r"a=\x00\x00\x00", r"a=\xa7\xfe\x15"]);
    assert_eq!(states(&torn, CrashModel::TornSector), whole, "one sector");
}

#[test]
fn a_write_over_a_sectors_end_is_torn_there() {
    let torn = record(|disk| {
        let file = disk.create(Path::new("a"))?;
        disk.sync_directory(Path::new(""))?;
        file.append(&[b'x'; 500])?;
        file.sync()?;
        file.append(&[b'y'; 600])
    });
    let lengths: BTreeSet<usize> = states(&torn, CrashModel::TornSector)
        .iter()
        .map(|text| text.chars().skip(502).take_while(|c| *c == 'y').count())
        .collect();
    assert_eq!(lengths, BTreeSet::from([0, 12, 524]));
}

#[test]
fn what_is_synced_survives_and_what_is_not_may_not() {
    let unsynced_name = record(|disk| {
        let file = disk.create(Path::new("a"))?;
        file.append(b"x")?;
        file.sync()
    });
    assert_eq!(states(&unsynced_name, CrashModel::Subset), set(["", "a=x"]));
    let unsynced_bytes = record(|disk| {
        disk.create(Path::new("a"))?.append(b"x")?;
        disk.sync_directory(Path::new(""))
    });
    assert_eq!(
        states(&unsynced_bytes, CrashModel::Subset),
        set(["a=", "a=x"])
    );
    let both = record(|disk| {
        let file = disk.create(Path::new("a"))?;
        file.append(b"x")?;
        disk.sync_directory(Path::new(""))?;
        file.sync()
    });
    assert_eq!(states(&both, CrashModel::Subset), set(["a=x"]));
}

#[test]
fn a_new_directory_needs_a_sync_of_its_parent() {
    let made = record(|disk| {
        disk.create_directory(Path::new("d"))?;
        disk.create(Path::new("d/a"))?;
        disk.sync_directory(Path::new("d"))
    });
    let point = made.last_point();
    assert_eq!(point.pending(), 1);
    assert_eq!(point.describe(0), "create directory d");
    assert_eq!(states(&made, CrashModel::Subset), set(["", "d/a="]));
}

#[test]
fn a_cut_that_is_pending_may_be_undone_by_the_crash() {
    let cut = record(|disk| {
        let file = disk.create(Path::new("a"))?;
        disk.sync_directory(Path::new(""))?;
        file.append(b"1234")?;
        file.sync()?;
        file.truncate(1)?;
        file.preallocate(3)?;
        file.append(b"x")
    });
    let all = states(&cut, CrashModel::Subset);
    for text in ["a=1234", "a=1", r"a=1\x00\x00x", "a=123x", "a=123"] {
        assert!(all.contains(text), "{text} of {all:?}");
    }
}

#[test]
fn a_failed_sync_says_yes_when_asked_again_and_has_lost_what_was_pending() {
    let lost = record(|disk| {
        let file = disk.create(Path::new("a"))?;
        disk.sync_directory(Path::new(""))?;
        file.append(b"1")?;
        disk.arm(Some(Fault {
            calls: Calls::Changes,
            after: 0,
            kind: FaultKind::Sync,
            forever: false,
        }));
        assert!(file.sync().is_err());
        file.sync()?;
        let mut readable = Vec::new();
        file.read_into(0, 1, &mut readable)?;
        assert_eq!(readable, b"1");
        file.append(b"2")?;
        file.sync()
    });
    assert_eq!(states(&lost, CrashModel::Subset), set([r"a=\x002"]));
}

#[test]
fn the_chosen_operation_fails_once_or_from_then_on() {
    for (forever, failures) in [(false, 1), (true, 3)] {
        let disk = SimulatedDisk::default();
        let file = disk.create(Path::new("a")).unwrap();
        disk.arm(Some(Fault {
            calls: Calls::Changes,
            after: 1,
            kind: FaultKind::Short,
            forever,
        }));
        let failed = (0..4).filter(|_| file.append(b"ab").is_err()).count();
        assert_eq!((failed, disk.struck()), (failures, failures as u64));
        let half = 8 - failures as u64;
        assert_eq!(file.size().unwrap(), half, "half of a short write is there");
    }
}

#[test]
fn a_flipped_bit_is_read_once_and_written_nowhere() {
    let disk = SimulatedDisk::default();
    let file = disk.create(Path::new("a")).unwrap();
    file.append(b"a").unwrap();
    disk.arm(Some(Fault {
        calls: Calls::Reads,
        after: 0,
        kind: FaultKind::Flip(1),
        forever: false,
    }));
    let mut bytes = Vec::new();
    assert_eq!(file.read(0, 1, &mut bytes).unwrap(), b"c");
    assert_eq!(file.read(0, 1, &mut bytes).unwrap(), b"a");
}

#[test]
fn a_place_in_an_operation_is_a_crash_point() {
    let marked = record(|disk| {
        disk.invoked(0);
        let file = disk.create(Path::new("a"))?;
        file.append(b"1")?;
        disk.acknowledged(0);
        Ok(())
    });
    for (operations, passed) in [(0, 1), (1, 2), (2, 3), (9, 3)] {
        let point = marked.point_in(0, operations).expect("it came");
        assert_eq!(point.passed(), passed);
    }
    assert!(marked.point_in(1, 0).is_none());
}

/// The bytes that a file had at the beginning were looked for in what was left after a cut, and
/// the disk panicked. Found by `check --crash`, once an opening had cut a log in its place.
#[test]
fn a_file_that_was_cut_below_its_first_size_can_be_crashed() {
    let first = record(|disk| disk.create(Path::new("a"))?.append(b"1234"));
    let end = first.last_point();
    let disk = SimulatedDisk::from_image(end.image(&Survival::all(&end)));
    let file = disk.open_append(Path::new("a")).unwrap();
    file.truncate(2).unwrap();
    file.append(b"x").unwrap();
    let recording = disk.take_recording();
    let end = recording.last_point();
    for (survival, bytes) in [
        (Survival::none(&end), &b"1234"[..]),
        (Survival::all(&end), b"12x"),
    ] {
        let image = end.image(&survival);
        assert_eq!(image.read(Path::new("a")), Some(bytes));
    }
}
