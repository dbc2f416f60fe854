//! The port, and a thread for each client.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::connection::Connection;
use super::session::{After, Session, Shared};
use crate::concurrent::ConcurrentStore;
use crate::resp::pause;
use crate::store::KeyValueStore;

/// The most clients at once. Each has a thread.
const MOST_CLIENTS: usize = 512;
/// Failures to take a client, one right after the other, that end the service; and how long to
/// wait after one.
const MOST_FAILURES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(10);

/// A port on which a store answers requests in RESP 2: [`KeyValueStore`](crate::KeyValueStore) for
/// `redis-cli` and its like.
///
/// A store that is not for several threads goes into a [`Locked`](crate::Locked).
///
/// ```
/// use etalon_spec::{Locked, Model, check, resp};
///
/// let service = resp::Service::bind("127.0.0.1:0").unwrap();
/// let (address, stopper) = (service.address().to_string(), service.stopper());
/// let store = Locked::from(Model::default());
/// std::thread::scope(|scope| {
///     let served = scope.spawn(|| service.serve(&store));
///     let target = resp::Server::connect(&address, resp::Settings::default()).unwrap();
///     let settings = etalon_spec::Settings {
///         time: None,
///         operations: Some(2_000),
///         ..etalon_spec::Settings::default()
///     };
///     check(target, &settings).unwrap();
///     stopper.stop();
///     served.join().unwrap().unwrap();
/// });
/// ```
#[derive(Debug)]
pub struct Service {
    listener: TcpListener,
    stopper: Stopper,
}

/// Ends a service from elsewhere.
#[derive(Clone, Debug)]
pub struct Stopper {
    address: SocketAddr,
    is_asked: Arc<AtomicBool>,
}

impl Stopper {
    /// No more clients come, and those that are there are closed once their requests are
    /// answered; then [`Service::serve`] returns.
    pub fn stop(&self) {
        self.is_asked.store(true, Ordering::SeqCst);
        // Whoever waits for a client gets one, and looks.
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        // One that cannot be reached has ended already.
        drop(TcpStream::connect_timeout(&address, Duration::from_secs(1)));
    }

    fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::SeqCst)
    }
}

impl Service {
    /// Listens on an address, such as `127.0.0.1:6379`; with port 0 on one that is free.
    pub fn bind(address: impl ToSocketAddrs) -> io::Result<Service> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let is_asked = Arc::default();
        Ok(Service {
            listener,
            stopper: Stopper { address, is_asked },
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.stopper.address
    }

    /// What ends it.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Serves until it is stopped, or a client sends SHUTDOWN.
    ///
    /// # Panics
    /// At its end, if the store has panicked: the connection of that client ended there.
    pub fn serve<S: ConcurrentStore>(&self, store: &S) -> io::Result<()> {
        let shared = Shared::at(self.address().port());
        thread::scope(|scope| {
            let accepted = self.accept(&shared, |client| {
                let begun = thread::Builder::new().spawn_scoped(scope, move || {
                    let session = Session::new(client.shared, store.client(), client.number);
                    if client.converse(session) == After::End {
                        self.stopper.stop();
                    }
                });
                begun.map(drop)
            });
            shared.close_all();
            accepted
        })
    }

    /// Hands over each client that comes, until there is an end.
    fn accept<'s>(
        &self,
        shared: &'s Shared,
        begin: impl Fn(Client<'s>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut failures = 0;
        for number in 1.. {
            let accepted = self.listener.accept();
            if self.stopper.is_asked() {
                break;
            }
            // A client that was gone before it was here, or no file for one more: it may get
            // better.
            let taken = accepted.and_then(|(stream, _)| {
                let client = Client::new(shared, number, stream)?;
                client.map_or(Ok(()), &begin)
            });
            match taken {
                Ok(()) => failures = 0,
                Err(error) if failures == MOST_FAILURES => return Err(error),
                Err(_) => {
                    failures += 1;
                    pause(PAUSE);
                }
            }
        }
        Ok(())
    }
}

/// A client that has come, until it goes.
struct Client<'s> {
    shared: &'s Shared,
    number: u64,
    stream: TcpStream,
}

impl<'s> Client<'s> {
    /// None if there are so many that it is sent away.
    fn new(
        shared: &'s Shared,
        number: u64,
        mut stream: TcpStream,
    ) -> io::Result<Option<Client<'s>>> {
        let mut open = shared.open();
        if open.len() >= MOST_CLIENTS {
            stream.write_all(b"-ERR max number of clients reached\r\n")?;
            return Ok(None);
        }
        open.insert(number, stream.try_clone()?);
        drop(open);
        Ok(Some(Client {
            shared,
            number,
            stream,
        }))
    }

    fn converse<C: KeyValueStore>(&self, mut session: Session<'_, C>) -> After {
        let connection = Connection::new(&self.stream);
        // It went, or cannot be reached: there is nobody to tell.
        let ended = connection.and_then(|connection| connection.serve(&mut session));
        ended.unwrap_or(After::Close)
    }
}

impl Drop for Client<'_> {
    fn drop(&mut self) {
        self.shared.open().remove(&self.number);
    }
}
