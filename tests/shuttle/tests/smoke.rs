//! The engine runs under shuttle.

use etalon_shuttle::disk::MemoryDisk;
use etalon_shuttle::{Options, Store};

#[test]
fn a_put_is_read_back() {
    shuttle::check_random(
        || {
            let store = Store::open_on(MemoryDisk::default(), "dir", Options::default()).unwrap();
            store.put(b"k", b"v").unwrap();
            assert_eq!(store.get(b"k").unwrap(), Some(b"v".to_vec()));
        },
        10,
    );
}
