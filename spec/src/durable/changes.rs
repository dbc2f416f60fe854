//! What an operation changes, as a history sees it.

use super::history::History;
use crate::op::{Change, Op};

impl History {
    /// An operation is sent. A batch, a clear, a deleterange and an ingest are one change each, a fill is
    /// one for each of its keys; other operations are none, a compare-and-swap that does not match
    /// among them, and what is in a transaction: its commit is the batch of its changes.
    ///
    /// ```
    /// use etalon_spec::Op;
    /// use etalon_spec::durable::History;
    ///
    /// let mut history = History::default();
    /// history.send_op(&Op::put(b"k", b"v"));
    /// history.send_op(&Op::CLEAR);
    /// history.send_op(&Op::Flush);
    /// assert_eq!(history.bounds().issued, 2);
    /// assert_eq!(history.contents(), []);
    /// ```
    pub fn send_op(&mut self, op: &Op) {
        for changes in changes_of(op, self) {
            self.send(&changes);
        }
    }
}

/// What an operation changes, each atomic by itself.
fn changes_of(op: &Op, history: &History) -> Vec<Vec<Change>> {
    let deleted = |is_gone: &dyn Fn(&[u8]) -> bool| -> Vec<Change> {
        let keys = history.keys().filter(|key| is_gone(key));
        keys.map(|key| Change::Delete { key: key.to_vec() })
            .collect()
    };
    let one = match op {
        Op::Put { key, value, .. } => vec![Change::Put {
            key: key.clone(),
            value: value.clone(),
        }],
        Op::Delete { key, .. } => vec![Change::Delete { key: key.clone() }],
        Op::Write { changes, .. } => changes.clone(),
        Op::Cas {
            key, expected, new, ..
        } if history.get(key) == expected.as_deref() => vec![match new.clone() {
            Some(value) => Change::Put {
                key: key.clone(),
                value,
            },
            None => Change::Delete { key: key.clone() },
        }],
        Op::Ingest { run, .. } => {
            let put = |(key, value): &(Vec<u8>, Vec<u8>)| Change::Put {
                key: key.clone(),
                value: value.clone(),
            };
            run.entries().iter().map(put).collect()
        }
        Op::Clear { .. } => deleted(&|_| true),
        Op::DeleteRange { range, .. } => deleted(&|key| range.contains(key)),
        Op::Fill(fill) => {
            let put = |i| Change::Put {
                key: fill.key(i),
                value: fill.value(i),
            };
            return (0..fill.count).map(|i| vec![put(i)]).collect();
        }
        _ => Vec::new(),
    };
    if one.is_empty() {
        Vec::new()
    } else {
        vec![one]
    }
}
