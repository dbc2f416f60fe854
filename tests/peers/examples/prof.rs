use etalon::oracle::Memory;
use etalon_spec::*;
fn main() {
    let mut profile = etalon::oracle::profile();
    profile.options.retain(|o| o.name != "compaction");
    for a in [Ability::Sync, Ability::Snapshot, Ability::Iterator] {
        profile.can = profile.can.without(a);
    }
    let bare = std::env::args().nth(1).as_deref() == Some("bare");
    let mut g = Generator::new(1, &profile);
    let mut target = Memory::default();
    let mut c = Case::default();
    for i in 0..1500 {
        g.case_into(i, 100, &mut c);
        if bare {
            let mut m = Model::default();
            for op in c.ops.iter().filter(|op| **op != Op::Reopen) {
                std::hint::black_box(apply(&mut m, op)).unwrap();
            }
        } else {
            let _ = check_case_under(&mut target, &profile, &c, Contents::NotCompared, &mut ());
        }
    }
}
