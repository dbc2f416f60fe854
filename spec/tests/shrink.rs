//! The shrinker on made-up failures, each of which defeats removing one operation at a time.

use etalon_spec::{
    Candidates, Case, Class, Divergence, Fill, Got, Moment, Op, OpKind, Range, Reply, Scan,
    Setting, Shrunk, shrink,
};

fn put(key: &str) -> Op {
    Op::put(key, b"value")
}

fn delete(key: &str) -> Op {
    Op::delete(key)
}

fn get(key: &str) -> Op {
    Op::get(key)
}

/// Shrinks a case that fails, in its last operation, whenever `fails` says so.
fn shrunk(case: &Case, fails: impl Fn(&Case) -> bool) -> Shrunk {
    let diverge = |case: &Case| {
        let read = case.ops.last().filter(|_| fails(case))?;
        Some(Divergence {
            class: Class::WrongAnswer,
            moment: Moment::Operation(case.ops.len() - 1),
            read: read.clone(),
            expected: Reply::Absent,
            got: Got::Reply(Reply::Done),
        })
    };
    let divergence = diverge(case).expect("the case fails");
    let mut pace = Candidates(200_000);
    let shrunk = shrink(case, divergence, &mut pace, &mut |case| diverge(case));
    assert!(shrunk.one_minimal);
    shrunk
}

fn count(case: &Case, wanted: impl Fn(&Op) -> bool) -> usize {
    case.ops.iter().filter(|op| wanted(op)).count()
}

#[test]
fn two_operations_that_hold_each_other_go_together() {
    let case = Case::new(vec![
        put("a"),
        Op::Flush,
        delete("b"),
        Op::Compact,
        get("a"),
    ]);
    // Without one of flush and compact it passes; without both it fails.
    let fails = |case: &Case| {
        let flushes = count(case, |op| *op == Op::Flush);
        flushes == count(case, |op| *op == Op::Compact) && count(case, |op| *op != Op::Flush) > 1
    };
    assert_eq!(shrunk(&case, fails).case.ops.len(), 2);
}

#[test]
fn a_put_stands_in_for_a_delete_where_it_does_as_well() {
    let case = Case::new(vec![delete("a"), get("a")]);
    let shrunk = shrunk(&case, |case| case.ops.len() > 1);
    assert!(matches!(shrunk.case.ops[0], Op::Put { .. }));
}

#[test]
fn a_value_that_fills_a_block_stands_in_for_tiny_blocks() {
    let mut case = Case::new(vec![put("a"), put("b"), get("a")]);
    case.options.set("block_bytes", Setting::Integer(32));
    let shrunk = shrunk(&case, |case| {
        let large = |op: &Op| matches!(op, Op::Put { value, .. } if value.len() >= 4_000);
        count(case, |op| matches!(op, Op::Put { .. })) > 0
            && (!case.options.is_empty() || count(case, large) > 0)
    });
    assert!(shrunk.case.options.is_empty());
    assert_eq!(shrunk.case.ops.len(), 2);
}

#[test]
fn flushes_between_groups_of_writes_stand_in_for_a_tiny_memtable() {
    let mut case = Case::new(vec![put("a"), put("b"), put("c"), put("d"), get("a")]);
    case.options.set("memtable_bytes", Setting::Integer(512));
    // Two segments of two keys each: a flush after every write does not make them.
    let fails = |case: &Case| {
        if !case.options.is_empty() {
            return count(case, |op| matches!(op, Op::Put { .. })) == 4;
        }
        let segments = case.ops.split(|op| *op == Op::Flush);
        segments
            .filter(|segment| {
                segment.len() == 2 && segment.iter().all(|op| op.kind().word() == "put")
            })
            .count()
            == 2
    };
    let shrunk = shrunk(&case, fails);
    assert!(shrunk.case.options.is_empty());
    assert_eq!(count(&shrunk.case, |op| *op == Op::Flush), 2);
}

#[test]
fn compactions_by_hand_stand_in_for_automatic_ones() {
    let written = || [put("a"), Op::Flush];
    let mut case = Case::new(
        [written(), written(), written()]
            .into_iter()
            .flatten()
            .collect(),
    );
    case.ops.push(get("a"));
    case.options.set("compaction", Setting::from("automatic"));
    let shrunk = shrunk(&case, |case| {
        let compactions = count(case, |op| *op == Op::Compact);
        let flushes = count(case, |op| *op == Op::Flush);
        compactions > 0 || !case.options.is_empty() && flushes > 2
    });
    assert!(shrunk.case.options.is_empty());
    assert_eq!(count(&shrunk.case, |op| *op == Op::Compact), 1);
}

#[test]
fn a_run_of_writes_becomes_a_fill_and_the_read_asks_for_one_of_its_keys() {
    let mut ops: Vec<Op> = ["a", "b", "c", "d", "e"].map(put).into();
    ops.push(get("a"));
    let shrunk = shrunk(&Case::new(ops), five_entries_and_a_get_of_one);
    let fill = Fill {
        prefix: Vec::new(),
        count: 5,
        size: 0,
    };
    assert_eq!(shrunk.case.ops.len(), 2);
    assert_eq!(shrunk.case.ops[0], Op::Fill(fill));
}

/// Fails where a get follows five different puts, one of which is of its key.
fn five_entries_and_a_get_of_one(case: &Case) -> bool {
    let mut keys = std::collections::BTreeSet::new();
    for op in &case.ops {
        match op {
            Op::Put { key, .. } => drop(keys.insert(key.clone())),
            Op::Fill(fill) => keys.extend((0..fill.count).map(|i| fill.key(i))),
            _ => {}
        }
    }
    matches!(case.ops.last(), Some(Op::Get { key, .. }) if keys.len() == 5 && keys.contains(key))
}

#[test]
fn a_long_value_stands_in_for_many_writes_that_fill_something() {
    let mut ops: Vec<Op> = ["a", "b", "c", "d", "e", "f", "g"].map(put).into();
    ops.insert(3, Op::CLEAR);
    ops.push(Op::LENGTH);
    let written = |op: &Op| match op {
        Op::Put { value, .. } => value.len(),
        _ => 0,
    };
    let shrunk = shrunk(&Case::new(ops), |case| {
        case.ops.iter().map(written).sum::<usize>() >= 35
    });
    assert_eq!(shrunk.case.ops.len(), 2);
}

#[test]
fn the_limit_of_a_scan_goes_down_with_the_entries_before_it() {
    let scan = Op::scan(Scan {
        range: Range::ALL,
        reverse: false,
        limit: Some(4),
    });
    let case = Case::new(vec![put("a"), put("b"), put("c"), put("d"), scan]);
    // The last entry that the limit lets through is wrong.
    let shrunk = shrunk(&case, |case| match case.ops.last() {
        Some(Op::Scan { scan, .. }) => scan.limit == Some(case.ops.len() as u32 - 1),
        _ => false,
    });
    assert_eq!(shrunk.case.ops.len(), 2);
}

/// The failure needs one snapshot and a read at it; everything else that has a name goes, and what
/// is left is called as a person would call it.
#[test]
fn views_that_do_not_matter_go_with_what_reads_them_and_the_others_get_plain_names() {
    let lines = "put \"k\" \"1\" sync; snapshot before; iterator walk at before; next walk; \
                 snapshot z9; get \"k\" at z9; delete \"k\" sync; sync; get \"k\" at before";
    let ops = lines.split("; ").map(|line| line.parse().unwrap());
    let case = Case::new(ops.collect());
    let fails = |case: &Case| {
        let taken = case.ops.iter().position(|op| op.kind() == OpKind::Snapshot);
        let read = case.ops.last().and_then(Op::snapshot_read);
        let named = |at: usize| matches!(case.ops[at], Op::Snapshot(name) if Some(name) == read);
        taken.is_some_and(named)
    };
    let shrunk = shrunk(&case, fails);
    let text: Vec<String> = shrunk.case.ops.iter().map(ToString::to_string).collect();
    assert_eq!(text, ["snapshot s", "get \"\" at s"]);
}

#[test]
fn a_synced_change_shrinks_to_one_that_is_not_where_that_does_not_matter() {
    let case = Case::new(vec!["put \"k\" \"1\" sync".parse().unwrap(), get("k")]);
    let put = |case: &Case| case.ops.iter().any(|op| op.kind() == OpKind::Put);
    assert_eq!(shrunk(&case, put).case.ops[0], Op::put(b"", b""));
    let synced = |case: &Case| case.ops.iter().any(Op::is_synced);
    assert!(shrunk(&case, synced).case.ops[0].is_synced());
}
