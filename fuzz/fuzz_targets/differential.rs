//! Cases against the specification, on the engine in memory; mutated as whole operations.

#![no_main]

use etalon::oracle::Memory;
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|bytes: &[u8]| etalon_spec::fuzz(bytes, Memory::default));

fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
    // Sometimes as libFuzzer would, which knows the dictionary.
    if seed.is_multiple_of(16) {
        fuzzer_mutate(data, size, max)
    } else {
        etalon_spec::mutate(data, size, max, seed)
    }
});

fuzz_crossover!(|first: &[u8], second: &[u8], out: &mut [u8], seed: u32| {
    etalon_spec::crossover(first, second, out, seed)
});
