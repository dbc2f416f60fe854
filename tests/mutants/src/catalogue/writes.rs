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
                file: "src/store/flush.rs",
                find: "for (user_key, slot) in frozen.iter() {",
                replace: "for (user_key, slot) in \
                          frozen.iter().filter(|(_, slot)| slot.value.is_some() || !PLANTED) {",
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
            self.view.write().frozen = None;
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
            find: "view.frozen = Some(Arc::clone(&frozen));",
            replace: "",
        }],
    },
    Fault {
        id: "delete-of-unbuffered-key-skipped",
        what: "delete of a key that is not in the memtable does nothing",
        met: None,
        checker: Checker::at_most(4, &[]),
        edits: &[Edit {
            file: "src/memtable/mod.rs",
            find: "self.entries.insert(key.into(), slot);",
            replace: "if slot.value.is_some() { self.entries.insert(key.into(), slot); }",
        }],
    },
    Fault {
        id: "batch-in-reverse-order",
        what: "changes of a batch applied in reverse order",
        met: None,
        checker: Checker::at_most(2, &[]),
        edits: &[Edit {
            file: "src/store/write.rs",
            find: "for change in writer.batch.changes() {",
            replace: "let mut changes: Vec<_> = writer.batch.changes().collect();
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
            find: "let mut sequence = writer.sequence;",
            replace: "if PLANTED && 2 * self.view.read().memtable.bytes() >= self.options.memtable_bytes {
            self.flush_memtable(writer, Cause::FullMemtable)?;
        }
        let mut sequence = writer.sequence;",
        }],
    },
    Fault {
        id: "empty-overwrite-ignored",
        what: "overwrite by an empty value ignored in the memtable",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/memtable/mod.rs",
            find: "*existing = slot;",
            replace: "if slot.value.as_deref() != Some(&[]) { *existing = slot; }",
        }],
    },
    Fault {
        id: "log-not-switched-at-flush",
        what: "flush goes on in the old log and removes the new one",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/store/flush.rs",
            find: "let flushed = writer.log.switch(log_file, log_path);",
            replace: "let mut flushed = writer.log.switch(log_file, log_path);
        if PLANTED {
            std::mem::swap(&mut flushed, &mut writer.log);
        }",
        }],
    },
];
