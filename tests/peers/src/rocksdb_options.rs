//! What RocksDB promises, and the options that it is opened with.
//!
//! They are those of a database and those of a column family in one, so every family has the same.

use etalon_spec::{Ability, Options, Outcome, Profile, Survives};
use rocksdb::{BlockBasedIndexType, BlockBasedOptions, DBCompressionType, DataBlockIndexType};

use crate::adapt::{integer, length, switch, unknown, word};

/// What RocksDB promises.
pub(crate) fn profile() -> Profile {
    let mut profile = Profile::new("rocksdb")
        .can([
            Ability::Scan,
            Ability::Reverse,
            Ability::Prefix,
            Ability::Write,
            Ability::DeleteRange,
            Ability::Flush,
            Ability::Compact,
            Ability::Reopen,
            Ability::Sync,
            Ability::Snapshot,
            Ability::Iterator,
            Ability::FirstLast,
            Ability::Ingest,
            Ability::Spaces,
        ])
        .option("write_buffer_size", [65_536, 64 << 20].map(Into::into))
        .option("target_file_size", [1, 4_096, 64 << 20].map(Into::into))
        .option("level0_files", [1, 2, 4].map(Into::into))
        .option("block_size", [1, 256, 4_096].map(Into::into))
        .option("block_restart_interval", [1, 2, 16].map(Into::into))
        .option("hash_index", [false, true].map(Into::into))
        .option("partitions", [true, false].map(Into::into))
        .option("filter", ["none", "bloom", "ribbon"].map(Into::into))
        .option(
            "compression",
            ["none", "snappy", "lz4", "zstd"].map(Into::into),
        )
        .option("blob_bytes", [0, 16, 1_024].map(Into::into))
        .option("blob_file_size", [1, 4_096, 256 << 20].map(Into::into))
        .option("blob_collection", [true, false].map(Into::into))
        .option("pipelined", [true, false].map(Into::into));
    profile.survives_kill = Survives::All;
    profile
}

/// The options of a case, as RocksDB takes them.
pub(crate) fn opening(options: &Options) -> Outcome<rocksdb::Options> {
    let mut opening = rocksdb::Options::default();
    opening.create_if_missing(true);
    if let Some(bytes) = length(options, "write_buffer_size")? {
        opening.set_write_buffer_size(bytes);
    }
    if let Some(bytes) = integer(options, "target_file_size")? {
        opening.set_target_file_size_base(bytes);
    }
    if let Some(files) = integer(options, "level0_files")? {
        opening.set_level_zero_file_num_compaction_trigger(i32::try_from(files)?);
    }
    if let Some(name) = word(options, "compression")? {
        opening.set_compression_type(match name {
            "none" => DBCompressionType::None,
            "snappy" => DBCompressionType::Snappy,
            "lz4" => DBCompressionType::Lz4,
            "zstd" => DBCompressionType::Zstd,
            other => return Err(unknown("compression", other)),
        });
    }
    if let Some(bytes) = integer(options, "blob_bytes")? {
        opening.set_enable_blob_files(true);
        opening.set_min_blob_size(bytes);
        opening.set_enable_blob_gc(switch(options, "blob_collection")?.unwrap_or(false));
    }
    if let Some(bytes) = integer(options, "blob_file_size")? {
        opening.set_blob_file_size(bytes);
    }
    opening.set_enable_pipelined_write(switch(options, "pipelined")?.unwrap_or(false));
    opening.set_block_based_table_factory(&tables(options)?);
    Ok(opening)
}

fn tables(options: &Options) -> Outcome<BlockBasedOptions> {
    let mut tables = BlockBasedOptions::default();
    if let Some(bytes) = length(options, "block_size")? {
        tables.set_block_size(bytes);
    }
    if let Some(entries) = integer(options, "block_restart_interval")? {
        tables.set_block_restart_interval(i32::try_from(entries)?);
    }
    if switch(options, "hash_index")? == Some(true) {
        tables.set_data_block_index_type(DataBlockIndexType::BinaryAndHash);
    }
    if switch(options, "partitions")? == Some(true) {
        tables.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
        tables.set_partition_filters(true);
    }
    match word(options, "filter")? {
        None | Some("none") => {}
        Some("bloom") => tables.set_bloom_filter(10.0, false),
        Some("ribbon") => tables.set_ribbon_filter(10.0),
        Some(other) => return Err(unknown("filter", other)),
    }
    Ok(tables)
}
