//! Bugs in the order of effects: what is synced, and before what.

use crate::fault::{Checker, Edit, Fault};

pub(super) const FAULTS: [Fault; 12] = [
    Fault {
        id: "manifest-not-synced",
        what: "manifest not synced",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/store/structure.rs",
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
                find: "self.shared.sync_directory()?;",
                replace: "",
            },
            Edit {
                file: "src/store/flush.rs",
                find: "let frozen = self.freeze(writer, next);",
                replace: "let frozen = self.freeze(writer, next);
        if PLANTED {
            self.sync_directory()?;
        }",
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
        // One sync is for the name of the table, too: the log gets its own behind it.
        edits: &[
            Edit {
                file: "src/store/flush.rs",
                find: "let file = self.disk.create(&path)",
                replace: "let later = path.with_extension(\"later\");
        let file = self.disk.create(if PLANTED { &later } else { &path })",
            },
            Edit {
                file: "src/store/flush.rs",
                find: "        let edit = Edit {
            log_number: Some(frozen.next_log),",
                replace: "        if PLANTED {
            let log_path = FileName::Log(frozen.next_log).path(&self.directory);
            let renamed = self.disk.rename(&log_path.with_extension(\"later\"), &log_path);
            renamed.or_path(&log_path, \"name the log\")?;
        }
        let edit = Edit {
            log_number: Some(frozen.next_log),",
            },
        ],
    },
    Fault {
        id: "directory-not-synced-before-writes-go-on",
        what: "directory not synced before writes go on in a new log, with a background",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/store/background.rs",
            find: "self.sync_directory()?;",
            replace: "",
        }],
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
                find: "structure.log_edit(self, edit)?;",
                replace: "let old = frozen.log.path();
            self.disk.remove(old).or_path(old, \"remove the flushed log\")?;
            structure.log_edit(self, edit)?;",
            },
            Edit {
                file: "src/store/flush.rs",
                find: "        self.disk
            .remove(frozen.log.path())",
                replace: "        if PLANTED {
            return Ok(());
        }
        self.disk
            .remove(frozen.log.path())",
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
            find: "} else if options.sync {",
            replace: "} else if options.sync && PLANTED {
            return self.sync_log(writer);
        } else if options.sync {",
        }],
    },
];
