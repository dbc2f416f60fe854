//! Every history of up to five calls over a small alphabet, by both deciders.
//!
//! Shapes are interval orders in their canonical form: clients call in groups and are answered in
//! groups, each group as large as it can be, so no two shapes say the same about time. The calls
//! of a shape are told apart, so that they come to the checker in every order. At most three are
//! open at once. Of histories that differ in the names of keys or values only,
//! the first is taken: the first key named is `a`, the first value `1`.

use etalon_spec::history::{Answered, Call, Effort, History};
use etalon_spec::{Change, Model, Op, Reply, Scan, apply};

/// A call without its times.
type Letter = (Op, Reply);

/// For each call of a shape the group it begins in, and the group it returns in.
type Shape = Vec<(u64, Option<u64>)>;

const OPEN_MAX: usize = 3;
const KEYS: [&[u8]; 2] = [b"a", b"b"];
const VALUES: [&[u8]; 2] = [b"1", b"2"];

fn points() -> Vec<Letter> {
    let mut letters = Vec::new();
    for key in KEYS {
        letters.push((Op::get(key), Reply::Absent));
        for value in VALUES {
            letters.push((Op::put(key, value), Reply::Done));
            letters.push((Op::get(key), Reply::Value(value.to_vec())));
        }
    }
    letters
}

/// Every contents over the keys and values.
fn contents() -> Vec<Vec<(Vec<u8>, Vec<u8>)>> {
    let values = || [None, Some(VALUES[0]), Some(VALUES[1])];
    let mut all = Vec::new();
    for a in values() {
        for b in values() {
            let entries = KEYS.iter().zip([a, b]);
            let live = entries.filter_map(|(key, value)| Some((key.to_vec(), value?.to_vec())));
            all.push(live.collect());
        }
    }
    all
}

fn whole() -> Vec<Letter> {
    let mut letters = points();
    letters.extend(KEYS.map(|key| (Op::delete(key), Reply::Done)));
    letters.extend(
        contents()
            .into_iter()
            .map(|entries| (Op::scan(Scan::ALL), Reply::Entries(entries))),
    );
    letters.extend((0..3).map(|count| (Op::LENGTH, Reply::Count(count))));
    letters.push((Op::CLEAR, Reply::Done));
    for value in VALUES {
        let put = |key: &[u8]| Change::Put {
            key: key.to_vec(),
            value: value.to_vec(),
        };
        letters.push((Op::write(KEYS.map(put).to_vec()), Reply::Done));
    }
    letters
}

/// Puts, batches of both keys, and scans of them.
fn batches() -> Vec<Letter> {
    let mut letters = whole();
    letters.retain(|(op, _)| matches!(op, Op::Put { .. } | Op::Write { .. } | Op::Scan { .. }));
    letters
}

/// Puts, compare-and-swaps that match and that do not, first and last.
fn swaps() -> Vec<Letter> {
    let mut letters = points();
    letters.retain(|(op, _)| matches!(op, Op::Put { .. }));
    let values = || [None, Some(VALUES[0].to_vec()), Some(VALUES[1].to_vec())];
    for key in KEYS {
        for (expected, new) in values()
            .into_iter()
            .flat_map(|one| values().map(|new| (one.clone(), new)))
        {
            let swap = Op::Cas {
                key: key.to_vec(),
                expected,
                new,
                sync: false,
            };
            letters.extend([true, false].map(|held| (swap.clone(), Reply::Swapped(held))));
        }
    }
    let ends = contents().into_iter().filter(|entries| entries.len() < 2);
    for reply in ends.map(Reply::Entries) {
        letters.push((Op::First { at: None }, reply.clone()));
        letters.push((Op::Last { at: None }, reply));
    }
    letters
}

/// Puts, snapshots, and what is read at them. A name is used only once it is open: histories
/// that do otherwise are none.
fn views() -> Vec<Letter> {
    let name = "s".parse().expect("a name");
    let mut letters: Vec<Letter> = vec![(Op::Snapshot(name), Reply::Done)];
    for (op, reply) in points() {
        match op {
            Op::Get { key, .. } => letters.push((
                Op::Get {
                    key,
                    at: Some(name),
                },
                reply,
            )),
            put => letters.push((put, reply)),
        }
    }
    letters
}

/// Every shape of so many calls.
fn shapes(calls: usize, with_unanswered: bool) -> Vec<Shape> {
    let mut found = Vec::new();
    begin(&mut vec![], calls, 0, with_unanswered, &mut found);
    found
}

/// A group of calls begins, then a group of the open ones returns.
fn begin(shape: &mut Shape, calls: usize, group: u64, unanswered: bool, found: &mut Vec<Shape>) {
    let open: Vec<usize> = (0..shape.len())
        .filter(|at| shape[*at].1.is_none())
        .collect();
    if shape.len() == calls {
        found.push(shape.clone());
        return;
    }
    for more in 1..=(calls - shape.len()).min(OPEN_MAX.saturating_sub(open.len())) {
        let before = shape.len();
        shape.resize(before + more, (group, None));
        let open: Vec<usize> = (0..shape.len())
            .filter(|at| shape[*at].1.is_none())
            .collect();
        let is_last = shape.len() == calls;
        for set in 1_u32..1 << open.len() {
            let returns =
                |at: &usize| set & 1 << open.iter().position(|o| o == at).unwrap_or(31) != 0;
            if is_last && !unanswered && set + 1 != 1 << open.len() {
                continue;
            }
            open.iter()
                .filter(|at| returns(at))
                .for_each(|at| shape[*at].1 = Some(group));
            begin(shape, calls, group + 1, unanswered, found);
            for at in &open {
                shape[*at].1 = None;
            }
        }
        shape.truncate(before);
    }
}

/// The history of a shape and its letters; none if it is none.
fn history(shape: &Shape, letters: &[&Letter]) -> Option<History> {
    let mut free: Vec<Option<u64>> = vec![Some(0); OPEN_MAX];
    let calls = shape.iter().zip(letters).enumerate();
    let calls = calls.map(|(at, ((from, to), (op, reply)))| {
        let at = at as u64;
        let lane = free
            .iter()
            .position(|free| free.is_some_and(|free| free <= *from));
        let lane = lane.expect("no more are open at once");
        free[lane] = to.map(|to| to + 1);
        let answer = to.map(|to| Answered {
            at: to * 100 + 50 + at,
            reply: reply.clone(),
        });
        Call {
            lane: lane as u32,
            op: op.clone(),
            invoked: from * 100 + at,
            answer,
        }
    });
    History::new(calls.collect()).ok()
}

/// What the model does at each letter, in each state that it can come to.
struct Table(Vec<Vec<Option<usize>>>);

impl Table {
    fn of(letters: &[Letter]) -> Table {
        let mut states = vec![Model::default()];
        let mut table = Vec::new();
        while let Some(state) = states.get(table.len()).cloned() {
            let mut row = Vec::new();
            for (op, reply) in letters {
                let mut after = state.clone();
                let agrees = apply(&mut after, op).as_ref() == Ok(reply);
                row.push(agrees.then(|| {
                    states
                        .iter()
                        .position(|other| *other == after)
                        .unwrap_or_else(|| {
                            states.push(after);
                            states.len() - 1
                        })
                }));
            }
            table.push(row);
        }
        Table(table)
    }

    /// Whether the calls in the set `left` can be ordered from here on.
    fn has_order(&self, shape: &Shape, word: &[usize], state: usize, left: u32) -> bool {
        let calls = || (0..shape.len()).filter(|at| left & 1 << at != 0);
        let Some(first) = calls().filter_map(|at| shape[at].1).min() else {
            return true;
        };
        calls().filter(|at| shape[*at].0 <= first).any(|at| {
            let after = self.0[state][word[at]];
            after.is_some_and(|after| self.has_order(shape, word, after, left & !(1 << at)))
        })
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    histories: u64,
    linearizable: u64,
}

/// Decides every history both ways.
fn compare(letters: &[Letter], calls: usize, with_unanswered: bool) -> Counts {
    let alphabet = Alphabet {
        letters,
        names: letters.iter().map(names).collect(),
        table: Table::of(letters),
    };
    let mut counts = Counts::default();
    for shape in shapes(calls, with_unanswered) {
        alphabet.words(&shape, &mut Vec::new(), &mut counts);
    }
    counts
}

struct Alphabet<'a> {
    letters: &'a [Letter],
    /// Which key and which value each names first.
    names: Vec<[Option<usize>; 2]>,
    table: Table,
}

fn names((op, reply): &Letter) -> [Option<usize>; 2] {
    let text = format!("{op} {reply}");
    let first = |names: [&str; 2]| {
        let places = names.map(|name| text.find(&format!("\"{name}\"")));
        let found = (0..2).filter(|name| places[*name].is_some());
        found.min_by_key(|name| places[*name])
    };
    [first(["a", "b"]), first(["1", "2"])]
}

impl Alphabet<'_> {
    /// Every way to go on with a word.
    fn words(&self, shape: &Shape, word: &mut Vec<usize>, counts: &mut Counts) {
        if word.len() == shape.len() {
            self.compare(shape, word, counts);
            return;
        }
        for letter in 0..self.letters.len() {
            word.push(letter);
            if self.is_first_of_its_names(word) && is_sorted_where_alike(shape, word) {
                self.words(shape, word, counts);
            }
            word.pop();
        }
    }

    /// Whether `a` is named before `b`, and `1` before `2`.
    fn is_first_of_its_names(&self, word: &[usize]) -> bool {
        (0..2).all(|what| {
            let mut named = word.iter().filter_map(|letter| self.names[*letter][what]);
            named.next().is_none_or(|first| first == 0)
        })
    }

    fn compare(&self, shape: &Shape, word: &[usize], counts: &mut Counts) {
        let chosen: Vec<&Letter> = word.iter().map(|letter| &self.letters[*letter]).collect();
        let Some(history) = history(shape, &chosen) else {
            return;
        };
        let expected = self.table.has_order(shape, word, 0, (1 << word.len()) - 1);
        let got = history.is_linearizable(Effort::default());
        assert_eq!(got, Some(expected), "\n{history}");
        counts.histories += 1;
        counts.linearizable += u64::from(expected);
    }
}

/// Calls that begin and return in the same groups are interchangeable.
fn is_sorted_where_alike(shape: &Shape, word: &[usize]) -> bool {
    let alike = |at: usize| (0..at).rfind(|before| shape[*before] == shape[at]);
    (1..word.len()).all(|at| alike(at).is_none_or(|before| word[before] <= word[at]))
}

#[test]
fn the_shapes_are_the_interval_orders() {
    let counted = [1, 2, 3, 4, 5].map(|calls| shapes(calls, false).len());
    assert_eq!(counted, [1, 2, 6, 23, 98]);
    // Where calls that begin together are not told apart, these are the known 1, 2, 5, 15, 53
    // without those in which four calls meet: 1 of four calls, 8 of five.
    let ends = |call: &(u64, Option<u64>)| *call;
    let alike = [1, 2, 3, 4, 5].map(|calls| {
        let shapes = shapes(calls, false);
        shapes
            .iter()
            .filter(|shape| shape.is_sorted_by_key(ends))
            .count()
    });
    assert_eq!(alike, [1, 2, 5, 14, 45]);
}

/// Histories, and how many of them are linearizable, by the number of calls.
fn counts<const N: usize>(letters: &[Letter], unanswered: bool) -> [(u64, u64); N] {
    std::array::from_fn(|at| {
        let counts = compare(letters, at + 1, unanswered);
        (counts.histories, counts.linearizable)
    })
}

#[test]
fn every_history_of_puts_and_gets_up_to_five_calls() {
    let pinned = [
        (3, 2),
        (49, 20),
        (1_235, 347),
        (44_897, 9_219),
        (1_907_506, 287_879),
    ];
    assert_eq!(counts(&points(), false), pinned);
}

#[test]
fn every_history_with_a_snapshot_up_to_five_calls() {
    let pinned = [
        (2, 2),
        (14, 13),
        (217, 172),
        (5_289, 3_421),
        (174_591, 85_048),
    ];
    assert_eq!(counts(&views(), false), pinned);
}

#[test]
fn every_history_of_batches_and_scans_up_to_four_calls() {
    let pinned = [(6, 3), (124, 30), (5_133, 671), (280_291, 21_505)];
    assert_eq!(counts(&batches(), false), pinned);
}

#[test]
fn every_history_of_all_operations_up_to_three_calls() {
    assert_eq!(
        counts(&whole(), false),
        [(13, 7), (402, 112), (27_592, 4_235)]
    );
}

#[test]
fn every_history_of_swaps_first_and_last_up_to_three_calls() {
    let pinned = [(15, 8), (1_063, 271), (139_947, 19_708)];
    assert_eq!(counts(&swaps(), false), pinned);
}

#[test]
fn every_history_with_unanswered_calls_up_to_four_calls() {
    let pinned = [(3, 2), (101, 54), (3_921, 1_656), (171_733, 54_021)];
    assert_eq!(counts(&points(), true), pinned);
}
