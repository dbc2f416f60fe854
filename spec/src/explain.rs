//! Explaining a divergence: which layer answered, which operation wrote that answer, and where
//! the right answer lay.
//!
//! The case is run again; after each operation the store's last sequence number says which
//! operation wrote which numbers, and at the failing read its layers are asked for the key.

use std::fmt;

use crate::check::{Class, Divergence, Got, apply};
use crate::op::{Case, Op, OpKind, Reply};
use crate::profile::{Abilities, Ability};
use crate::stage::{OnStage, Stage};
use crate::store::{Answer, LayerAnswer, Target};
use crate::text::Quoted;

/// Which operations wrote a key, and what each layer of the store holds for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The key in question: of a get, or the first on which a scan went wrong.
    pub key: Vec<u8>,
    /// Operations of the case that changed the key, by place and text.
    pub writes: Vec<(usize, String)>,
    /// The layers, newest first; empty for a store that does not tell.
    pub layers: Vec<LayerAnswer>,
    /// The sequence number that the store had after each operation; as long as the case was run.
    pub sequences: Vec<u64>,
}

/// Runs a failing case once more to explain it. `None` if there is no single key to explain, or
/// the store could not be brought to the failing read again.
pub fn explain<T: Target>(
    target: &mut T,
    case: &Case,
    divergence: &Divergence,
) -> Option<Explanation> {
    let can = target.profile().can;
    explain_on(&mut OnStage::new(target), can, case, divergence)
}

/// As [`explain`], of a target of any type.
pub(crate) fn explain_on(
    stage: &mut dyn Stage,
    can: Abilities,
    case: &Case,
    divergence: &Divergence,
) -> Option<Explanation> {
    let key = key_in_question(divergence)?;
    let writes = case
        .ops
        .iter()
        .enumerate()
        .filter(|(_, op)| changes(op, &key));
    let writes = writes.map(|(at, op)| (at, op.to_string())).collect();
    let mut explanation = Explanation {
        key,
        writes,
        layers: Vec::new(),
        sequences: Vec::new(),
    };
    if divergence.class == Class::WrongAnswer && can.has(Ability::Layers) {
        let traced = crate::check::quietly(|| trace(stage, case, &mut explanation));
        crate::check::quietly(|| stage.abandon());
        traced.flatten()?;
    }
    Some(explanation)
}

/// The key of a get, or the first on which two scans differ.
fn key_in_question(divergence: &Divergence) -> Option<Vec<u8>> {
    match (&divergence.read, &divergence.expected, &divergence.got) {
        (
            Op::Get { key, .. }
            | Op::Put { key, .. }
            | Op::Delete { key, .. }
            | Op::Cas { key, .. },
            ..,
        ) => Some(key.clone()),
        (step, expected, Got::Reply(got)) if step.kind().answers_one() => {
            let key = |reply: &Reply| match reply {
                Reply::Entries(entries) => entries.first().map(|(key, _)| key.clone()),
                _ => None,
            };
            key(expected).into_iter().chain(key(got)).min()
        }
        (Op::Scan { .. }, Reply::Entries(expected), Got::Reply(Reply::Entries(got))) => {
            let same = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
            let either = [expected.get(same), got.get(same)];
            // Of two keys out of step, the one that came too early or is missing.
            either
                .into_iter()
                .flatten()
                .map(|(key, _)| key.clone())
                .min()
        }
        _ => None,
    }
}

fn changes(op: &Op, key: &[u8]) -> bool {
    match op {
        Op::Put { key: named, .. } | Op::Delete { key: named, .. } | Op::Cas { key: named, .. } => {
            named == key
        }
        Op::Ingest { run, .. } => run.entries().iter().any(|(named, _)| named == key),
        Op::Write { changes, .. } => changes.iter().any(|change| change.key() == key),
        Op::Clear { .. } => true,
        Op::DeleteRange { range, .. } => range.contains(key),
        Op::Fill(fill) => (0..fill.count).any(|i| fill.key(i) == key),
        _ => false,
    }
}

/// Brings a new store to just before the failing read, and asks its layers.
fn trace(stage: &mut dyn Stage, case: &Case, explanation: &mut Explanation) -> Option<()> {
    stage.create(&case.options).ok()?;
    let (_, before) = case.ops.split_last()?;
    for op in before {
        if op.kind() == OpKind::Reopen {
            stage.close().ok()?;
            stage.reopen(&case.options).ok()?;
        } else {
            // Its outcome was judged before; here only its effect is wanted.
            let _ = apply(stage.store(), op);
        }
        explanation
            .sequences
            .push(stage.store().trace(&explanation.key).ok()?.last_sequence);
    }
    explanation.layers = stage.store().trace(&explanation.key).ok()?.layers;
    Some(())
}

impl Explanation {
    /// The place of the operation that took this sequence number.
    fn writer(&self, sequence: u64) -> Option<usize> {
        let at = self.sequences.partition_point(|last| *last < sequence);
        (at < self.sequences.len()).then_some(at)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, sequence: u64) -> fmt::Result {
        let text = self.writer(sequence).and_then(|at| {
            self.writes
                .iter()
                .find(|(place, _)| *place == at)
                .map(|(_, text)| (at, text))
        });
        match text {
            Some((at, text)) => write!(f, "by operation {}: {text}", at + 1),
            None => write!(f, "by change {sequence}"),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = Quoted(&self.key);
        if self.layers.is_empty() {
            writeln!(f, "operations that changed {key}:")?;
            for (at, text) in &self.writes {
                writeln!(f, "  {:>4}  {text}", at + 1)?;
            }
            return Ok(());
        }
        writeln!(f, "what the layers hold for {key}, newest first:")?;
        let width = self
            .layers
            .iter()
            .map(|layer| layer.layer.len())
            .max()
            .unwrap_or(0);
        for layer in &self.layers {
            write!(f, "  {:width$}  ", layer.layer)?;
            match &layer.answer {
                Answer::Skipped => write!(f, "nothing (no block read)")?,
                Answer::Missed => write!(f, "nothing (a block was read)")?,
                Answer::Value { value, sequence } => {
                    write!(f, "{}, written ", Quoted(value))?;
                    self.write(f, *sequence)?;
                }
                Answer::Tombstone { sequence } => {
                    write!(f, "a tombstone, written ")?;
                    self.write(f, *sequence)?;
                }
            }
            writeln!(f)?;
        }
        match self.writes.last() {
            Some((at, text)) => writeln!(
                f,
                "the last change of {key} was operation {}: {text}",
                at + 1
            ),
            None => writeln!(f, "no operation changed {key}"),
        }
    }
}
