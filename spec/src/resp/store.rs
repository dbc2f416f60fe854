//! The keys below a case's prefix as a store.

use super::server::{Session, Slot, lock};
use super::value::Value;
use crate::op::Entry;
use crate::outcome::{Breach, Failure, Outcome};
use crate::range::Scan;
use crate::store::KeyValueStore;

/// Keys that one MGET or DEL names.
const AT_ONCE: usize = 500;

/// The store that a [`Server`](super::Server) has open.
#[derive(Debug)]
pub struct RespStore {
    pub(super) slot: Slot,
}

/// A reply of another kind than the command has.
fn unexpected(command: &str, reply: &Value) -> Failure {
    let text: String = format!("{command} answers {reply:?}")
        .chars()
        .take(200)
        .collect();
    Failure::Breach(Box::new(Breach::Protocol(text)))
}

impl Session {
    fn ask(&mut self, words: &[&[u8]]) -> Outcome<Value> {
        match &mut self.client {
            Some(client) => client.ask(words),
            None => Err(Failure::definite("there is no connection")),
        }
    }

    fn key(&self, key: &[u8]) -> Vec<u8> {
        [&self.prefix, key].concat()
    }

    /// Removes what this case has set.
    pub(super) fn remove_keys(&mut self) -> Outcome<()> {
        let set = std::mem::take(&mut self.set);
        let keys: Vec<Vec<u8>> = set.iter().map(|key| self.key(key)).collect();
        self.remove(&keys)
    }

    /// Removes everything below the prefix.
    pub(super) fn remove_all(&mut self) -> Outcome<()> {
        let keys = self.keys()?;
        self.remove(&keys)
    }

    fn remove(&mut self, keys: &[Vec<u8>]) -> Outcome<()> {
        for keys in keys.chunks(AT_ONCE) {
            let mut words: Vec<&[u8]> = vec![b"DEL"];
            words.extend(keys.iter().map(Vec::as_slice));
            self.ask(&words)?;
        }
        Ok(())
    }

    /// Every key below the prefix, with it.
    fn keys(&mut self) -> Outcome<Vec<Vec<u8>>> {
        // Letters, digits and colons: nothing that a pattern gives a meaning.
        let pattern = [&self.prefix[..], b"*"].concat();
        let mut cursor = b"0".to_vec();
        let mut keys = Vec::new();
        loop {
            let reply = self.ask(&[b"SCAN", &cursor, b"MATCH", &pattern, b"COUNT", b"1000"])?;
            let Value::List(parts) = &reply else {
                return Err(unexpected("SCAN", &reply));
            };
            let [Value::Bulk(Some(next)), Value::List(found)] = &parts[..] else {
                return Err(unexpected("SCAN", &reply));
            };
            for key in found {
                match key {
                    Value::Bulk(Some(key)) => keys.push(key.clone()),
                    _ => return Err(unexpected("SCAN", &reply)),
                }
            }
            cursor.clone_from(next);
            if cursor == b"0" {
                // A key may come more than once.
                keys.sort_unstable();
                keys.dedup();
                return Ok(keys);
            }
        }
    }

    fn entries(&mut self) -> Outcome<Vec<Entry>> {
        let mut entries = Vec::new();
        for keys in self.keys()?.chunks(AT_ONCE) {
            let mut words: Vec<&[u8]> = vec![b"MGET"];
            words.extend(keys.iter().map(Vec::as_slice));
            let reply = self.ask(&words)?;
            let Value::List(values) = reply else {
                return Err(unexpected("MGET", &reply));
            };
            for (key, value) in keys.iter().zip(values) {
                let Value::Bulk(Some(value)) = value else {
                    return Err(unexpected("MGET of a key that SCAN found", &value));
                };
                entries.push((key[self.prefix.len()..].to_vec(), value));
            }
        }
        Ok(entries)
    }
}

impl KeyValueStore for RespStore {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let mut session = lock(&self.slot);
        let key = session.key(key);
        match session.ask(&[b"GET", &key])? {
            Value::Bulk(value) => Ok(value),
            other => Err(unexpected("GET", &other)),
        }
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        let mut session = lock(&self.slot);
        session.set.insert(key.to_vec());
        let key = session.key(key);
        match session.ask(&[b"SET", &key, value])? {
            Value::Simple(ok) if ok == "OK" => Ok(()),
            other => Err(unexpected("SET", &other)),
        }
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        let mut session = lock(&self.slot);
        let key = session.key(key);
        match session.ask(&[b"DEL", &key])? {
            Value::Integer(0 | 1) => Ok(()),
            other => Err(unexpected("DEL", &other)),
        }
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Vec<Entry>> {
        let entries = lock(&self.slot).entries()?;
        Ok(scan.collect(entries))
    }
}
