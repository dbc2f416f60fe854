use etalon::oracle::Memory;
use etalon_spec::*;
use std::time::Instant;
struct Bare;
fn main() {
    let n = 20_000u64;
    let profile = etalon::oracle::profile();
    for round in 0..3 {
        for defaults in [true, false] {
            let mut g = Generator::new(7, &profile);
            let t = Instant::now();
            let mut ops = 0;
            for i in 0..n {
                let mut c = g.case(i, 100);
                if defaults {
                    c.options = Default::default();
                }
                ops += c.ops.len();
                std::hint::black_box(&c);
            }
            let gen_ = t.elapsed();
            let t = Instant::now();
            for i in 0..n {
                let mut c = g.case(i, 100);
                if defaults {
                    c.options = Default::default();
                }
                let mut m = Model::default();
                for op in &c.ops {
                    if *op != Op::Reopen {
                        std::hint::black_box(apply(&mut m, op).unwrap());
                    }
                }
            }
            let bare = t.elapsed();
            let t = Instant::now();
            let mut target = Memory::default();
            for i in 0..n {
                let mut c = g.case(i, 100);
                if defaults {
                    c.options = Default::default();
                }
                if let Err(d) =
                    check_case_under(&mut target, &profile, &c, Contents::NotCompared, &mut ())
                {
                    println!("{}\n{d:#?}", c);
                    return;
                }
            }
            let diff = t.elapsed();
            println!(
                "{round} defaults={defaults}: ops/seq {} gen {:?} bare {:?} diff {:?} ratio {:.2} ops/s {:.0}",
                ops as u64 / n,
                gen_ / n as u32,
                bare / n as u32,
                diff / n as u32,
                diff.as_secs_f64() / bare.as_secs_f64(),
                ops as f64 / diff.as_secs_f64()
            );
        }
    }
    let _ = Bare;
}
