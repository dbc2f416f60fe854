use etalon::oracle::Memory;
use etalon_spec::*;
use std::alloc::*;
use std::sync::atomic::*;
struct A;
static H: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];
static R: AtomicU64 = AtomicU64::new(0);
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for A {
    unsafe fn alloc(&self, l: Layout) -> *mut u8 {
        H[(usize::BITS - l.size().leading_zeros()) as usize].fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(l) }
    }
    unsafe fn dealloc(&self, p: *mut u8, l: Layout) {
        unsafe { System.dealloc(p, l) }
    }
    unsafe fn realloc(&self, p: *mut u8, l: Layout, n: usize) -> *mut u8 {
        R.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(p, l, n) }
    }
}
#[global_allocator]
static G: A = A;
fn main() {
    let profile = etalon::oracle::profile();
    let mut g = Generator::new(7, &profile);
    let mut target = Memory::default();
    let show = |w: &str| {
        print!(
            "{w}: realloc {} ",
            R.swap(0, Ordering::Relaxed) as f64 / 1500.0
        );
        for (i, h) in H.iter().enumerate() {
            let v = h.swap(0, Ordering::Relaxed);
            if v > 0 {
                print!("<{}:{:.1} ", 1u64 << i, v as f64 / 1500.0);
            }
        }
        println!();
    };
    for i in 0..1500 {
        let c = g.case(i, 100);
        std::hint::black_box(&c);
    }
    show("gen");
    for i in 0..1500 {
        let c = g.case(i, 100);
        let mut m = Model::default();
        for op in &c.ops {
            if *op != Op::Reopen {
                std::hint::black_box(apply(&mut m, op).unwrap());
            }
        }
    }
    show("bare");
    for i in 0..1500 {
        let c = g.case(i, 100);
        check_case_under(&mut target, &profile, &c, Contents::NotCompared, &mut ()).unwrap();
    }
    show("diff");
    for _ in 0..1500 {
        let s = etalon::Store::open_on(
            etalon::disk::MemoryDisk::default(),
            "store",
            Default::default(),
        )
        .unwrap();
        drop(s);
    }
    show("open");
}
