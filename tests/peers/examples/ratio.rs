#![allow(unsafe_code, missing_docs)]
use etalon::oracle::Memory;
use etalon_spec::*;
use std::time::{Duration, Instant};
fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}
fn main() {
    let mut profile = etalon::oracle::profile();
    profile.options.retain(|o| o.name != "compaction");
    for a in [Ability::Sync, Ability::Snapshot, Ability::Iterator] {
        profile.can = profile.can.without(a);
    }
    let mut gs = [Generator::new(1, &profile), Generator::new(1, &profile)];
    let mut cs = [Case::default(), Case::default()];
    let mut target = Memory::default();
    let mut ratios = Vec::new();
    let (mut tb, mut te) = (vec![], vec![]);
    for round in 0..40u64 {
        let t = thread_time();
        for i in round * 2000..round * 2000 + 2000 {
            gs[0].case_into(i, 100, &mut cs[0]);
            let mut m = Model::default();
            for op in cs[0].ops.iter().filter(|op| **op != Op::Reopen) {
                std::hint::black_box(apply(&mut m, op)).unwrap();
            }
        }
        let b = (thread_time() - t) / 2000;
        let t = thread_time();
        for i in round * 1000..round * 1000 + 1000 {
            gs[1].case_into(i, 100, &mut cs[1]);
            let _ = check_case_under(
                &mut target,
                &profile,
                &cs[1],
                Contents::NotCompared,
                &mut (),
            );
        }
        let e = (thread_time() - t) / 1000;
        tb.push(b);
        te.push(e);
        ratios.push(e.as_nanos() as f64 / b.as_nanos() as f64);
    }
    ratios.sort_by(f64::total_cmp);
    tb.sort();
    te.sort();
    println!(
        "bare {:?} etalon {:?} ratio of medians {:.2}, median ratio {:.2}",
        tb[20],
        te[20],
        te[20].as_nanos() as f64 / tb[20].as_nanos() as f64,
        ratios[20]
    );
}
