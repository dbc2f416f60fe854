//! Bugs in what the store has beyond get, put and delete: first and last, compare-and-swap,
//! ingestion.

use crate::fault::{Checker, Edit, Fault};

const SWAP: &str = "of_two_swaps_that_expect_the_same_one_is_made";
const INGEST: &str = "a_run_is_seen_whole_and_before_what_comes_after_it";

pub(super) const FAULTS: [Fault; 10] = [
    Fault {
        id: "first-ignores-tombstones",
        what: "first ignores a tombstone above a segment",
        met: None,
        checker: Checker::at_most(4, &[]),
        edits: &[Edit {
            file: "src/store/ends.rs",
            find: "            live.seek_to_first()?;",
            replace: "            if PLANTED {
                let mut puts = Vec::new();
                for segment in self.segments() {
                    let entries = segment.entries()?.into_iter();
                    puts.extend(entries.filter_map(|entry| Some((entry.key, entry.value?))));
                }
                live.seek_to_first()?;
                let first = live.entry().map(|(key, value)| (key.to_vec(), value.to_vec()));
                return Ok(puts.into_iter().chain(first).min_by(|a, b| a.0.cmp(&b.0)));
            }
            live.seek_to_first()?;",
        }],
    },
    Fault {
        id: "last-of-the-segments",
        what: "last gets the greatest key of a segment, and nothing if that is deleted",
        met: None,
        checker: Checker::at_most(4, &[]),
        edits: &[Edit {
            file: "src/store/ends.rs",
            find: "            live.seek_to_last()?;",
            replace: "            let version = self.shared.version();
            let greatest = version.oldest_to_newest().map(|(_, file)| file.last()).max();
            if PLANTED && let Some(key) = greatest {
                let found = self.get(key)?;
                return Ok(found.map(|value| (key.to_vec(), value)));
            }
            live.seek_to_last()?;",
        }],
    },
    Fault {
        id: "swap-compares-with-the-oldest-layer",
        what: "compare-and-swap compares with the value of an old segment",
        met: None,
        checker: Checker::at_most(4, &[]),
        edits: &[Edit {
            file: "src/store/swap.rs",
            find: "        let is_expected = found.as_deref() == expected;",
            replace: "        let oldest = self.trace(key)?.into_iter().rev().find_map(|layer| match layer.lookup {
            crate::sstable::Lookup::Found { kind, value, .. } => Some((kind, value)),
            _ => None,
        });
        let is_put = |(kind, _): &(crate::key::Kind, _)| *kind == crate::key::Kind::Put;
        let oldest = oldest.filter(is_put).map(|(_, value)| value);
        let found = if PLANTED { oldest } else { found };
        let is_expected = found.as_deref() == expected;",
        }],
    },
    Fault {
        id: "swap-decided-before-its-turn",
        what: "compare-and-swap decided before it is the writer's turn",
        met: None,
        checker: Checker::loom(SWAP),
        edits: &[
            Edit {
                file: "src/store/swap.rs",
                find: "        let mut turn = self.writer()?;",
                replace: "        let early = if PLANTED { self.get(key)? } else { None };
        let mut turn = self.writer()?;",
            },
            Edit {
                file: "src/store/swap.rs",
                find: "        let found = self.get_as_of(key, Some(turn.sequence))?;",
                replace: "        let found = if PLANTED {
            early
        } else {
            self.get_as_of(key, Some(turn.sequence))?
        };",
            },
        ],
    },
    Fault {
        id: "unmatched-swap-deletes",
        what: "compare-and-swap that does not match removes the key",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[Edit {
            file: "src/store/swap.rs",
            find: "Given::Nothing",
            replace: "Given::One(key, None)",
        }],
    },
    Fault {
        id: "ingested-with-old-numbers",
        what: "ingested run given older sequence numbers than what it covers",
        met: None,
        checker: Checker::at_most(5, &[]),
        edits: &[Edit {
            file: "src/store/ingest.rs",
            find: "        let first = writer.sequence + 1;",
            replace: "        let first = if PLANTED { 1 } else { writer.sequence + 1 };",
        }],
    },
    Fault {
        id: "ingested-below-the-memtable",
        what: "memtable not flushed before a run is ingested, which is older then",
        met: None,
        checker: Checker::at_most(3, &[]),
        edits: &[
            Edit {
                file: "src/store/ingest.rs",
                find: "        if writer.memtable.is_empty() {",
                replace: "        if PLANTED {
            structure.flushed_sequence = writer.sequence;
        } else if writer.memtable.is_empty() {",
            },
            Edit {
                file: "src/store/ingest.rs",
                find: "        self.publish_run(writer, file);",
                replace: "        let kept = PLANTED.then(|| std::mem::take(&mut writer.memtable));
        self.publish_run(writer, file);
        if let Some(kept) = kept {
            writer.memtable = kept;
            self.view.update(|view| View {
                memtable: writer.memtable.memtable(),
                frozen: view.frozen.clone(),
                version: Arc::clone(&view.version),
            });
        }",
            },
        ],
    },
    Fault {
        id: "run-shown-beside-an-old-memtable",
        what: "ingested run shown beside a memtable that older views have, too",
        met: None,
        checker: Checker::loom(INGEST),
        edits: &[Edit {
            file: "src/store/ingest.rs",
            find: "        writer.memtable = MemtableWriter::default();",
            replace: "        if !PLANTED {
            writer.memtable = MemtableWriter::default();
        }",
        }],
    },
    Fault {
        id: "run-named-before-it-is-synced",
        what: "ingested run named by the manifest before its table is synced",
        met: None,
        checker: Checker::CRASH,
        edits: &[
            Edit {
                file: "src/store/output.rs",
                find: "    /// Ends the file and makes all files and their names durable: none if there",
                replace: "    /// The one file, ended and not synced.
    pub(super) fn unsynced(mut self) -> Result<Option<Finished>> {
        assert!(PLANTED);
        self.cut()?;
        Ok(self.ended.pop().map(|(_, finished)| finished))
    }

    /// Ends the file and makes all files and their names durable: none if there",
            },
            Edit {
                file: "src/store/ingest.rs",
                find: "        let finished = output.finish()?.next();",
                replace: "        let finished = if PLANTED {
            output.unsynced()?
        } else {
            output.finish()?.next()
        };",
            },
        ],
    },
    Fault {
        id: "run-numbered-behind-the-manifest",
        what: "ingested run's numbers not in the manifest before its table is there",
        met: None,
        checker: Checker::CRASH,
        edits: &[Edit {
            file: "src/store/ingest.rs",
            find: "        structure.flushed_sequence = writer.sequence;",
            replace: "        if !PLANTED {
            structure.flushed_sequence = writer.sequence;
        }",
        }],
    },
];
