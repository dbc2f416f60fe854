//! Which snapshot or iterator each call reads through.
//!
//! What is read through a view was true when the view was made, so a checker holds it against the
//! store of that moment: reads at a snapshot become one large read at its creation.
//!
//! ```text
//!   [0] |snapshot s - ok|   |get "a" at s - "1"|
//!   [1]      |write put "a" "2", put "b" "2" - ok|   |get "b" at s - none|
//!
//!   the snapshot saw "a"="1" and no "b": it was taken before the write
//! ```

use std::collections::BTreeMap;

use super::call::{Call, History};
use super::error::HistoryError;
use crate::name::Name;
use crate::op::{Op, Reply};

/// For each call of a history, by its place, the call that made the view it reads through.
#[derive(Debug, Default)]
pub(super) struct Views {
    made_by: Vec<Option<usize>>,
    /// For each move of an iterator the move before.
    moved_by: Vec<Option<usize>>,
}

/// Snapshots and iterators are named apart.
type Key = (bool, Name);

/// A view that has a name.
struct Open {
    made_by: usize,
    /// Whether the creation was answered.
    ready: bool,
    /// Calls through it that are open.
    users: usize,
}

impl Views {
    /// Finds them; fails where a name is used that is not open beyond doubt, and
    /// names the call, too.
    pub(super) fn of(history: &History) -> Result<Views, (usize, HistoryError)> {
        let calls = history.calls();
        let mut views = Views {
            made_by: vec![None; calls.len()],
            moved_by: vec![None; calls.len()],
        };
        if calls.iter().all(|call| names(&call.op).is_none()) {
            return Ok(views);
        }
        let mut open: BTreeMap<Key, Open> = BTreeMap::new();
        let mut moved = vec![None; calls.len()];
        for moment in history.moments() {
            let call = &calls[moment.call];
            if call.op == Op::Reopen {
                open.clear();
            }
            let Some(names) = names(&call.op) else {
                continue;
            };
            if moment.is_return {
                returned(&mut open, call, names);
            } else {
                views.made_by[moment.call] = invoked(&mut open, call, moment.call, names)
                    .map_err(|error| (moment.call, error))?;
                if let (true, Some(made_by)) = (names.alone, views.made_by[moment.call]) {
                    views.moved_by[moment.call] = moved[made_by].replace(moment.call);
                }
            }
        }
        Ok(views)
    }

    /// The call at whose moment what `call` answered was true: its own, or that of its view.
    pub(super) fn moment_of(&self, call: usize) -> usize {
        let mut call = call;
        // A move's iterator may itself have been made at a snapshot.
        while let Some(made_by) = self.made_by[call] {
            call = made_by;
        }
        call
    }

    /// The move of the same iterator before a move; the last one before its close.
    pub(super) fn moved_by(&self, call: usize) -> Option<usize> {
        self.moved_by[call]
    }

    /// The call that made the snapshot or iterator that `call` reads through, moves or ends.
    pub(super) fn made_by(&self, call: usize) -> Option<usize> {
        self.made_by[call]
    }
}

/// What an operation does with names.
#[derive(Clone, Copy)]
struct Names {
    /// Which view it reads through or ends.
    uses: Option<Key>,
    /// Whether nobody else may use that meanwhile: it is moved or ended.
    alone: bool,
    /// Whether it ends it.
    ends: bool,
    /// Which one it makes.
    makes: Option<Key>,
}

fn names(op: &Op) -> Option<Names> {
    let snapshot = op.snapshot_used().map(|name| (false, name));
    let iterator = op.iterator_used().map(|name| (true, name));
    let makes = match op {
        Op::Snapshot(name) => Some((false, *name)),
        Op::Iterator { name, .. } => Some((true, *name)),
        _ => None,
    };
    let ends = matches!(op, Op::Release(_) | Op::Close(_));
    let names = Names {
        uses: snapshot.or(iterator),
        alone: ends || iterator.is_some(),
        ends,
        makes,
    };
    (names.uses.is_some() || names.makes.is_some()).then_some(names)
}

/// A call begins: what it reads through must be open, what it makes or moves must be free.
fn invoked(
    open: &mut BTreeMap<Key, Open>,
    call: &Call,
    at: usize,
    names: Names,
) -> Result<Option<usize>, HistoryError> {
    let lane = call.lane;
    let mut made_by = None;
    if let Some(key) = names.uses {
        let name = key.1;
        let view = open.get_mut(&key).filter(|view| view.ready);
        let view = view.ok_or(HistoryError::NotOpen { lane, name })?;
        if names.alone && view.users > 0 {
            return Err(HistoryError::InUse { lane, name });
        }
        view.users += 1;
        made_by = Some(view.made_by);
        if names.ends {
            open.remove(&key);
        }
    }
    if let Some(key) = names.makes {
        let name = key.1;
        let before = open.get(&key);
        if before.is_some_and(|view| !view.ready || view.users > 0) {
            return Err(HistoryError::InUse { lane, name });
        }
        let view = Open {
            made_by: at,
            ready: false,
            users: 0,
        };
        open.insert(key, view);
    }
    Ok(made_by)
}

fn returned(open: &mut BTreeMap<Key, Open>, call: &Call, names: Names) {
    let used = names.uses.filter(|_| !names.ends);
    if let Some(view) = used.and_then(|key| open.get_mut(&key)) {
        view.users = view.users.saturating_sub(1);
    }
    let Some(key) = names.makes else {
        return;
    };
    if call.reply() == Some(&Reply::Done) {
        if let Some(view) = open.get_mut(&key) {
            view.ready = true;
        }
    } else {
        open.remove(&key);
    }
}
