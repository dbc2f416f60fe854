//! Every state in which the specification allows a store to be, at a place of a case.
//!
//! ```text
//!   put 1 | put 2 sync | put 3 | crash        one world: {1 2 3}
//!                                  | get      two: {1 2}, {1 2 3}, and perhaps two replies
//! ```
//!
//! Without a crash or a failure there is one world, and so one reply to everything. What a crash
//! may leave is what the store promises: a file is held against G7, the file of a failure is
//! written by the profile of the store that failed.
//!
//! Invariants:
//! 1. Two worlds that are equal are followed once.
//! 2. Of more worlds than [`MOST`] none is followed, and whoever asked is told: an expectation
//!    that is not held against anything must not pass for one that is right. So many are not
//!    made, either: each has a history of its own.

use std::ops::RangeInclusive;

use crate::breakage::Failing;
use crate::durable::{History, Promise};
use crate::model::Model;
use crate::op::{Op, Reply};
use crate::profile::{Profile, Survives};
use crate::range::Fill;
use crate::replay::specified;

/// More worlds than this are not followed.
pub(crate) const MOST: usize = 512;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Worlds(Vec<World>);

/// A store as it may be.
#[derive(Clone, Debug, Default, PartialEq)]
struct World {
    /// What may fail, until it is opened again.
    failing: Failing,
    /// One has: it may refuse what is no read.
    refuses: bool,
    /// One that was a change: it takes no other.
    in_doubt: bool,
    history: History,
    model: Model,
    promised: Promised,
}

/// What is there after a crash.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Promised {
    durable: Promise,
    kill: Survives,
}

impl Default for Promised {
    /// G7.
    fn default() -> Self {
        Promised {
            durable: Promise::G7,
            kill: Survives::All,
        }
    }
}

/// More than [`MOST`] worlds.
struct TooMany;

impl Default for Worlds {
    fn default() -> Self {
        Worlds(vec![World::default()])
    }
}

impl Worlds {
    /// The worlds of a store that promises what its profile says.
    pub(crate) fn of(profile: &Profile) -> Worlds {
        let promised = Promised {
            durable: Promise::of(profile),
            kill: profile.survives_kill,
        };
        Worlds(vec![World {
            promised,
            ..World::default()
        }])
    }

    /// Takes an operation: the replies that are allowed, each once. None if there are too many
    /// worlds to follow.
    pub(crate) fn step(&mut self, op: &Op) -> Option<Vec<Reply>> {
        let mut replies = Vec::new();
        let mut next: Vec<World> = Vec::new();
        for world in self.0.drain(..) {
            let Ok(outcomes) = world.step(op) else {
                return None;
            };
            let branches = outcomes.len() > 1;
            for (reply, world) in outcomes {
                if !replies.contains(&reply) {
                    replies.push(reply);
                }
                if !(branches && next.contains(&world)) {
                    next.push(world);
                }
                if next.len() > MOST {
                    return None;
                }
            }
        }
        self.0 = next;
        Some(replies)
    }
}

type Outcomes = Vec<(Reply, World)>;
type Followed = Result<Outcomes, TooMany>;

impl World {
    /// What may come of an operation: at least one outcome.
    fn step(mut self, op: &Op) -> Followed {
        let bounds = self.history.bounds();
        match op {
            Op::Kill { then } => {
                let loses_power = then.iter().any(|then| then.keep.is_some());
                let kill = bounds.after_kill_of(self.promised.kill);
                let power = bounds.after_power_loss();
                self.reopened(if loses_power { power } else { kill }, &Reply::Done)
            }
            Op::Crash(crash) => {
                if let Some(within) = &crash.within {
                    self.history.send_op(within.op());
                }
                let allowed = self.history.bounds().after_power_loss();
                self.reopened(allowed, &Reply::Done)
            }
            Op::Reopen if self.refuses || self.may_fail() => {
                self.reopened(bounds.after_kill(), &Reply::Done)
            }
            Op::Fail(fault) => {
                let within = fault.within.op();
                let failing = Failing::like(within.kind());
                self.failing = if fault.forever {
                    failing
                } else {
                    Failing::Nothing
                };
                match failing {
                    Failing::Reads => Ok(self.failing_read(within)),
                    _ => self.failing_step(within),
                }
            }
            _ if self.failing == Failing::Reads && op.kind().only_reads() => {
                Ok(self.failing_read(op))
            }
            Op::Fill(fill) if self.may_fail() || self.refuses => self.fill(fill, World::step),
            _ if self.refuses && !op.kind().is_read() => Ok(self.refusing_step(op)),
            _ if self.may_fail() && !op.kind().is_read() => self.failing_step(op),
            _ => Ok(vec![self.answered(op)]),
        }
    }

    /// A read for which the disk fails: it is answered, or not.
    fn failing_read(self, op: &Op) -> Outcomes {
        let mut failed = self.clone();
        failed.model.failed(op);
        vec![self.answered(op), (Reply::Refused, failed)]
    }

    /// An operation on a store that an earlier failure has hurt.
    fn refusing_step(self, op: &Op) -> Outcomes {
        let mut outcomes = vec![(Reply::Refused, self.clone())];
        if !(self.in_doubt && op.kind().is_change()) {
            outcomes.push(self.answered(op));
        }
        outcomes
    }

    fn may_fail(&self) -> bool {
        self.failing != Failing::Nothing
    }

    fn answered(mut self, op: &Op) -> (Reply, World) {
        let committed = match op {
            Op::Commit(name) => Some(Op::write(self.model.pending(*name))),
            _ => None,
        };
        let reply = specified(&mut self.model, op);
        if reply != Reply::Refused && !self.in_doubt {
            self.history.send_op(committed.as_ref().unwrap_or(op));
            self.history.acknowledge();
            let promise = self.promised.durable;
            if promise.makes_durable(op.kind(), op.is_synced()) {
                self.history.make_durable();
            }
        }
        (reply, self)
    }

    /// An operation in which the disk fails: it does not hurt, or is refused as if it had not been
    /// sent, or hurts.
    fn failing_step(self, op: &Op) -> Followed {
        match op {
            Op::Fill(fill) => self.fill(fill, World::failing_step),
            Op::Reopen => {
                let allowed = self.history.bounds().after_kill();
                let mut outcomes = self.reopened(allowed, &Reply::Refused)?;
                outcomes.push(self.answered(op));
                Ok(outcomes)
            }
            _ if self.refuses => Ok(self.refusing_step(op)),
            _ => {
                let unhurt = (Reply::Refused, self.clone());
                let mut hurt = self.clone();
                hurt.history.send_op(op);
                hurt.refuses = true;
                hurt.in_doubt |= op.kind().is_change();
                Ok(vec![self.answered(op), unhurt, (Reply::Refused, hurt)])
            }
        }
    }

    /// The puts of a fill, up to the first that is refused.
    fn fill(self, fill: &Fill, step: fn(World, &Op) -> Followed) -> Followed {
        let mut ended = Vec::new();
        let mut going_on = vec![(Reply::Done, self)];
        for i in 0..fill.count {
            let put = Op::put(fill.key(i), fill.value(i));
            let mut answered = Vec::new();
            for (_, world) in going_on {
                let outcomes = step(world, &put)?.into_iter();
                let (refused, more): (Outcomes, Outcomes) =
                    outcomes.partition(|(reply, _)| *reply == Reply::Refused);
                ended.extend(refused);
                answered.extend(more);
            }
            going_on = answered;
            if ended.len() + going_on.len() > MOST {
                return Err(TooMany);
            }
        }
        ended.extend(going_on);
        Ok(ended)
    }

    /// The store was opened again, with one of these prefixes.
    fn reopened(&self, allowed: RangeInclusive<usize>, reply: &Reply) -> Followed {
        if allowed.end() - allowed.start() >= MOST {
            return Err(TooMany);
        }
        let one = |changes| {
            let mut history = self.history.clone();
            history.settle(changes);
            let model = Model::holding(history.contents());
            let world = World {
                history,
                model,
                promised: self.promised,
                ..World::default()
            };
            (reply.clone(), world)
        };
        Ok(allowed.map(one).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::expectations;
    use crate::text::Script;

    /// What is wrong with the expectations of a text; nothing, if it is empty.
    fn wrong(text: &str) -> String {
        let script = Script::parse(&format!("ops 1\n{text}")).expect("it can be read");
        expectations(&script).map_or_else(|error| error.to_string(), |()| String::new())
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
    #[test]
    fn a_fill_on_a_failing_disk_is_followed_put_by_put() {
        let case = "fail in fill \"k\" 3 1 at 0 with eio -> error or ok\n\
                    get \"k\\x00\\x00\\x00\\x02\"";
        assert_eq!(wrong(&format!("{case} -> none or \"\\x02\"\n")), "");
        assert!(wrong(&format!("{case} -> \"\\x01\"\n")).contains("expected"));
        // Found after the next opening: some of the first puts, without a hole.
        let later = "reopen\nlength -> 0 or 1 or 2 or 3\n";
        assert_eq!(wrong(&format!("{case}\n{later}")), "");
    }

    #[test]
    fn worlds_that_meet_again_are_followed_once() {
        // Each crash may lose everything: without it, 2 worlds would be 4, 8, 16, ...
        let rounds = "put \"k\" \"1\"\ncrash\n".repeat(20);
        let case = format!("{rounds}get \"k\" -> none or \"1\"\n");
        assert_eq!(wrong(&case), "");
    }

    #[test]
    fn where_there_are_too_many_worlds_the_expectations_that_follow_are_counted() {
        let case = "fill \"k\" 600 1\nlength -> 600\ncrash\nlength -> 7\nget \"k\" -> none\n";
        assert_eq!(
            wrong(case),
            "4:1: more than 512 states are allowed after this: 2 expected replies are not held \
             against the specification"
        );
        assert_eq!(
            wrong("fill \"k\" 600 1\ncrash\nlength\n"),
            "",
            "none is expected"
        );
    }

    /// Fails, by the memory of the machine, if they are made before they are counted.
    #[test]
    fn worlds_that_are_too_many_are_not_made() {
        let crash = "fill \"k\" 65535 0\ncrash\nlength -> 0\n";
        assert!(wrong(crash).contains("more than 512 states"));
        let failure = "fail in fill \"k\" 65535 0 at 0 with eio forever\nlength -> 0\n";
        assert!(wrong(failure).contains("more than 512 states"));
    }

    #[test]
    fn a_store_that_promises_less_may_lose_more() {
        let mut profile = Profile::new("cache");
        let replies = |profile: &Profile| {
            let mut worlds = Worlds::of(profile);
            let text = "ops 1\nput \"k\" \"1\" sync\nkill\nget \"k\"\n";
            let script = Script::parse(text).expect("it can be read");
            let steps = script.case.ops.iter().map(|op| worlds.step(op));
            steps.last().flatten().expect("few worlds")
        };
        let there = Reply::Value(b"1".to_vec());
        for survives in [Survives::All, Survives::Synced] {
            profile.survives_kill = survives;
            assert_eq!(
                replies(&profile),
                std::slice::from_ref(&there),
                "{survives:?}"
            );
        }
        profile.survives_kill = Survives::Flushed;
        assert_eq!(replies(&profile), [Reply::Absent, there]);
    }
}
