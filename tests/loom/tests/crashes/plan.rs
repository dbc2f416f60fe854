//! Plans: what each of two threads does. The first goes on where `before` ends.

use std::collections::BTreeMap;

use crate::switches::Switches;

/// One operation of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    Put(&'static str, &'static str),
    PutSynced(&'static str, &'static str),
    Delete(&'static str),
    /// Puts and deletes as one.
    Write(&'static [(&'static str, Option<&'static str>)]),
    Get(&'static str),
    Flush,
    Compact,
    Sync,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) before: &'static [Call],
    pub(crate) threads: [&'static [Call]; 2],
    /// Where threads are switched every day, and in a full run; where they are switched more often
    /// comes later.
    pub(crate) daily: &'static [Switches],
    pub(crate) full: &'static [Switches],
}

/// The contents of a store.
pub(crate) type Contents = BTreeMap<Vec<u8>, Vec<u8>>;

impl Plan {
    /// A call by its number: those of the first thread come first.
    pub(crate) fn call(&self, number: usize) -> Call {
        let [first, second] = self.threads;
        *first.iter().chain(second).nth(number).expect("numbered so")
    }
}

impl Call {
    /// What it makes of the contents.
    pub(crate) fn apply(self, contents: &mut Contents) {
        let mut change = |key: &str, value: Option<&str>| match value {
            Some(value) => drop(contents.insert(key.into(), value.into())),
            None => drop(contents.remove(key.as_bytes())),
        };
        match self {
            Call::Put(key, value) | Call::PutSynced(key, value) => change(key, Some(value)),
            Call::Delete(key) => change(key, None),
            Call::Write(changes) => {
                for (key, value) in changes {
                    change(key, *value);
                }
            }
            Call::Get(_) | Call::Flush | Call::Compact | Call::Sync => {}
        }
    }

    /// Whether its return promises that it, and all before it, is durable (G7).
    pub(crate) fn makes_durable(self) -> bool {
        matches!(
            self,
            Call::PutSynced(..) | Call::Flush | Call::Compact | Call::Sync
        )
    }
}
