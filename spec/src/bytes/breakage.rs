//! The arguments of `kill`, `crash` and `fail` as bytes, both ways; since version 2, and since
//! version 3 with places in what only reads.

use super::decode::Reader;
use super::encode::Writer;
use super::opcode::Opcode;
use super::{number, shape};
use crate::breakage::{Crash, Fault, FaultKind, Keep, Pending, Places, Rest, Then, Torn, Within};
use crate::op::Op;

impl Reader<'_> {
    /// Up to the end of the list; past the input there are zeros, which end it.
    pub(super) fn thens(&mut self) -> Vec<Then> {
        let mut thens = Vec::new();
        loop {
            let keeps = match self.byte() {
                0..shape::THEN => return thens,
                tag => tag >= shape::THEN_KEEP,
            };
            thens.push(Then {
                at: self.small(),
                keep: keeps.then(|| self.keep()),
            });
        }
    }

    pub(super) fn crash(&mut self) -> Crash {
        let has_place = self.byte() % 2 == 1;
        Crash {
            within: has_place.then(|| self.within()),
            keep: self.keep(),
            then: self.thens(),
        }
    }

    pub(super) fn fault(&mut self) -> Fault {
        let within = self.within();
        let shape = self.byte();
        Fault {
            within,
            with: FaultKind::WORDS[usize::from(shape % 4)].1,
            forever: shape & shape::FOREVER != 0,
        }
    }

    /// An operation and a number. An opcode of what cannot break stands for a flush, without
    /// arguments.
    fn within(&mut self) -> Within {
        let byte = self.byte();
        let op = match self.table.record(byte) {
            Opcode::Op(kind) if self.table.has_place_in(kind) => self.op(kind),
            Opcode::More(kind) if self.table.has_place_in(kind) => self.op_with_more(kind),
            _ => Op::Flush,
        };
        let at = self.small();
        Within::new(op, at).expect("of a kind that can break")
    }

    fn keep(&mut self) -> Keep {
        let shape = self.byte();
        let pending = match shape % 4 {
            0 => Pending::None,
            1 => Pending::All,
            2 => Pending::First(self.small()),
            _ => self.places(),
        };
        let torn = (shape & shape::TORN != 0).then(|| Torn {
            bytes: self.small(),
            rest: Rest::WORDS[usize::from(self.byte() % 3)].1,
        });
        Keep { pending, torn }
    }

    /// As many numbers as a number says, and no more than the input has; without one, none
    /// survives.
    fn places(&mut self) -> Pending {
        let mut left = self.number();
        let mut places = Vec::new();
        while left > 0 && !self.has_ended() {
            places.push(self.small());
            left -= 1;
        }
        Places::new(places).map_or(Pending::None, Pending::Only)
    }

    fn small(&mut self) -> u32 {
        u32::try_from(self.number()).unwrap_or(u32::MAX)
    }
}

impl Writer<'_> {
    pub(super) fn thens(&mut self, thens: &[Then]) {
        for Then { at, keep } in thens {
            self.out.push(match keep {
                None => shape::THEN,
                Some(_) => shape::THEN_KEEP,
            });
            self.small(*at);
            if let Some(keep) = keep {
                self.keep(keep);
            }
        }
        self.out.push(0);
    }

    pub(super) fn crash(&mut self, crash: &Crash) {
        self.out.push(u8::from(crash.within.is_some()));
        if let Some(within) = &crash.within {
            self.within(within);
        }
        self.keep(&crash.keep);
        self.thens(&crash.then);
    }

    pub(super) fn fault(&mut self, fault: &Fault) {
        self.within(&fault.within);
        let forever = if fault.forever { shape::FOREVER } else { 0 };
        self.out.push(fault.with as u8 + forever);
    }

    fn within(&mut self, within: &Within) {
        self.op(within.op());
        self.small(within.at);
    }

    fn keep(&mut self, keep: &Keep) {
        let pending = match keep.pending {
            Pending::None => 0,
            Pending::All => 1,
            Pending::First(_) => 2,
            Pending::Only(_) => 3,
        };
        let torn = if keep.torn.is_some() { shape::TORN } else { 0 };
        self.out.push(pending + torn);
        match &keep.pending {
            Pending::None | Pending::All => {}
            Pending::First(count) => self.small(*count),
            Pending::Only(places) => {
                number::write(self.out, places.iter().len() as u64);
                for place in places.iter() {
                    self.small(place);
                }
            }
        }
        if let Some(Torn { bytes, rest }) = keep.torn {
            self.small(bytes);
            self.out.push(rest as u8);
        }
    }

    fn small(&mut self, number: u32) {
        number::write(self.out, u64::from(number));
    }
}
