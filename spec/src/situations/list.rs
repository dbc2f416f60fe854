//! The closed list of situations, each with its exact rule.

/// Defines the enum, its list, its names and its two families from one table.
macro_rules! situations {
    ($( $(#[doc = $rule:literal])+ $variant:ident, $side:ident, $name:literal; )+) => {
        /// Something that a run may have reached. The documentation of each variant is the exact
        /// rule; each occurrence counts once.
        ///
        /// "Written" means put or removed, alone or in a batch, a fill, a deleterange or a clear,
        /// and answered ok. A flush lies between two writes if it came between them and had
        /// something to write; so does a compact that had something to flush.
        ///
        /// ```
        /// use etalon_spec::Situation;
        ///
        /// assert_eq!(Situation::FlushOfNothing.name(), "flush of nothing");
        /// assert!(!Situation::FlushOfNothing.is_engine_side());
        /// assert!(Situation::EmptyFlush.is_engine_side());
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Situation { $( $(#[doc = $rule])+ $variant, )+ }

        impl Situation {
            /// Every situation, the model's side first; `ALL[situation as usize] == situation`.
            pub const ALL: &'static [Situation] = &[ $( Situation::$variant, )+ ];

            /// What reports and `--require` call it.
            pub const fn name(self) -> &'static str {
                match self { $( Situation::$variant => $name, )+ }
            }

            /// Whether only the store itself can tell (ability `layers`). The others are decided
            /// from operations and replies, hence for every store.
            pub const fn is_engine_side(self) -> bool {
                match self { $( Situation::$variant => situations!(@ $side), )+ }
            }
        }
    };
    (@ model) => { false };
    (@ engine) => { true };
}

situations! {
    /// A get finds a value; the key was put before that, exactly one flush lies between the two
    /// puts, and no compact came after the older one.
    OverwriteAcrossFlush, model, "get of an overwritten key with a flush between";
    /// As [`Situation::OverwriteAcrossFlush`], with two flushes or more between the puts.
    OverwriteAcrossTwoFlushes, model, "get of an overwritten key with two flushes between";
    /// A get finds a value; the key was put before that, a compact came between the puts, and
    /// none after the later one.
    OverwriteAcrossCompact, model, "get of an overwritten key with a compact between";
    /// A get finds a value; the key was put before that, a flush or a compact lies between the
    /// puts, and a compact came after the later one.
    OverwriteMerged, model, "get of an overwritten key after a compact merged it";
    /// A get finds nothing; the key's last write is a delete of a live key, its write before a
    /// flush is a put, and no compact came after that put.
    DeleteAcrossFlush, model, "get of a key deleted after a flush";
    /// A get finds nothing; the key's last write is a delete of a live key, a compact came
    /// between its put and the delete, and none after the delete.
    DeleteAcrossCompact, model, "get of a key deleted after a compact";
    /// A get finds nothing; the key's last write is a delete of a live key, a flush or a compact
    /// lies between its put and the delete, and a compact came after the delete.
    DeleteMerged, model, "get of a deleted key after a compact merged it";
    /// A get finds nothing; the key's last write is a delete, and it was absent already then.
    DeleteOfAbsent, model, "get of a key deleted while absent";
    /// A get finds a value; a flush or a compact lies between that put and a removal of the key
    /// before it, and no compact came after the put.
    PutAfterDelete, model, "put after delete across a flush";
    /// A get finds nothing of a key that the case has not written, after it has written others.
    NeverWritten, model, "get of a key never written";
    /// A get finds nothing; what removed the key was a clear.
    GetAfterClear, model, "get of a cleared key";
    /// A get finds nothing; what removed the key was a deleterange, a flush or a compact lies
    /// between its put and that, and no compact came after it.
    RangeDeleteAcrossFlush, model, "get of a key in a deleterange after a flush";
    /// A get finds a value that was put before the last reopen.
    ReadAfterReopen, model, "read after reopen";
    /// A get of the empty key finds a value.
    EmptyKey, model, "empty key";
    /// A get finds an empty value.
    EmptyValueRead, model, "empty value read";
    /// A get finds a value of more than 4,096 bytes.
    LongValueRead, model, "value over a page read";
    /// A key is written for the first time, by a put alone or in a batch, while a live key starts
    /// with it or it starts with a live key.
    PrefixOfAnother, model, "key that is a prefix of another";
    /// A scan whose range holds a key that was removed while it was live.
    ScanOverDeleted, model, "scan over a deleted key";
    /// A scan whose range holds a live key written before the last flush or compact and one
    /// written after it.
    ScanAcrossFlush, model, "scan over flushed and unflushed keys";
    /// A scan whose bounds are out of order.
    InvertedRange, model, "inverted range";
    /// A scan answers more than 4,096 bytes of keys and values.
    RangeOverPage, model, "range over more than a page";
    /// A scan backwards with a limit of at least 1 answers as many entries as the limit.
    ReverseScanLimit, model, "reverse scan with limit";
    /// A scan with a limit of 0 whose range holds a live key.
    LimitOfZero, model, "limit of zero";
    /// A scan with an excluded bound that is a live key, in a range that is in order.
    ExcludedBound, model, "excluded bound at a live key";
    /// A scan by a prefix of only ff bytes, at least one, answers something.
    PrefixWithoutSuccessor, model, "prefix without a successor";
    /// A deleterange whose bounds are out of order.
    InvertedDeleteRange, model, "inverted deleterange";
    /// A flush with nothing written since the last flush or compact, or since the start.
    FlushOfNothing, model, "flush of nothing";
    /// A flush with something written since the last flush or compact, all of it removals. (A
    /// deleterange and a clear count if they removed something.)
    FlushOfDeletes, model, "flush of deletes only";
    /// A compact before anything was written.
    CompactOfNothing, model, "compact of nothing";
    /// A compact right after a compact.
    CompactTwice, model, "compact twice";
    /// A compact when something was written and no key is live.
    CompactLeavesNothing, model, "compact of deletes only";
    /// The first change after a compact; reads and structural operations may come between.
    WriteAfterCompact, model, "first write after compact";
    /// The first change after a reopen; reads and structural operations may come between.
    WriteAfterReopen, model, "first write after reopen";
    /// A reopen right after a reopen.
    ReopenTwice, model, "reopen twice";
    /// A batch that holds a key more than once.
    BatchWithKeyTwice, model, "batch with a key twice";
    /// A batch of no changes.
    EmptyBatch, model, "empty batch";
    /// A change that is synced.
    SyncedWrite, model, "synced write";
    /// A sync with something written that nothing has made durable: no synced change, sync, flush,
    /// compact or reopen came after it.
    SyncOfUnsynced, model, "sync of unsynced changes";
    /// A get at a snapshot finds a value; the key's last write came after the snapshot, and a
    /// flush after that write, but no compact.
    SnapshotAcrossFlush, model, "snapshot read after overwrite and flush";
    /// A get at a snapshot finds a value; the key's last write came after the snapshot, and a
    /// compact after that write. (It flushes what is unflushed.)
    SnapshotAcrossCompact, model, "snapshot read after overwrite and flush and compact";
    /// A get at a snapshot finds a value; the key's last write came after the snapshot, and
    /// removed it.
    SnapshotOfDeleted, model, "snapshot read of a key deleted since";
    /// A scan at a snapshot over a range that holds a key written after the snapshot.
    SnapshotScanChanged, model, "snapshot scan over a changed key";
    /// A next comes to an entry, and the iterator's move before it, a prev or seeklast, had come
    /// to one; or a prev after a next, seek or seekfirst.
    IteratorTurned, model, "iterator turned round";
    /// A prev comes to an entry, and the iterator's move before it, a next, seek or seekfirst, had
    /// gone past the last; or a next after a prev or seeklast that had come before the first.
    IteratorPastEnd, model, "iterator run past an end and back";
    /// A seek comes to an entry of another key.
    SeekToAbsent, model, "seek to an absent key";
    /// A move of an iterator comes to a key that was written after what it sees.
    IteratorAtChanged, model, "iterator at a key changed since";
    /// A move of an iterator comes to an entry, after a flush that the iterator has outlived. (A
    /// compact that had something to flush is one, too.)
    IteratorAcrossFlush, model, "iterator across a flush";
    /// A move of an iterator comes to an entry, after a compact that the iterator has outlived.
    IteratorAcrossCompact, model, "iterator across a compact";
    /// A move of an iterator comes to an entry, after the snapshot that it was made at has been
    /// released.
    IteratorOutlivesSnapshot, model, "iterator outlives its snapshot";
    /// A reopen while a snapshot or an iterator is open.
    ReopenWithViews, model, "reopen with a view open";
    /// A kill with something written that nothing has made durable.
    KillWithUnsynced, model, "kill with unsynced writes";
    /// A power loss with something written that nothing has made durable.
    CrashWithUnsynced, model, "power loss with unsynced writes";
    /// A power loss in the course of a flush or a compact.
    CrashInFlush, model, "power loss in a flush or compact";
    /// A crash of a recovery.
    CrashInRecovery, model, "crash in recovery";
    /// A change or a structural operation in which the disk failed, and which answered an error.
    DiskFailed, model, "operation refused by a failing disk";
    /// A read, a step of an iterator or the making of one in which the disk failed, and which
    /// answered an error.
    ReadFailed, model, "read refused by a failing disk";
    /// A cas that expects a value answers true.
    SwapMatched, model, "swap of an expected value";
    /// A cas answers false.
    SwapMissed, model, "swap that does not match";
    /// A first or a last of the default key space outside of transactions answers an entry, and a
    /// key beyond it was removed while it was live.
    FirstPastDeleted, model, "first or last beside a deleted key";
    /// An ingest over a live key, outside of transactions and named key spaces.
    IngestOverLive, model, "ingest over a live key";
    /// A get in a transaction of a key that it has put or removed alone since the last rollback to a
    /// savepoint.
    TransactionReadsOwn, model, "transaction reads its own change";
    /// A get outside of transactions of a key that an open transaction has put or removed likewise.
    TransactionUnseen, model, "read beside a transaction that changed the key";
    /// A get outside of transactions of a key that a transaction had put or removed when it was
    /// rolled back whole, and that was not written since.
    ReadAfterRollback, model, "read after a rollback";
    /// A commit of a transaction that was rolled back to a savepoint.
    CommitAfterPartialRollback, model, "commit after a rollback to a savepoint";
    /// A commit that is refused.
    CommitRefused, model, "commit refused";
    /// A get in a named key space of a key that is live in the default one.
    SpacesApart, model, "key of two key spaces";
    /// A get finds a value in a key space that was renamed.
    ReadAfterRename, model, "read in a renamed key space";
    /// A create of a key space whose name was that of one that was dropped.
    CreateAfterDrop, model, "create of a key space that was dropped";

    /// The newest layer that knows the key holds a tombstone, an older segment a value.
    TombstoneHides, engine, "tombstone hides an older segment";
    /// A memtable answers with a value, and a segment knows the key, too.
    MemtableBeatsSegment, engine, "memtable beats segment";
    /// A segment answers with a value, and an older segment knows the key, too.
    NewerSegmentBeatsOlder, engine, "newer segment beats older";
    /// There are segments, and no layer knows the key.
    MissedEverySegment, engine, "get missed every segment";
    /// A filter said maybe, and the block did not hold the key.
    FilterWrong, engine, "filter said maybe and was wrong";
    /// A flush found nothing to write.
    EmptyFlush, engine, "empty flush";
    /// A flush wrote a segment of nothing but tombstones.
    TombstoneFlush, engine, "flush of tombstones only";
    /// A segment answered a get in a case that has reopened the store.
    SegmentAfterReopen, engine, "segment read after reopen";
    /// A compaction left a tombstone out.
    TombstoneDropped, engine, "compaction dropped a tombstone";
    /// A compaction kept a tombstone: something older may lie deeper, or a snapshot sees it.
    TombstoneKept, engine, "compaction had to keep a tombstone";
    /// A compaction left an older version out.
    VersionDropped, engine, "compaction dropped an older version";
    /// The store began a flush by itself.
    AutomaticFlush, engine, "automatic flush";
    /// An opening cut a torn log.
    TornLogTail, engine, "torn log tail";
    /// An opening found a segment that the manifest does not name.
    OrphanSegment, engine, "crash between segment and manifest";
}
