//! A store served over RESP, asked by hand: what stands between the bytes that a client sends and
//! those that it gets back.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use etalon_spec::resp::Service;
use etalon_spec::{ConcurrentStore, KeyValueStore, Locked, Model, Outcome, Random};

/// Runs `body` beside a server, with a function that connects to it.
fn beside<S: ConcurrentStore>(store: &S, body: impl FnOnce(&(dyn Fn() -> TcpStream + Sync))) {
    let service = Service::bind("127.0.0.1:0").expect("a port");
    let (address, stopper) = (service.address(), service.stopper());
    thread::scope(|scope| {
        let served = scope.spawn(|| service.serve(store));
        body(&|| {
            let stream = TcpStream::connect(address).expect("it listens");
            let limit = Some(Duration::from_secs(20));
            stream.set_read_timeout(limit).expect("a limit");
            stream.set_write_timeout(limit).expect("a limit");
            stream
        });
        stopper.stop();
        served.join().expect("no panic").expect("it served");
    });
}

fn model() -> Locked<Model> {
    Locked::from(Model::default())
}

/// Sends bytes and the end, and reads whatever comes.
fn said(mut stream: &TcpStream, bytes: &[u8]) -> String {
    stream.write_all(bytes).expect("it is taken");
    stream.shutdown(Shutdown::Write).expect("the end is sent");
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).expect("it is answered");
    String::from_utf8(answers).expect("UTF-8")
}

fn request(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(format!("${}\r\n", word.len()).bytes());
        bytes.extend(*word);
        bytes.extend(b"\r\n");
    }
    bytes
}

#[test]
fn every_command_is_answered_as_its_clients_expect() {
    let lines = "ping\nping x\nset k v\nget k\nget none\nset k2 \"\"\nget k2\nstrlen k\n\
        type k\ntype none\nexists k k k2 none\nmset a 1 b 2\nmget a none b\nscan 0 count 100\n\
        scan 0 match k* count 100\nscan 0 match b type list\nkeys ?\ndbsize\ndel a a none\n\
        unlink b\nincr n\nincr n\nget n\ndel n\necho e\nselect 0\nclient setname me\nclient getname\nclient setinfo lib-name x\n\
        config get save\ncommand docs\ncommand count\nsave\nflushdb\ndbsize\nquit\n";
    let expected = "+PONG;$1;x;+OK;$1;v;$-1;+OK;$0;;:1;+string;+none;:3;+OK;*3;$1;1;$-1;$1;2;\
        *2;$1;0;*4;$1;a;$1;b;$1;k;$2;k2;*2;$1;0;*2;$1;k;$2;k2;*2;$1;0;*0;*3;$1;a;$1;b;$1;k;:4;:1;\
        :1;:1;:2;$1;2;:1;$1;e;+OK;+OK;$2;me;+OK;*2;$4;save;$0;;*0;:26;+OK;+OK;:0;+OK;";
    beside(&model(), |connect| {
        let answers = said(&connect(), lines.replace('\n', "\r\n").as_bytes());
        assert_eq!(answers.replace("\r\n", ";"), expected);
    });
}

#[test]
fn what_is_refused_is_said_and_the_connection_goes_on() {
    let refused = [
        (
            "foo bar",
            "unknown command 'foo', with args beginning with: 'bar'",
        ),
        ("get", "wrong number of arguments for 'get' command"),
        ("mset a 1 b", "wrong number of arguments for 'mset' command"),
        (
            "set k v EX 10",
            "syntax error at 'EX': SET takes a key and a value here",
        ),
        ("scan x", "invalid cursor"),
        (
            "scan 7",
            "invalid cursor: not given out here, or too old; begin again with 0",
        ),
        ("scan 0 count 0", "syntax error at '0': a number from 1 on"),
        ("scan 0 match", "syntax error at 'match': a value behind it"),
        ("select 1", "DB index is out of range: there is only 0"),
        (
            "config set save x",
            "syntax error at 'set': CONFIG GET name: nothing can be set",
        ),
        (
            "client kill",
            "syntax error at 'kill': CLIENT SETNAME name, GETNAME, SETINFO name value or ID",
        ),
        ("flushall now", "syntax error at 'now': SYNC or ASYNC"),
        (
            "shutdown at once",
            "syntax error at 'at': NOSAVE, SAVE, NOW or FORCE",
        ),
    ];
    beside(&model(), |connect| {
        for (line, text) in refused {
            let answers = said(&connect(), format!("{line}\r\nping\r\n").as_bytes());
            assert_eq!(answers, format!("-ERR {text}\r\n+PONG\r\n"));
        }
        let answers = said(&connect(), b"hello 3\r\nhello 2\r\n");
        assert!(answers.starts_with("-NOPROTO "), "{answers}");
        assert!(answers.contains("\r\n$5\r\nproto\r\n:2\r\n"), "{answers}");
    });
}

#[test]
fn only_a_number_as_it_is_printed_counts_on() {
    let not = "-ERR value is not an integer or out of range\r\n";
    let past = "-ERR increment or decrement would overflow\r\n";
    beside(&model(), |connect| {
        for (value, answer) in [
            ("-1", ":0\r\n"),
            ("9223372036854775806", ":9223372036854775807\r\n"),
            ("9223372036854775807", past),
            ("9223372036854775808", not),
            ("+1", not),
            ("01", not),
            ("-0", not),
            ("\"\"", not),
            ("1.0", not),
            ("\" 1\"", not),
        ] {
            let answers = said(
                &connect(),
                format!("set k {value}\r\nincr k\r\n").as_bytes(),
            );
            assert_eq!(answers, format!("+OK\r\n{answer}"), "{value}");
        }
    });
}

#[test]
fn what_is_no_request_ends_its_connection_and_no_other() {
    beside(&model(), |connect| {
        let mut other = connect();
        for bytes in [
            "*1\r\n!\r\nping\r\n",
            "*1\r\n$4\r\npingping\r\nping\r\n",
            "*9999999999\r\nping\r\n",
            "get \"k\r\nping\r\n",
        ] {
            let answers = said(&connect(), bytes.as_bytes());
            assert!(answers.starts_with("-ERR Protocol error: "), "{answers}");
            assert_eq!(answers.matches("\r\n").count(), 1, "{answers}");
        }
        assert_eq!(said(&connect(), b"POST / HTTP/1.1\r\nset k v\r\n"), "");
        other.write_all(b"exists k\r\n").expect("it is open");
        let mut answer = [0; 4];
        other.read_exact(&mut answer).expect("it is answered");
        assert_eq!(&answer, b":0\r\n");
    });
}

/// A server that waits until its answers are taken, and a client that waits until its requests
/// are, would wait for ever.
#[test]
fn a_client_may_send_everything_before_it_reads_anything() {
    let value = vec![b'v'; 64 << 10];
    let mut all = request(&[b"SET", b"k", &value]);
    for _ in 0..120 {
        all.extend(request(&[b"GET", b"k"]));
        all.extend(request(&[b"ECHO", &value]));
    }
    beside(&model(), |connect| {
        let answers = said(&connect(), &all);
        let one = format!("$65536\r\n{}\r\n", "v".repeat(64 << 10));
        assert_eq!(answers.len(), "+OK\r\n".len() + 240 * one.len());
        assert!(answers.ends_with(&one));
    });
}

#[test]
fn a_scan_sees_what_stays_once_while_others_come_and_go() {
    beside(&model(), |connect| {
        for number in 0..500 {
            let set = format!("set stays{number} {number}\r\nset goes{number} 0\r\n");
            let answers = said(&connect(), set.as_bytes());
            assert_eq!(answers, "+OK\r\n+OK\r\n");
        }
        let (mut cursor, mut seen, mut round) = ("0".to_owned(), Vec::new(), 0);
        loop {
            let page = said(&connect(), format!("scan {cursor} count 7\r\n").as_bytes());
            let mut words = page.lines().filter(|line| !line.starts_with(['*', '$']));
            cursor = words.next().expect("a cursor").to_owned();
            seen.extend(
                words
                    .filter(|key| key.starts_with("stays"))
                    .map(str::to_owned),
            );
            if cursor == "0" {
                break;
            }
            said(
                &connect(),
                format!("del goes{round}\r\nset comes{round} 0\r\n").as_bytes(),
            );
            round += 1;
        }
        assert_eq!(seen.len(), 500);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 500, "each once");
    });
}

#[test]
fn of_clients_that_remove_the_same_key_one_is_told_that_it_did() {
    beside(&model(), |connect| {
        let removed = |_| {
            let (mut all, mut count) = (Vec::new(), 0);
            for number in 0..300 {
                all.extend(format!("del k{number}\r\n").bytes());
            }
            count += said(&connect(), &all).matches(":1\r\n").count();
            count
        };
        let set: Vec<u8> = (0..300)
            .flat_map(|n| format!("set k{n} v\r\n").into_bytes())
            .collect();
        said(&connect(), &set);
        let counts = thread::scope(|scope| {
            let clients: Vec<_> = (0..4).map(|n| scope.spawn(move || removed(n))).collect();
            let counts = clients
                .into_iter()
                .map(|client| client.join().expect("no panic"));
            counts.sum::<usize>()
        });
        assert_eq!(counts, 300);
    });
}

/// Requests with bytes changed, dropped and doubled: answered or closed, never anything else.
#[test]
fn hostile_bytes_end_no_more_than_their_connection() {
    let words: [&[&[u8]]; 6] = [
        &[b"SET", b"k", b"v"],
        &[b"MGET", b"k", b"*"],
        &[b"SCAN", b"0", b"MATCH", b"[^a-", b"COUNT", b"2"],
        &[b"DEL", b"k"],
        &[b"INFO"],
        &[b"COMMAND", b"LIST"],
    ];
    let whole: Vec<u8> = words.iter().flat_map(|words| request(words)).collect();
    let mut random = Random::new(1);
    beside(&model(), |connect| {
        for _ in 0..500 {
            let mut bytes = whole.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len());
                match random.below(3) {
                    0 => bytes[at] = random.below(256) as u8,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, b"*$\r\n-09\"\\"[random.below(9)]),
                }
            }
            let mut stream = connect();
            // It may be closed before all is sent.
            let _ = stream
                .write_all(&bytes)
                .and_then(|()| stream.shutdown(Shutdown::Write));
            let mut answers = Vec::new();
            let _ = stream.read_to_end(&mut answers);
            assert!(answers.len() < 10_000);
        }
        assert_eq!(said(&connect(), b"ping\r\n"), "+PONG\r\n");
    });
}

/// A store that offers nothing but what it must.
#[derive(Default)]
struct Bare(Model);

impl KeyValueStore for Bare {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.0.get(key)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.0.put(key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.0.delete(key)
    }
}

#[test]
fn a_store_without_scans_and_batches_is_served_as_far_as_it_goes() {
    beside(&Locked::from(Bare::default()), |connect| {
        let lines = "mset a 1 b 2\r\nmget a b\r\ndel a b c\r\nkeys *\r\nsave\r\n";
        let not = "-ERR the store does not offer that\r\n";
        assert_eq!(
            said(&connect(), lines.as_bytes()),
            format!("+OK\r\n*2\r\n$1\r\n1\r\n$1\r\n2\r\n:2\r\n{not}{not}")
        );
    });
}
