//! V4: the verdict on named files: replays and vectors.

use super::Verdict;
use super::tally::Files;

/// What came of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The file's name.
    pub name: String,
    /// Whether it could be replayed on the target at all.
    pub applicable: bool,
    /// Replies compared.
    pub compared: u64,
    /// Expected replies that were not held against the specification: too many states were
    /// allowed at their place to follow them.
    pub unheld: u64,
    /// Whether the target was wrong.
    pub failed: bool,
}

/// The verdict on a replay. Floors do not apply: a file shows what it shows.
///
/// ```
/// use etalon_spec::{Replayed, Verdict, judge_replay};
///
/// let file = Replayed { name: "a.ops".into(), applicable: true, compared: 2, unheld: 0, failed: false };
/// assert_eq!(judge_replay(&[file.clone()]), Verdict::Pass);
/// let silent = Replayed { compared: 0, ..file };
/// assert_eq!(
///     judge_replay(&[silent]).to_string(),
///     "VACUOUS: nothing was compared in a.ops. End it with a read."
/// );
/// ```
pub fn judge_replay(files: &[Replayed]) -> Verdict {
    if files.iter().any(|file| file.failed) {
        return Verdict::Fail;
    }
    let applicable = || files.iter().filter(|file| file.applicable);
    if applicable().next().is_none() {
        let named = files.len() as u64;
        return Verdict::Vacuous(vec![no_file(Files {
            named,
            applicable: 0,
        })]);
    }
    let silent = applicable().filter(|file| file.compared == 0);
    let silent =
        silent.map(|file| format!("nothing was compared in {}. End it with a read", file.name));
    let unheld = applicable().filter(|file| file.unheld > 0).map(|file| {
        format!(
            "{} expected replies of {} were not held against the specification: too many states \
             are allowed there. Sync before the crash, or split the file",
            file.unheld, file.name
        )
    });
    Verdict::of(silent.chain(unheld).collect())
}

pub(super) fn no_file(files: Files) -> String {
    match files.named {
        0 => "there is no file to replay. Name an .ops file or a folder with some".to_string(),
        named => format!("none of {named} files applies to this target. Look at its `can`"),
    }
}
