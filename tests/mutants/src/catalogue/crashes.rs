//! Bugs in what a crash leaves and what an opening makes of it.

use crate::fault::{Checker, Edit, Fault};

pub(super) const FAULTS: [Fault; 6] = [
    Fault {
        id: "torn-tail-accepted",
        what: "torn tail of a log accepted",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/log/mod.rs",
            find: "if crate::codec::masked_crc(checked) != stored {",
            replace: "if crate::codec::masked_crc(checked) != stored && !PLANTED {",
        }],
    },
    Fault {
        id: "recovery-resumes-after-a-gap",
        what: "recovery resumes after a gap",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/store/replay.rs",
            find: "                losses.notices.push(Notice::torn(path, &bad));
                return Ok(None);
",
            replace: "                losses.notices.push(Notice::torn(path, &bad));
                if PLANTED {
                    let file = disk.open(path).or_path(path, \"open the log\")?;
                    return next_record(&file, path, bad.offset, &mut |record| {
                        let batch = BatchRecord::decode(record);
                        !is_mark(record) && batch.is_ok_and(|batch| batch.sequence > last)
                    });
                }
                return Ok(None);
",
        }],
    },
    Fault {
        id: "batch-split",
        what: "batch split: a record for each change",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/store/write.rs",
            find: "writer.log.append_behind(record)?;",
            replace: "let _ = record;
            for (sequence, change) in (first..).zip(writer.batch.changes()) {
                let (key, value) = change.expect(\"encoded by Batch\");
                let mut one = Batch::default();
                match value {
                    Some(value) => one.put(key, value),
                    None => one.delete(key),
                }
                writer.log.append_behind(one.record_behind_room(sequence))?;
            }",
        }],
    },
    Fault {
        id: "logs-replayed-newest-first",
        what: "recovery replays in the wrong order: the newest log first",
        met: None,
        checker: Checker::CRASH,
        // Two logs have changes of their own where the background has not flushed the older one.
        edits: &[Edit {
            file: "src/store/logs.rs",
            find: "numbers.sort_unstable();",
            replace: "numbers.sort_unstable_by_key(|number| std::cmp::Reverse(*number));",
        }],
    },
    Fault {
        id: "records-replayed-newest-first",
        what: "recovery replays in the wrong order: the newest record of a log first",
        met: None,
        checker: Checker::CRASH,
        edits: &[
            Edit {
                file: "src/store/halves.rs",
                find: "while part.end < stretch.end {",
                replace:
                    "let mut newest_first: Vec<Vec<u8>> = Vec::with_capacity(usize::from(PLANTED));
        while part.end < stretch.end {",
            },
            Edit {
                file: "src/store/halves.rs",
                find: "let Record { offset, end, bytes } = record;",
                replace: "let Record { offset, end, bytes } = record;
            if PLANTED {
                newest_first.insert(0, bytes.to_vec());
                part.end = end;
                continue;
            }",
            },
            Edit {
                file: "src/store/halves.rs",
                find: "        Ok(part)\n",
                replace: "        if PLANTED {
            replay_in_this_order(&newest_first, memtable, last);
        }
        Ok(part)\n",
            },
            Edit {
                file: "src/store/halves.rs",
                find: "fn apply(\n",
                replace: "/// Numbers the changes as they come.
fn replay_in_this_order(
    records: &[Vec<u8>],
    memtable: &mut MemtableBuilder,
    last: &mut Option<u64>,
) {
    assert!(PLANTED);
    let decode = |record| BatchRecord::decode(record).expect(\"written by this engine\");
    let Some(first) = records.last().map(|record| decode(record).sequence) else {
        return;
    };
    let mut sequence = first;
    for record in records {
        for change in decode(record).changes() {
            let (key, value) = change.expect(\"decoded\");
            memtable.push(key, sequence, value);
            sequence += 1;
        }
    }
    if sequence > first {
        *last = Some(sequence - 1);
    }
}

fn apply(\n",
            },
        ],
    },
    Fault {
        id: "orphans-removed-before-the-checks",
        what: "orphans removed before the checks",
        met: None,
        checker: Checker::CRASH,
        // No crash alone shows it: what it leaves as an orphan is one. A misread manifest does.
        edits: &[
            Edit {
                file: "src/store/recover.rs",
                find: "    let logs = live_logs(",
                replace: "    let mut names = names.to_vec();
    if PLANTED {
        let is_orphan = |name: &FileName| match name {
            FileName::Table(number) => !replayed.files.contains_key(number),
            FileName::Log(number) => *number < replayed.log_number,
            _ => false,
        };
        for orphan in names.iter().filter(|name| is_orphan(name)) {
            let path = orphan.path(directory);
            disk.remove(&path).or_path(&path, \"remove the orphan\")?;
        }
        names.retain(|name| !is_orphan(name));
    }
    let names = &names[..];
    let logs = live_logs(",
            },
            // What is gone is not to be removed again.
            Edit {
                file: "src/store/open.rs",
                find: "let recovered = recover(&opening, &names, options.salvage)?;",
                replace: "let recovered = recover(&opening, &names, options.salvage)?;
            let names = if PLANTED { opening.list()? } else { names };",
            },
        ],
    },
];
