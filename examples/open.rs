use etalon::{Options, Store, disk::MemoryDisk};
fn main() {
    for _ in 0..10000 {
        let s = Store::open_on(MemoryDisk::default(), "store", Options::default()).unwrap();
        drop(s);
    }
}
