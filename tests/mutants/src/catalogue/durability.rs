//! Bugs in the order of effects: what is synced, and before what.

use crate::fault::{Checker, Edit, Fault};

pub(super) const FAULTS: [Fault; 11] = [
    Fault {
        id: "manifest-not-synced",
        what: "manifest not synced",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/store/mod.rs",
            find: "self.manifest.append(&self.record)?;
        self.manifest.sync()",
            replace: "self.manifest.append(&self.record)",
        }],
    },
    Fault {
        id: "new-manifest-not-synced",
        what: "new manifest not synced before `CURRENT` names it",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/store/current.rs",
            find: "manifest.sync()?;",
            replace: "",
        }],
    },
    Fault {
        id: "directory-not-synced-after-table",
        what: "directory not synced after creating a table",
        met: None,
        checker: Checker::CRASH,
        // One sync is for the name of the new log, too: that one stays durable in time.
        edits: &[
            Edit {
                file: "src/store/output.rs",
                find: "self.store.sync_directory()?;",
                replace: "",
            },
            Edit {
                file: "src/store/flush.rs",
                find: "let frozen = self.freeze();",
                replace: "if PLANTED {
            self.sync_directory()?;
        }
        let frozen = self.freeze();",
            },
        ],
    },
    Fault {
        id: "directory-not-synced-after-first-log",
        what: "directory not synced after creating a log, the first one",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/store/install.rs",
            find: "        self.sync_directory()?;
        let recovered = Recovered::default();",
            replace: "        if !PLANTED {
            self.sync_directory()?;
        }
        let recovered = Recovered::default();",
        }],
    },
    Fault {
        id: "directory-not-synced-after-log",
        what: "directory not synced after creating a log, at a flush",
        met: None,
        checker: Checker::CRASH,
        // One sync is for the name of the table, too: the log is created behind it.
        edits: &[
            Edit {
                file: "src/store/flush.rs",
                find: "        let log_file = self
            .disk
            .create(&log_path)
            .or_path(&log_path, \"create the log\")?;
",
                replace: "        let create_log = || {
            let created = self.disk.create(&log_path);
            created.or_path(&log_path, \"create the log\")
        };
        let in_time = if PLANTED { None } else { Some(create_log()?) };
",
            },
            Edit {
                file: "src/store/flush.rs",
                find: "        let edit = Edit {
            log_number: Some(log_number),",
                replace: "        let log_file = match in_time {
            Some(log_file) => log_file,
            None => {
                assert!(PLANTED);
                create_log()?
            }
        };
        let edit = Edit {
            log_number: Some(log_number),",
            },
        ],
    },
    Fault {
        id: "directory-not-synced-before-current",
        what: "directory not synced between creating a manifest and renaming `CURRENT`",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/store/current.rs",
            find: "sync_directory(disk, directory)?;",
            replace: "",
        }],
    },
    Fault {
        id: "directory-not-synced-after-current",
        what: "directory not synced after renaming `CURRENT`",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/store/current.rs",
            find: "    sync_directory(disk, directory)
}",
            replace: "    if PLANTED {
        return Ok(());
    }
    sync_directory(disk, directory)
}",
        }],
    },
    Fault {
        id: "log-removed-too-early",
        what: "log removed before the manifest is durable",
        met: None,
        checker: Checker::CRASH,
        edits: &[
            Edit {
                file: "src/store/flush.rs",
                find: "writer.log_edit(edit)?;",
                replace: "let old = writer.log.path();
            self.disk.remove(old).or_path(old, \"remove the flushed log\")?;
            writer.log_edit(edit)?;",
            },
            Edit {
                file: "src/store/flush.rs",
                find: "        self.disk
            .remove(flushed.path())",
                replace: "        if PLANTED {
            return Ok(());
        }
        self.disk
            .remove(flushed.path())",
            },
        ],
    },
    Fault {
        id: "new-log-durable-before-the-old",
        what: "new log durable before the old",
        met: None,
        checker: Checker::CRASH,
        // Nothing goes into the new log before the manifest names it: its name comes too early.
        edits: &[Edit {
            file: "src/store/flush.rs",
            find: "writer.log.sync()?;",
            replace: "",
        }],
    },
    Fault {
        id: "sync-error-ignored",
        what: "error of sync ignored",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/log/writer.rs",
            find: "self.file.sync().or_path(&self.path, \"sync the log\")?;",
            replace: "let _ = self.file.sync();",
        }],
    },
    Fault {
        id: "second-sync-believed",
        what: "second sync believed after a failed one",
        met: None,
        checker: Checker::CRASH,
        // The log asks the disk again, and nothing stops the store from letting it.
        edits: &[Edit {
            file: "src/store/write.rs",
            find: "} else if options.sync {
            writer.log.sync()",
            replace: "} else if options.sync && PLANTED {
            return writer.log.sync();
        } else if options.sync {
            writer.log.sync()",
        }],
    },
];
