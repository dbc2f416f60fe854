//! Makes `fuzz/corpus/`: the `.ops` of `fuzz/seeds/differential` in the byte form, and for the
//! other targets files that the engine writes. `cargo run -p etalon-fuzz --no-default-features
//! --bin seed`; `fuzz/run` does it by itself. Files of a corpus that are there stay.

use std::path::{Path, PathBuf};
use std::{fs, io};

use etalon::disk::MemoryDisk;
use etalon::inspect::{self, FileKind};
use etalon::oracle::Opened;
use etalon::{Compression, Options, Store};
use etalon_fuzz::{files, frame};
use etalon_spec::{Case, Failure, Generator, OpKind, Script, apply, bytes};

/// Cases of the generator, beside those written by hand.
const GENERATED: u64 = 32;

fn main() -> io::Result<()> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = fuzz.join("corpus");
    let cases = cases(
        &fuzz.join("seeds/differential"),
        &corpus.join("differential"),
    )?;
    println!("differential: {cases} cases");
    for (target, kind) in [
        ("table", FileKind::Table),
        ("log", FileKind::Log),
        ("manifest", FileKind::Manifest),
    ] {
        let files = store_files(kind, &corpus.join(target))?;
        println!("{target}: {files} files");
    }
    Ok(())
}

fn cases(seeds: &Path, corpus: &Path) -> io::Result<usize> {
    fs::create_dir_all(corpus)?;
    let mut paths: Vec<PathBuf> = fs::read_dir(seeds)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    for path in &paths {
        let script = Script::load(&fs::read(path)?)
            .map_err(|error| io::Error::other(format!("{}:{error}", path.display())))?;
        let name = path.file_stem().unwrap_or_default();
        fs::write(corpus.join(name), bytes::encode(&script.case))?;
    }
    let mut generator = Generator::new(1, &etalon::oracle::profile());
    for index in 0..GENERATED {
        let case = generator.case(index, 20);
        fs::write(
            corpus.join(format!("generated-{index}")),
            bytes::encode(&case),
        )?;
    }
    Ok(paths.len() + GENERATED as usize)
}

/// Files of that kind out of real stores, each as it is and again with checksums to be mended.
fn store_files(kind: FileKind, corpus: &Path) -> io::Result<usize> {
    fs::create_dir_all(corpus)?;
    let small = Options {
        block_bytes: 64,
        restart_interval: 2,
        ..Options::default()
    };
    let packed = Options {
        compression: Compression::Snappy,
        filter_bits: 0,
        ..Options::default()
    };
    let mut stores = vec![
        files::real_store(Options::default()),
        files::real_store(small),
        files::real_store(packed),
    ];
    let mut generator = Generator::new(2, &etalon::oracle::profile());
    for index in 0..8 {
        stores.push(written_by(&generator.case(index, 60))?);
    }
    let mut count = 0;
    for bytes in stores.iter().flat_map(|disk| files::files_of(disk, kind)) {
        for mode in [0, 1] {
            fs::write(
                corpus.join(format!("seed-{count}")),
                [&[mode], &bytes[..]].concat(),
            )?;
            count += 1;
        }
    }
    if kind == FileKind::Table {
        for disk in &stores {
            count += framed(disk, corpus, count)?;
        }
    }
    Ok(count)
}

/// The tables of a store again, as their blocks (mode bit 1); those with compressed blocks (bit
/// 2) have all of them compressed here.
fn framed(disk: &MemoryDisk, corpus: &Path, before: usize) -> io::Result<usize> {
    let tables = disk.paths().into_iter();
    let tables: Vec<PathBuf> = tables
        .filter(|path| FileKind::of(path) == FileKind::Table)
        .collect();
    for (at, path) in tables.iter().enumerate() {
        let bytes = disk.read_file(path)?;
        let outline = inspect::table(disk, path, &mut drop).map_err(io::Error::other)?;
        let end = |(offset, size, _): &(u64, u64, Vec<u8>)| (offset + size) as usize;
        let filter_at = outline.blocks.last().map_or(0, end) + 5;
        let filter = outline
            .filter_bytes
            .and_then(|size| bytes.get(filter_at..filter_at + size));
        let mut parts = vec![filter.unwrap_or_default()];
        for block in &outline.blocks {
            parts.push(&bytes[block.0 as usize..end(block)]);
            parts.push(&block.2);
        }
        let compressed = outline
            .blocks
            .first()
            .is_some_and(|block| bytes[end(block)] == 1);
        let mode = if compressed { 6 } else { 2 };
        let seed = [&[mode], &frame::sections(parts)[..]].concat();
        fs::write(corpus.join(format!("seed-{}", before + at)), seed)?;
    }
    Ok(tables.len())
}

/// The disk of a store after this case, reopenings left out.
fn written_by(case: &Case) -> io::Result<MemoryDisk> {
    let disk = MemoryDisk::default();
    let failed = |failure: Failure| io::Error::other(failure.to_string());
    let options = etalon::oracle::options(&case.options).map_err(failed)?;
    let opened = Store::open_on(disk.clone(), files::DIRECTORY, options);
    let mut store = Opened::from(opened.map_err(io::Error::other)?);
    for op in case.ops.iter().filter(|op| op.kind() != OpKind::Reopen) {
        apply(&mut store, op).map_err(failed)?;
    }
    let store = store.into_store();
    store.close().map_err(io::Error::other)?;
    Ok(disk)
}
