//! A first store, with one bug, and all that it takes to be told of it: the implementation of a
//! trait, and one line.
//!
//! Run: `cargo test -p etalon-spec --example first_store`; `tests/conformance/` pins what it says.

mod adapter;
mod store;

use store::FirstStore;

#[cfg(test)]
etalon_spec::conformance!(|dir, options| Ok(FirstStore::open(dir)?), [scan, reopen]);

/// What its author tried by hand: it all works.
fn main() -> std::io::Result<()> {
    let directory = std::env::temp_dir().join(format!("first_store-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let mut store = FirstStore::open(&directory)?;
    store.set(b"apple", b"red")?;
    store.set(b"plum", b"blue")?;
    store.remove(b"apple")?;
    drop(store);
    let store = FirstStore::open(&directory)?;
    println!(
        "{} key, plum is there: {}",
        store.iter().count(),
        store.get(b"plum").is_some()
    );
    std::fs::remove_dir_all(&directory)
}
