//! Failing reads as operations of a case (G10): one that is answered wrongly, or that the store
//! does not recover from, is found; a store that says so and goes on is right.

use std::cell::Cell;
use std::rc::Rc;

use etalon_spec::{
    Class, Contents, Divergence, Failure, FaultKind, KeyValueStore, Model, Op, Options, Outcome,
    Profile, Reply, Script, Survives, Target, Watch, check_case_with,
};

/// What a store does about a read that fails.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// Says so.
    Honest,
    /// Takes the key for absent.
    Absent,
    /// Says so, and from then on of every read.
    Stuck,
}

#[derive(Clone, Copy)]
enum Disk {
    Works,
    /// A read fails after so many, and all after it if so.
    Armed(u32, bool),
}

struct Store {
    model: Model,
    way: Way,
    disk: Rc<Cell<Disk>>,
    stuck: bool,
}

impl Store {
    /// Whether this read fails.
    fn fails(&mut self) -> bool {
        match self.disk.get() {
            Disk::Works => self.stuck,
            Disk::Armed(0, forever) => {
                if !forever {
                    self.disk.set(Disk::Works);
                }
                self.stuck = self.way == Way::Stuck;
                true
            }
            Disk::Armed(left, forever) => {
                self.disk.set(Disk::Armed(left - 1, forever));
                false
            }
        }
    }
}

impl KeyValueStore for Store {
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        match (self.fails(), self.way) {
            (false, _) => self.model.get(key),
            (true, Way::Absent) => Ok(None),
            (true, _) => Err(Failure::Indefinite("the disk failed".to_owned())),
        }
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.model.put(key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Outcome<()> {
        self.model.delete(key)
    }
}

struct Twin {
    way: Way,
    disk: Rc<Cell<Disk>>,
}

impl Target for Twin {
    type Store = Store;

    fn profile(&self) -> Profile {
        Profile {
            survives_power: Survives::All,
            ..Profile::new("twin")
        }
    }

    fn create(&mut self, _: &Options) -> Outcome<Store> {
        Ok(Store {
            model: Model::default(),
            way: self.way,
            disk: Rc::clone(&self.disk),
            stuck: false,
        })
    }

    fn fail_read(&mut self, after: u32, _: FaultKind, forever: bool) -> Outcome<()> {
        self.disk.set(Disk::Armed(after, forever));
        Ok(())
    }

    fn mend(&mut self) -> Outcome<()> {
        self.disk.set(Disk::Works);
        Ok(())
    }
}

/// The replies to the operations of the case.
#[derive(Default)]
struct Replies(Vec<Reply>);

impl Watch for Replies {
    fn answered(&mut self, _: &Op, reply: &Reply) {
        self.0.push(reply.clone());
    }
}

fn run(way: Way, ops: &str) -> Result<Vec<Reply>, Box<Divergence>> {
    let script = Script::parse(&format!("ops 1\n{ops}")).expect("it can be read");
    let disk = Rc::new(Cell::new(Disk::Works));
    let mut replies = Replies::default();
    let mut twin = Twin { way, disk };
    check_case_with(&mut twin, &script.case, Contents::Compared, &mut replies)?;
    Ok(replies.0)
}

const ONCE: &str = "put \"k\" \"1\"\nfail in get \"k\" at 0 with eio\nget \"k\"\n";

#[test]
fn a_store_that_says_so_and_goes_on_is_right() {
    let value = || Reply::Value(b"1".to_vec());
    let replies = run(Way::Honest, ONCE).expect("agreement");
    assert_eq!(replies, [Reply::Done, Reply::Refused, value()]);
    // The failure comes too late: the read is answered, and compared.
    let late = ONCE.replace("at 0", "at 1");
    let replies = run(Way::Honest, &late).expect("agreement");
    assert_eq!(replies, [Reply::Done, value(), value()]);
}

#[test]
fn a_disk_that_cannot_be_read_any_more_excuses_every_read_and_no_change() {
    let forever = ONCE.replace("eio", "eio forever") + "put \"k\" \"2\"\n";
    let replies = run(Way::Honest, &forever).expect("agreement");
    let refused = || Reply::Refused;
    assert_eq!(replies, [Reply::Done, refused(), refused(), Reply::Done]);
}

#[test]
fn a_wrong_answer_instead_of_an_error_is_found() {
    let divergence = run(Way::Absent, ONCE).expect_err("found");
    assert_eq!(divergence.class, Class::WrongAnswer);
}

#[test]
fn a_store_that_cannot_read_when_the_disk_works_again_is_found() {
    let divergence = run(Way::Stuck, ONCE).expect_err("found");
    assert_eq!(divergence.class, Class::Refused);
}
