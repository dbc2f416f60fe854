//! One connection to a server.

use std::io::{self, BufReader, ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::value::{self, Value};
use crate::outcome::{Breach, Failure, Outcome};

#[derive(Debug)]
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    limit: Duration,
    /// Nothing more can be asked.
    broken: Option<Breach>,
}

impl Client {
    pub(super) fn connect(address: &str, limit: Duration) -> io::Result<Client> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut client = Client {
            stream: BufReader::new(stream),
            limit,
            broken: None,
        };
        client.set_limit(limit)?;
        Ok(client)
    }

    pub(super) fn set_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.limit = limit;
        let stream = self.stream.get_ref();
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// Sends a command and waits for its reply. An error that the server answers is indefinite.
    pub(super) fn ask(&mut self, words: &[&[u8]]) -> Outcome<Value> {
        if let Some(breach) = &self.broken {
            return Err(Failure::Breach(Box::new(breach.clone())));
        }
        let mut command = Vec::new();
        value::write_command(&mut command, words);
        let sent = self.stream.get_mut().write_all(&command);
        match sent.and_then(|()| value::read(&mut self.stream)) {
            Ok(Value::Error(text)) => Err(Failure::Indefinite(text)),
            Ok(reply) => Ok(reply),
            Err(error) => {
                let breach = self.breach(&error);
                self.broken = Some(breach.clone());
                Err(Failure::Breach(Box::new(breach)))
            }
        }
    }

    fn breach(&self, error: &io::Error) -> Breach {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Breach::Hung(self.limit),
            ErrorKind::InvalidData => Breach::Protocol(error.to_string()),
            _ => Breach::Died(format!("the server ended the connection: {error}")),
        }
    }
}
