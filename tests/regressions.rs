//! What checkers found in the engine, each as small as it gets: what broke, and who found it.
//! Cases would be `.ops`; these are files that no writer of ours makes.

use etalon::crash::Breakable;
use etalon::disk::MemoryDisk;
use etalon::{Error, Options, Store};
use etalon_spec::replay;

const DIRECTORY: &str = "store";

/// A disk with an empty store, whose log is replaced by these bytes.
fn with_log(log: &[u8]) -> MemoryDisk {
    let disk = MemoryDisk::default();
    let store = Store::open_on(disk.clone(), DIRECTORY, Options::default()).unwrap();
    store.close().unwrap();
    let path = disk
        .paths()
        .into_iter()
        .find(|path| path.extension() == Some("log".as_ref()))
        .expect("a log");
    disk.write_file(&path, log).unwrap();
    disk
}

/// A log of one record, its checksum right.
fn record(data: &[u8]) -> Vec<u8> {
    let checked = [&[1], data].concat();
    let crc = crc32c::crc32c(&checked).rotate_right(15);
    let crc = crc.wrapping_add(0xa282_ead8).to_le_bytes();
    let length = (data.len() as u16).to_le_bytes();
    [&crc[..], &length, &checked].concat()
}

/// Broke: a batch of a log could carry any sequence number; beyond 2^56 - 1 it ran into the kind
/// of change in a key's tag (a failed assertion in debug builds), near 2^64 an addition
/// overflowed. Found by: the fuzz target `log`, checksums mended.
#[test]
fn a_log_whose_sequence_numbers_do_not_fit_is_damaged() {
    for sequence in [(1_u64 << 56) - 1, 1 << 56, u64::MAX - 1, u64::MAX] {
        let header = [&sequence.to_le_bytes()[..], &1_u32.to_le_bytes()].concat();
        let disk = with_log(&record(&[&header[..], b"\x01\x01k\x01v"].concat()));
        let error = Store::open_read_only_on(disk.clone(), DIRECTORY).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("near its end"), "{error}");
        assert!(Store::open_on(disk, DIRECTORY, Options::default()).is_err());
    }
}

/// Broke: a compare-and-swap that could not read its key was called in doubt, though nothing had
/// happened and the store went on. Found by: `check --crash`, before it was merged.
#[test]
fn a_swap_that_cannot_read_its_key_has_changed_nothing() {
    let ops = r#"ops 1
put "" ""
fail in get "" at 0 with eio forever
flush
cas "" none none
put "" ""
"#;
    replay(&mut Breakable::default(), ops);
}

/// Broke: a compaction that failed after a run was published failed the ingestion, and readers saw
/// what was refused. Found by: `check --crash`, before it was merged.
#[test]
fn a_refused_run_is_not_seen() {
    let ops = r#"ops 1
option compaction = "automatic"
option level0_segments = 1
put "" ""
fail in get "" at 0 with eio forever
ingest "" "1"
fail in put "" "23" at 0 with eio
scan .. -> ""=""
"#;
    replay(&mut Breakable::default(), ops);
}
