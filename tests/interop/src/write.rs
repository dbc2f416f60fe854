//! Writing a directory, by etalon or by a program, until it has the shape that the next one is to
//! open.

use etalon::oracle::Opened;
use etalon::{Options, Store};
use etalon_spec::{KeyValueStore, Model, Op, Outcome, Scan};

use crate::foreign::Foreign;
use crate::program::Program;
use crate::sequence::{carry_out, shaping, touching};
use crate::shape::Shape;

/// Carries out operations on a store of etalon's and on the model, for `reader` to open what
/// comes of it. If `shaped`, more follow where the shape lacks something; all that were carried
/// out are returned.
pub fn by_etalon(
    mut store: Store,
    options: &Options,
    model: &mut Model,
    mut ops: Vec<Op>,
    reader: &Program,
    shaped: bool,
) -> Outcome<(Store, Vec<Op>)> {
    let reopen = |opened: Opened| {
        let store = opened.into_store();
        let directory = store.directory().to_path_buf();
        Store::close(store)?;
        Ok(Opened::from(Store::open(directory, options.clone())?))
    };
    let carry_out = |store: Store, model: &mut Model, ops: &[Op]| {
        carry_out(Opened::from(store), model, ops, reopen).map(Opened::into_store)
    };
    store = carry_out(store, model, &ops)?;
    for compacted in [false, true] {
        let shape = Shape::of_store(&store)?;
        if reader.opens(&shape, 1) && (shape.is_whole() || !shaped) {
            break;
        }
        let more = more(&ops, compacted || !reader.opens(&shape, 1), shaped);
        store = carry_out(store, model, &more)?;
        ops.extend(more);
    }
    Ok((store, ops))
}

/// The same by a program, in the directory that it has open; it closes it.
pub fn by_program(
    mut program: Foreign,
    model: &mut Model,
    mut ops: Vec<Op>,
    shaped: bool,
) -> Outcome<(Foreign, Vec<Op>)> {
    let reopen = |mut program: Foreign| program.reopen().map(|()| program);
    if !program.program().compacts() {
        // It can seldom be shaped in the end; what it finds is in tables now, so this shapes it.
        let live = model.scan(&Scan::ALL)?;
        ops.splice(..0, touching(&live));
    }
    program = carry_out(program, model, &ops, reopen)?;
    program.release()?;
    let shape = Shape::of(program.directory())?;
    if shaped && !shape.is_whole() && program.program().opens(&shape, SHAPING_FLUSHES + 1) {
        // Compacted first: a program merges by itself what has come to four tables of level 0.
        let more = more(&ops, program.program().compacts(), true);
        program.reopen()?;
        program = carry_out(program, model, &more, reopen)?;
        ops.extend(more);
        program.release()?;
    }
    Ok((program, ops))
}

/// Flushes among the operations of [`shaping`].
const SHAPING_FLUSHES: u64 = 2;

fn more(ops: &[Op], compacted: bool, shaped: bool) -> Vec<Op> {
    let compact = compacted.then_some(Op::Compact);
    let shaping = if shaped { shaping(ops) } else { Vec::new() };
    compact.into_iter().chain(shaping).collect()
}
