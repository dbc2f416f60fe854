use etalon::oracle::Memory;
use etalon_spec::*;
fn main() {
    let profile = etalon::oracle::profile();
    let mut g = Generator::new(7, &profile);
    let mut target = Memory::default();
    for i in 0..1500 {
        let c = g.case(i, 100);
        check_case_under(&mut target, &profile, &c, Contents::NotCompared, &mut ()).unwrap();
    }
}
