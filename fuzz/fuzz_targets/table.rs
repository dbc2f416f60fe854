//! Hostile bytes for the reader of tables; see `etalon_fuzz::table`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| etalon_fuzz::table::run(data));
