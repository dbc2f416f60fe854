//! The reference: every outcome that a program may have, by the specification.
//!
//! Each operation happens at one moment between its call and its return, a snapshot, a scan and
//! an iterator at their creation (G9); a flush and a compaction change nothing that is read. So
//! the outcomes are those of all orders of the operations that keep each thread's own order, run
//! one after the other over a map. No more, since the engine promises no less; and no fewer,
//! since each of these orders can be had by letting the threads take turns.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::{Ends, Op, Program};

type Map = BTreeMap<&'static str, &'static str>;

/// The outcomes of all orders.
pub(crate) fn outcomes(program: &Program) -> BTreeSet<String> {
    let mut state = State {
        map: Map::new(),
        threads: vec![Thread::default(); program.threads.len()],
    };
    for op in program.before {
        state.step(0, *op);
    }
    state.threads[0].replies.clear();
    let mut found = BTreeSet::new();
    orders(program, &state, &mut found);
    found
}

/// The state after some operations of each thread.
#[derive(Clone)]
struct State {
    map: Map,
    threads: Vec<Thread>,
}

#[derive(Clone, Default)]
struct Thread {
    done: usize,
    snapshot: Map,
    iterator: Map,
    replies: Vec<String>,
}

/// Goes on in every order from here.
fn orders(program: &Program, state: &State, found: &mut BTreeSet<String>) {
    let mut is_end = true;
    for (thread, ops) in program.threads.iter().enumerate() {
        if let Some(op) = ops.get(state.threads[thread].done) {
            let waits = matches!(op, Op::Join) && !state.others_have_ended(program);
            is_end = false;
            if waits {
                continue;
            }
            let mut next = state.clone();
            next.step(thread, *op);
            next.threads[thread].done += 1;
            orders(program, &next, found);
        }
    }
    if is_end {
        let replies = state.threads.iter().map(|thread| thread.replies.join(" "));
        let mut outcome = replies.collect::<Vec<_>>().join(", ");
        match program.ends {
            Ends::There => {}
            Ends::Reopened => outcome = format!("{outcome}; then {}", listed(state.map.iter())),
            Ends::WithFiles(files) => outcome = format!("{outcome}; files: {files}"),
        }
        found.insert(outcome);
    }
}

impl State {
    fn others_have_ended(&self, program: &Program) -> bool {
        let mut others = self.threads.iter().zip(program.threads).skip(1);
        others.all(|(state, ops)| state.done == ops.len())
    }

    fn step(&mut self, thread: usize, op: Op) {
        let own = &mut self.threads[thread];
        let reply = match op {
            Op::Get(key) | Op::GetByHandle(key) => value(&self.map, key),
            Op::Scan => listed(self.map.iter()),
            Op::ScanBack => listed(self.map.iter().rev()),
            Op::GetAt(key) => value(&own.snapshot, key),
            Op::Walk => listed(own.iterator.iter()),
            Op::Put(key, value) => return self.apply(&[(key, Some(value))]),
            Op::Delete(key) => return self.apply(&[(key, None)]),
            Op::Write(changes) => return self.apply(changes),
            Op::Ingest(run) => return self.map.extend(run.iter().copied()),
            Op::Swap(key, expected, new) => {
                let is_expected = self.map.get(key).copied() == expected;
                if is_expected {
                    self.map.insert(key, new);
                }
                is_expected.to_string()
            }
            Op::Snapshot => return own.snapshot.clone_from(&self.map),
            Op::Iterator => return own.iterator.clone_from(&self.map),
            Op::Flush | Op::Compact | Op::Work | Op::Wake | Op::Join => return,
        };
        own.replies.push(reply);
    }

    fn apply(&mut self, changes: &[(&'static str, Option<&'static str>)]) {
        for (key, value) in changes {
            match value {
                Some(value) => self.map.insert(key, value),
                None => self.map.remove(key),
            };
        }
    }
}

fn value(map: &Map, key: &str) -> String {
    map.get(key).map_or("none", |value| *value).to_owned()
}

fn listed<'a>(entries: impl Iterator<Item = (&'a &'static str, &'a &'static str)>) -> String {
    let entries: Vec<String> = entries
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    format!("[{}]", entries.join(" "))
}

#[cfg(test)]
mod tests {
    use super::outcomes;
    use crate::program::{Ends, Op, Program};

    #[test]
    fn a_get_beside_a_put_has_two_outcomes_and_a_snapshot_stays() {
        let program = Program {
            options: etalon_loom::Options::default,
            before: &[Op::Put("k", "0"), Op::Snapshot],
            threads: &[
                &[Op::Put("k", "1"), Op::Flush, Op::GetAt("k")],
                &[Op::Get("k"), Op::Scan],
            ],
            ends: Ends::Reopened,
        };
        let found: Vec<String> = outcomes(&program).into_iter().collect();
        let wanted = ["0, 0 [k=0]", "0, 0 [k=1]", "0, 1 [k=1]"];
        assert_eq!(found, wanted.map(|reads| format!("{reads}; then [k=1]")));
    }
}
