//! Frozen: what bytes of each version of the byte form mean, for ever.

use etalon_spec::bytes::{decode, encode};

/// Frozen: these bytes mean these cases for ever. Never change a line here; add lines.
#[test]
fn bytes_of_version_1_mean_what_they_meant() {
    let frozen: [(&[u8], &str); 12] = [
        (b"\x01", ""),
        (
            b"\x01\x00\x00\x3f\xaf\x40\x01\x00",
            "get \"a\"\nget \"\\xff\"\nput \"b\" \"\"\n",
        ),
        (
            b"\x01\x40\x80\x82zz\x8f\xa8\x81\x01",
            "put \"\" \"zz\"\nput \"\\x01\" \"\"\n",
        ),
        (
            b"\x01\x90\xa0\xf1y\xb3\xa9\xb4\xc7",
            "delete \"y\"*256\ndelete \"b\"\nflush\nflush\n",
        ),
        (
            b"\x01\xc8\x00\xc8\x09\x03\xc8\x2c\x04\x05\x07",
            "scan ..\nscan prefix \"ab\"\nscan \"\"..=\"a\\x00\"\nget \"a\"\n",
        ),
        (
            b"\x01\xc8\x26\x00\x01\xfc\xff\xff\xff\xff",
            "scan >\"a\"..\"b\" reverse limit 4294967295\n",
        ),
        (
            b"\x01\xd8\x00\xd8\x40\x00\x31\xc0\x01\x00\xdf",
            "write\nwrite put \"a\" \"1\", delete \"b\"\nwrite\n",
        ),
        (b"\x01\xe0\xef\xf0\xf9", "compact\nreopen\nlength\nclear\n"),
        (
            b"\x01\xf4\x05\x00\x01\xf6\x06\x02",
            "deleterange \"a\"..\"b\"\ndeleterange >\"c\"..\n",
        ),
        (
            b"\x01\xf7\x0b\xfa\xfb\x12\x34\xf8",
            "fill \"k\" 65535 4660\nfill \"a\" 0 0\n",
        ),
        (
            b"\x01\xfa\x00\x02\xf1\xfb\x04\x06\xfc\xff\x02zz\x01\xfd\x05\x30",
            "option compression = \"lz4\"\noption memtable_bytes = 256\noption table_bytes = 64\noption zz = on\n",
        ),
        (b"\x01\xff\xff\x01-\x01\xb4", "flush\n"),
    ];
    for (bytes, text) in frozen {
        assert_eq!(
            decode(bytes).case.to_string(),
            format!("ops 1\n{text}"),
            "{bytes:02x?}"
        );
    }
}

/// Frozen, like those of version 1: never change a line here; add lines.
#[test]
fn bytes_of_version_2_mean_what_they_meant() {
    let frozen: [(&[u8], &str); 10] = [
        (
            b"\x02\x00\x00\x2c\x01\x00\x37\x02\xf1zz",
            "get \"a\"\nget \"b\" at s\nget \"c\" at zz\n",
        ),
        (
            b"\x02\x38\x00\x31\x70\x00\x32\x92\x00",
            "put \"a\" \"1\"\nput \"a\" \"2\" sync\ndelete \"a\" sync\n",
        ),
        (
            b"\x02\xa4\xb0\x00\x01\xba\x40\x00\x31\x00",
            "sync\nscan .. at t\nwrite put \"a\" \"1\" sync\n",
        ),
        (
            b"\x02\xc8\x00\xcb\x00\xce\xcd",
            "length at s\ndeleterange .. sync\nclear sync\nclear\n",
        ),
        (
            b"\x02\xcf\x00\xd6\x0b\xd7\xff",
            "snapshot s\nsnapshot t\nrelease t\n",
        ),
        (
            b"\x02\xd9\x00\xde\x01\x00\xe1\x00\x04",
            "iterator i\niterator j at s\nseek i \"\"\n",
        ),
        (
            b"\x02\xe6\x00\xe8\x00\xea\x01\xf2\xf0k\xf7\xf0-",
            "seekfirst i\nseeklast i\nnext j\nprev k\nclose i\n",
        ),
        (
            b"\x02\xf8\x00\xf8\xc0\x03\xe0\x02\x01\x00\xf9\x01\x96\x03\x06\x01\x11\x01\x00",
            "kill\nkill then at 3 then at 2 keep all\ncrash in flush at 3 keep first 1 torn 17 zero\n",
        ),
        (
            b"\x02\xf9\x00\x03\x02\x05\x01\x00\xfb\x70\x00\x31\x02\x06\xfb\x00\x01\x00",
            // Before version 3 a get in a place was a flush.
            "crash keep only 1,5\nfail in put \"a\" \"1\" sync at 2 with short forever\nfail in flush at 1 with eio\n",
        ),
        (
            b"\x03\xfb\x00\x00\x03\x00\xfb\x2c\x00\x01\x00\x04\xfb\xea\x00\x01\x00",
            "fail in get \"a\" at 3 with eio\nfail in get \"a\" at t at 0 with eio forever\nfail in next i at 1 with eio\n",
        ),
    ];
    for (bytes, text) in frozen {
        let case = decode(bytes).case;
        assert_eq!(case.to_string(), format!("ops 1\n{text}"), "{bytes:02x?}");
        assert_eq!(decode(&encode(&case)).case, case);
    }
}

/// Frozen, like those of version 1: never change a line here; add lines.
#[test]
fn bytes_of_version_3_mean_what_they_meant() {
    let frozen: [(&[u8], &str); 3] = [
        (
            b"\x03\x00\x00\x2c\x01\x00\x70\x00\x32\xe1\x00\x04\xfd\x00\x01",
            "option memtable_bytes = on\nget \"a\"\nget \"b\" at s\nput \"a\" \"2\" sync\nseek i \"\"\n",
        ),
        (
            b"\x03\xfb\xa8\x09\x00\x02\x04",
            "fail in scan prefix \"a\" at 2 with eio forever\n",
        ),
        (b"\x03\xf9\x01\xc6\x01\x00\x00", "crash in length at 1\n"),
    ];
    for (bytes, text) in frozen {
        let case = decode(bytes).case;
        assert_eq!(case.to_string(), format!("ops 1\n{text}"), "{bytes:02x?}");
        assert_eq!(decode(&encode(&case)).case, case);
    }
}

/// Frozen, like those of version 1: never change a line here; add lines.
#[test]
fn bytes_of_version_4_mean_what_they_meant() {
    let frozen: [(&[u8], &str); 9] = [
        (
            b"\x04\x00\x00\x26\x01\x00\x2d\x00\x31\x5b\x00\x32\x60\x00\x74\x01",
            "get \"a\"\nget \"b\" at s\nput \"a\" \"1\"\nput \"a\" \"2\" sync\ndelete \"a\"\ndelete \"b\" sync\n",
        ),
        (
            b"\x04\xbd\xc0\x01\xc3\xc4\x00",
            "first\nfirst at t\nlast\nlast at s\n",
        ),
        (
            b"\x04\xc5\x00\x00\xc5\x00\x01\x31\xcc\x00\x07\x31\x32",
            "cas \"a\" none none\ncas \"a\" \"1\" none\ncas \"a\" \"1\" \"2\" sync\n",
        ),
        (
            b"\x04\xcd\x40\x01\x31\xff\x00\x32\x40\x01\x33\x00\xd0",
            "ingest \"a\" \"2\", \"b\" \"3\"\ningest \"a\" \"\" sync\n",
        ),
        (
            b"\x04\xd1\x00\xd6\x00\x01\xd9\x00\xdb\x00\x01\xdd\xf0k",
            "begin t\nsavepoint t b\nrollback t\nrollback t to b\ncommit k\n",
        ),
        (
            b"\x04\xe0\x00\xe3\x00\x01\xe4\x0b",
            "create x\nrename x y\ndrop y\n",
        ),
        (
            b"\x04\xe5\x00\x01\x2d\x00\x31\xe5\x01\x01\xc5\x00\x02\x32\xfb\x05\x00\x01\x00\x02",
            "put \"a\" \"1\" in u\ny: cas \"a\" none \"2\"\nx: get \"c\" in u\n",
        ),
        (
            // What cannot be in a transaction, or in any scope, is a get of the first key.
            b"\x04\xe5\x00\x00\x5b\x00\x31\xe5\x01\x00\x77\xe5\x01\x00\x5b\x00\x31",
            "get \"a\" in t\nx: get \"a\"\nx: put \"a\" \"1\" sync\n",
        ),
        (
            b"\x04\xbb\x01\xc5\x00\x00\x03\x00\x00\xbc\xbd\x02\x00",
            "crash in cas \"a\" none none at 3\nfail in first at 2 with eio\n",
        ),
    ];
    for (bytes, text) in frozen {
        let case = decode(bytes).case;
        assert_eq!(case.to_string(), format!("ops 1\n{text}"), "{bytes:02x?}");
        assert_eq!(decode(&encode(&case)).case, case);
    }
}
