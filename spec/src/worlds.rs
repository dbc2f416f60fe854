//! Every state in which the specification allows a store to be, at a place of a case.
//!
//! ```text
//!   put 1 | put 2 sync | put 3 | crash        one world: {1 2 3}
//!                                  | get      two: {1 2}, {1 2 3}, and perhaps two replies
//! ```
//!
//! Without a crash or a failure there is one world, and so one reply to everything.

use std::ops::RangeInclusive;

use crate::durable::{History, Promise};
use crate::model::Model;
use crate::op::{Op, Reply};
use crate::replay::specified;

/// More worlds than this are not followed.
const MOST: usize = 512;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Worlds(Vec<World>);

/// A store as it may be.
#[derive(Clone, Debug, Default)]
struct World {
    model: Model,
    history: History,
    /// Operations may fail, until it is opened again.
    failing: bool,
    /// One has: it may refuse what is no read.
    refuses: bool,
    /// One that was a change: it takes no other.
    in_doubt: bool,
}

impl Default for Worlds {
    fn default() -> Self {
        Worlds(vec![World::default()])
    }
}

impl Worlds {
    /// Takes an operation: the replies that are allowed, each once. None if there are too many
    /// worlds to follow.
    pub(crate) fn step(&mut self, op: &Op) -> Option<Vec<Reply>> {
        let mut replies = Vec::new();
        let mut next = Vec::new();
        for world in self.0.drain(..) {
            for (reply, world) in world.step(op)? {
                if !replies.contains(&reply) {
                    replies.push(reply);
                }
                next.push(world);
            }
            if next.len() > MOST {
                return None;
            }
        }
        self.0 = next;
        Some(replies)
    }
}

type Outcomes = Vec<(Reply, World)>;

impl World {
    /// What may come of an operation; none if that is not followed.
    fn step(mut self, op: &Op) -> Option<Outcomes> {
        let bounds = self.history.bounds();
        match op {
            Op::Kill { then } => {
                let loses_power = then.iter().any(|then| then.keep.is_some());
                let (kill, power) = (bounds.after_kill(), bounds.after_power_loss());
                Some(self.reopened(if loses_power { power } else { kill }, &Reply::Done))
            }
            Op::Crash(crash) => {
                if let Some(within) = &crash.within {
                    self.history.send_op(within.op());
                }
                let allowed = self.history.bounds().after_power_loss();
                Some(self.reopened(allowed, &Reply::Done))
            }
            Op::Reopen if self.refuses || self.failing => {
                Some(self.reopened(bounds.after_kill(), &Reply::Done))
            }
            Op::Fail(fault) => {
                self.failing = fault.forever;
                self.failing_step(fault.within.op())
            }
            _ if self.failing && !op.kind().is_read() => self.failing_step(op),
            _ if self.refuses && !op.kind().is_read() => {
                let mut outcomes = vec![(Reply::Refused, self.clone())];
                if !(self.in_doubt && op.kind().is_change()) {
                    outcomes.push(self.answered(op));
                }
                Some(outcomes)
            }
            _ => Some(vec![self.answered(op)]),
        }
    }

    fn answered(mut self, op: &Op) -> (Reply, World) {
        let reply = specified(&mut self.model, op);
        if reply != Reply::Refused && !self.in_doubt {
            self.history.send_op(op);
            self.history.acknowledge();
            if Promise::G7.makes_durable(op.kind(), op.is_synced()) {
                self.history.make_durable();
            }
        }
        (reply, self)
    }

    /// An operation in which the disk fails: it does not hurt, or it does.
    fn failing_step(self, op: &Op) -> Option<Outcomes> {
        let mut hurt = self.clone();
        let mut outcomes = vec![self.answered(op)];
        match op {
            // How far it came is seen by reads: not followed.
            Op::Fill(fill) if fill.count > 1 => return None,
            Op::Reopen => {
                let allowed = hurt.history.bounds().after_kill();
                outcomes.extend(hurt.reopened(allowed, &Reply::Refused));
            }
            _ => {
                hurt.history.send_op(op);
                hurt.refuses = true;
                hurt.in_doubt |= op.kind().is_change();
                outcomes.push((Reply::Refused, hurt));
            }
        }
        Some(outcomes)
    }

    /// The store was opened again, with one of these prefixes.
    fn reopened(self, allowed: RangeInclusive<usize>, reply: &Reply) -> Outcomes {
        let one = |changes| {
            let mut history = self.history.clone();
            history.settle(changes);
            let model = Model::holding(history.contents());
            let world = World {
                model,
                history,
                ..World::default()
            };
            (reply.clone(), world)
        };
        allowed.map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::replay::expectations;
    use crate::text::Script;

    /// What is wrong with the expectations of a text; nothing, if it is empty.
    fn wrong(text: &str) -> String {
        let script = Script::parse(&format!("ops 1\n{text}")).expect("it can be read");
        expectations(&script).map_or_else(|wrong| wrong.to_string(), |()| String::new())
    }

    #[test]
    fn a_read_after_a_crash_may_expect_all_that_is_allowed_or_a_part_of_it() {
        let case = "put \"k\" \"1\" sync\nput \"k\" \"2\"\ncrash\nget \"k\"";
        assert_eq!(wrong(&format!("{case} -> \"1\" or \"2\"\n")), "");
        assert_eq!(wrong(&format!("{case} -> \"2\"\n")), "");
        let lost = "5:12: expected none, the specification answers \"1\" or \"2\"";
        assert_eq!(wrong(&format!("{case} -> none\n")), lost);
    }

    #[test]
    fn a_kill_loses_nothing_that_was_acknowledged() {
        let case = "put \"k\" \"1\"\nkill\nget \"k\"";
        assert_eq!(wrong(&format!("{case} -> \"1\"\n")), "");
        assert!(wrong(&format!("{case} -> none\n")).contains("expected none"));
    }

    #[test]
    fn a_change_that_a_failing_disk_refused_is_there_or_not_after_the_next_opening() {
        let case = "fail in put \"k\" \"1\" at 0 with eio -> error\nget \"k\" -> none or \"1\"\n";
        assert_eq!(wrong(case), "", "answered, it may be seen");
        let later = "reopen\nget \"k\" -> none or \"1\"\n";
        assert_eq!(wrong(&format!("{case}{later}")), "");
    }
}
