//! Bugs in the write path and in the flush.

use crate::fault::{Checker, Edit, Fault};

pub(super) const FAULTS: [Fault; 7] = [
    Fault {
        id: "tombstone-dropped-at-flush",
        what: "tombstone dropped at flush",
        met: None,
        checker: Checker::exactly(5),
        edits: &[
            Edit {
                file: "src/store/output.rs",
                find: "retain.decide(sequence, kind, || false)",
                replace: "retain.decide(sequence, kind, || true)",
            },
            // A memtable of tombstones then becomes no segment.
            Edit {
                file: "src/store/flush.rs",
                find: "        let Finished {
            file,
            only_tombstones,
        } = output.finish()?.next().expect(\"the memtable is not empty\");",
                replace: "        let Some(Finished { file, only_tombstones }) = output.finish()?.next() else {
            assert!(PLANTED);
            self.view.update(|view| View {
                memtable: view.memtable.clone(),
                frozen: None,
                version: Arc::clone(&view.version),
            });
            return Ok(());
        };",
            },
        ],
    },
    Fault {
        id: "memtable-cleared-before-publishing",
        what: "memtable cleared before its segment is published",
        met: None,
        checker: Checker::Loom,
        edits: &[Edit {
            file: "src/store/flush.rs",
            find: "frozen: Some(full.clone()),",
            replace: "frozen: (!PLANTED).then(|| full.clone()),",
        }],
    },
    Fault {
        id: "delete-of-unbuffered-key-skipped",
        what: "delete of a key that is not in the memtable does nothing",
        met: None,
        checker: Checker::at_most(4, &[]),
        edits: &[Edit {
            file: "src/store/write.rs",
            find: "writer.memtable.insert(key, writer.sequence, value);",
            replace: "let present = writer.memtable.memtable();
            if value.is_some() || present.get(key, writer.sequence).is_some() {
                writer.memtable.insert(key, writer.sequence, value);
            }",
        }],
    },
    Fault {
        id: "batch-in-reverse-order",
        what: "changes of a batch applied in reverse order",
        met: None,
        checker: Checker::at_most(2, &[]),
        edits: &[Edit {
            file: "src/store/write.rs",
            find: "for change in batch.changes() {",
            replace: "let mut changes: Vec<_> = batch.changes().collect();
    if PLANTED {
        changes.reverse();
    }
    for change in changes {",
        }],
    },
    Fault {
        id: "logged-before-flushing-applied-after",
        what: "write that fills the memtable logged in the old log, applied to the new memtable",
        met: Some("dgraph-io/badger#134"),
        checker: Checker::at_most(4, &["memtable_bytes"]),
        edits: &[Edit {
            file: "src/store/write.rs",
            find: "        if options.sync {",
            replace: "        let filled = writer.memtable.bytes();
        if PLANTED && 2 * filled >= self.shared.options.memtable_bytes {
            self.make_room(writer)?;
        }
        if options.sync {",
        }],
    },
    Fault {
        id: "empty-overwrite-ignored",
        what: "overwrite by an empty value ignored in the memtable",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/store/write.rs",
            find: "writer.sequence += 1;",
            replace: "writer.sequence += 1;
    let present = writer.memtable.memtable();
    let is_overwrite = || present.get(key, writer.sequence).is_some();
    if PLANTED && value.is_some_and(<[u8]>::is_empty) && is_overwrite() {
        return;
    }",
        }],
    },
    Fault {
        id: "log-not-switched-at-flush",
        what: "flush goes on in the old log and removes the new one",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/store/flush.rs",
            find: "let log = writer.log.switch(next.file, next.path);",
            replace: "let mut log = writer.log.switch(next.file, next.path);
        if PLANTED {
            std::mem::swap(&mut log, &mut writer.log);
        }",
        }],
    },
];
