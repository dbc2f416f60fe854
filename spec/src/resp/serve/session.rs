//! One client: its requests, answered one after the other.

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpStream};
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use super::answers::Answers;
use super::cursors::Cursors;
use super::refusal::Refusal;
use crate::store::KeyValueStore;

/// What all clients share, beside the store.
#[derive(Debug)]
pub(super) struct Shared {
    /// Held together by changes that need not know what is there, and alone by those that do:
    /// nobody changes anything between their look and their change. Reads take it not at all.
    pub(super) changes: RwLock<()>,
    pub(super) cursors: Mutex<Cursors>,
    pub(super) port: u16,
    /// The connections that are open.
    open: Mutex<BTreeMap<u64, TcpStream>>,
}

impl Shared {
    pub(super) fn at(port: u16) -> Shared {
        Shared {
            changes: RwLock::default(),
            cursors: Mutex::default(),
            port,
            open: Mutex::default(),
        }
    }

    pub(super) fn open(&self) -> MutexGuard<'_, BTreeMap<u64, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets every connection end once what has come is answered.
    pub(super) fn close_all(&self) {
        for stream in self.open().values() {
            // Its client may have gone just now.
            drop(stream.shutdown(Shutdown::Read));
        }
    }
}

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// It goes on.
    Next,
    /// It is closed once the answer is sent.
    Close,
    /// All of them are closed.
    End,
}

/// A client.
#[derive(Debug)]
pub(super) struct Session<'a, C> {
    pub(super) shared: &'a Shared,
    /// The store, as this client sees it.
    pub(super) store: C,
    pub(super) number: u64,
    /// What it calls itself.
    pub(super) name: Vec<u8>,
}

/// What answers a command.
pub(super) type Run<S> = fn(&mut S, &[&[u8]], &mut Answers) -> Result<After, Refusal>;

/// A command: its name, how many words it has with that, and what answers it.
pub(super) type Command<S> = (&'static str, RangeInclusive<usize>, Run<S>);

/// Any number of words.
const MANY: usize = usize::MAX;

impl<'a, C: KeyValueStore> Session<'a, C> {
    pub(super) fn new(shared: &'a Shared, store: C, number: u64) -> Self {
        Session {
            shared,
            store,
            number,
            name: Vec::new(),
        }
    }

    /// Every command. Those that come often come first.
    pub(super) const COMMANDS: [Command<Self>; 26] = [
        ("get", 2..=2, Self::get),
        ("set", 3..=MANY, Self::set),
        ("del", 2..=MANY, Self::del),
        ("mget", 2..=MANY, Self::mget),
        ("mset", 3..=MANY, Self::mset),
        ("ping", 1..=2, Self::ping),
        ("exists", 2..=MANY, Self::exists),
        ("strlen", 2..=2, Self::strlen),
        ("type", 2..=2, Self::kind),
        ("unlink", 2..=MANY, Self::del),
        ("incr", 2..=2, Self::incr),
        ("scan", 2..=MANY, Self::scan),
        ("keys", 2..=2, Self::keys),
        ("dbsize", 1..=1, Self::dbsize),
        ("flushdb", 1..=2, Self::flush_all),
        ("flushall", 1..=2, Self::flush_all),
        ("save", 1..=1, Self::save),
        ("echo", 2..=2, Self::echo),
        ("select", 2..=2, Self::select),
        ("hello", 1..=MANY, Self::hello),
        ("client", 2..=MANY, Self::client),
        ("command", 1..=MANY, Self::command),
        ("config", 2..=MANY, Self::config),
        ("info", 1..=MANY, Self::info),
        ("quit", 1..=1, Self::quit),
        ("shutdown", 1..=MANY, Self::shutdown),
    ];

    /// Answers one request.
    pub(super) fn answer(&mut self, words: &[&[u8]], out: &mut Answers) -> After {
        let Some(name) = words.first() else {
            return After::Next;
        };
        // A page of the web that a browser was made to send here.
        if name.eq_ignore_ascii_case(b"post") || name.eq_ignore_ascii_case(b"host:") {
            return After::Close;
        }
        let begun = out.0.len();
        let done = match find(&Self::COMMANDS, name) {
            None => Err(unknown(name, words)),
            Some((name, length, _)) if !length.contains(&words.len()) => Err(Refusal::new(
                format_args!("wrong number of arguments for '{name}' command"),
            )),
            Some((_, _, run)) => run(self, words, out),
        };
        done.unwrap_or_else(|refusal| {
            // An answer is whole, or it is the error.
            out.0.truncate(begun);
            out.error(&refusal.to_string());
            After::Next
        })
    }
}

fn find<'c, S>(commands: &'c [Command<S>], name: &[u8]) -> Option<&'c Command<S>> {
    let is_named = |(known, ..): &&Command<S>| name.eq_ignore_ascii_case(known.as_bytes());
    commands.iter().find(is_named)
}

fn unknown(name: &[u8], words: &[&[u8]]) -> Refusal {
    let shown = |word: &[u8]| -> String { word.escape_ascii().take(60).map(char::from).collect() };
    let behind = words[1..]
        .iter()
        .take(4)
        .map(|word| format!(" '{}'", shown(word)));
    let behind: String = behind.collect();
    Refusal::new(format_args!(
        "unknown command '{}', with args beginning with:{behind}",
        shown(name)
    ))
}
