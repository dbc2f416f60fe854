//! Plain exploration: every string, run against a store and compared with the model.

use super::letter::{Letter, Letters};
use super::strings::each_string;
use crate::check::{Contents, Divergence, Watch, check_case_under};
use crate::op::{Case, Op, Reply};
use crate::options::Options;
use crate::profile::Profile;
use crate::store::Target;

/// What was explored. Exact: nothing is drawn at random.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlainCounts {
    /// Strings; each ran once for every configuration.
    pub strings: u64,
    /// Operations of theirs that were sent.
    pub operations: u64,
    /// Replies that were compared, those of the whole contents among them.
    pub replies: u64,
}

impl Watch for PlainCounts {
    fn answered(&mut self, _op: &Op, _reply: &Reply) {
        self.operations += 1;
        self.replies += 1;
    }

    fn contents(&mut self, compared: u64) {
        self.replies += compared;
    }
}

/// The configurations that are explored: the store's defaults, and the first value of every
/// option, which is the smallest.
///
/// ```
/// use etalon_spec::{Profile, Setting, explore::configurations};
///
/// let profile = Profile::new("mine").option("memtable_bytes", [256, 4096].map(Setting::Integer));
/// let both = configurations(&profile);
/// assert!(both[0].is_empty());
/// assert_eq!(both[1].get("memtable_bytes"), Some(&Setting::Integer(256)));
/// ```
pub fn configurations(profile: &Profile) -> Vec<Options> {
    let mut smallest = Options::default();
    for option in &profile.options {
        if let Some(value) = option.values.first() {
            smallest.set(option.name.clone(), value.clone());
        }
    }
    let mut both = vec![Options::default()];
    if !smallest.is_empty() {
        both.push(smallest);
    }
    both
}

/// Runs every string of exactly `length` letters under every configuration, and compares every
/// reply and at the end the whole contents. Stops at the first divergence, or when `go_on` says
/// so: then it answers `Ok(false)`.
///
/// ```
/// use etalon_spec::ModelTarget;
/// use etalon_spec::explore::{Letter, PlainCounts, explore};
///
/// let alphabet = [Letter::Put(0), Letter::Delete(0), Letter::Flush];
/// let mut counts = PlainCounts::default();
/// let whole = explore(&mut ModelTarget, &alphabet, 1, 2, &mut counts, &mut || true);
/// assert!(whole.is_ok());
/// assert_eq!(counts.strings, 9);
/// ```
pub fn explore<T: Target>(
    target: &mut T,
    alphabet: &[Letter],
    keys: u8,
    length: usize,
    counts: &mut PlainCounts,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<bool, Box<(Case, Box<Divergence>)>> {
    let profile = target.profile();
    let configurations = configurations(&profile);
    let mut diverged = None;
    let whole = each_string(alphabet, length, &mut |letters| {
        let letters = letters.to_vec();
        let mut case = Case::new(Letters { letters, keys }.ops());
        for options in &configurations {
            case.options = options.clone();
            let ran = check_case_under(target, &profile, &case, Contents::Compared, counts);
            counts.strings += u64::from(options.is_empty());
            if let Err(divergence) = ran {
                diverged = Some(Box::new((case, divergence)));
                return false;
            }
        }
        go_on()
    });
    diverged.map_or(Ok(whole), Err)
}

/// The alphabet in words, each once: `put delete write flush`.
pub fn words(alphabet: &[Letter]) -> String {
    let mut words: Vec<String> = Vec::new();
    for letter in alphabet {
        let op = letter.op(0, 1);
        let sync = if op.is_synced() { " sync" } else { "" };
        let word = format!("{}{sync}", op.kind().word());
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(", ")
}
