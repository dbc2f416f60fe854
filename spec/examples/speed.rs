//! How fast the generator is, and what it draws: `cargo run --release --example speed`.
//!
//! Prints nanoseconds per operation of generation alone and of generation with the model, and
//! the share of each kind and the situations met. Timings belong to the machine; shares do not.

use std::time::Instant;

use etalon_spec::{
    Abilities, Case, Generator, Model, OpKind, Profile, Reply, Situations, Tracker, apply,
};

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
    let mut tracker = Tracker::default();
    let mut met = Situations::default();
    time("  and the situations", |case| {
        let mut model = Model::default();
        tracker.begin();
        for op in &case.ops {
            let reply = apply(&mut model, op).unwrap_or(Reply::Done);
            tracker.observe(op, &reply, &mut met);
        }
    });
    for kind in OpKind::ALL {
        let share = f64::from(kinds[kind as usize]) * 100.0 / OPERATIONS;
        println!("{:>12} {share:5.2} %", kind.word());
    }
    println!("gets that found nothing: {absent}");
    for (situation, count) in met.iter() {
        println!("{count:>9} {}", situation.name());
    }
}
