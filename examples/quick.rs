use etalon::{Options, Store, disk::MemoryDisk};
use std::time::Instant;
fn main() {
    for _ in 0..3 {
        let n = 200_000u32;
        let t = Instant::now();
        for _ in 0..n {
            let s = Store::open_on(MemoryDisk::default(), "store", Options::default()).unwrap();
            drop(s);
        }
        println!("open+drop {:?}", t.elapsed() / n);
        let t = Instant::now();
        let n = 20_000u32;
        for _ in 0..n {
            let s = Store::open_on(MemoryDisk::default(), "store", Options::default()).unwrap();
            for f in 0..5u32 {
                for i in 0..6u32 {
                    s.put(&[b'k', (i * 7 + f) as u8 % 20, i as u8], b"valuevalue")
                        .unwrap();
                    for j in 0..7 {
                        s.get(&[b'k', (i * 7 + j) as u8 % 20, j as u8]).unwrap();
                    }
                }
                s.flush().unwrap();
            }
        }
        println!("seq {:?}", t.elapsed() / n);
        let s = Store::open_on(MemoryDisk::default(), "store", Options::default()).unwrap();
        let t = Instant::now();
        let n = 3000u32;
        for f in 0..n {
            for i in 0..15u32 {
                s.put(&[b'k', i as u8, f as u8], b"valuevalue").unwrap();
            }
            s.flush().unwrap();
            if f % 20 == 19 {
                s.compact().unwrap();
            }
        }
        println!("15 puts+flush {:?}", t.elapsed() / n);
        let n = 300000u32;
        let t = Instant::now();
        for f in 0..n {
            s.put(&[b'k', 3, f as u8], b"valuevalue").unwrap();
        }
        println!("put {:?}", t.elapsed() / n);
        let t = Instant::now();
        for f in 0..n {
            s.get(&[b'k', 3, f as u8]).unwrap();
        }
        println!("get mem {:?}", t.elapsed() / n);
        s.compact().unwrap();
        let t = Instant::now();
        for f in 0..n {
            s.get(&[b'k', 3, f as u8]).unwrap();
        }
        println!("get seg {:?}", t.elapsed() / n);
    }
}
