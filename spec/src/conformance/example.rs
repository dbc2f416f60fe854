//! The shortest case about each ability.

use crate::name::Name;
use crate::op::{Change, Op};
use crate::profile::{Ability, Profile};
use crate::range::{Range, Scan};
use crate::scope::{Inside, OpScope};
use crate::sorted_run::SortedRun;

/// The shortest case that needs an ability.
pub(super) fn example(ability: Ability, profile: &Profile) -> Vec<Op> {
    let length = profile.keys.min.max(1);
    let key = vec![b'k'; length];
    let value = vec![b'v'; profile.values.min.max(1)];
    let name = Name::new("n").expect("a name");
    let put = Op::put(key.clone(), value.clone());
    let about = match ability {
        Ability::Scan => vec![Op::scan(Scan::ALL)],
        Ability::Reverse => vec![Op::scan(Scan::ALL_REVERSE)],
        Ability::Prefix => vec![Op::scan(Scan {
            range: Range::Prefix(key.clone()),
            ..Scan::ALL
        })],
        Ability::Length => vec![Op::LENGTH],
        Ability::Write => vec![Op::Write {
            changes: vec![Change::Delete { key: key.clone() }],
            sync: false,
        }],
        Ability::Clear => vec![Op::CLEAR],
        Ability::DeleteRange => vec![Op::DeleteRange {
            range: Range::Prefix(key.clone()),
            sync: false,
        }],
        Ability::Flush => vec![Op::Flush],
        Ability::Compact => vec![Op::Compact],
        Ability::Reopen => vec![Op::Reopen],
        Ability::Sync => vec![Op::Sync],
        Ability::Snapshot => vec![Op::Snapshot(name), Op::Release(name)],
        Ability::Iterator => vec![
            Op::Iterator { name, at: None },
            Op::Next(name),
            Op::Close(name),
        ],
        Ability::Layers => Vec::new(),
        Ability::FirstLast => vec![Op::First { at: None }, Op::Last { at: None }],
        Ability::Cas => vec![Op::Cas {
            key: key.clone(),
            expected: Some(value.clone()),
            new: None,
            sync: false,
        }],
        Ability::Ingest => vec![Op::Ingest {
            run: SortedRun::new(vec![(key.clone(), value.clone())]).expect("one is in order"),
            sync: false,
        }],
        Ability::Transaction | Ability::Savepoint | Ability::Spaces => scoped(ability, key),
    };
    let mut ops = vec![put];
    ops.extend(about);
    ops
}

/// The shortest cases about transactions and key spaces.
fn scoped(ability: Ability, key: Vec<u8>) -> Vec<Op> {
    let name = Name::literal("n");
    let (first, scope, last) = if ability == Ability::Spaces {
        (Op::Create(name), OpScope::of_space(name), Op::Drop(name))
    } else {
        let scope = OpScope::of_transaction(name);
        (Op::Begin(name), scope, Op::Commit(name))
    };
    let mut ops = vec![first];
    if ability == Ability::Savepoint {
        let (transaction, to) = (name, Some(name));
        ops.push(Op::Savepoint { transaction, name });
        ops.push(Op::Rollback { transaction, to });
    } else {
        ops.extend(Inside::of(scope, Op::get(key)));
    }
    ops.push(last);
    ops
}
