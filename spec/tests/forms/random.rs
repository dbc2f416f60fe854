//! Random numbers, and bytes and numbers at the edges of the forms: what arbitrary cases are made
//! of.

/// `SplitMix64` (Steele, Lea, Flood 2014).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    pub(crate) fn raw(&mut self, longest: usize) -> Vec<u8> {
        (0..self.below(longest + 1))
            .map(|_| self.next() as u8)
            .collect()
    }
}

/// Bytes of every sort that some form treats on its own.
pub(crate) fn bytes(random: &mut Random) -> Vec<u8> {
    match random.below(10) {
        0 => Vec::new(),
        1 => vec![random.next() as u8],
        2 => random
            .pick(&[
                &b"a"[..],
                b"ab",
                b"a\x00",
                b"k10",
                b"user1",
                b"\xff\xff\xff",
            ])
            .to_vec(),
        3 => random.raw(5),
        4 => random.raw(40),
        // Around the lengths at which a form changes, and now and then beyond the run budget.
        5 => {
            let lengths = [
                3, 4, 5, 15, 16, 17, 31, 32, 239, 240, 241, 255, 256, 300, 4096, 5000,
            ];
            let length = if random.one_in(300) {
                70_000
            } else {
                random.pick(&lengths)
            };
            vec![random.next() as u8; length]
        }
        // A run that is none, for its last byte.
        6 => {
            let mut bytes = vec![random.pick(b"x\"\\\x00\xff"); random.below(40)];
            bytes.push(b'y');
            bytes
        }
        7 => b"\"\\\n\r\t#->,=*\x00\x7f\x80\xff\xc3\xa4 '"
            .iter()
            .copied()
            .filter(|_| random.one_in(2))
            .collect(),
        8 => random
            .pick(&[&b"\" -> none # x"[..], b"\\x00", b"ops 1", b"\"#", b"\"##"])
            .to_vec(),
        _ => random.raw(300),
    }
}

pub(crate) fn number(random: &mut Random) -> u64 {
    const EDGES: [u64; 14] = [
        0,
        1,
        239,
        240,
        255,
        256,
        1000,
        4096,
        65_535,
        65_536,
        1 << 32,
        1 << 53,
        u64::MAX - 1,
        u64::MAX,
    ];
    if random.one_in(2) {
        random.pick(&EDGES)
    } else {
        random.next() >> random.below(64)
    }
}
