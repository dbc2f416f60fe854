use etalon::{Options, Store, disk::MemoryDisk};
use std::time::Instant;
fn main() {
    let disk = MemoryDisk::default();
    let o = Options { memtable_bytes: usize::MAX, ..Options::default() };
    let store = Store::open_on(disk.clone(), "db", o.clone()).unwrap();
    let n: u64 = 200_000;
    for run in 0..8 { for i in run*n/8..(run+1)*n/8 { let m = i.wrapping_mul(0x9e3779b97f4a7c15); let m=(m^(m>>29)).wrapping_mul(0xbf58476d1ce4e5b9); store.put(format!("{m:016x}").as_bytes(), &[i as u8;100]).unwrap(); } store.flush().unwrap(); }
    let mut best = u128::MAX;
    for r in 0..12 { let p = format!("c{r}"); store.checkpoint(&p).unwrap(); let s = Store::open_on(disk.clone(), &p, o.clone()).unwrap(); let t = Instant::now(); s.compact().unwrap(); best = best.min(t.elapsed().as_nanos()/u128::from(n));
      for seg in s.segments() { let path = format!("{p}/{:06}.ldb", seg.number()); etalon::disk::Disk::remove(&disk, path.as_ref()).unwrap(); } }
    println!("best {best} ns an entry");
}
