//! Hostile bytes for the reader of logs; see `etalon_fuzz::log`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| etalon_fuzz::log::run(data));
