//! The other end of the protocol: any Rust store as a program that answers requests.
//!
//! ```text
//!   stdin --line--> request --> store --> answer --line--> stdout
//! ```
//!
//! Invariants:
//! 1. One request is read, answered, and only then the next one is looked at.
//! 2. What was answered is flushed before this waits for more.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use crate::check::apply;
use crate::op::{Op, OpKind, Reply};
use crate::open::Open;
use crate::options::Options;
use crate::outcome::{Failure, Outcome};
use crate::profile::{Ability, Profile};
use crate::protocol::{Call, Encoding, Greeting, read_request, write_answer, write_failure};
use crate::range::{Range, Scan};
use crate::sorted_run::SortedRun;
use crate::store::KeyValueStore;

/// Opens stores in directories. Any closure of two arguments does.
pub trait Opener {
    /// The stores.
    type Store: KeyValueStore;

    /// Opens the store of a directory, which may be empty.
    fn open(&mut self, dir: &Path, options: &Options) -> Outcome<Self::Store>;

    /// Closes the store that is open, if any, and opens that of a directory, keeping what it holds.
    fn reopen(
        &mut self,
        store: Option<Self::Store>,
        dir: &Path,
        options: &Options,
    ) -> Outcome<Self::Store> {
        store.map_or(Ok(()), KeyValueStore::close)?;
        self.open(dir, options)
    }
}

impl<F, S> Opener for F
where
    F: FnMut(&Path, &Options) -> Outcome<S>,
    S: KeyValueStore,
{
    type Store = S;

    fn open(&mut self, dir: &Path, options: &Options) -> Outcome<S> {
        self(dir, options)
    }
}

/// A Rust store as a program, in one line, for `etalon check -- PROGRAM`:
///
/// ```no_run
/// # use etalon_spec::Model;
/// fn main() {
///     etalon_spec::serve_stdio("mine", |_dir, _options| Ok(Model::default()))
/// }
/// ```
///
/// What the store can do beyond get, put and delete is tried once, on a store in a scratch
/// directory; what it promises beyond that is [`KeyValueStore::profile`].
pub fn serve_stdio<S, F>(name: &str, mut open: F)
where
    S: KeyValueStore,
    F: FnMut(&Path, &Options) -> Outcome<S>,
{
    let served = profile_of(name, &mut open).and_then(|profile| {
        serve(&profile, open, io::stdin(), io::stdout()).map_err(Failure::from)
    });
    if let Err(failure) = served {
        eprintln!("{name}: {failure}");
        std::process::exit(1);
    }
}

/// Greets, and answers requests until there are no more. The abilities `layers` and `reopen`
/// after a power loss are no part of the protocol, and are not offered.
///
/// ```
/// use etalon_spec::{Model, Options, Outcome, Profile, serve};
///
/// let requests = "{\"id\":1,\"op\":\"open\",\"dir\":\"/\"}\n{\"id\":2,\"op\":\"get\",\"key\":\"k\"}\n";
/// let open = |_: &std::path::Path, _: &Options| Ok(Model::default());
/// let mut answers = Vec::new();
/// serve(&Profile::new("model"), open, requests.as_bytes(), &mut answers).unwrap();
/// let answers = String::from_utf8(answers).unwrap();
/// assert!(answers.ends_with("{\"id\":1,\"ok\":null}\n{\"id\":2,\"ok\":null}\n"));
/// ```
pub fn serve<O: Opener>(
    profile: &Profile,
    open: O,
    input: impl Read,
    output: impl Write,
) -> io::Result<()> {
    let mut greeting = Greeting::new(profile.clone());
    greeting.window = 64;
    greeting.profile.can = profile.can.without(Ability::Layers);
    greeting.profile.survives_power = crate::Survives::None;
    let mut server = Server {
        opener: open,
        store: None,
        open: Open::default(),
    };
    let (mut input, mut output) = (
        BufReader::with_capacity(1 << 16, input),
        BufWriter::new(output),
    );
    writeln!(output, "{}", greeting.print())?;
    let (mut line, mut answer) = (String::new(), Vec::new());
    loop {
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return output.flush();
        }
        let read = read_request(line.trim_end(), greeting.encoding);
        let (id, call) = read.map_err(|why| {
            let text = format!("not a request ({why}): {}", line.trim_end());
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        answer.clear();
        server.answer(&mut answer, id, call, greeting.encoding);
        output.write_all(&answer)?;
    }
}

struct Server<O: Opener> {
    opener: O,
    store: Option<O::Store>,
    /// Snapshots, iterators, transactions, key spaces.
    open: Open,
}

impl<O: Opener> Server<O> {
    fn answer(&mut self, out: &mut Vec<u8>, id: u64, call: Call, encoding: Encoding) {
        let is_one = matches!(&call, Call::Do(op) if op.kind().answers_one());
        match self.carry_out(call) {
            Ok(reply) => write_answer(out, id, &reply, encoding, is_one),
            Err(failure) => write_failure(out, id, &failure),
        }
    }

    fn carry_out(&mut self, call: Call) -> Outcome<Reply> {
        let op = match call {
            Call::Do(op) => op,
            Call::Open { dir, options } => {
                self.store = None;
                self.open.clear();
                self.store = Some(self.opener.open(Path::new(&dir), &options)?);
                return Ok(Reply::Done);
            }
            Call::Reopen { dir, options } => {
                self.open.end_views();
                let store = self.store.take();
                self.store = Some(self.opener.reopen(store, Path::new(&dir), &options)?);
                return Ok(Reply::Done);
            }
            Call::Unknown(_) => return Err(Failure::Unsupported),
        };
        let store = self.store.as_mut();
        let store = store.ok_or_else(|| Failure::definite("no store is open"))?;
        if !self.open.has_names_of(&op) {
            return Err(Failure::definite(
                "no snapshot, iterator, transaction or key space of this name is there, or one is \
                 already",
            ));
        }
        let outcome = apply(store, &op);
        // A commit that is refused has ended its transaction, too.
        if outcome.is_ok() || op.kind() == OpKind::Commit {
            self.open.apply(&op);
        }
        outcome
    }
}

/// What a store says of itself, and what it can do: what it does not answer with `Unsupported`,
/// tried once on an empty one; under the name that the caller gives it.
fn profile_of<O: Opener>(name: &str, open: &mut O) -> Outcome<Profile> {
    let dir = std::env::temp_dir().join(format!("etalon-abilities-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let tried = try_out(open, &dir);
    std::fs::remove_dir_all(&dir)?;
    Ok(Profile {
        name: name.to_owned().into(),
        ..tried?
    })
}

fn try_out<O: Opener>(open: &mut O, dir: &Path) -> Outcome<Profile> {
    let name = crate::Name::literal("a");
    let scan = |range, reverse| {
        let limit = None;
        Op::scan(Scan {
            range,
            reverse,
            limit,
        })
    };
    let tries = [
        (Ability::Scan, Op::scan(Scan::ALL)),
        (Ability::Reverse, scan(Range::ALL, true)),
        (Ability::Prefix, scan(Range::Prefix(Vec::new()), false)),
        (Ability::Length, Op::LENGTH),
        (Ability::Write, Op::write(Vec::new())),
        (Ability::Clear, Op::CLEAR),
        (Ability::DeleteRange, Op::delete_range(Range::ALL)),
        (Ability::Flush, Op::Flush),
        (Ability::Compact, Op::Compact),
        (Ability::Sync, Op::Sync),
        (Ability::Snapshot, Op::Snapshot(name)),
        (Ability::Iterator, Op::Iterator { name, at: None }),
    ];
    let mut store = open.open(dir, &Options::default())?;
    let profile = store.profile();
    let mut can = profile.can;
    for (ability, op) in tries.into_iter().chain(tries_of_scopes(name)) {
        if apply(&mut store, &op) != Err(Failure::Unsupported) {
            can = can.with(ability);
        }
    }
    // What a store in memory would lose is there again only if it was kept.
    let kept = (b"k", b"v");
    store.put(kept.0, kept.1)?;
    store.close()?;
    let mut again = open.open(dir, &Options::default())?;
    if again.get(kept.0) == Ok(Some(kept.1.to_vec())) {
        can = can.with(Ability::Reopen);
    }
    again.close()?;
    Ok(Profile { can, ..profile })
}

/// As the others, of what only some stores have; the ingestion comes last, for it leaves a key.
fn tries_of_scopes(name: crate::Name) -> [(Ability, Op); 7] {
    let run = SortedRun::new(vec![(b"k".to_vec(), b"v".to_vec())]);
    let ingest = Op::Ingest {
        run: run.expect("one entry is in order"),
        sync: false,
    };
    [
        (Ability::FirstLast, Op::First { at: None }),
        (
            Ability::Cas,
            Op::Cas {
                key: b"k".to_vec(),
                expected: Some(b"other".to_vec()),
                new: None,
                sync: false,
            },
        ),
        (Ability::Transaction, Op::Begin(name)),
        (
            Ability::Savepoint,
            Op::Savepoint {
                transaction: name,
                name,
            },
        ),
        (
            Ability::Transaction,
            Op::Rollback {
                transaction: name,
                to: None,
            },
        ),
        (Ability::Spaces, Op::Create(name)),
        (Ability::Ingest, ingest),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    /// Right, for keys of up to 8 bytes.
    struct Short(Model);

    impl KeyValueStore for Short {
        fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
            self.0.get(key)
        }

        fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
            self.0.put(key, value)
        }

        fn delete(&mut self, key: &[u8]) -> Outcome<()> {
            self.0.delete(key)
        }

        fn length(&mut self) -> Outcome<u64> {
            self.0.length()
        }

        fn profile(&self) -> Profile {
            Profile::default().keys(0..=8)
        }
    }

    #[test]
    fn a_store_is_asked_for_its_profile_and_tried_for_its_abilities() {
        let mut open = |_: &Path, _: &Options| Ok(Short(Model::default()));
        let profile = profile_of("short", &mut open).expect("right");
        assert_eq!(profile.name, "short");
        assert!(profile.takes_key(b"12345678") && !profile.takes_key(b"123456789"));
        let can: Vec<Ability> = profile.can.iter().collect();
        assert_eq!(can, [Ability::Length], "the store is not kept");
    }
}
