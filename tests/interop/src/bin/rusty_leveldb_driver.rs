//! rusty-leveldb, a port to Rust, behind the lines of `src/driver.rs`.
//!
//! A program of its own, like the others: where it panics or never answers, the tests say so
//! and go on to the next. Its batches cannot be made from outside the crate, so a write has one
//! change. Its gets answer wrongly (`divergences/`), so a get is answered by an iterator, unless
//! the option `gets` is `native`.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::rc::Rc;

use etalon_interop::words::{bytes, word};
use rusty_leveldb::{
    BloomPolicy, CompressorId, DB, FilterPolicy, LdbIterator, Options, compressor,
};

/// An open directory.
struct Open {
    store: DB,
    native_gets: bool,
}

type Answer = Result<Vec<String>, String>;

fn main() -> io::Result<()> {
    let mut open = None;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match answer(&mut open, words[0], &words[1..]) {
            Ok(found) => format!("ok {}", found.join(" ")),
            Err(failure) => format!("error {}", failure.replace('\n', " ")),
        };
        writeln!(io::stdout(), "{}", answer.trim_end())?;
    }
    Ok(())
}

fn answer(open: &mut Option<Open>, command: &str, words: &[&str]) -> Answer {
    let text = |failure: rusty_leveldb::Status| failure.to_string();
    match (command, open.as_mut()) {
        ("close", None) => {}
        ("close", Some(closing)) => {
            closing.store.close().map_err(text)?;
            *open = None;
        }
        ("open", _) => {
            let path = String::from_utf8(required(words[0])?).map_err(|error| error.to_string())?;
            let (of_driver, of_store): (Vec<&str>, Vec<&str>) = words[1..]
                .iter()
                .partition(|setting| setting.starts_with("gets="));
            *open = None;
            *open = Some(Open {
                store: DB::open(Path::new(&path), options(&of_store)?).map_err(text)?,
                native_gets: of_driver == ["gets=native"],
            });
        }
        (_, None) => return Err("nothing is open".into()),
        ("get", Some(Open { store, native_gets })) => return get(store, words, *native_gets),
        ("scan", Some(Open { store, .. })) => return scan(store, words),
        ("write", Some(Open { store, .. })) => {
            let key = required(words[0])?;
            match bytes(words[1]) {
                Some(value) => store.put(&key, &value),
                None => store.delete(&key),
            }
            .map_err(text)?;
        }
        ("compact", Some(Open { store, .. })) => {
            store
                .compact_range(b"", &vec![0xff; 70_000])
                .map_err(text)?;
        }
        _ => return Err(format!("no command {command}")),
    }
    Ok(Vec::new())
}

/// A failed native get answers like an absent key: its interface has no error for it.
fn get(store: &mut DB, words: &[&str], native: bool) -> Answer {
    let key = required(words[0])?;
    if native {
        return Ok(vec![word(store.get(&key).as_deref())]);
    }
    let after = [&*key, &[0]].concat();
    let found = scan(store, &[words[0], &word(Some(&after)), "forwards", "1"])?;
    Ok(vec![found.into_iter().nth(1).unwrap_or_else(|| word(None))])
}

fn options(settings: &[&str]) -> Result<Options, String> {
    // A log that is used again never becomes a table, and then nothing here would be a flush.
    let mut options = Options {
        reuse_logs: false,
        filter_policy: Rc::new(Box::new(NoFilter)),
        ..Options::default()
    };
    for setting in settings {
        let (name, value) = setting.split_once('=').ok_or("no value")?;
        let number = || value.parse::<usize>().map_err(|error| error.to_string());
        match name {
            "write_buffer_size" => options.write_buffer_size = number()?,
            "block_size" => options.block_size = number()?,
            "block_restart_interval" => options.block_restart_interval = number()?,
            "table_size" => options.max_file_size = number()?,
            "bloom_filter_bits" => {
                options.filter_policy = match number()? {
                    0 => Rc::new(Box::new(NoFilter)),
                    bits => Rc::new(Box::new(BloomPolicy::new(bits as u32))),
                };
            }
            "compression" => {
                options.compressor = match value {
                    "none" => compressor::NoneCompressor::ID,
                    _ => compressor::SnappyCompressor::ID,
                };
            }
            _ => return Err(format!("no option {name}")),
        }
    }
    Ok(options)
}

/// No filter: tables have none by this name, and those written get one of a byte.
struct NoFilter;

impl FilterPolicy for NoFilter {
    fn name(&self) -> &'static str {
        "none"
    }

    fn create_filter(&self, _: &[u8], _: &[usize]) -> Vec<u8> {
        vec![0] // of an empty one it panics
    }

    fn key_may_match(&self, _: &[u8], _: &[u8]) -> bool {
        true
    }
}

fn required(word: &str) -> Result<Vec<u8>, String> {
    bytes(word).ok_or_else(|| "bytes are missing".into())
}

/// It can seek and go both ways, but cannot begin at its last entry: that is looked for forwards.
fn scan(store: &mut DB, words: &[&str]) -> Answer {
    let (start, stop) = (required(words[0])?, bytes(words[1]));
    let limit = words[3].parse().unwrap_or(usize::MAX);
    let within = |key: &[u8]| key >= &*start && stop.as_deref().is_none_or(|stop| key < stop);
    let mut entries = store.new_iter().map_err(|failure| failure.to_string())?;
    entries.seek(&start);
    let backwards = words[2] == "backwards";
    if backwards {
        let mut last = None;
        while let Some((key, _)) = entries.current().filter(|(key, _)| within(key)) {
            last = Some(key);
            entries.advance();
        }
        match last {
            Some(last) => entries.seek(&last),
            None => return Ok(Vec::new()),
        }
    }
    let mut found = Vec::new();
    while let Some((key, value)) = entries.current().filter(|(key, _)| within(key)) {
        if found.len() / 2 >= limit {
            break;
        }
        found.extend([word(Some(&key)), word(Some(&value))]);
        if backwards {
            entries.prev();
        } else {
            entries.advance();
        }
    }
    Ok(found)
}
