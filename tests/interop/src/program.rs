//! The five programs that none of us wrote, each with its profile.
//!
//! | program | what it is | checks it is given | scans backwards | lock |
//! |---|---|---|---|---|
//! | [`PLYVEL`] | `LevelDB` 1.23 in C++, by Python | paranoid, every checksum | yes | fcntl |
//! | [`CLASSIC_LEVEL`] | `LevelDB` 1.20 in C++, by Node | it takes no such option | yes | fcntl |
//! | [`GOLEVELDB`] | the port to Go | all that `Strict` has | yes | flock |
//! | [`JAVA_LEVELDB`] | the port to Java, 0.7 | paranoid, every checksum | no | fcntl |
//! | [`RUSTY_LEVELDB`] | a port to Rust, 4.0.2 | it always verifies | wrongly | flock |
//!
//! The port to Java knows tables by their older name only, `.sst`: they are renamed before it
//! opens a directory. Batches of rusty-leveldb's cannot be made from outside the crate.
//!
//! Where one is known to be wrong (`divergences/`), its profile keeps the sequences off that:
//! goleveldb gets no inverted ranges, the port to Java few tables of level 0 and no compaction,
//! rusty-leveldb no empty keys and no scans backwards.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use etalon::oracle;
use etalon_spec::{Abilities, Ability, Profile, Setting, Taken};

use crate::shape::Shape;

/// What installs everything that the tests here need.
pub const INSTALL: &str = "Install what it needs: tests/interop/install";

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// Interpreters to try. Debian's own comes first: one that stands before it on the path does
/// not see Debian's packages.
const PYTHONS: [&str; 2] = ["/usr/bin/python3", "python3"];

/// Where Debian puts the archives of Java's classes.
const ARCHIVES: [&str; 4] = [
    "/usr/share/java/leveldb.jar",
    "/usr/share/java/leveldb-api.jar",
    "/usr/share/java/guava.jar",
    "/usr/share/java/snappy-java.jar",
];

/// What the port to Java reaches into, to map files: without them it reads no compressed block.
const OPENED: [&str; 4] = [
    "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
];

/// A program: how it is started, and what may be asked of it.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// What it is called here.
    pub name: &'static str,
    /// Which lock of a directory it takes.
    pub lock: Lock,
    /// Whether it knows tables by the name `.sst` only.
    pub old_table_names: bool,
    /// How many tables of level 0 a directory may have while it is open: with more it merges
    /// them by itself, and wrongly (`divergences/`).
    pub level_0_most: u64,
    /// What it can do, and the options that are drawn for it.
    pub profile: fn() -> Profile,
    /// Builds it where it must be built, and says how it is started.
    pub(crate) command: fn(&Built, &Path) -> Command,
}

impl Program {
    /// Whether it may open a directory of this shape so many times, with changes in between: each
    /// time what is in the log becomes a table of level 0.
    pub fn opens(&self, shape: &Shape, times: u64) -> bool {
        shape.tables - shape.deeper + times <= self.level_0_most
    }

    /// Whether it compacts on demand.
    pub fn compacts(&self) -> bool {
        (self.profile)().can.has(Ability::Compact)
    }

    /// The profile for which sequences are drawn that etalon carries out and this program reads:
    /// its own, with the options of etalon. Who runs a compaction is no matter of the files; on
    /// call there are just fewer tables that overlap.
    pub fn reader_profile(&self) -> Profile {
        let mut options = oracle::profile().options;
        for option in &mut options {
            if option.name == "compaction" {
                option.values.retain(|way| *way != Setting::from("on call"));
            }
        }
        Profile {
            options,
            ..(self.profile)()
        }
    }
}

/// The two kinds of locks, each of which does not see the other on Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// POSIX's, of a process.
    Fcntl,
    /// BSD's, of an open file.
    Flock,
}

/// What cargo has built for a test, which only the test's own compilation knows: [`built`].
#[derive(Clone, Copy, Debug)]
pub struct Built {
    /// The driver of rusty-leveldb.
    pub rusty_leveldb: &'static str,
    /// A directory for what the other drivers are compiled into.
    pub temporary: &'static str,
}

/// The [`Built`] of the test in which this stands.
#[macro_export]
macro_rules! built {
    () => {
        $crate::Built {
            rusty_leveldb: env!("CARGO_BIN_EXE_rusty_leveldb_driver"),
            temporary: env!("CARGO_TARGET_TMPDIR"),
        }
    };
}

/// `LevelDB` in C++, by Python's plyvel. Its options are the smallest that it keeps to first: it
/// takes 64 KiB of write buffer and 1 KiB of block for anything less.
pub const PLYVEL: Program = Program {
    name: "plyvel",
    lock: Lock::Fcntl,
    old_table_names: false,
    level_0_most: u64::MAX,
    profile: || {
        buffers(named("plyvel", "1.23"), [64 << 10, 256 << 10]).option("bloom_filter_bits", BITS)
    },
    command: |_, _| {
        let python = PYTHONS.into_iter().find(|python| {
            let mut import = Command::new(python);
            succeeds(import.args(["-c", "import plyvel"]).stderr(Stdio::null()))
        });
        let python = python.unwrap_or_else(|| panic!("no python3 has plyvel. {INSTALL}"));
        let mut command = Command::new(python);
        command.arg(source("plyvel_driver.py"));
        command
    },
};

/// `LevelDB` in C++ as Node's classic-level embeds it: an older version, always with a filter.
pub const CLASSIC_LEVEL: Program = Program {
    name: "classic-level",
    lock: Lock::Fcntl,
    old_table_names: false,
    level_0_most: u64::MAX,
    profile: || buffers(named("classic-level", "3.0.0"), [64 << 10, 256 << 10]),
    command: |_, _| {
        let mut command = Command::new("node");
        command.arg(source("classic_level_driver.js"));
        command
    },
};

/// The port to Go.
pub const GOLEVELDB: Program = Program {
    name: "goleveldb",
    lock: Lock::Flock,
    old_table_names: false,
    level_0_most: u64::MAX,
    profile: || {
        let profile = Profile {
            range_inverted: Taken::Refused, // it panics where some are scanned backwards
            ..named("goleveldb", "2020-08-15")
        };
        buffers(profile, [1 << 10, 16 << 10])
            .option("table_size", [2 << 10, 64 << 10].map(Setting::Integer))
            .option("bloom_filter_bits", BITS)
    },
    command: |_, into| {
        let program = into.join("goleveldb_driver");
        let mut go = Command::new("go");
        go.args(["build", "-o"])
            .arg(&program)
            .arg(source("goleveldb_driver.go"));
        go.envs([("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode")]);
        assert!(
            succeeds(&mut go),
            "goleveldb_driver.go cannot be built. {INSTALL}"
        );
        Command::new(program)
    },
};

/// The port to Java. It writes no filters and reads none. It merges tables of level 0 wrongly by
/// itself, so its write buffers are large enough never to be full.
pub const JAVA_LEVELDB: Program = Program {
    name: "java-leveldb",
    lock: Lock::Fcntl,
    old_table_names: true,
    level_0_most: 3,
    profile: || {
        let profile = buffers(named("java-leveldb", "0.7"), [256 << 10, 1 << 20]);
        let cannot = [
            Ability::Reverse,
            Ability::Flush,
            Ability::Compact,
            Ability::Reopen,
        ];
        let can = cannot.into_iter().fold(profile.can, Abilities::without);
        Profile { can, ..profile }
    },
    command: |_, into| {
        let archives = ARCHIVES.join(":");
        let mut compiler = Command::new("javac");
        compiler.args(["-cp", &archives, "-d"]).arg(into);
        compiler.arg(source("JavaLevelDbDriver.java"));
        assert!(
            succeeds(&mut compiler),
            "JavaLevelDbDriver.java cannot be built. {INSTALL}"
        );
        let mut command = Command::new("java");
        command
            .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"])
            .args(OPENED);
        command
            .arg("-cp")
            .arg(format!("{}:{archives}", into.display()));
        command.arg("JavaLevelDbDriver");
        command
    },
};

/// The port to Rust. Its gets are answered by an iterator, unless the option `gets` is `native`.
pub const RUSTY_LEVELDB: Program = Program {
    name: "rusty-leveldb",
    lock: Lock::Flock,
    old_table_names: false,
    level_0_most: u64::MAX,
    profile: || {
        let profile = buffers(named("rusty-leveldb", "4.0.2"), [16 << 10, 64 << 10])
            .option("table_size", [16 << 10, 64 << 10].map(Setting::Integer))
            .option("bloom_filter_bits", [10, 1].map(Setting::Integer));
        let batches = [Ability::Write, Ability::Clear, Ability::DeleteRange];
        let can = batches.into_iter().fold(profile.can, Abilities::without);
        let can = can.without(Ability::Reverse);
        let longest = profile.keys.max;
        Profile { can, ..profile }.keys(1..=longest)
    },
    command: |built, _| Command::new(built.rusty_leveldb),
};

/// All five.
pub const PROGRAMS: [Program; 5] = [
    PLYVEL,
    CLASSIC_LEVEL,
    GOLEVELDB,
    JAVA_LEVELDB,
    RUSTY_LEVELDB,
];

const BITS: [Setting; 3] = [
    Setting::Integer(10),
    Setting::Integer(0),
    Setting::Integer(1),
];

fn named(name: &'static str, version: &str) -> Profile {
    Profile {
        can: Abilities::PLAIN
            .without(Ability::Sync)
            .without(Ability::Snapshot)
            .without(Ability::Iterator)
            .without(Ability::Layers),
        version: version.to_owned().into(),
        ..Profile::new(name)
    }
}

/// The options that all of them have.
fn buffers(profile: Profile, write_buffers: [u64; 2]) -> Profile {
    profile
        .option("write_buffer_size", write_buffers.map(Setting::Integer))
        .option("block_size", [1 << 10, 4 << 10].map(Setting::Integer))
        .option("block_restart_interval", [1, 2, 16].map(Setting::Integer))
        .option("compression", ["snappy", "none"].map(Setting::from))
}

fn source(name: &str) -> PathBuf {
    [PACKAGE, "drivers", name].iter().collect()
}

fn succeeds(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
