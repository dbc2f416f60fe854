//! Hostile bytes for the reader of manifests; see `etalon_fuzz::manifest`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| etalon_fuzz::manifest::run(data));
