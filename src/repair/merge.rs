//! The merge of all runs. Those that do not overlap are walked as one ([`Chain`]), so that no more
//! tables are open at a time than overlap at one key.

use super::Repair;
use super::gather::Run;
use super::output::Output;
use crate::compaction::{Direction, Merge};
use crate::cursor::Cursor;
use crate::disk::Disk;
use crate::error::Result;
use crate::inspect::Chain;
use crate::key::{Kind, compare, split};

/// Hands on the newest change of each key, unless it is a tombstone: everything is in the merge,
/// so there is nothing for it to hide.
pub(super) fn merge(
    disk: &dyn Disk,
    runs: &[Run],
    output: &mut Output<'_>,
    repair: &mut Repair,
) -> Result<()> {
    let mut cursors = Vec::new();
    for chain in chains(runs) {
        let paths = chain.iter().map(|run| run.path.clone());
        let mut chain = Chain::new(disk, paths.collect());
        chain.seek_to_first()?;
        cursors.push(chain);
    }
    let mut merge = Merge::new(cursors, Direction::Forward);
    let mut decided: Option<Vec<u8>> = None;
    while let Some((key, value)) = merge.current() {
        if let Some((user, _, kind)) = split(key)
            && decided.as_deref() != Some(user)
        {
            let decided = decided.get_or_insert_default();
            decided.clear();
            decided.extend_from_slice(user);
            if kind == Kind::Put {
                output.add(key, value)?;
                output.cut_if_full()?;
                repair.keys += 1;
            }
        }
        merge.advance()?;
    }
    Ok(())
}

/// Runs in as few chains as can be, in each of which one begins after the other ends.
fn chains(runs: &[Run]) -> Vec<Vec<&Run>> {
    let mut sorted: Vec<&Run> = runs.iter().collect();
    sorted.sort_by(|a, b| compare(&a.first, &b.first));
    let mut chains: Vec<Vec<&Run>> = Vec::new();
    for run in sorted {
        let ends_before = |chain: &&mut Vec<&Run>| {
            let last = chain.last();
            last.is_some_and(|last| compare(&last.last, &run.first).is_lt())
        };
        match chains.iter_mut().find(ends_before) {
            Some(chain) => chain.push(run),
            None => chains.push(vec![run]),
        }
    }
    chains
}
