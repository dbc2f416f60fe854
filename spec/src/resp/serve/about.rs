//! Commands on the connection and the server.

use super::answers::Answers;
use super::pattern::Pattern;
use super::refusal::Refusal;
use super::session::{After, Session};
use crate::store::KeyValueStore;

type Answered = Result<After, Refusal>;

/// Whose protocol and commands these are a part of: programs look at it.
const AS_REDIS: &str = "7.0.0";

/// What CONFIG GET knows: programs ask for these before they begin.
const SETTINGS: [(&str, &str); 3] = [("save", ""), ("appendonly", "no"), ("databases", "1")];

fn is(word: &[u8], name: &str) -> bool {
    word.eq_ignore_ascii_case(name.as_bytes())
}

#[expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "the form that every command has"
)]
impl<C: KeyValueStore> Session<'_, C> {
    pub(super) fn ping(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        match words.get(1) {
            Some(text) => out.string(text),
            None => out.simple("PONG"),
        }
        Ok(After::Next)
    }

    pub(super) fn echo(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        out.string(words[1]);
        Ok(After::Next)
    }

    pub(super) fn select(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        if words[1] != b"0" {
            return Err(Refusal::new("DB index is out of range: there is only 0"));
        }
        out.ok();
        Ok(After::Next)
    }

    pub(super) fn save(&mut self, _: &[&[u8]], out: &mut Answers) -> Answered {
        self.store.sync()?;
        out.ok();
        Ok(After::Next)
    }

    pub(super) fn hello(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        match words.get(1).copied() {
            None | Some(b"2") => {}
            Some(_) => {
                return Err(Refusal::of(
                    "NOPROTO",
                    "unsupported protocol version: 2 is it",
                ));
            }
        }
        let mut rest = words[words.len().min(2)..].iter();
        let mut name = None;
        while let Some(word) = rest.next() {
            match rest.next() {
                Some(given) if is(word, "setname") => name = Some(given.to_vec()),
                _ => return Err(Refusal::syntax(word, "SETNAME name")),
            }
        }
        self.name = name.unwrap_or_else(|| std::mem::take(&mut self.name));
        out.list(14);
        let texts = [
            ("server", "etalon"),
            ("version", AS_REDIS),
            ("mode", "standalone"),
            ("role", "master"),
        ];
        for (name, text) in texts {
            out.string(name.as_bytes());
            out.string(text.as_bytes());
        }
        out.string(b"proto");
        out.integer(2);
        out.string(b"id");
        out.integer(self.number);
        out.string(b"modules");
        out.list(0);
        Ok(After::Next)
    }

    pub(super) fn client(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        match (words[1].to_ascii_lowercase().as_slice(), &words[2..]) {
            (b"setname", [name]) => {
                self.name = name.to_vec();
                out.ok();
            }
            (b"getname", []) => out.string(&self.name),
            (b"setinfo", [_, _]) => out.ok(),
            (b"id", []) => out.integer(self.number),
            _ => {
                let known = "CLIENT SETNAME name, GETNAME, SETINFO name value or ID";
                return Err(Refusal::syntax(words[1], known));
            }
        }
        Ok(After::Next)
    }

    /// Redis's own description of each command is long: a client goes without it.
    pub(super) fn command(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let names = || Self::COMMANDS.iter().map(|(name, ..)| *name);
        match words
            .get(1)
            .map(|word| word.to_ascii_lowercase())
            .as_deref()
        {
            Some(b"count") => out.integer(names().count() as u64),
            Some(b"list") => out.strings(&names().collect::<Vec<&str>>()),
            None | Some(b"docs" | b"info") => out.list(0),
            Some(_) => return Err(Refusal::syntax(words[1], "COUNT, LIST, DOCS or INFO")),
        }
        Ok(After::Next)
    }

    pub(super) fn config(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        if !is(words[1], "get") || words.len() < 3 {
            return Err(Refusal::syntax(
                words[1],
                "CONFIG GET name: nothing can be set",
            ));
        }
        let patterns = words[2..]
            .iter()
            .map(|word| Pattern::new(&word.to_ascii_lowercase()));
        let patterns: Vec<Pattern> = patterns.collect();
        let is_asked = |name: &str| {
            patterns
                .iter()
                .any(|pattern| pattern.is_met_by(name.as_bytes()))
        };
        let asked = SETTINGS.iter().filter(|(name, _)| is_asked(name));
        let asked: Vec<&str> = asked.flat_map(|(name, value)| [*name, *value]).collect();
        out.strings(&asked);
        Ok(After::Next)
    }

    pub(super) fn info(&mut self, words: &[&[u8]], out: &mut Answers) -> Answered {
        let server = format!(
            "# Server\r\nserver_name:etalon\r\netalon_version:{}\r\nredis_version:{AS_REDIS}\r\n\
             redis_mode:standalone\r\nprocess_id:{}\r\ntcp_port:{}\r\n",
            env!("CARGO_PKG_VERSION"),
            std::process::id(),
            self.shared.port,
        );
        let clients = self.shared.open().len();
        let clients = format!("# Clients\r\nconnected_clients:{clients}\r\n");
        let sections = [("server", server), ("clients", clients)];
        let is_asked = |name: &str| {
            let asks = |word: &&[u8]| {
                ["all", "default", "everything", name]
                    .iter()
                    .any(|name| is(word, name))
            };
            words.len() == 1 || words[1..].iter().any(asks)
        };
        let asked = sections.into_iter().filter(|(name, _)| is_asked(name));
        let texts: Vec<String> = asked.map(|(_, text)| text).collect();
        out.string(texts.join("\r\n").as_bytes());
        Ok(After::Next)
    }

    pub(super) fn quit(&mut self, _: &[&[u8]], out: &mut Answers) -> Answered {
        out.ok();
        Ok(After::Close)
    }

    /// Nothing has to be saved: what was answered is in the store.
    pub(super) fn shutdown(&mut self, words: &[&[u8]], _: &mut Answers) -> Answered {
        let known = ["nosave", "save", "now", "force"];
        match words[1..]
            .iter()
            .find(|word| !known.iter().any(|name| is(word, name)))
        {
            Some(word) => Err(Refusal::syntax(word, "NOSAVE, SAVE, NOW or FORCE")),
            None => Ok(After::End),
        }
    }
}
