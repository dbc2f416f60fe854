//! How fast the generator is, and what it draws: `cargo run --release --example speed`.
//!
//! Prints nanoseconds per operation of generation alone and of generation with the model, and
//! the share of each kind. Timings belong to the machine; shares do not.

use std::time::Instant;

use etalon_spec::{Abilities, Case, Generator, Model, OpKind, Profile, Reply, apply};

const CASES: u32 = 40_000;
const LENGTH: u32 = 100;
const OPERATIONS: f64 = CASES as f64 * LENGTH as f64;

/// Runs `step` on every case and prints what an operation took.
fn time(what: &str, mut step: impl FnMut(&Case)) {
    let profile = Profile {
        can: Abilities::ALL,
        ..Profile::new("everything")
    };
    let mut generator = Generator::new(1, &profile);
    let mut case = Case::default();
    let begin = Instant::now();
    for index in 0..CASES {
        generator.case_into(u64::from(index), LENGTH as usize, &mut case);
        step(&case);
    }
    let nanoseconds = begin.elapsed().as_secs_f64() * 1e9 / OPERATIONS;
    println!("{what:<24} {nanoseconds:6.1} ns an operation");
}

fn main() {
    let mut kinds = [0_u32; OpKind::COUNT];
    time("generation", |case| {
        for op in &case.ops {
            kinds[op.kind() as usize] += 1;
        }
    });
    let mut absent = 0_u32;
    time("  and the model", |case| {
        let mut model = Model::default();
        for op in &case.ops {
            absent += u32::from(apply(&mut model, op) == Ok(Reply::Absent));
        }
    });
    for kind in OpKind::ALL {
        let share = f64::from(kinds[kind as usize]) * 100.0 / OPERATIONS;
        println!("{:>12} {share:5.2} %", kind.word());
    }
    println!("gets that found nothing: {absent}");
}
