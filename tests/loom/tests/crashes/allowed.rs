//! What may be on the disk after a crash: the states after prefixes of linearizations.
//!
//! ```text
//!   calls and returns before the crash --> every order of them that
//!     keeps real time: a call that returned before another was made comes first
//!     agrees with every reply of a get
//!     has every call that returned, and any of those that had not
//!   its prefixes that hold every call acknowledged as durable --> contents
//! ```

use std::collections::BTreeSet;

use crate::observed::Event;
use crate::plan::{Call, Contents, Plan};

/// A call as far as it got.
struct Made {
    call: Call,
    /// Calls that had returned when this one was made, as bits.
    after: u32,
    returned: Returned,
}

#[derive(PartialEq, Eq)]
enum Returned {
    NotYet,
    /// With this, if it was a get that found something.
    With(Option<Vec<u8>>),
}

impl Made {
    fn has_returned(&self) -> bool {
        self.returned != Returned::NotYet
    }
}

/// The contents that a crash after these calls and returns may leave.
pub(crate) fn allowed(plan: &Plan, marks: &[Event]) -> BTreeSet<Contents> {
    let made = made(plan, marks);
    let mut contents = Contents::new();
    for call in plan.before {
        call.apply(&mut contents);
    }
    let bits = |wanted: fn(&Made) -> bool| {
        let wanted = made.iter().enumerate().filter(|(_, made)| wanted(made));
        wanted.fold(0, |bits, (at, _)| bits | 1 << at)
    };
    let search = Search {
        all_returned: bits(Made::has_returned),
        durable: bits(|made| made.has_returned() && made.call.makes_durable()),
        made: &made,
    };
    let mut found = BTreeSet::new();
    search.go_on(0, &contents, &mut found);
    // What was prepared need not be durable either, if nothing after it is.
    if search.durable == 0 {
        found.extend(prepared(plan));
    }
    found
}

/// The prefixes of what one thread prepared, from the last durable one on.
fn prepared(plan: &Plan) -> Vec<Contents> {
    let mut contents = Contents::new();
    let mut states = vec![contents.clone()];
    for call in plan.before {
        call.apply(&mut contents);
        if call.makes_durable() {
            states.clear();
        }
        states.push(contents.clone());
    }
    states
}

fn made(plan: &Plan, marks: &[Event]) -> Vec<Made> {
    let mut numbers: Vec<usize> = Vec::new();
    let mut made: Vec<Made> = Vec::new();
    for mark in marks {
        match mark {
            Event::Invoked(number) => {
                let returned = made
                    .iter()
                    .enumerate()
                    .filter(|(_, made)| made.has_returned());
                let after = returned.fold(0, |bits, (at, _)| bits | 1 << at);
                numbers.push(*number);
                made.push(Made {
                    call: plan.call(*number),
                    after,
                    returned: Returned::NotYet,
                });
            }
            Event::Returned(number, found) => {
                let at = numbers
                    .iter()
                    .position(|n| n == number)
                    .expect("made before");
                made[at].returned = Returned::With(found.clone());
            }
            _ => unreachable!("only marks are given"),
        }
    }
    made
}

struct Search<'a> {
    made: &'a [Made],
    all_returned: u32,
    durable: u32,
}

impl Search<'_> {
    /// Goes on after the calls in `done`; whether some order from here on has every call that
    /// returned. Only such an order is a linearization, and only then its prefix counts.
    fn go_on(&self, done: u32, contents: &Contents, found: &mut BTreeSet<Contents>) -> bool {
        let mut whole = done & self.all_returned == self.all_returned;
        for (at, made) in self.made.iter().enumerate() {
            if done & 1 << at != 0 || made.after & !done != 0 {
                continue;
            }
            if let (Call::Get(key), Returned::With(reply)) = (made.call, &made.returned)
                && contents.get(key.as_bytes()) != reply.as_ref()
            {
                continue;
            }
            let mut next = contents.clone();
            made.call.apply(&mut next);
            whole |= self.go_on(done | 1 << at, &next, found);
        }
        if whole && done & self.durable == self.durable {
            found.insert(contents.clone());
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, Contents, Event, Plan, allowed};

    const PLAN: Plan = Plan {
        name: "test",
        before: &[],
        threads: [
            &[Call::Put("k", "1"), Call::Sync],
            &[Call::Put("k", "2"), Call::Get("k")],
        ],
        daily: &[],
        full: &[],
    };

    fn values(marks: &[Event]) -> Vec<String> {
        let value = |contents: Contents| {
            let value = contents.get(&b"k"[..]);
            value.map_or("none".to_owned(), |v| {
                String::from_utf8_lossy(v).into_owned()
            })
        };
        allowed(&PLAN, marks).into_iter().map(value).collect()
    }

    #[test]
    fn an_unsynced_call_may_be_in_or_out_and_a_synced_one_brings_what_returned_before_it() {
        let (made, returned) = (Event::Invoked, |n| Event::Returned(n, None));
        assert_eq!(values(&[]), ["none"]);
        assert_eq!(values(&[made(0), returned(0)]), ["none", "1"]);
        let synced = [made(0), returned(0), made(1), returned(1)];
        assert_eq!(values(&synced), ["1"]);
        let beside = [made(2), made(0), returned(0), made(1), returned(1)];
        assert_eq!(values(&beside), ["1", "2"]);
    }

    #[test]
    fn a_reply_rules_orders_out() {
        let beside = [
            Event::Invoked(0),
            Event::Invoked(2),
            Event::Returned(2, None),
            Event::Invoked(3),
            Event::Returned(3, Some(b"1".to_vec())),
            Event::Returned(0, None),
            Event::Invoked(1),
            Event::Returned(1, None),
        ];
        assert_eq!(values(&beside), ["1"], "the other order would have read 2");
    }
}
