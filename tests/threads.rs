//! Threads on the engine, on memory and on real files: every history is recorded and decided.
//!
//! For longer: `etalon check --threads 4 --for 60s`.

use std::time::Duration;

use etalon::oracle::{Memory, OnFiles, Shared};
use etalon_spec::{ConcurrentStore, Target, ThreadSettings, check_threads};

fn passes<T>(target: T, length: usize)
where
    T: Target + Clone + Send + 'static,
    T::Store: ConcurrentStore,
{
    let settings = ThreadSettings {
        time: Some(Duration::from_secs(3)),
        length,
        ..ThreadSettings::default()
    };
    let report = check_threads(target, &settings, &mut ());
    report.unwrap();
    println!("{report}");
}

#[test]
fn histories_of_four_clients_are_linearizable_in_memory() {
    passes(Shared(Memory::default()), 300);
}

#[test]
fn histories_of_four_clients_are_linearizable_on_real_files() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    // Every flush waits for the disk, so histories are short, or there are none.
    passes(Shared(OnFiles::new(folder.path())), 50);
}
