//! One operation on one store.

use crate::op::{Entry, Op, Reply};
use crate::range::Fill;
use crate::scope::OpScope;
use crate::store::{Failure, KeyValueStore, Outcome};

/// Carries out one operation on a store. A reopen is not an operation of a store, and neither is
/// a kill, a crash or a fault: they answer [`Failure::Unsupported`] here, and
/// [`check_case`](crate::check_case) reopens by the target.
///
/// ```
/// use etalon_spec::{Model, Op, Reply, apply};
///
/// let mut model = Model::default();
/// assert_eq!(apply(&mut model, &Op::get(b"k")), Ok(Reply::Absent));
/// ```
pub fn apply<S: KeyValueStore + ?Sized>(store: &mut S, op: &Op) -> Outcome<Reply> {
    match op {
        Op::Get { key, at: None } => store.get(key).map(Reply::from),
        Op::Put { key, value, sync } => done(match sync {
            false => store.put(key, value),
            true => store.put_synced(key, value),
        }),
        Op::Delete { key, sync } => done(match sync {
            false => store.delete(key),
            true => store.delete_synced(key),
        }),
        Op::Flush => done(store.flush()),
        Op::Scan { scan, at: None } => store.scan(scan).map(Reply::Entries),
        Op::Length { at: None } => store.length().map(Reply::Count),
        Op::Write { changes, sync } => done(match sync {
            false => store.write(changes),
            true => store.write_synced(changes),
        }),
        Op::Clear { sync } => done(match sync {
            false => store.clear(),
            true => store.clear_synced(),
        }),
        Op::DeleteRange { range, sync } => done(match sync {
            false => store.delete_range(range),
            true => store.delete_range_synced(range),
        }),
        Op::Fill(fill) => fill_with(store, fill),
        Op::Compact => done(store.compact()),
        Op::Sync => done(store.sync()),
        Op::Reopen | Op::Kill { .. } | Op::Crash(_) | Op::Fail(_) => Err(Failure::Unsupported),
        Op::Get { at: Some(_), .. }
        | Op::Scan { at: Some(_), .. }
        | Op::Length { at: Some(_) }
        | Op::Snapshot(_)
        | Op::Release(_)
        | Op::Iterator { .. }
        | Op::Seek { .. }
        | Op::SeekFirst(_)
        | Op::SeekLast(_)
        | Op::Next(_)
        | Op::Prev(_)
        | Op::Close(_)
        | Op::First { at: Some(_) }
        | Op::Last { at: Some(_) } => apply_to_view(store, op),
        Op::First { at: None } => store.first().map(at_most_one),
        Op::Last { at: None } => store.last().map(at_most_one),
        Op::Cas { .. }
        | Op::Ingest { .. }
        | Op::Begin(_)
        | Op::Savepoint { .. }
        | Op::Rollback { .. }
        | Op::Commit(_)
        | Op::Create(_)
        | Op::Rename { .. }
        | Op::Drop(_)
        | Op::In(_) => apply_to_scope(store, op),
    }
}

fn done(outcome: Outcome<()>) -> Outcome<Reply> {
    outcome.map(|()| Reply::Done)
}

/// The first or the last entry, if there is one.
fn at_most_one(found: Option<Entry>) -> Reply {
    Reply::Entries(found.into_iter().collect())
}

/// Carries out what only some stores have: swaps, ingestion, what concerns a transaction or a key
/// space, or takes place in one.
fn apply_to_scope<S: KeyValueStore + ?Sized>(store: &mut S, op: &Op) -> Outcome<Reply> {
    match op {
        Op::Cas {
            key,
            expected,
            new,
            sync,
        } => {
            let (expected, new) = (expected.as_deref(), new.as_deref());
            let swapped = match sync {
                false => store.cas(key, expected, new),
                true => store.cas_synced(key, expected, new),
            };
            swapped.map(Reply::Swapped)
        }
        Op::Ingest { run, sync } => done(match sync {
            false => store.ingest(run),
            true => store.ingest_synced(run),
        }),
        Op::Begin(name) => done(store.begin(*name)),
        Op::Savepoint { transaction, name } => done(store.savepoint(*transaction, *name)),
        Op::Rollback { transaction, to } => done(store.rollback(*transaction, *to)),
        Op::Commit(name) => done(store.commit(*name)),
        Op::Create(name) => done(store.create_space(*name)),
        Op::Rename { from, to } => done(store.rename_space(*from, *to)),
        Op::Drop(name) => done(store.drop_space(*name)),
        Op::In(inside) => {
            store.enter(inside.scope())?;
            let outcome = apply(store, inside.op());
            store.enter(OpScope::PLAIN)?;
            outcome
        }
        _ => Err(Failure::Unsupported),
    }
}

/// Carries out what concerns a snapshot or an iterator.
fn apply_to_view<S: KeyValueStore + ?Sized>(store: &mut S, op: &Op) -> Outcome<Reply> {
    match op {
        Op::Get { key, at: Some(at) } => store.get_at(key, *at).map(Reply::from),
        Op::Scan { scan, at: Some(at) } => store.scan_at(scan, *at).map(Reply::Entries),
        Op::Length { at: Some(at) } => store.length_at(*at).map(Reply::Count),
        Op::Snapshot(name) => done(store.snapshot(*name)),
        Op::Release(name) => done(store.release(*name)),
        Op::Iterator { name, at } => done(store.iterator(*name, *at)),
        Op::Seek { name, key } => store.seek(*name, key).map(Reply::from),
        Op::SeekFirst(name) => store.seek_to_first(*name).map(Reply::from),
        Op::SeekLast(name) => store.seek_to_last(*name).map(Reply::from),
        Op::Next(name) => store.next(*name).map(Reply::from),
        Op::Prev(name) => store.prev(*name).map(Reply::from),
        Op::Close(name) => done(store.close_iterator(*name)),
        Op::First { at: Some(at) } => store.first_at(*at).map(at_most_one),
        Op::Last { at: Some(at) } => store.last_at(*at).map(at_most_one),
        _ => Err(Failure::Unsupported),
    }
}

fn fill_with<S: KeyValueStore + ?Sized>(store: &mut S, fill: &Fill) -> Outcome<Reply> {
    for i in 0..fill.count {
        store.put(&fill.key(i), &fill.value(i))?;
    }
    Ok(Reply::Done)
}
