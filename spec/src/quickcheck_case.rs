//! `quickcheck::Arbitrary` for [`Case`] (feature `quickcheck`): the published generator, driven
//! by quickcheck's seed and size.

use quickcheck::{Arbitrary, Gen};

use crate::generate::Generator;
use crate::op::{Case, Op};
use crate::open::drop_orphans;
use crate::options::{Options, Setting};
use crate::profile::{Abilities, Profile};
use crate::shrink::{Cost, simpler};

/// Any case of a plain ordered store ([`Abilities::PLAIN`]), and a few options of every sort. For a
/// store that cannot do all of it, [`restrict`](crate::restrict) it first; for one that can do more,
/// draw from a [`Generator`] with the store's own profile.
///
/// ```
/// use etalon_spec::{Case, ModelTarget, Target, check_case, restrict};
///
/// fn the_model_agrees_with_itself(mut case: Case) -> bool {
///     restrict(&mut case, &ModelTarget.profile());
///     check_case(&mut ModelTarget, &case).is_ok()
/// }
/// quickcheck::quickcheck(the_model_agrees_with_itself as fn(Case) -> bool);
/// ```
impl Arbitrary for Case {
    fn arbitrary(source: &mut Gen) -> Self {
        let seed = u64::arbitrary(source);
        let profile = Profile {
            can: Abilities::PLAIN,
            ..Profile::new("anything")
        }
        .option("memtable_bytes", [256, 4_096, 65_536].map(Setting::Integer))
        .option("compression", ["none", "snappy"].map(Setting::from))
        .option("sync", [false, true].map(Setting::Switch));
        Generator::new(seed, &profile).case(0, source.size())
    }

    /// Without options, with fewer operations, with simpler ones, with shorter keys and values;
    /// each candidate costs its reader less than the case, so shrinking ends.
    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let cost = Cost::of(self);
        let candidates = without_options(self)
            .chain(with_fewer_operations(self))
            .chain(with_simpler_operations(self))
            .map(|mut candidate| {
                drop_orphans(&mut candidate.ops);
                candidate
            });
        Box::new(candidates.filter(move |candidate| Cost::of(candidate) < cost))
    }
}

fn without_options(case: &Case) -> impl Iterator<Item = Case> + use<> {
    let case = case.clone();
    let names: Vec<String> = case
        .options
        .iter()
        .map(|(name, _)| name.to_string())
        .collect();
    let none = Case {
        options: Options::default(),
        ops: case.ops.clone(),
    };
    std::iter::once(none).chain(names.into_iter().map(move |name| {
        let mut fewer = case.clone();
        fewer.options.remove(&name);
        fewer
    }))
}

/// Halves first, single operations last.
fn with_fewer_operations(case: &Case) -> impl Iterator<Item = Case> + use<> {
    let case = case.clone();
    let length = case.ops.len();
    let sizes = std::iter::successors(Some(length), |size| Some(size / 2));
    let chunks = sizes.take_while(|size| *size > 0).flat_map(move |size| {
        (0..length)
            .step_by(size)
            .map(move |start| start..length.min(start + size))
    });
    chunks.map(move |chunk| {
        let mut fewer = case.clone();
        fewer.ops.drain(chunk);
        fewer
    })
}

fn with_simpler_operations(case: &Case) -> impl Iterator<Item = Case> + use<> {
    let case = case.clone();
    (0..case.ops.len()).flat_map(move |place| {
        let op = &case.ops[place];
        let candidates: Vec<Case> = simpler(op)
            .into_iter()
            .chain(shorter(op))
            .map(|op| {
                let mut simpler = case.clone();
                simpler.ops[place] = op;
                simpler
            })
            .collect();
        candidates
    })
}

/// The operation with half a key, or with half a value or none.
fn shorter(op: &Op) -> Vec<Op> {
    let half = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    match op {
        Op::Get { key, .. } => vec![Op::get(half(key))],
        Op::Delete { key, .. } => vec![Op::delete(half(key))],
        Op::Put { key, value, .. } => vec![
            Op::put(key.clone(), Vec::new()),
            Op::put(key.clone(), half(value)),
            Op::put(half(key), value.clone()),
        ],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::OpKind;

    /// Shrinks as quickcheck does: the first candidate that still fails, until none does.
    fn shrunk(mut case: Case, fails: impl Fn(&Case) -> bool) -> Case {
        while let Some(smaller) = case.shrink().find(|candidate| fails(candidate)) {
            case = smaller;
        }
        case
    }

    #[test]
    fn a_case_shrinks_to_the_operations_that_matter() {
        let mut source = Gen::new(100);
        let has = |case: &Case, kind| case.ops.iter().any(|op| op.kind() == kind);
        let fails = |case: &Case| has(case, OpKind::Put) && has(case, OpKind::Flush);
        for case in (0..20)
            .map(|_| Case::arbitrary(&mut source))
            .filter(|case| fails(case))
        {
            let case = shrunk(case, fails);
            let put = Op::put(Vec::new(), Vec::new());
            assert!(case.options.is_empty());
            assert!(case.ops == [put.clone(), Op::Flush] || case.ops == [Op::Flush, put]);
        }
    }

    #[test]
    fn the_empty_case_is_the_smallest() {
        assert_eq!(Case::default().shrink().count(), 0);
    }
}
